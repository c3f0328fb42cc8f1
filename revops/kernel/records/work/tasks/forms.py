"""From what somebody typed to the actions of tasks: create, edit, and the special actions with their forms."""

from collections.abc import Mapping
from typing import Any

from revops.kernel.audit import Blocked, Finding
from revops.kernel.identity.models import User
from revops.kernel.packets import actions, kept
from revops.kernel.packets.actions import Subject
from revops.kernel.packets.enums import ObligationState, Priority
from revops.kernel.packets.models import Obligation
from revops.kernel.records import drafting
from revops.kernel.records.registry import Composer, Field, FieldKind, RecordAction
from revops.kernel.records.work import subjects

LABEL = "packets.obligation"
Values = Mapping[str, Any]
_BESIDE = frozenset({"owner", "subject"})
OUTCOME = Field("outcome", "What came of it", help="Leave it empty if there is nothing to tell.")
EVIDENCE = Field(
    "evidence_ref",
    "Evidence",
    help="The number of a record such as OPP-000012, or a web address: where it can be looked up.",
)
DUE_ON = Field("due_on", "To the day", FieldKind.DATE, required=True)
OWNER = Field("owner", "To", FieldKind.PERSON, reference="identity.user", required=True)
_COMPOSED = (
    Field("text", "What is to be done", required=True),
    Field("due_on", "Due on", FieldKind.DATE),
    Field("priority", "Priority", FieldKind.CHOICE, choices=Priority.choices),
    Field("owner", "For", FieldKind.PERSON, reference="identity.user", help="You, if nobody is chosen."),
    Field("note", "Note", FieldKind.LONG_TEXT, mentions=True),
)


def create_task(*, by: User, values: Values) -> Obligation:
    """Add a task from what somebody typed; `subject` is the number of the record it is about."""
    return _add(by, values, None)


def _compose(*, by: User, about: Any, values: Values) -> Obligation:
    given = {name: text for name, text in values.items() if text not in ("", None)}
    return _add(by, given, subjects.of(about))


def _add(by: User, values: Values, subject: Subject | None) -> Obligation:
    draft = drafting.read(values, Obligation(), never_empty={"priority", "counterparty_side"})
    drafting.link([draft], {"owner": User}, by, code="TSK-004")
    number = draft.given.get("subject")
    if number and subject is None:
        subject = subjects.by_number(number)
        if subject is None:
            message = f"{number!r} is no number of a record. Give one such as ACC-000012, or none."
            draft.refuse("TSK-003", message, "subject", found=number, needed="the number of a record")
    given = {name: value for name, value in draft.given.items() if name not in _BESIDE}
    told = [one for one in draft.findings if not (one.field == "text" and one.code == "VAL-002")]
    return actions.add_task(by=by, values=given, owner=draft.given.get("owner"), subject=subject, said=told)


def edit_task(
    *, by: User, pk: int, changes: Values, version: int | None = None, reason: str = ""
) -> Obligation:
    """Change a task by what somebody typed."""
    known = Obligation(pk=pk)
    known._state.adding = False
    draft = drafting.read(changes, known, never_empty={"priority", "counterparty_side"})
    told = [one for one in draft.findings if not (one.field == "text" and one.code == "VAL-002")]
    given = {name: draft.given.get(name, "") for name in changes if name in draft.given or name == "text"}
    given |= {one.field: getattr(known, one.field, None) for one in told if one.field not in given}
    return actions.edit_task(by=by, pk=pk, changes=given, said=told, version=version, reason=reason)


def _complete(
    *, by: User, pk: int, values: Values, version: int | None = None, reason: str = ""
) -> Obligation:
    given = drafting.answers(COMPLETE, values)
    outcome, evidence = given.get("outcome") or "", given.get("evidence_ref") or ""
    return actions.complete_task(
        by=by, pk=pk, outcome=outcome, evidence_ref=evidence, version=version, reason=reason
    )


def _reschedule(
    *, by: User, pk: int, values: Values, version: int | None = None, reason: str = ""
) -> Obligation:
    due_on = drafting.answers(RESCHEDULE, values)["due_on"]
    return actions.reschedule(by=by, pk=pk, due_on=due_on, version=version, reason=reason)


def _assign(*, by: User, pk: int, values: Values, version: int | None = None, reason: str = "") -> Obligation:
    given = drafting.answers(ASSIGN, values)
    owner = User.objects.filter(pk=given["owner"]).first()
    if owner is None:
        message = f"There is nobody with the id {given['owner']}. Choose somebody else."
        raise Blocked([Finding("TSK-004", message, field="owner", needed="an active person")])
    return actions.assign_task(by=by, pk=pk, owner=owner, version=version, reason=reason)


def _cancel(*, by: User, pk: int, values: Values, version: int | None = None, reason: str = "") -> Obligation:
    drafting.answers(CANCEL, values)
    return actions.cancel_task(by=by, pk=pk, reason=reason, version=version)


def _reopen(*, by: User, pk: int, values: Values, version: int | None = None, reason: str = "") -> Obligation:
    drafting.answers(REOPEN, values)
    return actions.reopen_task(by=by, pk=pk, version=version, reason=reason)


def _is_open(task: Any) -> bool:
    return bool(task.state == ObligationState.OPEN)


def _is_nobodys(task: Any) -> bool:
    """Say whether no app above keeps an obligation: what is kept is done, given up and opened again with its record."""
    return task.kind not in kept.kinds()


COMPLETE = RecordAction(
    "complete",
    "Mark as done",
    (OUTCOME, EVIDENCE),
    _complete,
    icon="circle-check",
    fits=lambda task: _is_open(task) and _is_nobodys(task),
    primary=True,
)
RESCHEDULE = RecordAction(
    "reschedule", "Reschedule", (DUE_ON,), _reschedule, icon="calendar-due", right="complete", fits=_is_open
)
ASSIGN = RecordAction(
    "assign",
    "Give to somebody else",
    (OWNER,),
    _assign,
    icon="user-check",
    help="Somebody who sees the record that the task is about.",
    fits=_is_open,
)
CANCEL = RecordAction(
    "cancel",
    "Cancel",
    (),
    _cancel,
    icon="ban",
    help="The task is given up. Say why.",
    right="complete",
    fits=lambda task: _is_open(task) and _is_nobodys(task),
)
REOPEN = RecordAction(
    "reopen",
    "Reopen",
    (),
    _reopen,
    icon="rotate",
    right="complete",
    fits=lambda task: not _is_open(task) and _is_nobodys(task),
)
ACTIONS = (COMPLETE, RESCHEDULE, ASSIGN, CANCEL, REOPEN)

COMPOSER = Composer(
    name="task",
    label="Task",
    icon="checkbox",
    fields=_COMPOSED,
    creates=LABEL,
    run=_compose,
    submit="Add task",
    begins={"priority": Priority.NORMAL},
)
