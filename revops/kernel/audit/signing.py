"""Codes: the HMACs that tie an event to its rows and the seals into a chain.

The keys live in AUDIT_KEYS, outside the database: the newest signs, all of them verify. Each code is stored
beside the name of its key, so that a key can be replaced without signing anything again.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cache
from typing import Any

from django.conf import settings

from revops.kernel.audit import canonical


@cache
def key_id(key: str) -> str:
    """Return the public name of a signing key."""
    return hashlib.sha256(b"revops-audit-key:" + key.encode()).hexdigest()[:8]


def current_key_id() -> str:
    """Return the public name of the key that signs now."""
    return key_id(settings.AUDIT_KEYS[0])


def sign(content: Any, *, with_key: str | None = None) -> str | None:
    """Return the HMAC-SHA256 of `content` under the named key, or None when that key is not configured."""
    for key in settings.AUDIT_KEYS:
        if with_key is None or key_id(key) == with_key:
            return hmac.digest(key.encode(), canonical.dumps(content), "sha256").hex()
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
        "key_id": event.key_id,
        "rows": sorted(
            [
                [
                    r.record_type,
                    r.record_id,
                    r.row_version,
                    str(r.kind),
                    r.history_id,
                    r.tracked,
                    r.digest,
                    r.commitments,
                ]
                for r in rows
            ],
            key=lambda row: row[:4],
        ),
    }


def event_mac(event: Any, rows: Iterable[Any]) -> str | None:
    """Return the code an event must carry, or None when the key it names is not configured."""
    return sign(event_content(event, rows), with_key=event.key_id)


def seal_hash(previous: str, seq: int, event_id: Any, mac: str, at: datetime, *, with_key: str) -> str | None:
    """Return the link of the chain for one event, or None when that key is not configured."""
    sealed_at = at.astimezone(UTC).isoformat(timespec="microseconds")
    return sign([previous, seq, str(event_id), mac, sealed_at], with_key=with_key)
