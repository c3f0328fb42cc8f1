"""Exceptions to the questions of an inspection, and what follows when one is over. Source: §10.3, M4."""

from opportunities.actions import categories
from opportunities.enums import CLOSED, FORECAST_ORDER, CategoryWhy, ForecastCategory
from opportunities.models import Opportunity
from opportunities.policies import inspections as policy
from revops.kernel import audit
from revops.kernel.gates.exceptions import exit_criteria, registry
from revops.kernel.gates.exceptions.registry import Lapse, Line

LABEL = "opportunities.opportunity"


def lines() -> dict[str, Line]:
    """Return the five questions as lines that may be excused."""
    return {key: line for key, line in exit_criteria.lines(policy.KEY).items() if key in policy.QUESTIONS}


def lapsed(lapse: Lapse) -> None:
    """Take the Commit away that an exception carried, in the open change: the next inspection may give it back."""
    if not lapse.decisions:
        return
    deal: Opportunity = audit.lock(Opportunity.objects.all(), pk=lapse.exception.subject_id)
    if deal.stage in CLOSED or deal.forecast_category not in _ABOVE:
        return
    note = f"The exception to the inspection's question {lapse.exception.criterion_key} is over."
    categories.bring_down([deal], policy.MOST, why=CategoryWhy.EXCEPTION, note=note)


_ABOVE = FORECAST_ORDER[FORECAST_ORDER.index(ForecastCategory.BEST_CASE) + 1 :]

registry.excusable(policy.KEY, title=policy.INSPECTIONS.title, record_types=(LABEL,), criteria=lines)
registry.register_lapse_handler(policy.KEY, lapsed)
