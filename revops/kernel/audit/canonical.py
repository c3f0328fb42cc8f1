"""Digests, commitments and codes: what the trail signs, written so that both engines agree on every byte.

A record's digest covers its tracked fields by name. Personal values enter it only as a commitment
(SHA-256 over a random salt and the value), so they can be erased without breaking anything.
"""

import hashlib
import hmac
import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import models

Json = None | bool | int | str | list[Any] | dict[str, Any]


@cache
def tracked_fields(model: type[models.Model]) -> tuple[models.Field[Any, Any], ...]:
    """Return the columns of `model` that its digests cover, by name; not bookkeeping columns."""
    ungoverned = getattr(model, "UNGOVERNED", frozenset())
    return tuple(
        sorted((f for f in model._meta.concrete_fields if f.name not in ungoverned), key=lambda field: field.attname)
    )


def plain(field: models.Field[Any, Any], value: Any) -> Json:
    """Return `value` as JSON holds it, whatever Python type it has before or after a round trip."""
    if value is None:
        return None
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        prepared = field.get_prep_value(value)
        if isinstance(prepared, Decimal):
            return f"{prepared:.{field.decimal_places}f}"  # type: ignore[attr-defined]
        return int(prepared)
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, bool | int | list | dict):
        return value
    return str(value)


def dumps(value: Any) -> bytes:
    """Return the one JSON spelling of `value`."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


def commit(salt: str, value: Json) -> str:
    """Return the commitment to a personal value."""
    return hashlib.sha256(salt.encode() + dumps(value)).hexdigest()


@dataclass(frozen=True, slots=True)
class Digest:
    """A row's digest with what opens the personal part of it."""

    hexdigest: str
    commitments: dict[str, str] | None
    salts: dict[str, str] | None


def row_digest(
    model: type[models.Model],
    row: Any,
    *,
    fields: Sequence[str] | None = None,
    commitments: Mapping[str, str] | None = None,
) -> Digest:
    """Digest the tracked fields of `row`, a live or a history instance.

    `fields` limits it to the columns an older digest covered; `commitments` reuses those already made (to
    verify), else fresh salts are drawn for the personal values.
    """
    content: dict[str, Json] = {}
    made: dict[str, str] = {}
    salts: dict[str, str] = {}
    personal: frozenset[str] = getattr(model, "PERSONAL", frozenset())
    for field in tracked_fields(model):
        name = field.attname
        if fields is not None and name not in fields:
            continue
        if name in personal:
            if commitments is not None:
                made[name] = commitments.get(name, "")
            else:
                salts[name] = secrets.token_hex(16)
                made[name] = commit(salts[name], plain(field, getattr(row, name)))
            content[name] = made[name]
        else:
            content[name] = plain(field, getattr(row, name))
    return Digest(hashlib.sha256(dumps(content)).hexdigest(), made or None, salts or None)


def fields_key(record_type: str, names: Sequence[str]) -> str:
    """Return the name of a list of covered fields."""
    return hashlib.sha256(dumps([record_type, list(names)])).hexdigest()[:16]


def key_id(key: str) -> str:
    """Return the public name of a signing key."""
    return hashlib.sha256(b"revops-audit-key:" + key.encode()).hexdigest()[:8]


def current_key_id() -> str:
    return key_id(settings.AUDIT_KEYS[0])


def sign(content: Any, *, with_key: str | None = None) -> str | None:
    """Return the HMAC-SHA256 of `content` under the named key, or None when that key is not configured."""
    for key in settings.AUDIT_KEYS:
        if with_key is None or key_id(key) == with_key:
            return hmac.new(key.encode(), dumps(content), hashlib.sha256).hexdigest()
    return None


def event_content(event: Any, rows: Iterable[Any]) -> dict[str, Any]:
    """Return what an event's code covers: its own fields and every row it names, in one order."""
    return {
        "id": str(event.id),
        "occurred_at": event.occurred_at.astimezone(UTC).isoformat(timespec="microseconds"),
        "recorded_at": event.recorded_at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": event.actor_id,
        "acting_for": event.acting_for_id,
        "source": str(event.source),
        "action": event.action,
        "reason": event.reason,
        "request_id": event.request_id,
        "policy_refs": event.policy_refs,
        "rows": sorted(
            [
                [r.record_type, r.record_id, r.row_version, str(r.kind), r.history_id, r.tracked, r.digest, r.commitments]
                for r in rows
            ],
            key=lambda row: row[:4],
        ),
    }


def seal_hash(previous: str, seq: int, event_id: Any, mac: str, *, with_key: str | None = None) -> str | None:
    """Return the link of the chain for one event."""
    return sign([previous, seq, str(event_id), mac], with_key=with_key)
