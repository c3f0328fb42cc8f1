"""What speaks against a topic, a vote or a decision of the council: all findings at once."""

from collections.abc import Collection, Sequence
from typing import cast

from governance.enums import DecisionState, Seat
from governance.models import DecisionItem, DecisionVote
from governance.policies.council import CouncilBody, in_force
from revops.kernel.audit import Finding
from revops.kernel.identity.models import User
from revops.kernel.people import access
from revops.kernel.policies.resolving import InForce

LEAST_OPTIONS, MOST_OPTIONS, LONGEST_OPTION = 2, 8, 160


def in_state(item: DecisionItem, allowed: Collection[str], verb: str) -> list[Finding]:
    """Return what speaks against doing something in the state in which the topic is."""
    if item.state in allowed:
        return []
    state = str(DecisionState(item.state).label).lower()
    needed = " or ".join(str(DecisionState(one).label).lower() for one in sorted(allowed))
    message = f"“{item.topic}” is {state} and cannot be {verb}; that is possible while it is {needed}."
    return [Finding("CNL-001", message, field="state", found=state, needed=needed)]


def options(item: DecisionItem) -> list[Finding]:
    """Return what speaks against the options: too few, too many, two alike, one too long."""
    found, choices = [], item.choices
    if not LEAST_OPTIONS <= len(choices) <= MOST_OPTIONS:
        needed = f"{LEAST_OPTIONS} to {MOST_OPTIONS} options"
        message = f"There are {len(choices)} options. Give {needed}, one a line."
        found.append(Finding("CNL-002", message, field="options", found=str(len(choices)), needed=needed))
    if len({choice.casefold() for choice in choices}) < len(choices):
        message = "Two options are alike. Give each a name of its own."
        found.append(Finding("CNL-002", message, field="options", needed="different options"))
    long = [choice for choice in choices if len(choice) > LONGEST_OPTION]
    if long:
        needed = f"at most {LONGEST_OPTION} characters"
        message = f"The option “{long[0][:40]}…” is too long; an option has {needed}."
        found.append(Finding("CNL-002", message, field="options", found=str(len(long[0])), needed=needed))
    return found


def choice(item: DecisionItem, chosen: str, field: str) -> list[Finding]:
    """Return what speaks against an option: it is none of this topic."""
    if chosen in item.choices:
        return []
    needed = ", ".join(item.choices)
    message = f"“{chosen[:60]}” is no option of this topic. Choose one of {needed}."
    return [Finding("CNL-003", message, field=field, found=chosen[:60], needed=needed)]


def seat(item: DecisionItem, by: User, cast_already: Sequence[DecisionVote]) -> tuple[str, list[Finding]]:
    """Return the seat on which somebody votes, and what speaks against it.

    They keep the seat they voted on before; else the first of theirs on which nobody else has voted. Whoever asked
    for it does not decide it.
    """
    asked = {item.proposer_id, item.rfc.requester_id if item.rfc else None}
    found = []
    if by.pk in asked:
        message = "Nobody decides about what they asked for. Leave this vote to the other members."
        found.append(Finding("CNL-004", message, needed="somebody who did not ask for it"))
    mine = next((vote.seat for vote in cast_already if vote.voter_id == by.pk), "")
    body = cast(CouncilBody, in_force().body)
    seats = body.seats_of(access.roles_of(by))
    taken = {vote.seat for vote in cast_already if vote.voter_id != by.pk}
    free = [one for one in seats if one not in taken]
    if not seats:
        needed = ", ".join(str(Seat(one.seat).label) for one in body.seats)
        message = f"None of your roles holds a seat of the council ({needed}). Ask whoever holds it to vote."
        found.append(Finding("CNL-005", message, needed=needed))
    elif not free and not mine:
        held = ", ".join(str(Seat(one).label) for one in seats)
        message = f"Somebody else has voted for {held} already; a seat has one vote."
        found.append(Finding("CNL-006", message, found=held, needed="a seat that has not voted"))
    return mine or (free[0] if free else ""), found


def quorum(votes: Sequence[DecisionVote]) -> tuple[InForce, list[Finding]]:
    """Return the policy that says how many votes a decision needs, and what is missing of them. Source: HC-9."""
    policy = in_force()
    body = cast(CouncilBody, policy.body)
    seats = {vote.seat for vote in votes} & {one.seat for one in body.seats}
    found = []
    if len(seats) < body.quorum:
        message = (
            f"{len(seats)} of {len(body.seats)} seats have voted; a decision needs {body.quorum}. Without a quorum "
            "there is no decision, and the clock goes on. Ask the others to vote."
        )
        found.append(_short(policy, message, f"{len(seats)} votes", f"{body.quorum} votes"))
    for missing in (one for one in body.required if one not in seats):
        name = str(Seat(missing).label)
        message = f"{name} has not voted, and there is no decision without {name}. Ask them to vote."
        found.append(_short(policy, message, "no vote", f"the vote of {name}"))
    return policy, found


def _short(policy: InForce, message: str, found: str, needed: str) -> Finding:
    return Finding(
        "CNL-007", message, field="state", found=found, needed=needed, rule=policy.key, rule_version=policy.n
    )


def carried(item: DecisionItem, outcome: str, votes: Sequence[DecisionVote]) -> list[Finding]:
    """Return what speaks against an outcome: another option has as many votes, or more."""
    counts = {option: sum(vote.choice == option for vote in votes) for option in item.choices}
    best = max(counts.values(), default=0)
    leading = [option for option, count in counts.items() if count == best]
    if leading == [outcome]:
        return []
    told = ", ".join(f"{option}: {count}" for option, count in counts.items())
    if len(leading) > 1:
        message = (
            f"The votes are even ({told}). A decision needs more votes for one option than for any other."
        )
    else:
        message = f"“{leading[0]}” has the most votes ({told}), not “{outcome}”. Record that, or vote again."
    return [Finding("CNL-008", message, field="outcome", found=told, needed="the option with the most votes")]


def needed(item: DecisionItem) -> list[Finding]:
    """Return what a decision lacks: no decision without owner, date and evidence. Source: INV-9.2."""
    if item.evidence.strip():
        return []
    message = (
        "There is no evidence on this topic, and no decision without it. Say what the decision rests on."
    )
    return [Finding("CNL-009", message, field="evidence", needed="evidence")]


def because(reason: str) -> list[Finding]:
    """Return what speaks against a reason: that there is none."""
    if any(char.isprintable() and not char.isspace() for char in reason):
        return []
    return [Finding("CNL-010", "Say why.", field="reason", needed="a reason")]
