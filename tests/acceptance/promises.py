"""Up to which category the stored rows of a deal carry it: the table of domain 2 once more, row by row in Python."""

from datetime import datetime, timedelta
from typing import Any

from opportunities.models import (
    DealReviewStatus,
    InspectionRecord,
    Meddicc,
    OppContactRole,
    Opportunity,
    SlipEvent,
)
from revops.kernel.gates.models.debts import GateDebt
from revops.kernel.packets.models import Obligation

ORDER = ("qualification", "discovery", "evaluation", "proposal", "contracting")
STAGE_NEEDS = {"best_case": 1, "upside": 2, "commit": 3}


def carried(deal: Opportunity, now: datetime) -> set[str]:
    """Return every category that an open deal may have; a deal is in the quarter of a calendar year."""
    place = ORDER.index(deal.stage)
    found = {"pipeline", "omitted"}
    debts = GateDebt.objects.filter(subject_id=deal.pk, state="open").exists()
    for category, test in (("best_case", _best), ("upside", _upside), ("commit", _commit)):
        if place >= STAGE_NEEDS[category] and test(deal, now) and not (debts and category != "best_case"):
            found.add(category)
    return found


def _element(deal: Opportunity, element: str) -> Meddicc | None:
    return Meddicc.objects.filter(opportunity=deal, element=element).first()


def _scored(deal: Opportunity, element: str) -> int:
    held = _element(deal, element)
    return held.score if held is not None else 0


def _evidenced(deal: Opportunity, element: str, now: datetime) -> bool:
    held = _element(deal, element)
    if held is None or held.score < 2 or held.evidence is None:
        return False
    return held.evidence.occurred_at >= now - timedelta(days=90)


def _step_within(deal: Opportunity, now: datetime, days: int) -> bool:
    on = deal.next_step_on
    return on is not None and timedelta(0) <= on - now.date() <= timedelta(days=days)


def _engaged(deal: Opportunity, now: datetime, days: int, **only: Any) -> set[int]:
    since = now - timedelta(days=days)
    rows = OppContactRole.objects.filter(opportunity=deal, is_active=True, engaged_at__gte=since, **only)
    return {row.contact_id for row in rows}


def _best(deal: Opportunity, now: datetime) -> bool:
    ends = deal.close_date
    last_month = 3 * ((ends.month + 2) // 3)
    in_time = (ends.year, last_month) >= (now.year, 3 * ((now.month + 2) // 3))
    return in_time and _step_within(deal, now, 30) and _scored(deal, "champion") >= 1


def _upside(deal: Opportunity, now: datetime) -> bool:
    recent = SlipEvent.objects.filter(opportunity=deal, occurred_at__gte=now - timedelta(days=90))
    return (
        _evidenced(deal, "champion", now)
        and _scored(deal, "decision_criteria") >= 1
        and len(_engaged(deal, now, 30)) >= 2
        and recent.count() <= 2
    )


def _commit(deal: Opportunity, now: datetime) -> bool:
    risks = _element(deal, "risks")
    kept = InspectionRecord.objects.filter(
        opportunity=deal, outcome="keep", inspected_at__gte=now - timedelta(days=7)
    )
    blocked = DealReviewStatus.objects.filter(opportunity=deal, state="blocked")
    return (
        _evidenced(deal, "economic_buyer", now)
        and bool(_engaged(deal, now, 14, role="economic_buyer"))
        and _evidenced(deal, "metrics", now)
        and _paper(deal, now)
        and _step_within(deal, now, 14)
        and deal.next_step_side == "buyer"
        and deal.next_step_contact_id is not None
        and not blocked.exists()
        and risks is not None
        and risks.score >= 1
        and risks.mitigation_id is not None
        and kept.exists()
    )


def _paper(deal: Opportunity, now: datetime) -> bool:
    steps = Obligation.objects.filter(
        subject_type="opportunities.opportunity", subject_id=deal.pk, source_ref="plan:paper"
    ).exclude(state="cancelled")
    days = [step.due_on for step in steps]
    dated = bool(days) and all(day is not None and day <= deal.close_date for day in days)
    return dated and _evidenced(deal, "paper_process", now)
