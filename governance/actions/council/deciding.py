"""Decide, defer, withdraw, and say what follows from a decision. Source: d9 `DecisionItem`, INV-9.2, HC-9."""

from datetime import date

from governance.actions.council import rules
from governance.enums import UNDECIDED, DecisionState
from governance.models import DecisionItem, DecisionVote
from revops.kernel import audit, outbox, sla
from revops.kernel.audit.writing import lock_many
from revops.kernel.identity.models import User
from revops.kernel.packets import actions as packets
from revops.kernel.packets.actions import Subject
from revops.kernel.packets.enums import ObligationKind
from revops.kernel.people import access

DECIDED = "council.decided"


def decide(*, by: User, pk: int, outcome: str, version: int | None = None, reason: str = "") -> DecisionItem:
    """Record what the votes say, and stop the clock.

    Raises Blocked without a quorum (the clock goes on), without evidence, and for an outcome that the votes do not
    carry; Conflict, Forbidden, DoesNotExist.
    """
    with audit.change(by=by, action="council.decide", reason=reason) as change:
        item = _locked(by, pk, version, "decide")
        votes = lock_many(DecisionVote.objects.filter(item=item))
        findings = [*rules.in_state(item, UNDECIDED, "decided"), *rules.choice(item, outcome, "outcome")]
        policy, missing = rules.quorum(votes)
        findings += missing or rules.carried(item, outcome, votes)
        findings += rules.needed(item)
        if findings:
            raise audit.Blocked(findings)
        item.state, item.outcome = DecisionState.DECIDED, outcome
        item.decided_at, item.decided_under = change.recorded_at, policy.ref
        audit.write(item)
        sla.signal(item, DECIDED)
        outbox.emit(DECIDED, item, {"owner": item.owner_id, "rfc": item.rfc_id, "outcome": outcome})
        return item


def defer(*, by: User, pk: int, meets_on: date, version: int | None = None, reason: str) -> DecisionItem:
    """Put a topic off to another meeting, saying why. The clock goes on: putting off is no decision."""
    with audit.change(by=by, action="council.defer", reason=reason):
        item = _locked(by, pk, version, "defer")
        findings = [*rules.in_state(item, UNDECIDED, "put off"), *rules.because(reason)]
        if findings:
            raise audit.Blocked(findings)
        item.state, item.meets_on = DecisionState.DEFERRED, meets_on
        audit.write(item)
        outbox.emit("council.deferred", item, {"owner": item.owner_id, "meets_on": meets_on.isoformat()})
        return item


def withdraw_item(*, by: User, pk: int, version: int | None = None, reason: str) -> DecisionItem:
    """Take a topic back before it is decided, saying why."""
    with audit.change(by=by, action="council.withdraw", reason=reason):
        item = _locked(by, pk, version, "withdraw")
        findings = [*rules.in_state(item, UNDECIDED, "withdrawn"), *rules.because(reason)]
        if findings:
            raise audit.Blocked(findings)
        item.state = DecisionState.WITHDRAWN
        audit.write(item)
        sla.signal(item, "council.withdrawn")
        outbox.emit("council.withdrawn", item, {"owner": item.owner_id})
        return item


def add_follow_up(
    *, by: User, pk: int, text: str, owner: User, due_on: date, version: int | None = None, reason: str = ""
) -> DecisionItem:
    """Let somebody do what follows from a decision until a day. Raises Blocked while nothing is decided."""
    with audit.change(by=by, action="council.add_follow_up", reason=reason):
        item = _locked(by, pk, version, "add_follow_up")
        if findings := rules.in_state(item, {DecisionState.DECIDED}, "followed up"):
            raise audit.Blocked(findings)
        packets.add_obligation(
            kind=ObligationKind.DECISION_ACTION,
            text=text,
            owner=owner,
            subject=Subject(item._meta.label_lower, item.pk, item.number),
            due_on=due_on,
            source_ref=item.number,
        )
        return item


def _locked(by: User, pk: int, version: int | None, action: str) -> DecisionItem:
    item: DecisionItem = audit.lock(DecisionItem.objects.visible_to(by), pk=pk, version=version)
    access.require(by, action, item)
    return item
