"""What came from the other system last, as keyed hashes: enough to tell whose change a difference is."""

import hashlib
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from django.conf import settings
from django.db import models

WHOLE = "*"  # in a payload: the fingerprint of the row, beside the hashes of its fields


@cache
def _key() -> bytes:
    return hashlib.sha256(b"revops.exchange.payload:" + settings.SECRET_KEY.encode()).digest()


def spelled(value: Any) -> str:
    """Return the one spelling of a field's value; "" for none."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, models.Model):
        return str(value.pk)
    return str(value)


def digest(value: Any) -> str:
    """Return the keyed hash of a value: not to be guessed from outside, equal for equal values."""
    return hashlib.blake2b(spelled(value).encode(), digest_size=8, key=_key()).hexdigest()


def digests(values: Mapping[str, Any]) -> dict[str, str]:
    """Return the hashes of the values that are there."""
    return {name: digest(value) for name, value in values.items() if spelled(value)}


def fingerprint(values: Mapping[str, Any]) -> str:
    """Return the keyed hash of a whole row, as it was read."""
    return digest("\x1f".join(f"{name}={spelled(values[name])}" for name in sorted(values)))
