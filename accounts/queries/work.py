"""What waits for people in the accounts domain: meetings whose outcome is open, leads that nobody has touched."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Exists, F, OuterRef
from django.db.models.functions import Coalesce

from accounts.actions.activities.editing import record_outcome
from accounts.actions.leads.dispositions import ACCEPT, accept_lead
from accounts.enums import ActivityOutcome
from accounts.models import Activity, Lead
from revops.kernel.people import access
from revops.kernel.people.enums import OwnerRole
from revops.kernel.people.models import OwnershipInterval
from revops.kernel.records import work
from revops.kernel.records.registry import Field, FieldKind
from revops.kernel.records.work import Deed, Done, Subject, Urgency, WorkItem, WorkSource, calls, words

MEETING, LEAD = "meeting", "new-lead"
_ENDS = (ActivityOutcome.HELD, ActivityOutcome.NO_SHOW, ActivityOutcome.CANCELLED)
_OUTCOME = Field(
    "outcome",
    "How it went",
    FieldKind.CHOICE,
    choices=[(o.value, str(o.label)) for o in _ENDS],
    required=True,
)


def meetings(user: Any, now: datetime, limit: int) -> Sequence[WorkItem]:
    """Return the planned meetings of `user` that are over and whose outcome is not told, the oldest first."""
    rows = _over(user, now).order_by("occurred_at", "pk")
    columns = ("pk", "subject", "occurred_at", "account_id", "lead_id")
    return [
        WorkItem(
            source=MEETING,
            pk=row["pk"],
            title=row["subject"],
            why=f"the outcome is open {words.since(now, row['occurred_at'])}",
            urgency=Urgency.OVERDUE,
            at=row["occurred_at"],
            subject=_with(row),
            deeds=("outcome",),
            url=f"/activities/{row['pk']}/",
        )
        for row in rows.values(*columns)[:limit]
    ]


def _over(user: Any, now: datetime) -> Any:
    rows = Activity.objects.filter(owner=user, outcome=ActivityOutcome.PLANNED, occurred_at__lt=now)
    return rows.visible_to(user)


def _with(row: Mapping[str, Any]) -> Subject | None:
    if row["account_id"]:
        return Subject("accounts.account", row["account_id"])
    return Subject("accounts.lead", row["lead_id"]) if row["lead_id"] else None


def _record(*, by: Any, pk: int, values: Mapping[str, Any]) -> Done:
    given = {"outcome": values.get("outcome") or ""}
    record_outcome(by=by, pk=pk, values=given)
    return Done("The outcome is recorded.")


def _outcomes(now: datetime) -> list[tuple[str, Mapping[str, str]]]:
    return [(str(one.label), {"outcome": one.value}) for one in _ENDS]


def leads(user: Any, now: datetime, limit: int) -> Sequence[WorkItem]:
    """Return the leads of `user` that wait to be accepted and that nobody has touched, the longest waiting first."""
    touched = Activity.objects.filter(lead=OuterRef("pk"))
    since = OwnershipInterval.objects.filter(
        record_type="accounts.lead", record_id=OuterRef("pk"), role=OwnerRole.PRIMARY, active_to__isnull=True
    )
    rows = (
        Lead.objects.filter(~Exists(touched), owner=user, status__in=ACCEPT.starts)
        .visible_to(user)
        .annotate(since=Coalesce(since.values("active_from")[:1], F("created_at")))
        .order_by("since", "pk")
    )
    deeds = ["log_call"] if calls.may_log(user, "accounts.lead") else []
    if access.may_ever(user, "accept", "accounts.lead"):
        deeds.insert(0, "accept")
    return [
        WorkItem(
            source=LEAD,
            pk=row["pk"],
            title=row["name"],
            why=f"untouched {words.since(now, row['since'])}",
            urgency=Urgency.WAITING,
            at=row["since"],
            subject=Subject("accounts.lead", row["pk"], row["company"] or row["name"]),
            deeds=tuple(deeds),
        )
        for row in rows.values("pk", "name", "company", "since")[:limit]
    ]


def _accept(*, by: Any, pk: int, values: Mapping[str, Any]) -> Done:
    lead = accept_lead(by=by, pk=pk)
    return Done(f"{lead.name} is yours to work on.")


work.register(
    WorkSource(
        MEETING,
        "Meetings to close",
        "calendar-event",
        meetings,
        (
            Deed(
                "outcome",
                "Record the outcome",
                "circle-check",
                _record,
                (_OUTCOME,),
                quick=_outcomes,
                shortcut="d",
            ),
        ),
        _over,
    )
)
work.register(
    WorkSource(
        LEAD,
        "New leads",
        "user-plus",
        leads,
        (
            Deed("accept", "Accept", "circle-check", _accept, shortcut="d"),
            calls.deed("accounts.lead"),
        ),
    )
)
