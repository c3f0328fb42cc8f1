"""Vote: one vote a seat, until the decision."""

from governance.actions.council import rules
from governance.enums import UNDECIDED
from governance.models import DecisionItem, DecisionVote
from revops.kernel import audit, outbox
from revops.kernel.audit.writing import lock_many
from revops.kernel.identity.models import User
from revops.kernel.people import access


def vote(
    *, by: User, pk: int, choice: str, dissent: str = "", version: int | None = None, reason: str = ""
) -> DecisionItem:
    """Vote on the seat that one's roles hold; voting again replaces the vote. `dissent` says why one disagrees.

    Raises Blocked with every finding, Conflict, Forbidden, DoesNotExist.
    """
    with audit.change(by=by, action="council.vote", reason=reason) as change:
        item: DecisionItem = audit.lock(DecisionItem.objects.visible_to(by), pk=pk, version=version)
        access.require(by, "vote", item)
        votes = lock_many(DecisionVote.objects.filter(item=item))
        seat, findings = rules.seat(item, by, votes)
        findings += [*rules.in_state(item, UNDECIDED, "voted on"), *rules.choice(item, choice, "choice")]
        if findings:
            raise audit.Blocked(findings)
        held = next((one for one in votes if one.voter_id == by.pk), None)
        mine = held or DecisionVote(item=item, seat=seat, voter=by)
        mine.choice, mine.dissent = choice, " ".join(dissent.split())[:500]
        mine.cast_at = change.occurred_at
        audit.write(mine)
        outbox.emit("council.voted", mine, {"item": item.pk, "seat": seat, "by": by.pk})
        return item
