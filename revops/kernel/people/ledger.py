"""Writes the ownership ledger at the end of every change, and refuses an owner that nobody assigned.

`ownership.assign` sets the keys of a record and leaves a note on the open change; here the notes become
intervals: the open one closes, the next begins at the same instant. A created record without a holder, or a
changed owner without a note, is a programmer's mistake and ends the change. Source: M7.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, Q

from revops.kernel import audit
from revops.kernel.audit.changes import Change
from revops.kernel.audit.writing import lock_many
from revops.kernel.people.models import (
    Availability,
    CustomRole,
    OrganisationStamp,
    Owned,
    OwnershipInterval,
    Queue,
    QueueMembership,
    ReportingLine,
    RoleAssignment,
    Team,
    TeamMembership,
)

NOTE = "ownership"
REKEYED = "ownership.rekeyed"
_KEYS = {"owner_id", "queue_id", "team_id"}
_ORGANISATION = {
    Team,
    TeamMembership,
    ReportingLine,
    RoleAssignment,
    CustomRole,
    Queue,
    QueueMembership,
    Availability,
}


@dataclass(frozen=True, slots=True)
class Assignment:
    """A note of `assign`: this record goes to this holder from this instant."""

    record: Any
    role: str
    owner_id: int | None
    queue_id: int | None
    explicit: bool
    reason_code: str
    note: str
    rule_ref: str
    effective_at: datetime
    is_new: bool


def settle(change: Change) -> None:
    """Write the intervals that this change's assignments ask for; count the organisation's stamp up."""
    assignments: list[Assignment] = change.notes.pop(NOTE, [])
    _check_every_holder_was_assigned(change, assignments)
    if assignments:
        _close(change, [a for a in assignments if not a.is_new])
        _open(assignments)
    if _ORGANISATION & (change.created.keys() | change.changed.keys() | change.removed.keys()):
        _count_up()


def lock_organisation() -> None:
    """Let no other change of the organisation commit before this one; taken after the locks of its rows."""
    OrganisationStamp.objects.select_for_update().filter(pk=1).first()


def _count_up() -> None:
    """Tell every process that its copy of the organisation is old."""
    if not OrganisationStamp.objects.filter(pk=1).update(stamp=F("stamp") + 1):
        OrganisationStamp.objects.create(pk=1, stamp=1)


def _check_every_holder_was_assigned(change: Change, assignments: list[Assignment]) -> None:
    assigned = {id(a.record) for a in assignments if a.role == "primary"}
    assigned |= {id(record) for record in change.notes.pop(REKEYED, [])}
    for model, records in change.created.items():
        if issubclass(model, Owned) and any(id(record) not in assigned for record in records):
            raise TypeError(
                f"{change.action}: a new {model._meta.label} needs ownership.assign(); it has no holder."
            )
    for model, rows in change.changed.items():
        if issubclass(model, Owned):
            for record, before in rows:
                if _KEYS & before.keys() and id(record) not in assigned:
                    raise TypeError(
                        f"{change.action}: only ownership.assign() writes the owner of {record!r}."
                    )


def _close(change: Change, assignments: list[Assignment]) -> None:
    """End the open intervals that these assignments replace."""
    if not assignments:
        return
    starts = {(a.record._meta.label_lower, a.record.pk, a.role): a.effective_at for a in assignments}
    where = Q()
    for record_type, role in {(key[0], key[2]) for key in starts}:
        ids = [key[1] for key in starts if (key[0], key[2]) == (record_type, role)]
        where |= Q(record_type=record_type, role=role, record_id__in=ids)
    held = lock_many(OwnershipInterval.objects.filter(where, active_to__isnull=True))
    findings = []
    for interval in held:
        ends = starts[interval.record_type, interval.record_id, interval.role]
        if ends <= interval.active_from:
            findings.append(
                audit.Finding(
                    "OWN-003",
                    f"The present owner holds this record since {interval.active_from:%Y-%m-%d %H:%M} UTC; "
                    f"the next one cannot begin at {ends:%Y-%m-%d %H:%M} UTC. Choose a later instant.",
                    field="effective_at",
                    found=ends.isoformat(),
                    needed=f"after {interval.active_from.isoformat()}",
                )
            )
        interval.active_to = ends
    if findings:
        raise audit.Blocked(findings)
    audit.write_many(held)


def _open(assignments: list[Assignment]) -> None:
    audit.write_many(
        [
            OwnershipInterval(
                record_type=a.record._meta.label_lower,
                record_id=a.record.pk,
                role=a.role,
                owner_id=a.owner_id,
                queue_id=a.queue_id,
                explicit=a.explicit,
                reason_code=a.reason_code,
                note=a.note,
                rule_ref=a.rule_ref,
                active_from=a.effective_at,
            )
            for a in assignments
            if a.owner_id or a.queue_id
        ]
    )
