"""The policy document of the fields that deals need."""

from typing import Any

from opportunities import facts  # noqa: F401 - the conditions below are read against them
from opportunities.enums import OPEN, Stage
from revops.kernel.policies import required


def _from(stage: Stage) -> dict[str, Any]:
    """Return the condition that a deal stands in `stage`, a later one, or is won."""
    later = [str(one) for one in Stage if one != Stage.CLOSED_LOST]
    return {"f": "opportunity.stage", "op": "in", "v": later[later.index(stage) :]}


_OPEN = {"f": "opportunity.stage", "op": "in", "v": [str(stage) for stage in OPEN]}
_PAST_THE_FIRST = {"f": "opportunity.stage", "op": "in", "v": [str(stage) for stage in OPEN[1:]]}
_LOST = {"f": "opportunity.stage", "op": "eq", "v": str(Stage.CLOSED_LOST)}

REQUIRED = required.document(
    key="opportunities.required_fields",
    title="Required fields of deals",
    record_type="opportunities.opportunity",
    source="Data dictionary, Opportunity: R@stage, R@open, R@lost",
    fields=(
        {"field": "opportunity.amount", "when": _from(Stage.EVALUATION), "code": "OPP-020"},
        {"field": "opportunity.territory", "mode": "observe", "code": "OPP-021"},
        {"field": "opportunity.geo", "mode": "observe", "code": "OPP-022"},
        {"field": "opportunity.primary_product", "mode": "observe", "code": "OPP-023"},
        {"field": "opportunity.use_case", "mode": "observe", "code": "OPP-024"},
        {"field": "opportunity.source", "mode": "observe", "code": "OPP-025"},
        {
            "field": "opportunity.contact_role",
            "when": _from(Stage.DISCOVERY),
            "mode": "observe",
            "code": "OPP-026",
        },
        {
            "field": "opportunity.economic_buyer",
            "when": _from(Stage.PROPOSAL),
            "mode": "observe",
            "code": "OPP-027",
        },
        {"field": "opportunity.next_step", "when": _OPEN, "mode": "observe", "code": "OPP-028"},
        # No deal moves on without a day on which something happens next (appendix B, "next step fresh").
        {"field": "opportunity.next_step_on", "when": _PAST_THE_FIRST, "code": "OPP-028"},
        {"field": "opportunity.loss_reason", "when": _LOST, "mode": "observe", "code": "OPP-029"},
    ),
)
