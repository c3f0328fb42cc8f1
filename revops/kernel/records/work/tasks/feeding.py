"""Tasks in My work: those one has to do, the ones due within two weeks and those without a date."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import F, Q

from revops.kernel.packets import actions, kinds
from revops.kernel.packets.enums import RANK, ObligationKind
from revops.kernel.packets.models import Obligation
from revops.kernel.records import drafting
from revops.kernel.records.registry import Field, FieldKind
from revops.kernel.records.work import calls, words
from revops.kernel.records.work.sources import Deed, Done, Form, Subject, WorkItem, WorkSource, register
from revops.kernel.records.work.tasks.forms import EVIDENCE, OUTCOME
from revops.kernel.records.work.tasks.reading import waiting

KEY = "task"
HORIZON = timedelta(days=14)
_COLUMNS = ("pk", "kind", "text", "subject_type", "subject_id", "due_on", "due_at", "priority", "created_at")
PROOF = (OUTCOME, EVIDENCE)
_DUE_ON = Field("due_on", "Due on", FieldKind.DATE, required=True)


def items(user: Any, now: datetime, limit: int) -> Sequence[WorkItem]:
    """Return the open tasks of `user`, the next due first, in one query."""
    near = Q(due_on__isnull=True) | Q(due_on__lte=now.date() + HORIZON)
    rows = waiting(user).filter(near).order_by(F("due_on").asc(nulls_last=True), "pk")
    found = list(rows.values(*_COLUMNS)[:limit])
    types = {row["subject_type"] for row in found if row["subject_type"]}
    called = {label for label in types if calls.may_log(user, label)}
    return [_item(row, now, called) for row in found]


def _item(row: Mapping[str, Any], now: datetime, called: set[str]) -> WorkItem:
    about = Subject(row["subject_type"], row["subject_id"]) if row["subject_id"] else None
    talks, rule = row["subject_type"] in called, kinds.of(row["kind"])
    done = "prove" if rule.evidence or rule.outcome else "done"
    named = "" if row["kind"] == ObligationKind.TASK else f"{ObligationKind(row['kind']).label}, "
    return WorkItem(
        source=KEY,
        pk=row["pk"],
        title=row["text"],
        why=named + words.why(now, row["due_on"], row["due_at"]),
        urgency=words.urgency(now, row["due_on"], row["due_at"]),
        at=row["due_at"] or words.end_of(row["due_on"], now) or row["created_at"],
        subject=about,
        deeds=(done, "snooze", calls.LOG_CALL) if talks else (done, "snooze"),
        url=f"/tasks/{row['pk']}/",
        priority=RANK[row["priority"]],
    )


def due(user: Any, now: datetime) -> Any:
    """Return what counts in the navigation: tasks overdue or due today."""
    return waiting(user).filter(due_on__lte=now.date())


def _done(*, by: Any, pk: int, values: Mapping[str, Any]) -> Done:
    actions.complete_task(by=by, pk=pk, outcome=str(values.get("outcome") or ""))
    return Done("The task is done.", "reopen")


def _prove(*, by: Any, pk: int, values: Mapping[str, Any]) -> Done:
    given = drafting.entered("Mark as done", PROOF, values)
    actions.complete_task(
        by=by, pk=pk, outcome=given.get("outcome") or "", evidence_ref=given.get("evidence_ref") or ""
    )
    return Done("It is done, and can be looked up.", "reopen")


def _reopen(*, by: Any, pk: int, values: Mapping[str, Any]) -> Done:
    actions.reopen_task(by=by, pk=pk)
    return Done("The task is open again.")


def _snooze(*, by: Any, pk: int, values: Mapping[str, Any]) -> Done:
    to: date = drafting.entered("Reschedule", (_DUE_ON,), values)["due_on"]
    before = Obligation.objects.visible_to(by).values_list("due_on", flat=True).get(pk=pk)
    actions.reschedule(by=by, pk=pk, due_on=to)
    back = {"due_on": before.isoformat()} if before else {}
    return Done(f"Put off to {to:%A, %d %B}.", "snooze" if back else "", back)


def _log_call(*, by: Any, pk: int, values: Mapping[str, Any]) -> Done:
    """Log a call about what the task is about."""
    label, record = _subject(by, pk)
    return calls.log(by=by, label=label, pk=record, values=values)


def _call_form(user: Any, pk: int) -> Form:
    return calls.form(_subject(user, pk)[0])


def _subject(user: Any, pk: int) -> tuple[str, int]:
    label, record = Obligation.objects.visible_to(user).values_list("subject_type", "subject_id").get(pk=pk)
    if record is None:
        raise LookupError("This task is about nothing that one calls.")
    return label, record


def days(now: datetime) -> list[tuple[str, Mapping[str, str]]]:
    """Return the days that one click puts something off to."""
    return [(name, {"due_on": on.isoformat()}) for name, on in words.soon(now)]


register(
    WorkSource(
        KEY,
        "Tasks",
        "checkbox",
        items,
        (
            Deed("done", "Mark as done", "circle-check", _done, shortcut="d"),
            Deed("prove", "Mark as done, with evidence", "circle-check", _prove, PROOF, shortcut="d"),
            Deed("snooze", "Reschedule", "calendar-due", _snooze, (_DUE_ON,), quick=days, shortcut="s"),
            Deed(calls.LOG_CALL, "Log a call", "phone", _log_call, form=_call_form, shortcut="l"),
            Deed("reopen", "Reopen", "rotate", _reopen, shown=False),
        ),
        due,
    )
)
