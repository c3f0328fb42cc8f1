"""What a deal is known by: its MEDDICC, element by element, with what each rests on."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Exists, OuterRef
from django.db.models.functions import Coalesce

from accounts.models import Activity, Contact
from opportunities.actions.meddicc.fields import SHOWN_BY
from opportunities.enums import CLOSED, Element, EvidenceState, Score
from opportunities.models import Meddicc, Opportunity, StageEvidence
from revops.kernel import clocks
from revops.kernel.packets.enums import ObligationState
from revops.kernel.packets.models import Obligation
from revops.kernel.people import access

STANDS, WAITS, REJECTED, EXPIRED = "stands", "waits", "rejected", "expired"


@dataclass(frozen=True, slots=True)
class Shown:
    """What a score rests on: what was said and by whom, where it can be looked up, how old it is, whether it stands."""

    statement: str
    said_by: str
    said_by_url: str
    url: str
    outside: bool
    at: datetime
    days: int
    state: str
    expires_on: date | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What is done about a risk; the text only for who sees the obligation."""

    text: str
    url: str
    owner: str
    due_on: date | None
    state: str


@dataclass(frozen=True, slots=True)
class Line:
    """One element: its score with its word, and what is known. `person` is empty where the reader does not see them."""

    element: str
    label: str
    score: int
    word: str
    statement: str
    has_person: bool
    person: str
    person_url: str
    on: date | None
    shown: Shown | None
    answer: Answer | None
    kind: str


@dataclass(frozen=True, slots=True)
class Qualification:
    """The nine elements of a deal in their order, how many are known and evidenced, and whether one may score them."""

    lines: list[Line]
    known: int
    evidenced: int
    may_score: bool

    @property
    def of(self) -> int:
        return len(self.lines)


def qualification(deal: Opportunity, user: Any) -> Qualification:
    """Return the MEDDICC of a deal; one query, besides what tells the reader's rights.

    An element that nobody has scored is unknown. Of a contact who was merged into another one the survivor is named.
    """
    rows = Meddicc.objects.filter(opportunity=deal).visible_to(user).annotate(**_seen(user))
    held = {row.element: row for row in rows.select_related(*_AROUND)}
    now = clocks.now()
    lines = [_line(element, held.get(element), now) for element in Element]
    return Qualification(
        lines,
        known=sum(line.score > Score.UNKNOWN for line in lines),
        evidenced=sum(line.score == Score.EVIDENCED for line in lines),
        may_score=deal.stage not in CLOSED and access.allowed(user, "qualify", deal),
    )


_AROUND = (
    "contact__tombstone_of",
    "evidence__stated_by__tombstone_of",
    "evidence__activity",
    "mitigation__owner",
)


def _seen(user: Any) -> dict[str, Any]:
    """Return what says, row by row, whom and what the reader sees."""

    def is_seen(rows: Any, *paths: str) -> Exists:
        wanted = Coalesce(*map(OuterRef, paths)) if len(paths) > 1 else OuterRef(paths[0])
        return Exists(rows.visible_to(user).filter(pk=wanted))

    return {
        "sees_contact": is_seen(Contact.objects.all(), "contact__tombstone_of", "contact"),
        "sees_said_by": is_seen(
            Contact.objects.all(), "evidence__stated_by__tombstone_of", "evidence__stated_by"
        ),
        "sees_activity": is_seen(Activity.objects.all(), "evidence__activity"),
        "sees_mitigation": is_seen(Obligation.objects.all(), "mitigation"),
    }


def _line(element: Element, row: Any, now: datetime) -> Line:
    contact = row.contact if row is not None else None
    contact = getattr(contact, "tombstone_of", None) or contact
    seen = contact if row is not None and row.sees_contact else None
    score = Score(row.score) if row is not None else Score.UNKNOWN
    return Line(
        element=str(element),
        label=str(element.label),
        score=int(score),
        word=str(score.label),
        statement=row.statement if row is not None else "",
        has_person=contact is not None,
        person=seen.name if seen else "",
        person_url=seen.get_absolute_url() if seen else "",
        on=row.on if row is not None else None,
        shown=_shown(row, now) if row is not None and row.evidence_id else None,
        answer=_answer(row) if row is not None and row.mitigation_id else None,
        kind=str(SHOWN_BY[element][0]),
    )


def _shown(row: Any, now: datetime) -> Shown:
    evidence: StageEvidence = row.evidence
    who = getattr(evidence.stated_by, "tombstone_of", None) or evidence.stated_by
    seen = who if row.sees_said_by else None
    held = evidence.activity
    activity = held.get_absolute_url() if held is not None and row.sees_activity else ""
    return Shown(
        statement=evidence.statement,
        said_by=seen.name if seen else "",
        said_by_url=seen.get_absolute_url() if seen else "",
        url=evidence.url or activity,
        outside=bool(evidence.url),
        at=evidence.occurred_at,
        days=max((now - evidence.occurred_at).days, 0),
        state=_standing(evidence, now),
        expires_on=evidence.expires_at.date() if evidence.expires_at else None,
    )


def _standing(evidence: StageEvidence, now: datetime) -> str:
    if evidence.state == EvidenceState.REJECTED:
        return REJECTED
    if evidence.expires_at is not None and evidence.expires_at < now:
        return EXPIRED
    return STANDS if evidence.state == EvidenceState.VERIFIED else WAITS


def _answer(row: Any) -> Answer:
    task = row.mitigation
    seen = row.sees_mitigation
    return Answer(
        text=task.text if seen else "",
        url=task.get_absolute_url() if seen else "",
        owner=str(task.owner or ""),
        due_on=task.due_on,
        state=str(ObligationState(task.state).label),
    )
