"""The deeds that qualify a deal as the shells offer them: score an element, add a milestone, set a review."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Q

from accounts.models import Activity, Contact
from opportunities.actions import milestones, review_statuses
from opportunities.actions.meddicc import score
from opportunities.actions.meddicc.fields import DATED, FIELDS, MITIGATION, SHOWN_BY, SOMEBODY
from opportunities.enums import CLOSED, Element, EvidenceKind, EvidenceState, ReviewKind, Score
from opportunities.models import DealReviewStatus, Meddicc, Opportunity, StageEvidence
from revops.kernel import clocks
from revops.kernel.identity.models import User
from revops.kernel.records.registry import Begun, RecordAction

Values = Mapping[str, Any]
Choices = Sequence[tuple[str, str]]
_MOST = 50


def _is_open(deal: Any) -> bool:
    return deal.stage not in CLOSED


def _score(*, by: User, pk: int, values: Values, version: int | None = None, reason: str = "") -> Opportunity:
    return score(by=by, pk=pk, values=values, version=version, reason=reason).opportunity


def _milestone(
    *, by: User, pk: int, values: Values, version: int | None = None, reason: str = ""
) -> Opportunity:
    milestones.add_milestone(by=by, pk=pk, values=values, version=version, reason=reason)
    return Opportunity.objects.get(pk=pk)


def _review(
    *, by: User, pk: int, values: Values, version: int | None = None, reason: str = ""
) -> Opportunity:
    return review_statuses.set_review(by=by, pk=pk, values=values, version=version, reason=reason).opportunity


def _begin_score(deal: Opportunity, user: Any, typed: Mapping[str, str]) -> Begun:
    """Begin with what stands about the element that the address names, and offer what is about this deal."""
    element = typed.get("element", "")
    people = _contacts(deal, user)
    choices: dict[str, Choices] = {
        "score": [(str(one.value), f"{one.value} – {one.label}") for one in Score],
        "contact": people,
        "stated_by": people,
        "evidence": _evidence(deal, element),
        "activity": _activities(deal, user),
    }
    if element not in Element.values:
        return Begun(choices=choices)
    choices["element"] = [(element, str(Element(element).label))]
    row = Meddicc.objects.filter(opportunity=deal, element=element).first()
    return Begun(_held(row) if row else {}, choices, _beside(element))


def _beside(element: str) -> list[str]:
    """Return what the form of one element does not ask for."""
    contact = () if element in SOMEBODY else ("contact",)
    day = () if element in DATED else ("on",)
    return [*contact, *day, *(() if element == Element.RISKS else MITIGATION)]


def _held(row: Meddicc) -> dict[str, str]:
    values = {
        "score": str(row.score),
        "statement": row.statement,
        "contact": str(row.contact_id or ""),
        "evidence": str(row.evidence_id or ""),
        "on": row.on.isoformat() if row.on else "",
    }
    return {name: value for name, value in values.items() if value}


def _evidence(deal: Opportunity, element: str) -> Choices:
    """Return the evidence of a deal that stands and shows the element, the newest first; one query."""
    kinds = SHOWN_BY.get(element, tuple(EvidenceKind))
    rows = (
        StageEvidence.objects.filter(opportunity=deal, kind__in=kinds)
        .filter(Q(expires_at__isnull=True) | Q(expires_at__gte=clocks.now()))
        .exclude(state=EvidenceState.REJECTED)
    )
    found = rows.order_by("-occurred_at", "-pk")[:_MOST]
    return [(str(one.pk), f"{one.occurred_at:%Y-%m-%d}: {one.statement[:80]}") for one in found]


def _contacts(deal: Opportunity, user: Any) -> Choices:
    """Return the contacts of the account and those in the deal, as far as one sees them; one query."""
    inside = Q(opportunity_roles__opportunity=deal, opportunity_roles__is_active=True)
    rows = Contact.objects.filter(Q(account=deal.account_id) | inside).visible_to(user)
    found = rows.order_by("name_key", "pk").distinct().values_list("pk", "name", "name_key")[:200]
    return [(str(pk), name) for pk, name, _ in found]


def _activities(deal: Opportunity, user: Any) -> Choices:
    """Return what was done about a deal, the newest first; one query."""
    rows = Activity.objects.filter(
        opportunity_links__opportunity=deal,
        opportunity_links__is_active=True,
        occurred_at__lte=clocks.now(),
    ).visible_to(user)
    found = rows.order_by("-occurred_at", "-pk")[:_MOST]
    return [(str(one.pk), f"{one.occurred_at:%Y-%m-%d}: {one.subject[:80]}") for one in found]


def _begin_review(deal: Opportunity, user: Any, typed: Mapping[str, str]) -> Begun:
    """Begin with how the review stands that the address names."""
    kind = typed.get("kind", "")
    if kind not in ReviewKind.values:
        return Begun()
    row = DealReviewStatus.objects.filter(opportunity=deal, kind=kind).first()
    held = {"state": row.state, "owner": str(row.owner_id or "")} if row else {}
    return Begun({name: value for name, value in held.items() if value})


SCORE = RecordAction(
    "score",
    "Score an element",
    FIELDS,
    _score,
    icon="list-check",
    help="MEDDICC: 2 rests on evidence, with who said it and where it can be looked up. What is left empty stays.",
    right="qualify",
    fits=_is_open,
    begins=_begin_score,
)
ADD_MILESTONE = RecordAction(
    "add_milestone",
    "Add a milestone",
    milestones.FIELDS,
    _milestone,
    icon="flag",
    help="A dated step of the evaluation, or on the way to signature. It is done with evidence.",
    right="qualify",
    fits=_is_open,
)
SET_REVIEW = RecordAction(
    "set_review",
    "Say how a review stands",
    review_statuses.FIELDS,
    _review,
    icon="shield",
    help="A review goes from not started over in review to blocked or approved. Any other way says why.",
    right="qualify",
    fits=_is_open,
    begins=_begin_review,
)
QUALIFYING = (SCORE, ADD_MILESTONE, SET_REVIEW)
