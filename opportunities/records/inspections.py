"""Inspections as the shells know them: a ledger with pages, written by inspecting a deal."""

from collections.abc import Mapping
from typing import Any, NoReturn

from opportunities.actions.inspecting.forms import INSPECT
from opportunities.enums import ForecastCategory, InspectionOutcome, Stage
from opportunities.queries.inspections import panels
from revops.kernel.people import access
from revops.kernel.records.registry import (
    Field,
    FieldKind,
    Panel,
    RecordType,
    add_action,
    add_panel,
    register,
)

_DEAL = "opportunities.opportunity"
_WHAT, _RESULT, _WORDS, _SYSTEM = "Inspection", "What came of it", "Said", "System"
_CHOICE, _INSTANT = FieldKind.CHOICE, FieldKind.INSTANT
_PERSON: dict[str, Any] = {"reference": "identity.user"}


def _create(*, by: Any, values: Mapping[str, Any]) -> NoReturn:
    """Refuse: an inspection is written by inspecting the deal."""
    raise access.Forbidden("An inspection is written by inspecting the deal: use “Inspect” on its page.")


def _edit(
    *, by: Any, pk: int, changes: Mapping[str, Any], version: int | None = None, reason: str = ""
) -> NoReturn:
    """Refuse: an inspection is a ledger row."""
    raise access.Forbidden("Inspections are a ledger; none of them is changed. Inspect the deal again.")


INSPECTION = RecordType(
    label="opportunities.inspectionrecord",
    slug="inspection-records",
    prefix="INS",
    singular="Inspection",
    plural="Inspections",
    icon="eye-check",
    title="week",
    fields=(
        Field("opportunity", "Deal", FieldKind.REFERENCE, _WHAT, reference=_DEAL, filterable=True),
        Field("week", "Week from", FieldKind.DATE, _WHAT, filterable=True),
        Field("inspected_at", "Inspected", _INSTANT, _WHAT, sortable=True, filterable=True),
        Field("inspector", "Inspector", FieldKind.PERSON, _WHAT, filterable=True, **_PERSON),
        Field("deal_owner", "Owner of the deal", FieldKind.PERSON, _WHAT, filterable=True, **_PERSON),
        Field("stage", "Stage then", _CHOICE, _WHAT, choices=Stage.choices, filterable=True),
        Field("outcome", "Outcome", _CHOICE, _RESULT, choices=InspectionOutcome.choices, filterable=True),
        Field(
            "category_before",
            "Category before",
            _CHOICE,
            _RESULT,
            choices=ForecastCategory.choices,
            filterable=True,
        ),
        Field(
            "category_after",
            "Category after",
            _CHOICE,
            _RESULT,
            choices=ForecastCategory.choices,
            filterable=True,
        ),
        Field("minutes", "Minutes spent", FieldKind.INTEGER, _RESULT),
        Field("note", "Note", FieldKind.LONG_TEXT, _WORDS),
        Field("dissent", "What the owner says against it", FieldKind.LONG_TEXT, _WORDS),
        Field("created_at", "Created", _INSTANT, _SYSTEM, sortable=True, filterable=True),
    ),
    columns=(
        "week",
        "opportunity",
        "outcome",
        "category_before",
        "category_after",
        "inspector",
        "inspected_at",
    ),
    create_fields=(),
    create=_create,
    edit=_edit,
    default_sort="-inspected_at",
    panels=(Panel("answers", "Answers", "inspections/panels/answers.html", panels.of_inspection),),
    empty_hint="Managers inspect deals in Commit and late stages every week, on the page “Inspections”.",
    description="A manager looked at a deal: five questions as the records answered them, and what came of it.",
    extra={
        "state": "outcome",
        "tones": {
            "outcome": {"keep": "green", "downgrade": "amber", "remove": "red", "escalate": "violet"},
        },
        "first_panels": ("answers",),
    },
)

register(INSPECTION)
add_action(_DEAL, INSPECT)
add_panel(_DEAL, Panel("inspections", "Inspections", "inspections/panels/deal.html", panels.of_deal))
