"""What the shells know of exceptions."""

from typing import Any

from revops.kernel.gates.exceptions.enums import ExceptionState, Risk
from revops.kernel.gates.exceptions.registry import Excusable, on_excusable
from revops.kernel.records.registry import (
    Field,
    FieldKind,
    Panel,
    RecordType,
    SearchSource,
    add_panel,
    register,
)
from revops.kernel.records.work.exceptions import forms, reading

_WHAT, _WHY, _TERM, _WHO, _SYSTEM = "What is excused", "Why", "Term", "Who", "System"
_PERSON: dict[str, Any] = {"reference": "identity.user", "filterable": True}
_CHOICE, _INSTANT = FieldKind.CHOICE, FieldKind.INSTANT

FIELDS = (
    Field("name", "Exception", group=_WHAT),
    Field("state", "State", _CHOICE, _WHAT, choices=ExceptionState.choices, filterable=True),
    Field(
        "policy_key",
        "Policy",
        _CHOICE,
        _WHAT,
        choices=forms.Choices(forms.policies),
        filterable=True,
        required=True,
        kept=True,
    ),
    Field(
        "criterion_key",
        "Line of the policy",
        _CHOICE,
        _WHAT,
        choices=forms.Choices(forms.criteria),
        filterable=True,
        required=True,
        kept=True,
    ),
    Field(
        "subject",
        "Record",
        group=_WHAT,
        filterable=True,
        required=True,
        help="The number of the record that is excused, such as OPP-000012.",
    ),
    Field("scope_note", "What exactly", group=_WHAT, help="Where it excuses less than the whole line."),
    Field(
        "justification",
        "Justification",
        FieldKind.LONG_TEXT,
        _WHY,
        required=True,
        help="At least 40 characters: why the rule may be waived here. No place for personal data.",
    ),
    Field(
        "compensating_control",
        "What watches over it instead",
        FieldKind.LONG_TEXT,
        _WHY,
    ),
    Field("risk", "Risk", _CHOICE, _WHY, choices=Risk.choices, filterable=True, required=True),
    Field("closing_note", "Why it ended", group=_WHY),
    Field(
        "starts_at", "From", _INSTANT, _TERM, help="At once, or from then on; at the earliest when approved."
    ),
    Field("expires_at", "Until", _INSTANT, _TERM, sortable=True, filterable=True, required=True),
    Field("ends_by", "At most until", _INSTANT, _TERM),
    Field("term_from", "Present term from", _INSTANT, _TERM),
    Field("renewals_used", "Renewals", FieldKind.INTEGER, _TERM),
    Field("max_uses", "Times it may be used", FieldKind.INTEGER, _TERM, help="Empty for any number."),
    Field("uses", "Times used", FieldKind.INTEGER, _TERM),
    Field("review_week", "To review, week of", FieldKind.DATE, _TERM, filterable=True),
    Field(
        "owner", "Owner", FieldKind.PERSON, _WHO, help="Answers for it; you, if nobody is chosen.", **_PERSON
    ),
    Field("requested_by", "Asked for by", FieldKind.PERSON, _WHO, **_PERSON),
    Field("approver", "Decided by", FieldKind.PERSON, _WHO, **_PERSON),
    Field("decided_at", "Decided", _INSTANT, _WHO),
    Field("rules_ref", "Rules it was granted by", group=_SYSTEM),
    Field("lapsed_at", "End carried out", _INSTANT, _SYSTEM),
    Field("is_settled", "Nothing owed any more", FieldKind.BOOLEAN, _SYSTEM),
    Field("created_at", "Asked for on", _INSTANT, _SYSTEM, sortable=True, filterable=True),
    Field("updated_at", "Last changed", _INSTANT, _SYSTEM),
)

EXCEPTION = RecordType(
    label=forms.LABEL,
    slug="exceptions",
    prefix="EXC",
    singular="Exception",
    plural="Exceptions",
    icon="shield-off",
    title="name",
    fields=FIELDS,
    columns=("name", "state", "expires_at", "risk", "subject", "owner", "approver"),
    create_fields=(
        "policy_key",
        "criterion_key",
        "subject",
        "scope_note",
        "justification",
        "compensating_control",
        "risk",
        "starts_at",
        "expires_at",
        "max_uses",
        "owner",
    ),
    create=forms.request,
    edit=forms.edit,
    default_sort="expires_at",
    search=(SearchSource(forms.LABEL, "pk", ("name",)),),
    panels=(
        Panel("term", "Term", "exceptions/panels/term.html", reading.term),
        Panel("uses", "What it excused", "exceptions/panels/uses.html", reading.uses),
        Panel("reviews", "Reviews", "exceptions/panels/reviews.html", reading.reviews),
    ),
    actions=forms.ACTIONS,
    extra={
        "navigation": ("Governance", 40, ""),
        "state": "state",
        "figures": ("expires_at", "risk", "uses"),
        "first_panels": ("term",),
        "tones": {
            "state": {
                "requested": "blue",
                "approved": "green",
                "rejected": "grey",
                "expired": "grey",
                "revoked": "red",
                "consumed": "grey",
            },
            "risk": {"high": "red", "med": "amber", "low": "grey"},
        },
        "begins": forms.begins,
    },
    empty_hint="An exception excuses one record from one line of a policy for a while. Ask where a rule refuses.",
    description="Who is excused from which rule, why, by whom and until when.",
)

register(EXCEPTION)
PANEL = Panel("exceptions", "Exceptions", "exceptions/panels/around.html", reading.around)


def _show_on(one: Excusable) -> None:
    """Put the exceptions about a record on the pages of every type that may be excused from something."""
    for label in one.record_types:
        add_panel(label, PANEL)


on_excusable("records", _show_on)
