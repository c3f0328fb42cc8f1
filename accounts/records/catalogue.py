"""What the shells know of products and campaigns."""

from accounts.actions.catalogues import create_campaign, create_product, edit_campaign, edit_product
from accounts.enums import Channel
from revops.kernel.records.registry import Field, FieldKind, RecordType, SearchSource, register

_SYSTEM = "System"
_STAMPS = (
    Field("created_at", "Created", FieldKind.INSTANT, _SYSTEM, sortable=True, filterable=True),
    Field("updated_at", "Last changed", FieldKind.INSTANT, _SYSTEM),
)
_NAME = Field("name", "Name", column="name_key", sortable=True, filterable=True, required=True)
_ACTIVE = Field(
    "is_active",
    "Active",
    FieldKind.BOOLEAN,
    filterable=True,
    help="What is inactive is not offered any more; it stays on the records that name it.",
)

PRODUCT = RecordType(
    label="accounts.product",
    slug="products",
    prefix="PRO",
    singular="Product",
    plural="Products",
    icon="package",
    title="name",
    fields=(
        _NAME,
        Field("code", "Code", filterable=True, required=True, help="The SKU. It belongs to one product."),
        Field("family", "Family", filterable=True, help="Groups products, and begins the name of a deal."),
        _ACTIVE,
        Field("description", "Description", FieldKind.LONG_TEXT),
        *_STAMPS,
    ),
    columns=("name", "code", "family", "is_active", "created_at"),
    create_fields=("name", "code", "family", "is_active", "description"),
    create=create_product,
    edit=edit_product,
    default_sort="name",
    search=(SearchSource("accounts.product", "pk", ("name", "code")),),
    empty_hint="Products are what you sell. Create one, or import them from a CSV file.",
    importable=("name", "code", "family", "is_active", "description"),
    description="Something we sell, with its code (SKU) and its family.",
    extra={
        "navigation": ("Records", 40, "p"),
        "offered": {"is_active": True},
        "tells_apart": ("code", "family"),
    },
)

CAMPAIGN = RecordType(
    label="accounts.campaign",
    slug="campaigns",
    prefix="CAM",
    singular="Campaign",
    plural="Campaigns",
    icon="speakerphone",
    title="name",
    fields=(
        _NAME,
        Field("channel", "Channel", FieldKind.CHOICE, choices=Channel.choices, filterable=True),
        Field("theme", "Theme", filterable=True),
        Field("audience", "Audience", filterable=True),
        Field("starts_on", "Starts on", FieldKind.DATE, filterable=True),
        Field("ends_on", "Ends on", FieldKind.DATE, filterable=True),
        _ACTIVE,
        Field("description", "Description", FieldKind.LONG_TEXT),
        *_STAMPS,
    ),
    columns=("name", "channel", "theme", "audience", "starts_on", "ends_on", "is_active"),
    create_fields=(
        "name",
        "channel",
        "theme",
        "audience",
        "starts_on",
        "ends_on",
        "is_active",
        "description",
    ),
    create=create_campaign,
    edit=edit_campaign,
    default_sort="name",
    search=(SearchSource("accounts.campaign", "pk", ("name", "theme")),),
    empty_hint="Campaigns say what leads and deals came from. Create one, or import them from a CSV file.",
    importable=("name", "channel", "theme", "audience", "starts_on", "ends_on", "is_active", "description"),
    description="A marketing campaign that leads and deals came from.",
    extra={
        "navigation": ("Records", 30, ""),
        "offered": {"is_active": True},
        "tells_apart": ("channel", "theme"),
    },
)

register(PRODUCT)
register(CAMPAIGN)
