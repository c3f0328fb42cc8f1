"""What speaks against an inspection, in words: whose deal it is, whether it is open, what Commit does not bear."""

from opportunities.actions.categories import Scales
from opportunities.actions.categories.refusing import finding as refuse
from opportunities.actions.categories.weighing import Shown
from opportunities.actions.inspecting.asking import Said
from opportunities.enums import CLOSED, ForecastCategory, InspectionOutcome
from opportunities.models import Opportunity
from opportunities.policies import inspections as policy
from opportunities.queries.inspections.answering import Answer, Answered
from revops.kernel.audit import Blocked, Finding
from revops.kernel.gates.criteria import MANAGERS
from revops.kernel.identity.models import User
from revops.kernel.policies.resolving import InForce

# The criterion of Commit that an inspection itself supplies.
INSPECTED = "manager_verified"


def stop(deal: Opportunity, by: User, said: Said) -> None:
    """Raise Blocked for a deal that nobody, or this inspector, may inspect."""
    found = []
    if deal.owner_id == by.pk:
        message = "This deal is yours: nobody inspects their own. Ask your manager to inspect it."
        found.append(Finding("INS-001", message, found=str(by), needed="another inspector"))
    if deal.stage in CLOSED:
        message = "The deal is closed, so there is nothing to inspect. Reopen it first."
        found.append(Finding("INS-002", message, field="stage", found=deal.stage, needed="an open deal"))
    if found:
        raise Blocked([*said.findings, *found])


def against(deal: Opportunity, outcome: str, answered: Answered, to: str, scales: Scales) -> list[Finding]:
    """Return what speaks against this outcome: keeping a Commit that fails, lowering what cannot go lower.

    A Commit is kept only where its evidence carries it as well: both are told at once.
    """
    held = deal.forecast_category
    if outcome == InspectionOutcome.KEEP and held == ForecastCategory.COMMIT:
        failed = [_failed(one, answered.policy) for one in answered.failing]
        return [*failed, *(refuse(scales, deal, one) for one in lacks(deal, scales))]
    if outcome == InspectionOutcome.DOWNGRADE and to == held:
        label = ForecastCategory(held).label
        message = (
            f"There is nothing below {label} to bring it down to. Keep it, or take it out of the forecast."
        )
        return [Finding("INS-004", message, field="outcome", found=outcome, needed="keep or remove")]
    return []


def lacks(deal: Opportunity, scales: Scales) -> list[Shown]:
    """Return what keeps a deal from its category, but for the inspection that is being written."""
    found = scales.weigh(deal, deal.forecast_category)
    return [one for one in found if one.stands and one.parsed.key != INSPECTED]


def _failed(one: Answer, held: InForce) -> Finding:
    found = "; ".join(f"{shown.label}: {shown.name or shown.value}" for shown in one.facts)
    message = (
        f"{one.title} {found}. {one.needed} A deal in Commit that fails it cannot be kept: bring it down, "
        "or ask for an exception."
    )
    return Finding(
        "INS-003",
        message,
        field="field_path" if one.key == policy.CHANGED else "outcome",
        found=found[:80],
        needed=one.needed,
        rule=held.key,
        rule_version=held.n,
        criterion=one.key,
        excusable_by=MANAGERS,
        remedies=one.remedies,
    )
