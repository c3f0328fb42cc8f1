"""Evidence as the shells know it: rows that live on their deals, with a page of their own to decide about each."""

from opportunities.actions.evidence import correct_evidence, create_evidence
from opportunities.actions.evidence.forms import ADD, REJECT, VERIFY
from opportunities.enums import EvidenceKind, EvidenceState
from opportunities.queries import evidence as queries
from revops.kernel.records.registry import (
    Field,
    FieldKind,
    Panel,
    RecordType,
    add_action,
    add_panel,
    register,
)
from revops.kernel.records.work.clocks.declaring import PANEL as CLOCKS

_SAID, _WHERE, _STANDS, _SYSTEM = "What was said", "Where it can be looked up", "How it stands", "System"
_CHOICE, _LINK, _INSTANT, _WHO = (
    FieldKind.CHOICE,
    FieldKind.REFERENCE,
    FieldKind.INSTANT,
    FieldKind.PERSON,
)
GIVEN = ("kind", "statement", "stated_by", "occurred_at", "activity", "url", "contact_role", "field_path")

FIELDS = (
    Field("kind", "What it shows", _CHOICE, _SAID, choices=EvidenceKind.choices, filterable=True),
    Field("statement", "What was said or done", FieldKind.LONG_TEXT, _SAID),
    Field("opportunity", "Deal", _LINK, _SAID, reference="opportunities.opportunity", filterable=True),
    Field("stated_by", "Said by", _LINK, _SAID, reference="accounts.contact", filterable=True),
    Field("occurred_at", "Said at", _INSTANT, _SAID, filterable=True),
    Field("activity", "Activity", _LINK, _WHERE, reference="accounts.activity"),
    Field("url", "Web address", FieldKind.URL, _WHERE),
    Field("contact_role", "Contact in the deal", _LINK, _WHERE, reference="opportunities.oppcontactrole"),
    Field("field_path", "Field of the deal", group=_WHERE),
    Field("field_value", "What it said then", group=_WHERE),
    Field("state", "State", _CHOICE, _STANDS, choices=EvidenceState.choices, filterable=True),
    Field("expires_at", "Holds until", _INSTANT, _STANDS, filterable=True),
    Field("submitted_by", "Submitted by", _WHO, _STANDS, reference="identity.user", filterable=True),
    Field("submitted_at", "Submitted", _INSTANT, _STANDS, filterable=True),
    Field("verifier", "Decided by", _WHO, _STANDS, reference="identity.user", filterable=True),
    Field("decided_at", "Decided", _INSTANT, _STANDS, filterable=True),
    Field("verdict_note", "Note of the decision", FieldKind.LONG_TEXT, _STANDS),
    Field("created_at", "Created", _INSTANT, _SYSTEM, sortable=True),
    Field("updated_at", "Last changed", _INSTANT, _SYSTEM),
)

EVIDENCE = RecordType(
    label="opportunities.stageevidence",
    slug="evidence",
    prefix="EVD",
    singular="Evidence",
    plural="Evidence",
    icon="quote",
    title="statement",
    fields=FIELDS,
    columns=("statement", "kind", "opportunity", "stated_by", "occurred_at", "state", "expires_at"),
    create_fields=("opportunity", *GIVEN),
    create=create_evidence,
    edit=correct_evidence,
    default_sort="-created_at",
    panels=(CLOCKS,),
    actions=(VERIFY, REJECT),
    settled=queries.settled,
    empty_hint="Evidence is added to a deal: what the buyer said or did, who it was, and where it can be looked up.",
    description="What shows that a deal is where it is said to be: who said it, when, and where it can be looked up.",
    extra={
        "state": "state",
        "figures": ("expires_at",),
        "tells_apart": ("kind", "opportunity"),
        "tones": {"state": {"submitted": "blue", "verified": "green", "rejected": "red"}},
    },
)

register(EVIDENCE)
add_action("opportunities.opportunity", ADD)
add_panel(
    "opportunities.opportunity",
    Panel("evidence", "Evidence", "opportunities/panels/evidence.html", queries.of_deal),
)
