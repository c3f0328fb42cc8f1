"""The five questions of an inspection as the records answer them. Source: §10.3.

Any number of deals cost the same number of statements, so that a queue of them is answered before it is opened.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from opportunities.actions import gating
from opportunities.models import InspectionRecord, Opportunity
from opportunities.policies import inspections as policy
from opportunities.policies.inspections import BUYER, CHANGED, RISK, SLIPPED, STEP
from opportunities.queries.inspections import changes, lookups
from opportunities.queries.inspections.changes import BuyerChange
from revops.kernel.audit import Remedy
from revops.kernel.gates.criteria import Parsed
from revops.kernel.packets.enums import Side
from revops.kernel.packets.models import Obligation
from revops.kernel.policies import facts
from revops.kernel.policies.enums import Mode
from revops.kernel.policies.resolving import InForce
from revops.kernel.policies.rules import Outcome

LABEL = "opportunities.opportunity"


@dataclass(frozen=True, slots=True)
class Shown:
    """One fact behind an answer: what it is, its value, and whom of the buyer's it names."""

    label: str
    value: str = ""
    contact: int | None = None
    name: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return what an inspection keeps of it: whom it names only by their id."""
        return {"label": self.label, "value": self.value, "contact": self.contact}


@dataclass(frozen=True, slots=True)
class Answer:
    """One question: what the records say, whether that fails, what is needed, and what would help.

    `brings_down` says that the policy enforces it and nothing excuses it: on a deal in Commit it takes Commit away.
    """

    key: str
    title: str
    facts: tuple[Shown, ...]
    fails: bool
    needed: str
    mode: Mode
    excuse: Any = None
    remedies: tuple[Remedy, ...] = ()
    suggested: tuple[BuyerChange, ...] = field(default=())

    @property
    def brings_down(self) -> bool:
        return self.fails and self.mode == Mode.ENFORCE and self.excuse is None


@dataclass(frozen=True, slots=True)
class Answered:
    """The five answers of one deal, with what a decision keeps: the version and the facts that it saw."""

    answers: tuple[Answer, ...]
    values: Mapping[str, Any]
    policy: InForce
    inspected: InspectionRecord | None

    @property
    def failing(self) -> list[Answer]:
        """Return the answers that take Commit away."""
        return [one for one in self.answers if one.brings_down]


def answers(deal: Opportunity, user: Any, now: datetime) -> Answered:
    """Return the five answers of one deal, as `answers_of` does."""
    return answers_of([deal], user, now)[deal.pk]


def answers_of(deals: Sequence[Opportunity], user: Any, now: datetime) -> dict[int, Answered]:
    """Return the five answers of each deal, in a constant number of statements; names only of contacts one sees."""
    if not deals:
        return {}
    held = policy.in_force(now)
    questions = policy.body_of(held).questions
    ids = [deal.pk for deal in deals]
    paths = [path for one in questions for path in one.whole.paths]
    values = facts.get(LABEL).fetch(Opportunity.objects.filter(pk__in=ids), paths)
    known = _Known(deals, user, now)
    return {
        deal.pk: Answered(
            tuple(_answer(deal, one, values[deal.pk], held, known) for one in questions),
            values[deal.pk],
            held,
            known.inspected.get(deal.pk),
        )
        for deal in deals
    }


class _Known:
    """What the answers of a page of deals rest on, read at once."""

    def __init__(self, deals: Sequence[Opportunity], user: Any, now: datetime) -> None:
        self.now, ids = now, [deal.pk for deal in deals]
        self.inspected = lookups.last(ids)
        since = {
            pk: changes.since_of(row.inspected_at if (row := self.inspected.get(pk)) else None, now)
            for pk in ids
        }
        self.changes = changes.changes(deals, since)
        self.buyers = lookups.buyers(ids)
        self.slips = lookups.slips(ids, self.inspected)
        self.risks = lookups.risks(ids)
        self.excuses = lookups.excuses(ids, now)
        people = {role.contact_id for role in self.buyers.values()}
        people |= {deal.next_step_contact_id for deal in deals if deal.next_step_contact_id}
        self.names = lookups.names(people, user)

    def person(self, label: str, contact: int | None) -> Shown:
        """Return a fact that names somebody of the buyer's; not their name where the reader does not see them."""
        name = self.names.get(contact or 0, "somebody you do not see" if contact else "nobody")
        return Shown(label, contact=contact, name=name)


def _answer(
    deal: Opportunity, one: Parsed, values: Mapping[str, Any], held: InForce, known: _Known
) -> Answer:
    verdict = one.verdict(values, known.now, held)
    suggested = tuple(known.changes.get(deal.pk, ())) if one.key == CHANGED else ()
    fails = verdict.outcome != Outcome.TRUE
    return Answer(
        key=one.key,
        title=one.criterion.title,
        facts=_SHOWN[one.key](deal, known),
        fails=fails,
        needed=one.criterion.note or one.in_words,
        mode=one.insists(held),
        excuse=known.excuses.get((deal.pk, one.key)) if fails else None,
        remedies=remedies(deal, one) if fails else (),
        suggested=suggested,
    )


def remedies(deal: Opportunity, one: Parsed) -> tuple[Remedy, ...]:
    """Return what would answer a question that fails: a deed about the deal, or an exception."""
    address = f"/exceptions/add/?policy_key={policy.KEY}&criterion_key={one.key}&subject={LABEL}:{deal.pk}"
    return (*gating.remedies(deal, one.criterion), Remedy("Ask for an exception", address))


def _changed(deal: Opportunity, known: _Known) -> tuple[Shown, ...]:
    found = known.changes.get(deal.pk, ())
    told = tuple(Shown(one.label, f"{one.old or '–'} → {one.new or '–'}") for one in found)
    return told or (Shown("Since the last inspection", "nothing recorded"),)


def _buyer(deal: Opportunity, known: _Known) -> tuple[Shown, ...]:
    role = known.buyers.get(deal.pk)
    if role is None:
        return (Shown("Economic buyer", name="nobody"),)
    engaged = role.engaged_at.date().isoformat() if role.engaged_at else "never"
    return (known.person("Economic buyer", role.contact_id), Shown("Last engaged", engaged))


def _step(deal: Opportunity, known: _Known) -> tuple[Shown, ...]:
    on = deal.next_step_on.isoformat() if deal.next_step_on else "no day"
    side = str(Side(deal.next_step_side).label)
    return (
        Shown("Next step", deal.next_step or "none"),
        Shown("On", on),
        Shown("Whose move", side),
        known.person("Buyer's owner", deal.next_step_contact_id),
    )


def _slipped(deal: Opportunity, known: _Known) -> tuple[Shown, ...]:
    slip = known.slips.get(deal.pk)
    if slip is None:
        return (Shown("Slipped since the last inspection", "no"),)
    answer = {True: "yes", False: "no", None: "not asked"}[slip.same_day_downgrade]
    moved = f"{slip.from_date} → {slip.to_date}, in {slip.category_before}"
    return (Shown("Slipped", moved), Shown("Brought down the same day", answer))


def _risk(deal: Opportunity, known: _Known) -> tuple[Shown, ...]:
    row = known.risks.get(deal.pk)
    if row is None or not row.score:
        return (Shown("Biggest risk", "none logged"),)
    answer: Obligation | None = row.mitigation
    told = "none" if answer is None else f"{answer.owner or answer.queue}, until {answer.due_on or 'no day'}"
    return (Shown("Biggest risk", "logged"), Shown("Mitigation", told))


_SHOWN = {CHANGED: _changed, BUYER: _buyer, STEP: _step, SLIPPED: _slipped, RISK: _risk}
