"""How the demo company inspects its late deals and reviews its pipelines: last week and this one.

Managers keep most of what they inspect. One deal came down on the spot, since nobody could name the field that captures
what had changed; another was escalated. Some still wait for their inspection.
"""

from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import Any

from opportunities.actions.inspecting import inspect
from opportunities.actions.reviewing import agree, freeze, hold
from opportunities.enums import OPEN
from opportunities.models import Opportunity, PipelineReview
from opportunities.queries import inspections as queries
from opportunities.weeks import week_of
from revops.demo.diary import Diary
from revops.demo.plan.companies import DAYS
from revops.kernel import clocks
from revops.kernel.audit import Blocked
from revops.kernel.identity.models import User
from revops.kernel.people import access
from revops.kernel.people.access.organisation import current

_NOW = timedelta(days=DAYS)
_KEPT: Mapping[str, Any] = {"outcome": "keep", "changed": "no", "minutes": "4"}
_UNSAID: Mapping[str, Any] = {
    "outcome": "downgrade",
    "changed": "yes",
    "note": "Something moved, and no field says what. Back to Best case until one does.",
    "dissent": "The buyer told me on the phone.",
    "minutes": "7",
}
_ESCALATED: Mapping[str, Any] = {
    "outcome": "escalate",
    "changed": "no",
    "note": "We need somebody above the champion to call.",
    "minutes": "9",
}


def write(diary: Diary) -> None:
    """Write down two weeks of inspections and reviews."""
    diary.note(_NOW - timedelta(days=8), lambda: freeze(clocks.now()))
    diary.note(_NOW - timedelta(days=7), partial(_inspect, diary, 1))
    diary.note(_NOW - timedelta(hours=30), partial(_inspect, diary, 2))
    diary.note(_NOW - timedelta(hours=3), lambda: freeze(clocks.now()))
    diary.note(_NOW - timedelta(hours=2), _hold)
    diary.note(_NOW - timedelta(hours=1), _bring_down)


def _inspect(diary: Diary, every: int) -> None:
    """Let each manager inspect their late deals: all of them, or all but every third."""
    for by in _people(diary):
        for number, deal in enumerate(queries.due(by, clocks.now())[:12]):
            if every == 1 or number % 3 < every:
                _one(by, deal, number)


def _people(diary: Diary) -> list[User]:
    """Return everybody, once each: nothing is due for those who inspect nothing."""
    people = {person.pk: person for person in diary.people.values()}
    return [people[pk] for pk in sorted(people)]


def _one(by: User, deal: Opportunity, number: int) -> None:
    """Inspect one deal; a Commit that cannot be kept comes down."""
    values = _ESCALATED if number == 4 else _KEPT
    if number == 2 and deal.forecast_category not in ("pipeline", "omitted"):
        values = _UNSAID
    try:
        inspect(by=by, pk=deal.pk, values=values)
    except Blocked:
        inspect(by=by, pk=deal.pk, values=dict(_KEPT) | {"outcome": "downgrade"})


def _hold() -> None:
    """Hold the reviews of this week; in each something is agreed."""
    week, today = week_of(clocks.now()), clocks.now().date()
    for review in PipelineReview.objects.filter(week=week).select_related("owner").order_by("pk"):
        by = review.owner
        if by is None:
            continue
        hold(
            by=by,
            pk=review.pk,
            attendees=[by.pk],
            notes="Went through every deal that changed or is flagged.",
        )
        text = "Bring the deals with a flag to next week's review with a new next step"
        agree(by=by, pk=review.pk, text=text, owner=by.pk, due_on=today + timedelta(days=7))


def _bring_down() -> None:
    """Let one deal that is forecast as more than pipeline come down when its manager inspects it again."""
    above = Opportunity.objects.filter(
        stage__in=OPEN, forecast_category__in=("best_case", "upside", "commit")
    )
    managers = current().manager_of
    for deal in above.order_by("forecast_category", "-pk"):
        by = User.objects.filter(pk=managers.get(deal.owner_id or 0) or 0, is_active=True).first()
        if by is not None and access.allowed(by, "inspect", deal):
            inspect(by=by, pk=deal.pk, values=_UNSAID)
            return
