"""`outbox.emit(...)`: say what happened, inside the change that made it happen.

Events are collected while the change is open and inserted together when it leaves, by the hook that the app
registers with `audit.on_change`: in one statement on PostgreSQL, in chunks on SQLite.
"""

import json
import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import uuid_utils.compat as uuid_utils

from revops.kernel import audit
from revops.kernel.audit import bulk
from revops.kernel.guard import GovernedModel
from revops.kernel.outbox import receiving
from revops.kernel.outbox.models import OutboxEvent

OWNER = "outbox"
EVENTS_PER_VERSION = 1_024
_TYPE = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")


@dataclass(frozen=True, slots=True)
class Emission:
    """What `emit` was told, kept until the change leaves."""

    type: str
    subject: GovernedModel
    payload: dict[str, Any]
    payload_version: int


_LEFT = object()


def emit(type: str, subject: GovernedModel, payload: Mapping[str, Any], *, payload_version: int = 1) -> None:
    """Add an event about `subject` to the open change; it exists if and only if the change commits.

    `type` is a past-tense name such as `account.assigned`; `payload` is plain JSON and is stored as it is now.
    The subject must have been written in this change, before or after the call: its new version gives the event
    its place in the subject's order. A change that writes nothing has no events. Raises TypeError outside a
    change, for a payload that JSON cannot hold, and when the change leaves without having written the subject;
    ValueError for a malformed type, a number JSON has no word for, or the 1,025th event of one subject.
    """
    change = audit.current()
    if not _TYPE.fullmatch(type):
        raise ValueError(f"{type!r} is not an event type: write it as `record.past_tense`, in lower case.")
    if not isinstance(subject, GovernedModel):
        raise TypeError(f"{type}: the subject of an event is a governed record, got {subject!r}.")
    collected = change.notes.setdefault(OWNER, [])
    if collected and collected[-1] is _LEFT:
        raise TypeError(f"{type}: the events of this change have already left; emit before the hooks run.")
    copy: dict[str, Any] = json.loads(json.dumps(dict(payload), allow_nan=False))
    collected.append(Emission(type, subject, copy, payload_version))


def leave(change: "audit.Change") -> None:
    """Join the change: insert its events, and the effect of the receiver that made this change, if one did.

    A change that wrote nothing has nothing to tell: its events vanish with it.
    """
    if not change.rows:
        return
    receiving.join(change)
    collected: list[Any] = change.notes.setdefault(OWNER, [])
    if collected:
        bulk.append(OutboxEvent, _COLUMNS, _rows(change, collected))
    collected.append(_LEFT)


def _rows(change: "audit.Change", emissions: list[Emission]) -> list[tuple[Any, ...]]:
    """Give every event its place: the version its subject has reached, then the order of emission."""
    versions: dict[tuple[str, int], int] = {}
    for row in change.rows:
        subject = (row.record_type, row.record_id)
        versions[subject] = max(row.row_version, versions.get(subject, 0))
    places: defaultdict[tuple[str, int], int] = defaultdict(int)
    rows = []
    for emission in emissions:
        subject = (emission.subject._meta.label_lower, emission.subject.pk)
        if subject not in versions:
            raise TypeError(
                f"{change.action}: {emission.type} is about {subject[0]} {subject[1]}, which this change did not write."
            )
        if places[subject] == EVENTS_PER_VERSION:
            raise ValueError(
                f"{change.action}: more than {EVENTS_PER_VERSION} events about {subject[0]} {subject[1]}."
            )
        rows.append(_row(change, emission, subject, versions[subject] * EVENTS_PER_VERSION + places[subject]))
        places[subject] += 1
    return rows


_COLUMNS = (
    *("id", "type", "payload_version", "subject_type", "subject_id", "subject_seq"),
    *("occurred_at", "payload", "change_id", "created_at", "next_attempt_at"),
)


def _row(change: "audit.Change", emission: Emission, subject: tuple[str, int], seq: int) -> tuple[Any, ...]:
    """Return the values of `_COLUMNS` for one event."""
    place = (emission.type, emission.payload_version, *subject, seq)
    happened = (change.occurred_at, emission.payload, change.id, change.recorded_at, change.recorded_at)
    return (uuid_utils.uuid7(), *place, *happened)
