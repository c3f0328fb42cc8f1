"""Reads of evidence: what a deal can show and how each piece stands, and what of it timelines tell."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef

from accounts.enums import ContactStatus
from accounts.models import Activity, Contact
from opportunities.enums import CLOSED, EvidenceKind, EvidenceState
from opportunities.models import Opportunity, StageEvidence
from revops.kernel import clocks
from revops.kernel.people import access
from revops.kernel.records import registry
from revops.kernel.records.timeline import Asked, Entry, Link, Mark, Source, source

LABEL, KEY = "opportunities.opportunity", "evidence"
SHOWN = 40
EXPIRED = "expired"
WORDS = {
    EvidenceState.SUBMITTED: ("Submitted", "blue"),
    EvidenceState.VERIFIED: ("Verified", "green"),
    EvidenceState.REJECTED: ("Rejected", "red"),
    EXPIRED: ("Expired", "red"),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """One piece of evidence as pages show it; names and addresses only for who sees what they lead to."""

    pk: int
    kind: str
    statement: str
    who: Link | None
    at: datetime
    artifact: Link
    state: str
    label: str
    tone: str
    decided: str
    note: str
    expires_at: datetime | None
    may_decide: bool

    @property
    def is_over(self) -> bool:
        return self.state == EXPIRED


@dataclass(frozen=True, slots=True)
class Evidence:
    """The evidence of a deal, the last said first, how many pieces stand, and whether the reader may add some."""

    rows: list[Shown]
    more: bool
    may_add: bool
    url: str


def standing(evidence: StageEvidence, now: datetime) -> str:
    """Return how a piece of evidence stands: its state, or "expired" once it is older than it may be (INV-2.9).

    At exactly its age it still holds. Rejected evidence stays rejected.
    """
    over = evidence.expires_at is not None and evidence.expires_at < now
    return EXPIRED if over and evidence.state != EvidenceState.REJECTED else str(evidence.state)


def settled(evidence: StageEvidence) -> Collection[str]:
    """Return what is not corrected any more: what it is about, and everything once somebody has decided."""
    fixed = ("opportunity", "kind")
    return (
        fixed
        if evidence.state == EvidenceState.SUBMITTED
        else registry.get(evidence._meta.label_lower).by_name
    )


def of_deal(deal: Opportunity, user: Any) -> Evidence:
    """Return the evidence of a deal, the last said first; one query."""
    rows = list(_seen(StageEvidence.objects.filter(opportunity=deal), user)[: SHOWN + 1])
    now, readable = clocks.now(), access.readable(user, LABEL)
    decides = bool(rows) and user.pk != deal.owner_id and access.allowed(user, "verify", deal)
    return Evidence(
        [_shown(row, now, readable, decides and row.submitted_by_id != user.pk) for row in rows[:SHOWN]],
        len(rows) > SHOWN,
        deal.stage not in CLOSED and access.allowed(user, "qualify", deal),
        f"/evidence/?opportunity={deal.pk}",
    )


def _seen(rows: Any, user: Any) -> Any:
    """Return rows that `user` sees, with the people in them, and whether the user sees these people and activities.

    Somebody who was merged is followed to whom they became, two merges far; a third is rare enough to be read alone.
    """
    people, activities = Contact.objects.visible_to(user), Activity.objects.visible_to(user)
    one, two = "stated_by__tombstone_of", "stated_by__tombstone_of__tombstone_of"
    return (
        rows.visible_to(user)
        .select_related(two, "submitted_by", "verifier", "activity", "contact_role__contact")
        .annotate(
            sees_0=Exists(people.filter(pk=OuterRef("stated_by"))),
            sees_1=Exists(people.filter(pk=OuterRef(one))),
            sees_2=Exists(people.filter(pk=OuterRef(two))),
            sees_role=Exists(people.filter(pk=OuterRef("contact_role__contact"))),
            sees_activity=Exists(activities.filter(pk=OuterRef("activity"))),
        )
        .order_by("-occurred_at", "-pk")
    )


def _shown(row: Any, now: datetime, readable: Collection[str], may_decide: bool) -> Shown:
    state = standing(row, now)
    label, tone = _word(row, now)
    decided = f"{EvidenceState(row.state).label} by {row.verifier}" if row.verifier else ""
    return Shown(
        pk=row.pk,
        kind=str(EvidenceKind(row.kind).label),
        statement=row.statement,
        who=said_by(row),
        at=row.occurred_at,
        artifact=_artifact(row, readable),
        state=state,
        label=label,
        tone=tone,
        decided=decided,
        note=row.verdict_note,
        expires_at=row.expires_at,
        may_decide=may_decide and row.state == EvidenceState.SUBMITTED,
    )


def said_by(row: Any) -> Link | None:
    """Return who said it, as they are kept now: merged people under whom they became, erased ones by a pseudonym."""
    contact: Contact | None = row.stated_by
    sees, hops = row.sees_0, 0
    while contact is not None and contact.tombstone_of_id is not None and hops < 2:
        contact, hops = contact.tombstone_of, hops + 1
        sees = row.sees_1 if hops == 1 else row.sees_2
    if contact is None:
        return None
    if contact.status == ContactStatus.ERASED:
        return Link(pseudonym(contact.pk))
    return Link(contact.name, contact.get_absolute_url()) if sees else Link("Not visible to you")


def pseudonym(pk: int) -> str:
    """Return what stands for a contact of whom nothing is known any more."""
    return f"Erased contact {registry.get(Contact._meta.label_lower).number(pk)}"


def _artifact(row: Any, readable: Collection[str]) -> Link:
    """Return where evidence can be looked up, as far as the reader gets there."""
    if row.activity_id is not None:
        seen = Link(row.activity.subject, row.activity.get_absolute_url())
        return seen if row.sees_activity else Link("An activity that you do not see")
    if row.contact_role_id is not None:
        role = row.contact_role
        name = role.contact.name if row.sees_role else "A contact"
        return Link(
            f"{name}, {role.get_role_display().lower()}{'' if role.is_active else ' until taken out'}"
        )
    if row.field_path:
        field = registry.get(LABEL).by_name.get(row.field_path)
        label = field.label if field is not None else row.field_path
        return Link(f"{label}: {row.field_value}" if row.field_path in readable else label)
    return Link(row.url, row.url)


def entries_of(record: Any, user: Any, asked: Asked) -> list[Entry]:
    """Return when evidence of a deal was submitted, and what became of it; one query."""
    rows = StageEvidence.objects.filter(asked.behind(KEY, at="submitted_at"), opportunity=record.pk)
    if asked.person is not None:
        rows = rows.filter(submitted_by=asked.person)
    seen = _seen(rows, user).order_by("-submitted_at", "-pk")
    return [_entry(row, clocks.now()) for row in seen[: asked.limit]]


def _entry(row: Any, now: datetime) -> Entry:
    label, tone = _word(row, now)
    who = said_by(row)
    return Entry(
        source=KEY,
        pk=row.pk,
        at=row.submitted_at,
        kind=KEY,
        icon="quote",
        title=Link(f"Evidence: {EvidenceKind(row.kind).label}", row.get_absolute_url()),
        who_id=row.submitted_by_id,
        who=row.submitted_by.name,
        text=row.statement,
        marks=(Mark(f"{label} by {row.verifier.name}" if row.verifier else label, tone),),
        with_whom=(who,) if who is not None else (),
    )


def _word(row: Any, now: datetime) -> tuple[str, str]:
    words: Mapping[str, tuple[str, str]] = {str(key): word for key, word in WORDS.items()}
    return words[standing(row, now)]


source(Source(KEY, frozenset({LABEL}), {KEY: "Evidence"}, entries_of))
