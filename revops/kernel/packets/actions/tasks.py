"""Obligations change here: a task is added, edited, rescheduled, assigned, completed, cancelled, reopened."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.apps import apps

from revops.kernel import audit, outbox
from revops.kernel.audit import Finding
from revops.kernel.identity.models import User
from revops.kernel.packets import kept, rules
from revops.kernel.packets.days import same_time, zone_of
from revops.kernel.packets.enums import ObligationState
from revops.kernel.packets.models import Obligation, Packet
from revops.kernel.people import access, ownership
from revops.kernel.people.enums import AssignReason


@dataclass(frozen=True, slots=True)
class Subject:
    """The record a task is about: its type, its id, and the number that people call it by."""

    record_type: str
    record_id: int
    number: str

    def seen_by(self, user: User) -> bool:
        """Say whether somebody sees the record."""
        rows: Any = apps.get_model(self.record_type).objects
        return bool(rows.filter(pk=self.record_id).visible_to(user).exists())


def subject_of(record: Obligation | Packet) -> Subject | None:
    """Return what an obligation or a packet is about."""
    if record.subject_id is None:
        return None
    return Subject(record.subject_type, record.subject_id, record.subject)


def add_task(
    *,
    by: User,
    values: Mapping[str, Any],
    owner: User | None = None,
    subject: Subject | None = None,
    said: Sequence[Finding] = (),
    at: datetime | None = None,
) -> Obligation:
    """Add a task for `owner`, or for oneself; `values` are typed (`text`, `due_on` …).

    `said` is what reading the values found already: it is refused together with what the rules find. Raises Blocked
    with every finding, Forbidden.
    """
    with audit.change(by=by, action="task.add", at=at):
        access.require_create(by, Obligation, values)
        doer, task = owner or by, Obligation(creator=by)
        findings = [*said, *rules.check(task, values, _today(by)), *rules.about(subject, by)]
        findings += rules.receiving(doer, subject) if doer.pk != by.pk else []
        if findings:
            raise audit.Blocked(findings)
        _put(task, values, by)
        if subject is not None:
            task.subject_type, task.subject_id = subject.record_type, subject.record_id
            task.subject = subject.number
        ownership.assign(task, to=ownership.holder(owner=doer), reason=AssignReason.CREATED)
        audit.write(task)
        announce("task.added", task, by)
        return task


@kept.through("edit")
def edit_task(
    *,
    by: User,
    pk: int,
    changes: Mapping[str, Any],
    said: Sequence[Finding] = (),
    version: int | None = None,
    reason: str = "",
) -> Obligation:
    """Change what an open task says. Raises Blocked with every finding, Conflict, Forbidden, DoesNotExist."""
    with audit.change(by=by, action="task.edit", reason=reason):
        task = _locked(by, pk, version)
        access.require_edit(by, task, changes)
        findings = [*said, *rules.is_open(task, "changed"), *rules.check(task, changes, _today(by))]
        if findings:
            raise audit.Blocked(findings)
        _put(task, changes, by)
        return _written(task, "task.edited", by)


@kept.through("reschedule")
def reschedule(
    *, by: User, pk: int, due_on: date, version: int | None = None, reason: str = ""
) -> Obligation:
    """Move a task to another day; a time of day moves along. Back to the day it was due on before is always possible.

    Raises as `edit_task`.
    """
    with audit.change(by=by, action="task.reschedule", reason=reason):
        task = _locked(by, pk, version)
        access.require(by, "complete", task)
        findings = rules.is_open(task, "rescheduled")
        if due_on != _due_before(task):
            findings += rules.due(task, due_on, _today(by))
        if findings:
            raise audit.Blocked(findings)
        _put(task, {"due_on": due_on}, by)
        return _written(task, "task.rescheduled", by)


@kept.through("complete")
def complete_task(
    *,
    by: User,
    pk: int,
    outcome: str = "",
    evidence_ref: str = "",
    version: int | None = None,
    reason: str = "",
) -> Obligation:
    """Say that a task is done, what came of it, and where that can be looked up; its kind says what must be said.

    Raises Blocked for one that is not open and for each thing that lacks, Conflict, Forbidden. Source: M8.
    """
    with audit.change(by=by, action="task.complete", reason=reason) as change:
        task = _locked(by, pk, version)
        access.require(by, "complete", task)
        findings = [*rules.is_open(task, "marked as done"), *rules.short(outcome, "outcome")]
        findings += rules.proven(task, outcome, evidence_ref)
        if findings:
            raise audit.Blocked(findings)
        task.state, task.outcome, task.evidence_ref = ObligationState.DONE, outcome, evidence_ref.strip()
        task.done_at, task.done_by = change.occurred_at, by
        return _written(task, "task.completed", by)


@kept.through("cancel")
def cancel_task(*, by: User, pk: int, reason: str, version: int | None = None) -> Obligation:
    """Give a task up, saying why. Raises Blocked without a reason and for one that is not open, Conflict, Forbidden."""
    with audit.change(by=by, action="task.cancel", reason=reason):
        task = _locked(by, pk, version)
        access.require(by, "complete", task)
        findings = [*rules.is_open(task, "cancelled"), *rules.because(reason), *rules.short(reason, "reason")]
        findings += rules.cancelled_by(task, by)
        if findings:
            raise audit.Blocked(findings)
        task.state, task.outcome = ObligationState.CANCELLED, " ".join(reason.split())
        return _written(task, "task.cancelled", by)


@kept.through("reopen")
def reopen_task(*, by: User, pk: int, version: int | None = None, reason: str = "") -> Obligation:
    """Open a task again that was done or cancelled. Raises Blocked for one that is open, Conflict, Forbidden."""
    with audit.change(by=by, action="task.reopen", reason=reason):
        task = _locked(by, pk, version)
        access.require(by, "complete", task)
        if task.state == ObligationState.OPEN:
            raise audit.Blocked.because(
                "TSK-006", "This task is open already.", field="state", needed="a closed task"
            )
        task.state, task.outcome, task.evidence_ref = ObligationState.OPEN, "", ""
        task.done_at = task.done_by = None
        return _written(task, "task.reopened", by)


def assign_task(
    *, by: User, pk: int, owner: User, version: int | None = None, reason: str = ""
) -> Obligation:
    """Give an open task to somebody who may have tasks and sees what it is about. Raises as `edit_task`."""
    with audit.change(by=by, action="task.assign", reason=reason):
        seen = Obligation.objects.visible_to(by).get(pk=pk)
        findings = rules.receiving(owner, subject_of(seen))
        to = ownership.holder(owner=owner) if not findings else None
        task = _locked(by, pk, version)
        access.require(by, "assign", task)
        findings += rules.is_open(task, "assigned")
        if findings or to is None:
            raise audit.Blocked(findings)
        ownership.assign(task, to=to, reason=AssignReason.MANUAL, note=reason)
        return _written(task, "", by)


def _locked(by: User, pk: int, version: int | None) -> Obligation:
    task: Obligation = audit.lock(Obligation.objects.visible_to(by), pk=pk, version=version)
    return task


def _today(by: User) -> date:
    return audit.current().occurred_at.astimezone(zone_of(by)).date()


def _due_before(task: Obligation) -> date | None:
    """Return the day on which a task was due before it was last written."""
    before: date | None = (
        task.history.filter(version=task.version - 1).values_list("due_on", flat=True).first()
    )
    return before


def _put(task: Obligation, values: Mapping[str, Any], by: User) -> None:
    """Set the values; a due instant brings its day, another day keeps the time, no day takes the time along."""
    for name, value in values.items():
        setattr(task, name, value)
    zone = zone_of(by)
    if values.get("due_at") is not None:
        task.due_on = values["due_at"].astimezone(zone).date()
    elif task.due_on is None:
        task.due_at = None
    elif "due_on" in values and task.due_at is not None:
        task.due_at = same_time(task.due_at, task.due_on, zone)


def _written(task: Obligation, event: str, by: User) -> Obligation:
    before = task.version
    audit.write(task)
    if event and task.version != before:
        announce(event, task, by)
    return task


def announce(event: str, task: Obligation, by: User) -> None:
    outbox.emit(
        event,
        task,
        {
            "owner": task.owner_id,
            "by": by.pk,
            "subject_type": task.subject_type,
            "subject": task.subject_id,
            "due_on": task.due_on.isoformat() if task.due_on else None,
        },
    )
