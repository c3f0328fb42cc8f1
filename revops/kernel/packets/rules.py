"""What speaks against a task: all findings at once, each with what to do."""

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from revops.kernel.audit import Finding
from revops.kernel.identity.models import User, UserKind
from revops.kernel.packets import evidence, kinds
from revops.kernel.packets.enums import ObligationKind, ObligationState, Side
from revops.kernel.packets.models import Obligation
from revops.kernel.people import access

if TYPE_CHECKING:
    from revops.kernel.packets.actions import Subject

LONGEST = 400


def check(task: Obligation, values: Mapping[str, Any], today: date) -> list[Finding]:
    """Return what speaks against these values of a task."""
    found = []
    if ("text" in values or task._state.adding) and not (values.get("text") or "").strip():
        found.append(Finding("TSK-001", "Say what is to be done.", field="text", needed="a few words"))
    if "due_on" in values:
        found += due(task, values["due_on"], today)
    if "counterparty_side" in values and values["counterparty_side"] not in kinds.of(task.kind).sides:
        found += side(task.kind, values["counterparty_side"])
    if values.get("due_at") is not None and values.get("due_on") is None and values["due_at"] != task.due_at:
        found += due(task, values["due_at"].date(), today, field="due_at")
    return found


def due(task: Obligation, on: date | None, today: date, *, field: str = "due_on") -> list[Finding]:
    """Return what speaks against a due day: a new one does not lie in the past."""
    if on is None or on >= today or on == task.due_on:
        return []
    message = f"{on} has passed. Choose today or a later day."
    return [Finding("TSK-002", message, field=field, found=str(on), needed=f"{today} or later")]


def about(subject: "Subject | None", by: User) -> list[Finding]:
    """Return what speaks against the record a task is about: a hidden one and none are refused alike (A10)."""
    if subject is None or subject.seen_by(by):
        return []
    message = f"There is no record {subject.number} that you can see. Choose another one."
    return [Finding("TSK-003", message, field="subject", found=subject.number, needed="a record you can see")]


def receiving(owner: User, subject: "Subject | None") -> list[Finding]:
    """Return what speaks against giving somebody a task: they must be there, may have tasks, and see the record."""
    if not owner.is_active or owner.kind != UserKind.PERSON:
        message = f"{owner} is not active and cannot have tasks. Choose an active person."
        return [Finding("TSK-004", message, field="owner", found=str(owner), needed="an active person")]
    if not access.may_ever(owner, "complete", "packets.obligation"):
        message = f"{owner} has no role that does tasks. Choose somebody else."
        return [
            Finding("TSK-004", message, field="owner", found=str(owner), needed="somebody who does tasks")
        ]
    if subject is not None and not subject.seen_by(owner):
        message = (
            f"{owner} does not see {subject.number}. Choose somebody who does, or share the record first."
        )
        return [Finding("TSK-005", message, field="owner", found=str(owner), needed="somebody who sees it")]
    return []


def side(kind: str, given: str) -> list[Finding]:
    """Return what speaks against whose move it is: some kinds are never the buyer's."""
    allowed = kinds.of(kind).sides
    if given in allowed:
        return []
    needed = ", ".join(Side(one).label for one in allowed)
    message = f"{ObligationKind(kind).label} is not {Side(given).label.lower()} to do. Use {needed}."
    return [Finding("TSK-009", message, field="counterparty_side", found=given, needed=needed)]


def proven(task: Obligation, outcome: str, reference: str) -> list[Finding]:
    """Return what lacks before an obligation counts as done: its kind asks for evidence, or for what came of it."""
    rule, label, found = kinds.of(task.kind), ObligationKind(task.kind).label, []
    if rule.outcome and not outcome.strip():
        message = f"{label}: say what came of it before it is marked as done."
        found.append(Finding("TSK-010", message, field="outcome", needed="a few words"))
    if reference.strip():
        found += evidence.against(reference.strip(), code="TSK-011", field="evidence_ref")
    elif rule.evidence:
        message = f"{label} is done only with evidence: name {rule.needs}, as {evidence.needed('')}."
        found.append(Finding("TSK-011", message, field="evidence_ref", needed=evidence.needed("")))
    return found


def cancelled_by(task: Obligation, by: User) -> list[Finding]:
    """Return what speaks against `by` giving an obligation up: of some kinds only who asked for it may."""
    if kinds.of(task.kind).doer_cancels or by.pk == task.creator_id:
        return []
    if (
        access.rights(by, "packets.obligation").action("assign") == access.Scope.ALL
        and by.pk != task.owner_id
    ):
        return []
    label = ObligationKind(task.kind).label
    message = f"{label} is given up only by {task.creator}, who asked for it, or by operations. Ask them."
    return [Finding("TSK-012", message, field="state", found=str(by), needed=str(task.creator))]


def is_open(task: Obligation, verb: str) -> list[Finding]:
    """Return what speaks against doing something with a task that is over."""
    if task.state == ObligationState.OPEN:
        return []
    state = str(ObligationState(task.state).label).lower()
    message = f"This task is {state} and cannot be {verb}. Reopen it first."
    return [Finding("TSK-006", message, field="state", found=state, needed="an open task")]


def because(reason: str) -> list[Finding]:
    """Return what speaks against a reason: that there is none."""
    if any(char.isprintable() and not char.isspace() for char in reason):
        return []
    return [Finding("TSK-007", "Say why the task is given up.", field="reason", needed="a reason")]


def short(text: str, field: str) -> list[Finding]:
    """Return what speaks against a note about how a task ended: its length."""
    if len(text) <= LONGEST:
        return []
    message = f"At most {LONGEST} characters; this has {len(text)}. Shorten it."
    return [
        Finding("TSK-008", message, field=field, found=str(len(text)), needed=f"at most {LONGEST} characters")
    ]
