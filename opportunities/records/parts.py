"""Parts of a deal that the API serves and files bring in: contacts in it, and its stages over time."""

from collections.abc import Mapping
from typing import Any, NoReturn

from opportunities.actions import add_contact_role, edit_contact_role
from opportunities.enums import BuyingRole, ForecastCategory, Stage, Via
from revops.kernel.people import access
from revops.kernel.records.registry import Field, FieldKind, RecordType, register

_DEAL = Field(
    "opportunity", "Deal", FieldKind.REFERENCE, reference="opportunities.opportunity", filterable=True
)

CONTACT_ROLE = RecordType(
    label="opportunities.oppcontactrole",
    slug="opportunity-contacts",
    prefix="OCR",
    singular="Contact in a deal",
    plural="Contacts in deals",
    icon="users",
    title="role",
    fields=(
        _DEAL,
        Field("contact", "Contact", FieldKind.REFERENCE, reference="accounts.contact", filterable=True),
        Field("role", "Role", FieldKind.CHOICE, choices=BuyingRole.choices, filterable=True),
        Field("raw_label", "Role in the other system"),
        Field("influence", "Influence", FieldKind.INTEGER, help="From 1 (little) to 3 (decides)."),
        Field("is_primary", "Primary contact", FieldKind.BOOLEAN),
        Field("engaged_at", "Last engaged", FieldKind.INSTANT),
        Field("is_active", "In the deal", FieldKind.BOOLEAN, filterable=True),
        Field("created_at", "Created", FieldKind.INSTANT, sortable=True),
        Field("updated_at", "Last changed", FieldKind.INSTANT),
    ),
    columns=("role", "contact", "opportunity", "influence", "is_primary"),
    create_fields=("opportunity", "contact", "role", "influence", "is_primary"),
    create=add_contact_role,
    edit=edit_contact_role,
    default_sort="created_at",
    importable=("opportunity", "contact", "role", "raw_label", "is_primary"),
    description="A contact in a deal, in a role.",
    has_pages=False,
)


def _create(*, by: Any, values: Mapping[str, Any]) -> NoReturn:
    """Refuse: an interval is written by moving the deal."""
    raise access.Forbidden("Stages over time are written by moving the deal, never by hand.")


def _edit(
    *, by: Any, pk: int, changes: Mapping[str, Any], version: int | None = None, reason: str = ""
) -> NoReturn:
    """Refuse: an interval is a ledger row."""
    raise access.Forbidden("Stages over time are written by moving the deal, never by hand.")


STAGE_INTERVAL = RecordType(
    label="opportunities.stageinterval",
    slug="stage-intervals",
    prefix="STI",
    singular="Stage over time",
    plural="Stages over time",
    icon="timeline",
    title="stage",
    fields=(
        _DEAL,
        Field("stage", "Stage", FieldKind.CHOICE, choices=Stage.choices, filterable=True),
        Field("active_from", "From", FieldKind.INSTANT, sortable=True, filterable=True),
        Field("active_to", "To", FieldKind.INSTANT, filterable=True),
        Field("entered_by", "By", FieldKind.PERSON, reference="identity.user"),
        Field("via", "How", FieldKind.CHOICE, choices=Via.choices, filterable=True),
        Field("reason_code", "Reason"),
        Field("note", "Note", FieldKind.LONG_TEXT),
        Field("probability", "Probability", FieldKind.PERCENT),
        Field("forecast_category", "Forecast category", FieldKind.CHOICE, choices=ForecastCategory.choices),
        Field("aged_at", "Told to last too long", FieldKind.INSTANT, filterable=True),
        Field("created_at", "Created", FieldKind.INSTANT, sortable=True),
    ),
    columns=("stage", "opportunity", "active_from", "active_to", "via", "probability"),
    create_fields=(),
    create=_create,
    edit=_edit,
    default_sort="active_from",
    importable=("opportunity", "stage", "active_from", "probability", "forecast_category"),
    description="From when until when a deal stood in a stage.",
    has_pages=False,
)

register(CONTACT_ROLE)
register(STAGE_INTERVAL)
