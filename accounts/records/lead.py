"""What leads declare to the shells."""

from accounts.actions.activities.composing import composers
from accounts.actions.leads import create_lead, edit_lead, many
from accounts.actions.leads.columns import BY_STATUS
from accounts.actions.leads.forms import ACTIONS
from accounts.enums import Disposition, Industry, LeadStatus, Source
from accounts.queries import lead as queries
from revops.kernel.records.boards import Board, Card
from revops.kernel.records.likeness import Probe
from revops.kernel.records.registry import Field, FieldKind, Panel, Reach, RecordType, SearchSource, register

_NAME = ("first_name", "last_name")
_PERSON, _COMPANY, _STATE = "Person", "Company", "Where it stands"
_SOURCE, _NOTES, _SYSTEM = "Source", "Notes", "System"
_CHOICE, _REFERENCE = FieldKind.CHOICE, FieldKind.REFERENCE

_ABOUT = (
    Field("name", "Name", group=_PERSON, column="name_key", sortable=True, filterable=True),
    Field("salutation", "Salutation", group=_PERSON, help="As the person is addressed, such as Dr."),
    Field("first_name", "First name", group=_PERSON),
    Field("last_name", "Last name", group=_PERSON, required=True),
    Field("title", "Title", group=_PERSON),
    Field("email", "E-mail", group=_PERSON, column="email_key", filterable=True),
    Field("phone", "Phone", group=_PERSON, help="Read as a number of the lead's country."),
    Field("mobile_phone", "Mobile", group=_PERSON),
    Field(
        "company",
        "Company",
        group=_COMPANY,
        column="company_key",
        sortable=True,
        filterable=True,
        required=True,
    ),
    Field("email_domain", "E-mail domain", group=_COMPANY, filterable=True),
    Field("website", "Website", FieldKind.URL, _COMPANY),
    Field("country", "Country", FieldKind.COUNTRY, _COMPANY, filterable=True),
    Field("region", "State or region", group=_COMPANY),
    Field("city", "City", group=_COMPANY),
    Field("industry", "Industry", _CHOICE, _COMPANY, choices=Industry.choices, filterable=True),
    Field("industry_note", "Industry in words", group=_COMPANY, help="Needed when the industry is “Other”."),
    Field("employees", "Employees", FieldKind.INTEGER, _COMPANY, filterable=True),
    Field("annual_revenue", "Annual revenue", FieldKind.MONEY, _COMPANY, currency="currency"),
    Field("currency", "Currency", group=_COMPANY, help="ISO 4217 code, such as USD."),
)
_STANDING = (
    Field("status", "Status", _CHOICE, _STATE, choices=LeadStatus.choices, filterable=True, sortable=True),
    Field("disposition_reason", "Because", _CHOICE, _STATE, choices=Disposition.choices, filterable=True),
    Field("disposition_note", "In words", group=_STATE),
    Field("owner", "Owner", FieldKind.PERSON, _STATE, reference="identity.user", filterable=True),
    Field("queue", "Queue", _REFERENCE, _STATE, reference="people.queue", filterable=True),
    Field("team", "Team", _REFERENCE, _STATE, reference="people.team", filterable=True),
    Field(
        "matched_account",
        "Matched account",
        _REFERENCE,
        _STATE,
        reference="accounts.account",
        filterable=True,
    ),
    Field("matched_contact", "Matched contact", _REFERENCE, _STATE, reference="accounts.contact"),
    Field("intent_score", "Intent score", FieldKind.INTEGER, _STATE, filterable=True, help="0 to 100."),
    Field("icp_score", "Fit score", FieldKind.INTEGER, _STATE, filterable=True, help="0 to 100."),
    Field("routing_cycle", "Routing cycle", FieldKind.INTEGER, _STATE),
    Field("converted_at", "Converted", FieldKind.INSTANT, _STATE, filterable=True),
    Field("converted_account", "Became the account", _REFERENCE, _STATE, reference="accounts.account"),
    Field("converted_contact", "Became the contact", _REFERENCE, _STATE, reference="accounts.contact"),
    Field(
        "link_known",
        "Link to the known contact",
        FieldKind.BOOLEAN,
        _PERSON,
        help="Where a contact has this address already, create the lead for that contact.",
    ),
)
_ORIGIN = (
    Field(
        "source_original",
        "Original source",
        _CHOICE,
        _SOURCE,
        choices=Source.choices,
        filterable=True,
        required=True,
        help="Written once; it never changes.",
    ),
    Field("source_latest", "Latest source", _CHOICE, _SOURCE, choices=Source.choices, filterable=True),
    Field("source_note", "Source in words", group=_SOURCE, help="Needed when the source is “Other”."),
    Field("campaign", "Campaign", _REFERENCE, _SOURCE, reference="accounts.campaign", filterable=True),
    Field("utm_source", "UTM source", group=_SOURCE),
    Field("utm_medium", "UTM medium", group=_SOURCE),
    Field("utm_campaign", "UTM campaign", group=_SOURCE),
    Field("utm_content", "UTM content", group=_SOURCE),
    Field("utm_term", "UTM term", group=_SOURCE),
    Field("description", "Description", FieldKind.LONG_TEXT, _NOTES, mentions=True),
    Field("created_at", "Created", FieldKind.INSTANT, _SYSTEM, sortable=True, filterable=True),
    Field("updated_at", "Last changed", FieldKind.INSTANT, _SYSTEM),
    Field("tombstone_of", "Merged into", _REFERENCE, _SYSTEM, reference="accounts.lead"),
)
_GIVEN = (
    "salutation",
    "first_name",
    "last_name",
    "title",
    "company",
    "email",
    "link_known",
    "phone",
    "mobile_phone",
    "source_original",
    "source_note",
    "campaign",
    "website",
    "country",
    "region",
    "city",
    "industry",
    "industry_note",
    "employees",
    "annual_revenue",
    "currency",
    "description",
    "utm_source",
    "utm_medium",
    "utm_campaign",
    "utm_content",
    "utm_term",
    "intent_score",
    "icp_score",
)

LEAD = RecordType(
    label="accounts.lead",
    slug="leads",
    prefix="LEA",
    singular="Lead",
    plural="Leads",
    icon="user-search",
    title="name",
    fields=(*_ABOUT, *_STANDING, *_ORIGIN),
    columns=("name", "company", "status", "title", "source_original", "country", "owner", "created_at"),
    create_fields=_GIVEN,
    create=create_lead,
    edit=edit_lead,
    edit_many=many.EDIT,
    default_sort="-created_at",
    search=(
        SearchSource(
            "accounts.lead",
            "pk",
            ("name", "company", "email"),
            numbers=("phone", "mobile_phone"),
            reads=("phone", "mobile_phone"),
        ),
    ),
    reach=(Reach("accounts.lead", "pk", "email", email="email_key", domain="email_domain"),),
    panels=(Panel("match", "Matched account", "accounts/panels/matched.html", queries.match),),
    timeline=True,
    composers=composers("lead"),
    actions=ACTIONS,
    extra={
        "board": Board(
            begins="status",
            card=Card("company", day="created_at"),
            movers=(BY_STATUS,),
            folded={"status": ("converted", "disqualified")},
        ),
        "state": "status",
        "figures": ("intent_score", "icp_score"),
        "tells_apart": ("company", "status", "owner"),
        "navigation": ("", 10, "l"),
        "tones": {
            "status": {
                "new": "blue",
                "routed": "blue",
                "accepted": "violet",
                "working": "violet",
                "nurture": "amber",
                "recycled": "amber",
                "converted": "green",
                "disqualified": "gray",
            }
        },
        "likeness": (
            Probe("accounts.lead", _NAME, ("company", "title")),
            Probe("accounts.contact", _NAME, ("title", "primary_email")),
            Probe("accounts.account", ("company",), ("city", "country")),
        ),
    },
    empty_hint="Leads are people and companies that may become business. Create one, or import them from a CSV file.",
    importable=(
        *(name for name in _GIVEN if name != "link_known"),
        "source_latest",
        "status",
        "disposition_reason",
        "owner",
        "created_at",
        "converted_at",
        "converted_account",
        "converted_contact",
    ),
    description="A person and a company that may become business, and where they came from.",
)

register(LEAD)
