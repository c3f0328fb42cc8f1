"""The plans of a deal, step by step, and how its reviews by others stand."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Exists, F, OuterRef

from opportunities.enums import CLOSED, PlanKind, ReviewKind, ReviewState
from opportunities.facts.showing import LABEL, PLAN
from opportunities.models import DealReviewStatus, Opportunity
from revops.kernel import clocks
from revops.kernel.packets.days import zone_of
from revops.kernel.packets.enums import ObligationKind, ObligationState, Side
from revops.kernel.packets.models import Obligation
from revops.kernel.people import access

SHOWN = 50


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a plan. The text and the address only for who sees it; `done` may be marked by who does it."""

    text: str
    url: str
    due_on: date | None
    owner: str
    side: str
    is_buyer: bool
    done_on: date | None
    late: bool
    can_complete: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """The steps of one plan, the next due first, and the day on which the last one is due."""

    kind: str
    label: str
    steps: list[Step]
    done: int
    ends_on: date | None


@dataclass(frozen=True, slots=True)
class Review:
    """How one review stands, since when, who sees to it, and what is said about it."""

    kind: str
    label: str
    state: str
    word: str
    since: datetime | None
    owner: str
    note: str


@dataclass(frozen=True, slots=True)
class Plans:
    """The plans and the reviews of a deal, and whether the reader may work on them."""

    plans: list[Plan]
    reviews: list[Review]
    may_change: bool


def plans(deal: Opportunity, user: Any) -> Plans:
    """Return the plans and reviews of a deal; three queries at most, besides what tells the reader's rights."""
    steps = _steps(deal, user)
    mine = _completable(steps, user)
    today = clocks.now().astimezone(zone_of(user)).date()
    return Plans(
        [_plan(kind, steps, mine, today) for kind in PlanKind],
        _reviews(deal, user),
        may_change=deal.stage not in CLOSED and access.allowed(user, "qualify", deal),
    )


def _steps(deal: Opportunity, user: Any) -> list[Any]:
    rows = Obligation.objects.filter(
        subject_type=LABEL,
        subject_id=deal.pk,
        kind=ObligationKind.MILESTONE,
        source_ref__in=[f"{PLAN}{kind}" for kind in PlanKind],
    ).exclude(state=ObligationState.CANCELLED)
    seen = Exists(Obligation.objects.visible_to(user).filter(pk=OuterRef("pk")))
    found = rows.annotate(seen=seen).select_related("owner", "queue")
    return list(found.order_by(F("due_on").asc(nulls_last=True), "pk")[:SHOWN])


def _completable(steps: list[Any], user: Any) -> set[int]:
    """Return the ids of the open steps that the reader may mark as done."""
    open_ones = [one.pk for one in steps if one.seen and one.state == ObligationState.OPEN]
    return access.allowed_of(user, "complete", Obligation, open_ones) if open_ones else set()


def _plan(kind: PlanKind, rows: list[Any], mine: set[int], today: date) -> Plan:
    of_plan = [row for row in rows if row.source_ref == f"{PLAN}{kind}"]
    days = [row.due_on for row in of_plan if row.due_on is not None]
    return Plan(
        str(kind),
        str(kind.label),
        [_step(row, row.pk in mine, today) for row in of_plan],
        done=sum(row.state == ObligationState.DONE for row in of_plan),
        ends_on=max(days, default=None),
    )


def _step(row: Any, is_mine: bool, today: date) -> Step:
    is_open = row.state == ObligationState.OPEN
    return Step(
        text=row.text if row.seen else "",
        url=row.get_absolute_url() if row.seen else "",
        due_on=row.due_on,
        owner=str(row.owner or row.queue or ""),
        side=str(Side(row.counterparty_side).label),
        is_buyer=row.counterparty_side == Side.BUYER,
        done_on=row.done_at.date() if row.done_at else None,
        late=is_open and row.due_on is not None and row.due_on < today,
        can_complete=is_mine,
    )


def _reviews(deal: Opportunity, user: Any) -> list[Review]:
    rows = DealReviewStatus.objects.filter(opportunity=deal).visible_to(user).select_related("owner")
    held = {row.kind: row for row in rows}
    return [_review(kind, held.get(kind)) for kind in ReviewKind]


def _review(kind: ReviewKind, row: DealReviewStatus | None) -> Review:
    state = ReviewState(row.state) if row is not None else ReviewState.NOT_STARTED
    return Review(
        str(kind),
        str(kind.label),
        str(state),
        str(state.label),
        row.state_since if row is not None else None,
        str(row.owner or "") if row is not None else "",
        row.note if row is not None else "",
    )
