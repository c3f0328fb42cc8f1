"""The content that an approval is bound to: one spelling, its fingerprint, and how two of them differ. Pure."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from revops.kernel.audit import canonical

_DIGEST = re.compile(r"[0-9a-f]{64}")


def plain(value: Any) -> Any:
    """Return a value as JSON holds it, however it came: 10, 10.0 and Decimal("10.00") are spelled alike."""
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int | float | Decimal):
        return _number(Decimal(str(value)))
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): plain(held) for key, held in value.items()}
    if isinstance(value, set | frozenset):
        return sorted((plain(item) for item in value), key=str)
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    raise TypeError(f"The content of an approval holds plain values, not {type(value).__name__}.")


def _number(value: Decimal) -> str:
    text = format(value.normalize(), "f")
    return "0" if text == "-0" else text


def digest(content: Mapping[str, Any]) -> str:
    """Return the fingerprint of a content: SHA-256 over its one spelling."""
    return hashlib.sha256(canonical.dumps(plain(content))).hexdigest()


@dataclass(frozen=True, slots=True)
class Line:
    """One value of a content in words; `before` is what it was where something was approved before, `moved` whether
    it differs from that."""

    key: str
    label: str
    value: str
    before: str = ""
    moved: bool = False


def lines(
    content: Mapping[str, Any], labels: Mapping[str, str], before: Mapping[str, Any] | None = None
) -> list[Line]:
    """Return a content in words, in the order of its labels, beside what was approved before."""
    held = dict(before or {})
    places = {key: place for place, key in enumerate(labels)}
    keys = sorted({*content, *held}, key=lambda key: (places.get(key, len(places)), key))
    return [
        Line(
            key,
            labels.get(key) or key.replace("_", " ").capitalize(),
            words(content.get(key)),
            words(held.get(key)) if before is not None else "",
            before is not None and plain(content.get(key)) != plain(held.get(key)),
        )
        for key in keys
    ]


def words(value: Any) -> str:
    """Return a value as people read it."""
    if value is None or value == "":
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return "; ".join(f"{str(key).replace('_', ' ')}: {words(held)}" for key, held in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(words(item) for item in value) or "nothing"
    text = str(value)
    return f"{text[:12]}…" if _DIGEST.fullmatch(text) else text
