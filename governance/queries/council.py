"""What the page of a topic shows beside its words: the votes, and whether there are enough."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from governance.actions.council import rules
from governance.enums import UNDECIDED, Seat
from governance.models import DecisionItem, DecisionVote
from governance.policies.council import CouncilBody, in_force
from revops.kernel.audit import Finding
from revops.kernel.packets.models import Obligation


@dataclass(frozen=True, slots=True)
class SeatVote:
    """One seat, and how it voted; empty while it has not."""

    seat: str
    voter: str
    choice: str
    dissent: str


@dataclass(frozen=True, slots=True)
class Ballot:
    """How the council votes: each seat, what is missing for a decision, and the options with their votes."""

    seats: list[SeatVote]
    missing: Sequence[Finding]
    counts: list[tuple[str, int]]
    is_open: bool


def ballot(item: DecisionItem, user: Any) -> Ballot:
    """Return the votes about a topic seat by seat, in one query."""
    votes = list(DecisionVote.objects.filter(item=item).select_related("voter").order_by("pk"))
    held = {vote.seat: vote for vote in votes}
    body = cast(CouncilBody, in_force().body)
    seats = [one.seat for one in body.seats]
    seats += [seat for seat in held if seat not in seats]
    is_open = item.state in UNDECIDED
    return Ballot(
        [_seat(seat, held.get(seat)) for seat in seats],
        rules.quorum(votes)[1] if is_open else [],
        [(choice, sum(vote.choice == choice for vote in votes)) for choice in item.choices],
        is_open,
    )


def _seat(seat: str, vote: DecisionVote | None) -> SeatVote:
    label = str(Seat(seat).label)
    if vote is None:
        return SeatVote(label, "", "", "")
    return SeatVote(label, str(vote.voter), vote.choice, vote.dissent)


def follow_ups(item: DecisionItem, user: Any) -> list[Obligation]:
    """Return what somebody has to do because of a decision, as far as the reader sees it, in one query."""
    rows = Obligation.objects.filter(subject_type=item._meta.label_lower, subject_id=item.pk)
    return list(rows.visible_to(user).select_related("owner").order_by("due_on", "pk"))
