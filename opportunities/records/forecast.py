"""What became of forecasts, as the API serves it: later close dates, and changes of category. Ledgers, both."""

from collections.abc import Mapping
from typing import Any, NoReturn

from opportunities.enums import CategoryWhy, DelayKind, ForecastCategory
from revops.kernel.people import access
from revops.kernel.records.registry import Field, FieldKind, RecordType, register

_CHOICE, _DATE, _INSTANT = FieldKind.CHOICE, FieldKind.DATE, FieldKind.INSTANT
_DEAL = Field(
    "opportunity", "Deal", FieldKind.REFERENCE, reference="opportunities.opportunity", filterable=True
)
_STAMP = Field("created_at", "Created", _INSTANT, sortable=True)


def _create(*, by: Any, values: Mapping[str, Any]) -> NoReturn:
    """Refuse: what became of a forecast is written by what changes it."""
    raise access.Forbidden("What became of a forecast is written by changing the deal, never by hand.")


def _edit(
    *, by: Any, pk: int, changes: Mapping[str, Any], version: int | None = None, reason: str = ""
) -> NoReturn:
    """Refuse: a ledger row stays as it is."""
    raise access.Forbidden("What became of a forecast is a ledger; none of its rows is changed.")


def _category(name: str, label: str) -> Field:
    return Field(name, label, _CHOICE, choices=ForecastCategory.choices, filterable=True)


SLIP_EVENT = RecordType(
    label="opportunities.slipevent",
    slug="slip-events",
    prefix="SLP",
    singular="Later close date",
    plural="Later close dates",
    icon="calendar",
    title="kind",
    fields=(
        _DEAL,
        Field("kind", "Kind", _CHOICE, choices=DelayKind.choices, filterable=True),
        Field("from_date", "From", _DATE),
        Field("to_date", "To", _DATE, filterable=True),
        Field("from_period", "Out of the quarter"),
        Field("to_period", "Into the quarter", filterable=True),
        Field("days", "Days", FieldKind.INTEGER),
        _category("category_before", "Category before"),
        _category("category_after", "Category after"),
        Field("same_day_downgrade", "Downgraded the same day", FieldKind.BOOLEAN, filterable=True),
        Field("reason_code", "Reason", filterable=True),
        Field("occurred_at", "When", _INSTANT, sortable=True, filterable=True),
        Field("said_by", "By", FieldKind.PERSON, reference="identity.user"),
        _STAMP,
    ),
    columns=("kind", "opportunity", "from_date", "to_date", "reason_code", "occurred_at"),
    create_fields=(),
    create=_create,
    edit=_edit,
    default_sort="-occurred_at",
    description="A close date that was moved later: inside its fiscal quarter a push, out of it a slip.",
    has_pages=False,
)
CATEGORY_CHANGE = RecordType(
    label="opportunities.categorychange",
    slug="category-changes",
    prefix="CAT",
    singular="Change of category",
    plural="Changes of category",
    icon="chart-line",
    title="after",
    fields=(
        _DEAL,
        _category("before", "Before"),
        _category("after", "After"),
        Field("why", "Why", _CHOICE, choices=CategoryWhy.choices, filterable=True),
        Field("rule", "By the rule"),
        Field("note", "Note"),
        Field("occurred_at", "When", _INSTANT, sortable=True, filterable=True),
        Field("changed_by", "By", FieldKind.PERSON, reference="identity.user"),
        _STAMP,
    ),
    columns=("before", "after", "why", "opportunity", "changed_by", "occurred_at"),
    create_fields=(),
    create=_create,
    edit=_edit,
    default_sort="-occurred_at",
    description="The forecast category of a deal changed: from what to what, by whom or by which rule, and why.",
    has_pages=False,
)

register(SLIP_EVENT)
register(CATEGORY_CHANGE)
