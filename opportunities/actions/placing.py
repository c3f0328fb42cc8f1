"""Who holds a new deal: who was named, who created it, who holds its account, or the queue. Source: M7."""

from typing import Any

from accounts.actions import holders
from opportunities.models import Opportunity
from revops.kernel import audit
from revops.kernel.identity.models import User, UserKind
from revops.kernel.people import access, ownership
from revops.kernel.people.enums import AssignReason
from revops.kernel.people.models import Queue
from revops.kernel.people.queries import staffed_queues

MIGRATION = "migration"


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


def place_imported(deal: Opportunity, given: dict[str, Any], by: User) -> bool:
    """Give an imported deal to the owner it names, else to the queue of the migration; say whether it named one."""
    owner = given.pop("owner", None)
    if owner is not None:
        ownership.assign(deal, to=ownership.holder(owner=owner), reason=AssignReason.IMPORTED)
        return True
    queue = _migration_queue()
    to, reason = (
        holders.unassigned(by) if queue is None else (ownership.holder(queue=queue), AssignReason.UNASSIGNED)
    )
    ownership.assign(deal, to=to, reason=reason, explicit=False)
    return False


def _migration_queue() -> Queue | None:
    """Return the queue for imported records without an owner, looked up once a change."""
    looked: list[Queue | None] = audit.current().notes.setdefault("opportunities.migration", [])
    if not looked:
        looked.append(staffed_queues().filter(key=MIGRATION).first())
    return looked[0]
