"""What scoring an element asks for, and which element takes what."""

from opportunities.enums import BuyingRole, Element, EvidenceKind
from revops.kernel.records.registry import Field, FieldKind

_SCORE, _SHOWN, _NEW, _RISK = "Score", "Evidence that stands", "Or new evidence", "Mitigation"
_CONTACT, _ACTIVITY = "accounts.contact", "accounts.activity"

FIELDS = (
    Field("element", "Element", FieldKind.CHOICE, _SCORE, choices=Element.choices, required=True),
    Field(
        "score",
        "Score",
        FieldKind.INTEGER,
        _SCORE,
        help="0 unknown, 1 claimed, 2 evidenced by what the buyer said or wrote.",
    ),
    Field(
        "statement",
        "What is known",
        FieldKind.LONG_TEXT,
        _SCORE,
        help="At least 15 characters from a score of 1 on.",
    ),
    Field("contact", "Contact", FieldKind.REFERENCE, _SCORE, reference=_CONTACT),
    Field("on", "On the day", FieldKind.DATE, _SCORE, help="Of the decision, or of the signature."),
    Field(
        "evidence",
        "Evidence of this deal",
        FieldKind.REFERENCE,
        _SHOWN,
        reference="opportunities.stageevidence",
    ),
    Field("stated_by", "Said by", FieldKind.REFERENCE, _NEW, reference=_CONTACT),
    Field("occurred_at", "Said at", FieldKind.INSTANT, _NEW, help="Now, or when the activity was, if empty."),
    Field("activity", "In this activity", FieldKind.REFERENCE, _NEW, reference=_ACTIVITY),
    Field("url", "Or at this address", FieldKind.URL, _NEW),
    Field("mitigation", "What is done about it", group=_RISK, help="At least 10 characters."),
    Field("mitigation_owner", "By whom", FieldKind.PERSON, _RISK, reference="identity.user"),
    Field("mitigation_on", "Until", FieldKind.DATE, _RISK),
)
# Of the fields, those that make new evidence, and those that make an obligation.
INLINE = ("stated_by", "occurred_at", "activity", "url")
MITIGATION = ("mitigation", "mitigation_owner", "mitigation_on")
LENGTHS = {"statement": 400, "url": 400}

# The kinds of evidence that carry an element; new evidence is of the first one.
SHOWN_BY: dict[str, tuple[EvidenceKind, ...]] = {
    Element.METRICS: (EvidenceKind.METRICS,),
    Element.ECONOMIC_BUYER: (EvidenceKind.ECONOMIC_BUYER,),
    Element.DECISION_CRITERIA: (EvidenceKind.DECISION_CRITERIA,),
    Element.DECISION_PROCESS: (EvidenceKind.DECISION_PROCESS,),
    Element.PAPER_PROCESS: (EvidenceKind.PAPER_PROCESS,),
    Element.PAIN: (EvidenceKind.PROBLEM_STATEMENT, EvidenceKind.NEED_STATEMENT),
    Element.CHAMPION: (EvidenceKind.CHAMPION,),
    Element.COMPETITION: (EvidenceKind.COMPETITION,),
    Element.RISKS: (EvidenceKind.RISK,),
}
# Somebody is the element: from a score of 1 on they are named, and are in the deal in that role.
SOMEBODY: dict[str, BuyingRole] = {
    Element.ECONOMIC_BUYER: BuyingRole.ECONOMIC_BUYER,
    Element.CHAMPION: BuyingRole.CHAMPION,
}
DATED = (Element.DECISION_PROCESS, Element.PAPER_PROCESS)
