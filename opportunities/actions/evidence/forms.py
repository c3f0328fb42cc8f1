"""Evidence as the shells offer it: added to a deal, verified or rejected where it stands."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Q

from accounts.enums import ContactStatus
from accounts.models import Activity, Contact
from opportunities.actions.evidence.adding import add_evidence
from opportunities.actions.evidence.checks import LABEL, SILENT, said_in
from opportunities.actions.evidence.deciding import barred, reject_evidence, verify_evidence
from opportunities.enums import CLOSED, BuyingRole, EvidenceKind, EvidenceState
from opportunities.models import OppContactRole, Opportunity, StageEvidence
from revops.kernel.identity.models import User
from revops.kernel.people import access
from revops.kernel.records import registry
from revops.kernel.records.drafting import answers
from revops.kernel.records.registry import Begun, Field, FieldKind, RecordAction

Values = Mapping[str, Any]
Choices = Sequence[tuple[str, str]]
_SAID, _WHERE = "What was said", "Where it can be looked up: one of these"
OFFERED = 50

FIELDS = (
    Field("kind", "What it shows", FieldKind.CHOICE, _SAID, choices=EvidenceKind.choices, required=True),
    Field(
        "statement",
        "What was said or done",
        FieldKind.LONG_TEXT,
        _SAID,
        required=True,
        help="In their words, at least 15 characters.",
    ),
    Field("stated_by", "Said by", FieldKind.REFERENCE, _SAID, reference="accounts.contact"),
    Field(
        "occurred_at",
        "Said at",
        FieldKind.INSTANT,
        _SAID,
        help="Left empty: when the activity was, else now. By it the evidence ages.",
    ),
    Field("activity", "Activity", FieldKind.REFERENCE, _WHERE, reference="accounts.activity"),
    Field("url", "Web address", FieldKind.URL, _WHERE, help="Of a mail, a document, a recording."),
    Field(
        "contact_role",
        "Contact in the deal",
        FieldKind.REFERENCE,
        _WHERE,
        reference="opportunities.oppcontactrole",
    ),
    Field("field_path", "Field of the deal", group=_WHERE, help="What it says now is kept."),
)


def _add(*, by: User, pk: int, values: Values, version: int | None = None, reason: str = "") -> Opportunity:
    given = answers(ADD, values)
    return add_evidence(by=by, pk=pk, values=given, version=version, reason=reason).opportunity


def _verify(
    *, by: User, pk: int, values: Values, version: int | None = None, reason: str = ""
) -> StageEvidence:
    note = answers(VERIFY, values).get("note") or ""
    return verify_evidence(by=by, pk=pk, note=note, version=version, reason=reason)


def _reject(
    *, by: User, pk: int, values: Values, version: int | None = None, reason: str = ""
) -> StageEvidence:
    note = answers(REJECT, values).get("note") or ""
    return reject_evidence(by=by, pk=pk, note=note, version=version, reason=reason)


def _begins(deal: Any, user: Any, typed: Mapping[str, str]) -> Begun:
    """Return what fits a deal: its people, what was done about it, and its fields that say something. Three queries."""
    return Begun(
        choices={
            "stated_by": _people(deal, user),
            "activity": _activities(deal, user),
            "contact_role": _roles(deal, user),
            "field_path": _fields(deal, user),
        }
    )


def _people(deal: Any, user: Any) -> Choices:
    inside = OppContactRole.objects.filter(opportunity=deal, is_active=True).values("contact_id")
    rows = Contact.objects.filter(
        Q(account=deal.account_id) | Q(pk__in=inside),
        ~Q(status=ContactStatus.ERASED),
        tombstone_of__isnull=True,
    )
    found = rows.visible_to(user).order_by("name_key", "pk").values_list("pk", "name")[:OFFERED]
    return [(str(pk), name) for pk, name in found]


def _activities(deal: Any, user: Any) -> Choices:
    about = Q(opportunity_links__opportunity=deal.pk, opportunity_links__is_active=True)
    rows = Activity.objects.filter(about, ~Q(outcome__in=SILENT)).visible_to(user)
    found = rows.order_by("-occurred_at", "-pk").values_list("pk", "subject", "occurred_at")[:OFFERED]
    return [(str(pk), f"{at:%Y-%m-%d} {subject}") for pk, subject, at in found]


def _roles(deal: Any, user: Any) -> Choices:
    seen = Contact.objects.visible_to(user).values("pk")
    rows = OppContactRole.objects.filter(opportunity=deal, is_active=True, contact__in=seen)
    found = rows.order_by("pk").values_list("pk", "contact__name", "role")[:OFFERED]
    return [(str(pk), f"{name}, {BuyingRole(role).label.lower()}") for pk, name, role in found]


def _fields(deal: Any, user: Any) -> Choices:
    """Return the fields that say something, but for what only points to other records: no query for them."""
    pointing = (FieldKind.REFERENCE, FieldKind.PERSON, FieldKind.REFERENCES)
    readable = access.readable(user, LABEL) - access.declarations()[LABEL].hidden.keys()
    return [
        (one.name, one.label)
        for one in registry.get(LABEL).fields
        if one.name in readable and one.kind not in pointing and said_in(deal, one.name)
    ]


def _waits(evidence: Any) -> bool:
    return bool(evidence.state == EvidenceState.SUBMITTED)


def _may_decide(evidence: Any, user: Any) -> bool:
    return not barred(evidence, user)


ADD = RecordAction(
    "add_evidence",
    "Add evidence",
    FIELDS,
    _add,
    icon="quote",
    help="What the buyer said or did, who it was, and where somebody else can look it up.",
    right="qualify",
    fits=lambda deal: deal.stage not in CLOSED,
    begins=_begins,
)
NOTE = Field("note", "What is missing", FieldKind.LONG_TEXT, required=True, help="At least 10 characters.")
VERIFY = RecordAction(
    "verify",
    "Verify",
    (Field("note", "Note", FieldKind.LONG_TEXT),),
    _verify,
    icon="circle-check",
    help="You have looked it up, and it shows what it says.",
    fits=_waits,
    may=_may_decide,
    primary=True,
)
REJECT = RecordAction(
    "reject",
    "Reject",
    (NOTE,),
    _reject,
    icon="circle-x",
    help="It counts for nothing any more; whoever submitted it is told what is missing.",
    right="verify",
    fits=_waits,
    may=_may_decide,
)
