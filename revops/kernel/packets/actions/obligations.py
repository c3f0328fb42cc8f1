"""Obligations that another action brings along, in its own change."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from revops.kernel import audit
from revops.kernel.audit import Finding
from revops.kernel.identity.models import User
from revops.kernel.packets import kinds, rules
from revops.kernel.packets.actions.tasks import Subject, announce
from revops.kernel.packets.days import zone_of
from revops.kernel.packets.enums import ObligationKind, ObligationState, Priority, Side
from revops.kernel.packets.models import Obligation
from revops.kernel.people import ownership
from revops.kernel.people.enums import AssignReason


def add_obligation(
    *,
    kind: str,
    text: str,
    owner: User,
    subject: Subject | None = None,
    due_on: date | None = None,
    note: str = "",
    priority: str = Priority.NORMAL,
    counterparty_side: str = Side.US,
    source_ref: str = "",
    by: User | None = None,
    said: Sequence[Finding] = (),
) -> Obligation:
    """Add an obligation of `kind` inside the open change; `by`, or else its actor, is who asks for it.

    `source_ref` names what brought it (`RFC-000012`). The caller is the one to say who may ask for what: here only
    the obligation itself is looked at. `said` is what the caller found: it is refused together with that. Raises
    Blocked with every finding, TypeError outside a change. Source: M8.
    """
    change = audit.current()
    asker = by or change.by
    task = Obligation(kind=ObligationKind(kind), creator=asker)
    values: dict[str, Any] = {
        "text": text,
        "note": note,
        "due_on": due_on,
        "priority": priority,
        "counterparty_side": counterparty_side,
    }
    today = change.occurred_at.astimezone(zone_of(asker)).date()
    findings = [*said, *rules.check(task, values, today), *rules.receiving(owner, subject)]
    if findings:
        raise audit.Blocked(findings)
    for name, value in values.items():
        setattr(task, name, value)
    task.source_ref = source_ref
    if subject is not None:
        task.subject_type, task.subject_id, task.subject = (
            subject.record_type,
            subject.record_id,
            subject.number,
        )
    ownership.assign(task, to=ownership.holder(owner=owner), reason=AssignReason.CREATED)
    audit.write(task)
    announce("task.added", task, asker)
    return task


def undone(task: Obligation) -> list[Finding]:
    """Return what still lacks before an obligation that another action waits for counts as done."""
    if task.state == ObligationState.DONE:
        return []
    label, needs = ObligationKind(task.kind).label, kinds.of(task.kind).needs
    message = f"{label} “{task.text}” is not done. {task.owner} finishes it first{f', with {needs}' if needs else ''}."
    return [Finding("TSK-013", message, field="obligations", found=task.state, needed="done")]
