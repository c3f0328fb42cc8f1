"""Who holds a new deal: who was named, who created it, who holds its account, or the queue. Source: M7."""

from collections.abc import Sequence
from typing import Any

from accounts.actions import holders
from opportunities.models import Opportunity
from revops.kernel import audit
from revops.kernel.identity.models import User, UserKind
from revops.kernel.people import access, ownership
from revops.kernel.people.enums import AssignReason


def place(deal: Opportunity, given: dict[str, Any], by: User) -> None:
    """Give a new deal its first holder; `given` may name an owner or a queue."""
    reach = access.rights(by, "opportunities.opportunity").view
    if holders.place_named(deal, given):
        return
    if by.kind == UserKind.PERSON and reach < access.Scope.ALL:
        ownership.assign(deal, to=ownership.holder(owner=by), reason=AssignReason.CREATED)
    else:
        to = ownership.holder_of(deal.account)
        ownership.assign(deal, to=to, reason=AssignReason.INHERITED, explicit=False)


def place_imported(named: Sequence[tuple[Opportunity, int | None]], by: User) -> None:
    """Give new imported deals to the person that each names, else to the queue of the migration.

    They hold them from the day on which the deal was opened. A constant number of queries for any number.
    """
    found = ownership.holders({owner for _, owner in named if owner is not None})
    for deal, owner in named:
        if owner in found:
            to, reason = found[owner], AssignReason.IMPORTED
        else:
            to, reason = holders.unassigned(by, migrated=True)
        since = min(deal.opened_at, audit.current().occurred_at)
        ownership.assign(deal, to=to, reason=reason, explicit=owner in found, effective_at=since)


def assign_imported(named: Sequence[tuple[Opportunity, int | None]]) -> None:
    """Give known deals to the person that their file names now."""
    found = ownership.holders({owner for _, owner in named if owner is not None})
    for deal, owner in named:
        if owner in found and deal.owner_id != owner:
            ownership.assign(deal, to=found[owner], reason=AssignReason.IMPORTED)
