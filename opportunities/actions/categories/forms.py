"""Set the forecast category of a deal, as the shells offer it: on its page, by the API, for many at once."""

from collections.abc import Mapping
from typing import Any

from opportunities.actions.editing import edit_opportunity
from opportunities.enums import FORECAST_ORDER, OPEN
from opportunities.models import Opportunity
from revops.kernel.identity.models import User
from revops.kernel.records.drafting import answers
from revops.kernel.records.registry import Field, FieldKind, RecordAction


def _set(
    *, by: User, pk: int, values: Mapping[str, Any], version: int | None = None, reason: str = ""
) -> Opportunity:
    given = answers(SET_CATEGORY, values)
    return edit_opportunity(by=by, pk=pk, changes=given, version=version, reason=reason)


SET_CATEGORY: RecordAction = RecordAction(
    "set_category",
    "Set the forecast category",
    (
        Field(
            "forecast_category",
            "Forecast category",
            FieldKind.CHOICE,
            choices=[(str(one), str(one.label)) for one in FORECAST_ORDER],
            required=True,
        ),
    ),
    _set,
    in_bulk=True,
    icon="chart-line",
    help="As far as stage and evidence carry it; what is missing is told.",
    right="transition",
    fits=lambda deal: deal.stage in OPEN,
)
