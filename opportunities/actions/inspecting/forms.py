"""The inspection as an action of the deal: what its form asks, and how it begins."""

from collections.abc import Mapping
from typing import Any

from opportunities.actions.inspecting.asking import FIELDS, NO, YES
from opportunities.actions.inspecting.inspecting import inspect
from opportunities.enums import CLOSED, ForecastCategory, InspectionOutcome
from opportunities.models import Opportunity
from opportunities.queries import inspections as queries
from opportunities.queries.inspections.answering import Answered
from revops.kernel import clocks
from revops.kernel.identity.models import User
from revops.kernel.records.registry import Begun, RecordAction


def begin(deal: Opportunity, answered: Answered) -> dict[str, str]:
    """Return what an inspection of a deal begins with, from what the records say."""
    path = next((one.path for answer in answered.answers for one in answer.suggested), "")
    falls = bool(answered.failing) and deal.forecast_category == ForecastCategory.COMMIT
    outcome = InspectionOutcome.DOWNGRADE if falls else InspectionOutcome.KEEP
    return {"outcome": str(outcome), "changed": YES if path else NO, "field_path": path}


def _begins(deal: Any, user: Any, typed: Mapping[str, str]) -> Begun:
    return Begun(values=begin(deal, queries.answers(deal, user, clocks.now())))


def _inspect(
    *, by: User, pk: int, values: Mapping[str, Any], version: int | None = None, reason: str = ""
) -> Opportunity:
    return inspect(by=by, pk=pk, values=values, version=version, reason=reason).opportunity


INSPECT = RecordAction(
    "inspect",
    "Inspect",
    FIELDS,
    _inspect,
    icon="eye-check",
    help="The five questions are answered from the records when it is saved. A Commit that fails one comes down.",
    fits=lambda deal: deal.stage not in CLOSED,
    may=lambda deal, user: deal.owner_id != user.pk,
    begins=_begins,
)
