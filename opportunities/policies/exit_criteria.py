"""The exit criteria of deals as a policy: what must hold before one leaves a stage, is won or is lost. Source: d2."""

from datetime import datetime

from django.db.models.expressions import Combinable

from opportunities import facts  # noqa: F401 - the conditions below are read against them
from opportunities.enums import OPEN
from opportunities.models import Opportunity
from opportunities.policies.shipped_criteria import CRITERIA, LOSE, WIN
from revops.kernel.gates import criteria, differing, machines, searching
from revops.kernel.gates.criteria import PASSES, REFUSES
from revops.kernel.policies.documents import Simulation
from revops.kernel.policies.resolving import InForce

GATES = {str(stage): f"To leave {stage.label}" for stage in OPEN} | {WIN: "To win", LOSE: "To lose"}


def _simulated(policy: InForce, now: datetime) -> Combinable:
    """Return in SQL whether an open deal could leave its stage now under a version."""
    return searching.outcome(machines.get("opportunities.stage"), policy, now)


def _in_words(outcome: str) -> str:
    return {PASSES: "may move on", REFUSES: "would be held back"}.get(outcome, outcome)


EXIT_CRITERIA = criteria.document(
    key="opportunities.exit_criteria",
    title="Exit criteria of deals",
    record_type="opportunities.opportunity",
    gates=GATES,
    criteria=CRITERIA,
    source="Exit criteria as shipped, stage policy version 1",
    scopes=("segment",),
    simulation=Simulation(
        "opportunities.opportunity",
        rows=lambda: Opportunity.objects.filter(stage__in=OPEN),
        outcome=_simulated,
        columns={"segment": "segment"},
        why=differing.of("opportunities.stage"),
        words=_in_words,
    ),
    help=(
        "A deal moves on when every criterion of the stages that it leaves holds or is excused; skipping stages asks "
        "for all of them."
    ),
)
