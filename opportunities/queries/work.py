"""What waits for people in the opportunities domain: next steps of deals, and open deals that have none."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from opportunities.actions.drafts import today
from opportunities.actions.editing import edit_opportunity
from opportunities.actions.next_steps import setting
from opportunities.enums import OPEN
from opportunities.models import Opportunity
from opportunities.policies import next_steps as policy
from revops.kernel.people import access
from revops.kernel.records import drafting, work
from revops.kernel.records.registry import Field, FieldKind
from revops.kernel.records.work import Deed, Done, Subject, Urgency, WorkItem, WorkSource, calls, words

STEP, STEPLESS, LABEL = "next-step", "no-next-step", "opportunities.opportunity"
HORIZON = timedelta(days=14)
_STEP = Field("next_step", "Next step", required=True)
_ON = Field("next_step_on", "On", FieldKind.DATE, required=True)
_CONTACT, _DONE = (
    next(one for one in setting.FIELDS if one.name == name) for name in ("next_step_contact", setting.DONE)
)
_ASKED = {"next_step": (_STEP, _ON), "snooze": (_ON,)}


def steps(user: Any, now: datetime, limit: int) -> Sequence[WorkItem]:
    """Return the next steps of the open deals of `user` that are due within two weeks, the oldest first."""
    rows = _mine(user).filter(next_step_on__lte=now.date() + HORIZON).order_by("next_step_on", "pk")
    return [
        WorkItem(
            source=STEP,
            pk=row["pk"],
            title=row["next_step"] or "Next step",
            why=words.why(now, row["next_step_on"]),
            urgency=words.urgency(now, row["next_step_on"]),
            at=words.end_of(row["next_step_on"], now),
            subject=Subject(LABEL, row["pk"], row["name"]),
            deeds=_deeds(user, "next_step", "snooze"),
        )
        for row in rows.values("pk", "name", "next_step", "next_step_on")[:limit]
    ]


def stepless(user: Any, now: datetime, limit: int) -> Sequence[WorkItem]:
    """Return the open deals of `user` without a dated next step, those that close soonest first."""
    rows = _mine(user).filter(next_step_on__isnull=True).order_by("close_date", "pk")
    return [
        WorkItem(
            source=STEPLESS,
            pk=row["pk"],
            title=row["name"],
            why=f"no next step; closes {_closes(row['close_date'], now)}",
            urgency=Urgency.WAITING,
            at=row["stage_since"],
            subject=Subject(LABEL, row["pk"], row["name"]),
            deeds=_deeds(user, "next_step"),
        )
        for row in rows.values("pk", "name", "close_date", "stage_since")[:limit]
    ]


def _mine(user: Any) -> Any:
    return Opportunity.objects.filter(owner=user, stage__in=OPEN, tombstone_of__isnull=True).visible_to(user)


def _due(user: Any, now: datetime) -> Any:
    return _mine(user).filter(next_step_on__lte=now.date())


def _deeds(user: Any, *names: str) -> tuple[str, ...]:
    """Return those of the deeds that the role of `user` does, and logging a call where it logs calls."""
    edits = frozenset[str]().union(*(one.fields for one in access.rights(user, LABEL).edits))
    found = names if "next_step_on" in edits else ()
    return (*found, calls.LOG_CALL) if calls.may_log(user, LABEL) else found


def _closes(on: date, now: datetime) -> str:
    return words.why(now, on).replace("due ", "").replace("overdue", "ago")


def _set_step(*, by: Any, pk: int, values: Mapping[str, Any]) -> Done:
    given = drafting.entered("Next step", (*_ASKED["next_step"], _CONTACT, _DONE), values)
    before = _before(by, pk)
    kept = {name: value for name, value in given.items() if value not in (None, "")}
    setting.set_next_step(by=by, pk=pk, values=kept)
    return Done(f"Next step on {given['next_step_on']:%A, %d %B}.", *_back(before, "next_step"))


def _snooze(*, by: Any, pk: int, values: Mapping[str, Any]) -> Done:
    given = drafting.entered("Put off", _ASKED["snooze"], values)
    before = _before(by, pk)
    edit_opportunity(by=by, pk=pk, changes=given)
    return Done(f"Put off to {given['next_step_on']:%A, %d %B}.", *_back(before, "snooze"))


def _before(by: Any, pk: int) -> dict[str, Any]:
    rows = Opportunity.objects.visible_to(by).filter(pk=pk)
    return dict(rows.values("next_step", "next_step_on", "next_step_contact", "stage", "segment").get())


def _back(before: Mapping[str, Any], deed: str) -> tuple[str, dict[str, str]]:
    """Return the deed that brings the step back that there was; a day that has passed is not to be had again."""
    on = before["next_step_on"]
    if on is None or on < today() or not before["next_step"]:
        return "", {}
    held = {"next_step": before["next_step"], "next_step_on": on.isoformat()}
    return deed, {field.name: held[field.name] for field in _ASKED[deed]}


def _form(user: Any, pk: int) -> tuple[Sequence[Field], Mapping[str, str]]:
    """Return what the next step asks, beginning with the one there is: a contact where one is needed and not known."""
    held = _before(user, pk)
    named = held["next_step_contact"] or not policy.of(held["segment"]).needs_contact(held["stage"])
    more = (*(() if named else (_CONTACT,)), *((_DONE,) if held["next_step"] else ()))
    return (*_ASKED["next_step"], *more), {"next_step": held["next_step"]}


def _days(now: datetime) -> list[tuple[str, Mapping[str, str]]]:
    return [(name, {"next_step_on": on.isoformat()}) for name, on in words.soon(now)]


_NEXT = Deed("next_step", "Next step", "arrow-right", _set_step, form=_form, shortcut="n")

work.register(
    WorkSource(
        STEP,
        "Next steps",
        "arrow-right",
        steps,
        (
            _NEXT,
            Deed("snooze", "Put off", "calendar-due", _snooze, _ASKED["snooze"], quick=_days, shortcut="s"),
            calls.deed(LABEL),
        ),
        _due,
    )
)
work.register(
    WorkSource(STEPLESS, "Deals without a next step", "alert-triangle", stepless, (_NEXT, calls.deed(LABEL)))
)
