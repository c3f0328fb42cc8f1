"""What follows for a deal when an exception to its exit criteria is over. Source: M4 lapse table, HC-2.

The deal stays where it is and owes the criterion: its category comes down at once, it moves no further, and a clock
runs. Supplied in time, the debt is cleared and the category stays down; else the deal goes back.
"""

from collections.abc import Sequence
from datetime import datetime

from opportunities import policies
from opportunities.actions import categories, gating, intervals, moving
from opportunities.enums import CLOSED, OPEN, CategoryWhy, ForecastCategory, Stage, Via
from opportunities.models import Opportunity
from opportunities.policies import CATEGORIES, EXIT_CRITERIA
from revops.kernel import audit
from revops.kernel import policies as kernel_policies
from revops.kernel.gates import debts
from revops.kernel.gates.criteria import GateBody, Parsed
from revops.kernel.gates.exceptions import exit_criteria, finding, registry
from revops.kernel.gates.exceptions.registry import Lapse
from revops.kernel.gates.models import GateAttempt
from revops.kernel.gates.models.debts import GateDebt
from revops.kernel.policies import facts
from revops.kernel.policies.enums import Mode
from revops.kernel.policies.resolving import InForce
from revops.kernel.policies.rules import Outcome

LABEL = "opportunities.opportunity"
EXPIRED = "exception_expired"
# The most that a deal which owes something is forecast as.
MOST = ForecastCategory.BEST_CASE


def lapsed(lapse: Lapse) -> None:
    """Open the debt of an exception that is over, and bring the category of its deal down, in the open change."""
    if debts.open_debt(lapse) is None:
        return
    deal: Opportunity = audit.lock(Opportunity.objects.all(), pk=lapse.exception.subject_id)
    if deal.stage not in CLOSED:
        note = f"The exception from “{lapse.exception.name}” is over ({EXPIRED})."
        categories.bring_down([deal], MOST, why=CategoryWhy.EXCEPTION, note=note)


def unexcused(lapse: Lapse) -> None:
    """Hold a deal to its evidence again once an exception from what its category asks for is over."""
    deal: Opportunity = audit.lock(Opportunity.objects.all(), pk=lapse.exception.subject_id)
    note = f"The exception from “{lapse.exception.name}” is over ({EXPIRED})."
    categories.hold([deal], why=CategoryWhy.EXCEPTION, note=note)


def holds(deal: Opportunity, criterion_key: str, at: datetime) -> bool:
    """Say whether a deal owes nothing by this criterion: it is met, or its gate does not lie behind the deal."""
    policy = _in_force(deal, at)
    if policy.broken is not None:
        return False
    asked = [one for one in _body(policy).parsed if one.key == criterion_key]
    if not asked or deal.stage in CLOSED or not _is_behind(deal, asked[0]):
        return True
    return not _unmet(deal, asked, policy, at)


def regress(held: Opportunity, owed: Sequence[GateDebt], at: datetime) -> None:
    """Bring a deal back to the highest stage whose criteria hold, in the open change.

    Only what the deal was asked when it passed counts, so that no later version takes it back (HC-2).
    """
    deal: Opportunity = audit.lock(Opportunity.objects.all(), pk=held.pk)
    to = _highest(deal, {debt.criterion_key for debt in owed}, at)
    if deal.stage in CLOSED or to is None or not moving.is_back(deal, to):
        return
    gating.pass_through(deal, gating.REGRESS, to)
    before, titles = deal.stage, ", ".join(sorted(debt.name for debt in owed))
    note = f"The exception is over and nothing took its place: {titles}."[:400]
    stages = policies.stages(deal.segment)
    turn = intervals.Turn(deal, intervals.held(deal), to, stages, Via.REGRESSED, note=note, code=EXPIRED)
    intervals.turn([turn])
    audit.write(deal)
    moving.tell("opportunity.stage_moved", deal, {"from": before, "back": True, "because": EXPIRED})


def _highest(deal: Opportunity, owed: set[str], at: datetime) -> Stage | None:
    policy = _in_force(deal, at)
    if policy.broken is not None:
        return None
    asked = owed | _asked_before(deal)
    behind = [one for one in _body(policy).parsed if one.key in asked and _is_behind(deal, one)]
    firm = [one for one in behind if one.insists(policy) == Mode.ENFORCE]
    excused = finding.excuses(LABEL, deal.pk, policy.key, at).active
    unmet = {one.criterion.gate for one in _unmet(deal, firm, policy, at) if one.key not in excused}
    return next((stage for stage in OPEN if stage in unmet), None)


def _asked_before(deal: Opportunity) -> set[str]:
    """Return the criteria that this deal was asked on its way forward, whatever came of them."""
    passed = GateAttempt.objects.filter(
        subject_type=LABEL, subject_id=deal.pk, outcome="passed", transition=gating.ADVANCE
    )
    rows = passed.filter(decision__isnull=False).values_list("decision__verdicts", flat=True)
    return {verdict["rule_key"] for verdicts in rows for verdict in verdicts}


def _is_behind(deal: Opportunity, one: Parsed) -> bool:
    gate = one.criterion.gate
    return gate in OPEN and deal.stage in OPEN and OPEN.index(Stage(gate)) < OPEN.index(Stage(deal.stage))


def _unmet(deal: Opportunity, asked: Sequence[Parsed], policy: InForce, at: datetime) -> list[Parsed]:
    paths = [path for one in asked for path in one.whole.paths]
    values = facts.get(LABEL).fetch(Opportunity.objects.filter(pk=deal.pk), paths)[deal.pk] if paths else {}
    return [one for one in asked if one.verdict(values, at, policy).outcome != Outcome.TRUE]


def _in_force(deal: Opportunity, at: datetime) -> InForce:
    return kernel_policies.get(EXIT_CRITERIA.key, {"segment": deal.segment}, at)


def _body(policy: InForce) -> GateBody:
    if not isinstance(policy.body, GateBody):
        raise TypeError(f"{policy.key} holds no exit criteria.")
    return policy.body


registry.excusable(
    EXIT_CRITERIA.key,
    title=EXIT_CRITERIA.title,
    record_types=(LABEL,),
    criteria=lambda: exit_criteria.lines(EXIT_CRITERIA.key),
)
registry.register_lapse_handler(EXIT_CRITERIA.key, lapsed)
registry.excusable(
    CATEGORIES.key,
    title=CATEGORIES.title,
    record_types=(LABEL,),
    criteria=lambda: exit_criteria.lines(CATEGORIES.key),
)
registry.register_lapse_handler(CATEGORIES.key, unexcused)
debts.register(
    EXIT_CRITERIA.key,
    record_type=LABEL,
    holds=holds,
    regress=regress,
    news=("opportunity.edited", "opportunity.stage_moved", "opportunity.won", "opportunity.lost"),
)
