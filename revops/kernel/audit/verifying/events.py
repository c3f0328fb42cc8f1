"""The events: each carries the code of its own content and of every row it names, and is sealed in time."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef

from revops.kernel.audit import signing
from revops.kernel.audit.models import ChangedRow, ChangeEvent, Seal
from revops.kernel.audit.trail import with_rows
from revops.kernel.audit.verifying.report import WARNING, Discrepancy
from revops.kernel.audit.verifying.snapshot import Snapshot

_CHUNK = 2_000

# The sealer runs every second; what waits longer than this waits for something.
SEALED_WITHIN = timedelta(seconds=60)


def check_events(snapshot: Snapshot) -> Iterator[Discrepancy]:
    """Recompute the code of every event over its rows, and hold its mark against its seal."""
    last = UUID(int=0)
    late: list[Any] = []
    while True:
        events = list(snapshot.rows(ChangeEvent).filter(id__gt=last).order_by("id")[:_CHUNK])
        if not events:
            break
        last = events[-1].id
        sealed = snapshot.rows(Seal).filter(event_id__in=[event.id for event in events])
        seals = dict(sealed.values_list("event_id", "seq"))
        for event, rows in with_rows(events, using=snapshot.using):
            why = _wrong_with(event, rows) or _wrong_mark(event, seals.get(event.id))
            if why:
                yield Discrepancy("events", "audit_changeevent", f"event {event.id} ({event.action})", why)
            elif not event.sealed and event.recorded_at < snapshot.at - SEALED_WITHIN:
                late.append(event.id)
            snapshot.checked["changed rows"] += len(rows)
        snapshot.checked["events"] += len(events)
    yield from _check_orphans(snapshot)
    if late:
        why = f"not sealed within {SEALED_WITHIN.seconds} s ({len(late)} such events): is the pump running?"
        yield Discrepancy("events", "audit_changeevent", f"event {late[0]}", why, severity=WARNING)


def _wrong_with(event: Any, rows: list[ChangedRow]) -> str:
    expected = signing.event_mac(event, rows)
    if expected is None:
        return f"was signed with the key {event.key_id}, which is not in AUDIT_KEY"
    if expected != event.mac:
        named = ", ".join(f"{row.record_type} {row.record_id} version {row.row_version}" for row in rows[:3])
        return (
            "its code does not fit: actor, time, reason or door was edited, or a changed row was edited, added or "
            f"removed. It names {len(rows)} changed rows ({named or 'none'})"
        )
    return ""


def _wrong_mark(event: Any, seq: int | None) -> str:
    if event.sealed and seq is None:
        return "is marked as sealed, but there is no seal for it"
    if not event.sealed and seq is not None:
        return f"has seal {seq}, but its mark was taken away"
    return ""


def _check_orphans(snapshot: Snapshot) -> Iterator[Discrepancy]:
    """Find changed rows whose event is gone."""
    events = snapshot.rows(ChangeEvent).filter(id=OuterRef("event_id"))
    for row in snapshot.rows(ChangedRow).filter(~Exists(events)).order_by("id").iterator():
        where = f"{row.record_type} {row.record_id}"
        why = f"belongs to the event {row.event_id}, which does not exist"
        yield Discrepancy("events", "audit_changedrow", where, why, version=row.row_version)
