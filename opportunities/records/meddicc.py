"""The elements of MEDDICC of deals as the API serves them; on pages they stand with their deal."""

from opportunities.actions.meddicc import create_score, edit_score
from opportunities.actions.qualify_forms import QUALIFYING
from opportunities.enums import Element
from opportunities.queries.meddicc import qualification
from opportunities.queries.plans import plans
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

MEDDICC = RecordType(
    label="opportunities.meddicc",
    slug="meddicc",
    prefix="MED",
    singular="MEDDICC element",
    plural="MEDDICC elements",
    icon="list-check",
    title="element",
    fields=(
        Field("opportunity", "Deal", FieldKind.REFERENCE, reference=_DEAL, filterable=True),
        Field("element", "Element", FieldKind.CHOICE, choices=Element.choices, filterable=True),
        Field(
            "score",
            "Score",
            FieldKind.INTEGER,
            filterable=True,
            help="0 unknown, 1 claimed, 2 evidenced by what the buyer said or wrote.",
        ),
        Field("statement", "What is known", FieldKind.LONG_TEXT),
        Field("evidence", "Evidence", FieldKind.REFERENCE, reference="opportunities.stageevidence"),
        Field("contact", "Contact", FieldKind.REFERENCE, reference="accounts.contact", filterable=True),
        Field("on", "On the day", FieldKind.DATE, help="Of the decision, or of the signature."),
        Field(
            "mitigation",
            "Mitigation",
            FieldKind.REFERENCE,
            reference="packets.obligation",
            help="What is done about the risk; scoring the risk of a deal writes it.",
        ),
        Field("created_at", "Created", FieldKind.INSTANT, sortable=True),
        Field("updated_at", "Last changed", FieldKind.INSTANT, filterable=True),
    ),
    columns=("element", "opportunity", "score", "statement", "evidence"),
    create_fields=("opportunity", "element", "score", "statement", "evidence", "contact", "on"),
    create=create_score,
    edit=edit_score,
    default_sort="created_at",
    description="How well an element of MEDDICC is known about a deal; to create it where it exists scores it anew.",
    has_pages=False,
)

register(MEDDICC)
for _deed in QUALIFYING:
    add_action(_DEAL, _deed)
add_panel(_DEAL, Panel("meddicc", "MEDDICC", "opportunities/panels/meddicc.html", qualification))
add_panel(_DEAL, Panel("plans", "Plans and reviews", "opportunities/panels/plans.html", plans))
