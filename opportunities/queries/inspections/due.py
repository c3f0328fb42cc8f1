"""What is inspected this week: which deals of whom, which of them were, and which still wait. Source: §10.3."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Case, Count, Exists, IntegerField, OuterRef, Q, Value, When

from opportunities.enums import ForecastCategory
from opportunities.models import InspectionRecord, Opportunity
from opportunities.policies import inspections as policy
from opportunities.weeks import week_of
from revops.kernel.people import access

LABEL = "opportunities.opportunity"


@dataclass(frozen=True, slots=True)
class Rep:
    """One owner's deals of the week: how many are to be inspected, and how many were."""

    owner: int
    name: str
    asked: int
    done: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """How far the inspections of a week have come, and rep by rep."""

    week: date
    asked: int
    done: int
    reps: tuple[Rep, ...]

    @property
    def left(self) -> int:
        return self.asked - self.done


def inspected(week: date) -> Exists:
    """Return the condition that a deal was inspected in a week."""
    return Exists(InspectionRecord.objects.filter(opportunity=OuterRef("pk"), week=week))


def inspectable(user: Any, now: datetime) -> Any:
    """Return the deals that `user` inspects this week, whether or not that was done: never their own."""
    scope = access.rights(user, LABEL).action("inspect")
    if scope == access.Scope.NONE:
        return Opportunity.objects.none()
    return (
        Opportunity.objects.filter(policy.due(now)).exclude(owner=user).visible_to(user).within(user, scope)
    )


def due(user: Any, now: datetime) -> Any:
    """Return the deals that still wait for their inspection this week: Commit first, then those that close soonest."""
    first = Case(
        When(forecast_category=ForecastCategory.COMMIT, then=Value(0)),
        default=Value(1),
        output_field=IntegerField(),
    )
    rows = inspectable(user, now).filter(~inspected(week_of(now)))
    return rows.annotate(asked_first=first).order_by("asked_first", "close_date", "pk")


def coverage(user: Any, now: datetime) -> Coverage:
    """Return how many of the deals of this week were inspected, in one grouped statement."""
    week = week_of(now)
    rows: Sequence[Any] = (
        inspectable(user, now)
        .annotate(was=inspected(week))
        .values("owner_id", "owner__name")
        .annotate(asked=Count("pk"), done=Count("pk", filter=Q(was=True)))
        .order_by("owner__name", "owner_id")
    )
    reps = tuple(
        Rep(row["owner_id"] or 0, row["owner__name"] or "In a queue", row["asked"], row["done"])
        for row in rows
    )
    return Coverage(week, sum(one.asked for one in reps), sum(one.done for one in reps), reps)
