"""Whether deals are inspected, what inspections find, and whether their judgement holds. Source: §10.3."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Q, TextField
from django.db.models.functions import Cast
from django.db.models.lookups import Contains

from opportunities.enums import CLOSED, ForecastCategory, InspectionOutcome, Stage
from opportunities.metrics.hygiene import DEAL
from opportunities.models import InspectionRecord, Opportunity
from opportunities.policies import inspections as policy
from opportunities.queries.inspections.due import inspected
from opportunities.weeks import week_of
from revops.kernel.metrics import Ratio, register_ratio, shares
from revops.kernel.metrics.sharing import Share

INSPECTION, OWNER = "opportunities.inspectionrecord", "Sales Ops"
WINDOW = timedelta(days=90)
_READS = frozenset({"outcome", "category_before", "category_after", "inspected_at"})
_WORDS = {
    policy.CHANGED: "a change named",
    policy.BUYER: "economic buyer",
    policy.STEP: "next step",
    policy.SLIPPED: "slip answered",
    policy.RISK: "biggest risk",
}


def recent(now: datetime) -> Q:
    """Return the condition of the inspections of the last 90 days."""
    return Q(inspected_at__gte=now - WINDOW)


def failed(*keys: str) -> Q:
    """Return the condition of inspections in which one of these questions failed."""
    told, found = Cast("fails", TextField()), Q(pk__in=[])
    for key in keys:
        found |= Q(Contains(told, f'"{key}"'))
    return found


def _question(key: str) -> Ratio:
    words = _WORDS[key]
    return register_ratio(
        Ratio(
            key=f"inspection_fail_{key}_pct",
            label=f"Failed: {words}",
            definition=f"Of the inspections of the last 90 days, those whose question {key} ({words}) failed.",
            formula="Inspections in which the question failed ÷ inspections",
            owner=OWNER,
            record_type=INSPECTION,
            among=recent,
            counted=_of_question(key),
            inside="Inspections in which it failed",
            outside="Inspections in which it held",
            better="low",
            green=Decimal(10),
            amber=Decimal(25),
            reads=_READS,
        )
    )


def _of_question(key: str) -> Callable[[datetime], Q]:
    return lambda now: failed(key)


def _committed(now: datetime) -> Q:
    return recent(now) & Q(category_before=ForecastCategory.COMMIT) & failed(*policy.QUESTIONS)


def _decided(*outcomes: str) -> Callable[[datetime], Q]:
    return lambda now: Q(outcome__in=outcomes, opportunity__stage__in=CLOSED)


def _won(now: datetime) -> Q:
    return Q(opportunity__stage=Stage.CLOSED_WON)


COVERAGE = register_ratio(
    Ratio(
        key="inspection_coverage_pct",
        label="Inspected this week",
        definition="Of the open deals that are inspected every week, those that were inspected this week.",
        formula="Deals inspected since Monday ÷ deals in Commit or from Proposal on",
        owner=OWNER,
        record_type=DEAL,
        among=policy.due,
        counted=lambda now: Q(inspected(week_of(now))),
        inside="Deals inspected this week",
        outside="Deals not inspected yet",
        green=Decimal(100),
        amber=Decimal(80),
        min_n=1,
        reads=frozenset({"stage", "forecast_category"}),
    )
)
FAIL_RATES = tuple(_question(key) for key in policy.QUESTIONS)
DOWNGRADED = register_ratio(
    Ratio(
        key="inspection_downgraded_pct",
        label="Failed Commit brought down",
        definition="Of the inspections of the last 90 days in which a deal in Commit failed a question, those that "
        "brought it down when they were saved. The others were excused.",
        formula="Failed inspections of Commit that brought the deal down ÷ failed inspections of Commit",
        owner=OWNER,
        record_type=INSPECTION,
        among=_committed,
        counted=lambda now: ~Q(category_after=ForecastCategory.COMMIT),
        inside="Inspections that brought the deal down",
        outside="Inspections whose failure was excused",
        green=Decimal(100),
        amber=Decimal(90),
        min_n=1,
        reads=_READS,
    )
)
KEPT_WON = register_ratio(
    Ratio(
        key="inspection_kept_won_pct",
        label="Won, of those kept",
        definition="Of the inspections that kept a deal which has closed since, those whose deal was won.",
        formula="Inspections that kept a deal that was won ÷ inspections that kept a deal that closed",
        owner=OWNER,
        record_type=INSPECTION,
        among=_decided(InspectionOutcome.KEEP),
        counted=_won,
        inside="Kept, and won",
        outside="Kept, and lost",
        reads=_READS,
    )
)
DOWNGRADED_WON = register_ratio(
    Ratio(
        key="inspection_downgraded_won_pct",
        label="Won, of those brought down",
        definition="Of the inspections that brought a deal down or took it out, and whose deal has closed since, those "
        "whose deal was won. Well below “won, of those kept”, the inspections judge well.",
        formula="Inspections that brought down a deal that was won ÷ those whose deal closed",
        owner=OWNER,
        record_type=INSPECTION,
        among=_decided(InspectionOutcome.DOWNGRADE, InspectionOutcome.REMOVE),
        counted=_won,
        inside="Brought down, and won",
        outside="Brought down, and lost",
        better="low",
        reads=_READS,
    )
)
JUDGED = (*FAIL_RATES, DOWNGRADED, KEPT_WON, DOWNGRADED_WON)


def figures(user: Any, now: datetime) -> Sequence[Share]:
    """Return coverage and what inspections found, over what `user` sees, in two statements."""
    covered = shares([COVERAGE], Opportunity.objects.visible_to(user), now=now)
    return [*covered, *shares(JUDGED, InspectionRecord.objects.visible_to(user), now=now)]
