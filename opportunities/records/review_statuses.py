"""The legal, security and procurement reviews of deals as the API serves them; on pages they stand with their deal."""

from opportunities.actions.review_statuses import create_review, edit_review
from opportunities.enums import ReviewKind, ReviewState
from revops.kernel.records.registry import Field, FieldKind, RecordType, register

REVIEW = RecordType(
    label="opportunities.dealreviewstatus",
    slug="deal-reviews",
    prefix="DRS",
    singular="Review of a deal",
    plural="Reviews of deals",
    icon="shield",
    title="kind",
    fields=(
        Field(
            "opportunity", "Deal", FieldKind.REFERENCE, reference="opportunities.opportunity", filterable=True
        ),
        Field("kind", "Review", FieldKind.CHOICE, choices=ReviewKind.choices, filterable=True),
        Field("state", "State", FieldKind.CHOICE, choices=ReviewState.choices, filterable=True),
        Field("owner", "Who sees to it", FieldKind.PERSON, reference="identity.user", filterable=True),
        Field("note", "Note", FieldKind.LONG_TEXT, help="Needed where it blocks, and where it goes back."),
        Field("state_since", "Since", FieldKind.INSTANT, filterable=True),
        Field("created_at", "Created", FieldKind.INSTANT, sortable=True),
        Field("updated_at", "Last changed", FieldKind.INSTANT, filterable=True),
    ),
    columns=("kind", "opportunity", "state", "owner", "state_since"),
    create_fields=("opportunity", "kind", "state", "owner", "note"),
    create=create_review,
    edit=edit_review,
    default_sort="created_at",
    description="How far a review by others has come; to create it where it exists changes how it stands.",
    has_pages=False,
)

register(REVIEW)
