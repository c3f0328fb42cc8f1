"""Who holds an account that nobody was given by name. Source: ALG-1.2."""

from collections.abc import Sequence
from typing import Any

from accounts.actions.drafts import Draft
from accounts.models import Account
from revops.kernel import audit
from revops.kernel.identity.models import User, UserKind
from revops.kernel.people import access, ownership
from revops.kernel.people.enums import AssignReason
from revops.kernel.people.models import Owned, Queue
from revops.kernel.people.queries import staffed_queues

UNASSIGNED = "unassigned"
MIGRATION = "migration"


def place(draft: Draft, by: User) -> None:
    """Give a new account its first holder: named, its creator, its parent's, its territory's, or the queue."""
    account = draft.account
    if place_named(account, draft.given):
        return
    if by.kind == UserKind.PERSON and access.rights(by, "accounts.account").view < access.Scope.ALL:
        ownership.assign(account, to=ownership.holder(owner=by), reason=AssignReason.CREATED)
    else:
        to, reason = derived_holder(account, by)
        ownership.assign(account, to=to, reason=reason, explicit=False)


def place_named(record: Owned, given: dict[str, Any]) -> bool:
    """Give a new record to the person or queue among the given values, if one is; say whether one was."""
    owner, queue = given.pop("owner", None), given.pop("queue", None)
    if owner is None and queue is None:
        return False
    to = ownership.holder(owner=owner, queue=queue if owner is None else None)
    note = f"Chosen when the {record._meta.verbose_name} was created"
    ownership.assign(record, to=to, reason=AssignReason.MANUAL, note=note)
    return True


def derive_again(accounts: Sequence[Account], by: User) -> None:
    """Give locked accounts without an owner of their own the holder they derive now."""
    held = ownership.open_intervals("accounts.account", [account.pk for account in accounts])
    for account in accounts:
        if account.pk in held and not held[account.pk].explicit:
            to, reason = derived_holder(account, by)
            if to != ownership.holder_of(account):
                ownership.assign(account, to=to, reason=reason, explicit=False)


def derived_holder(account: Account, by: User) -> tuple[ownership.Holder, AssignReason]:
    """Return who holds an account without an owner of its own, and why."""
    if account.inherit_ownership and account.parent is not None:
        return ownership.holder_of(account.parent), AssignReason.INHERITED
    territory = account.territory
    if territory is not None and territory.default_owner is not None:
        return ownership.holder(owner=territory.default_owner), AssignReason.TERRITORY
    if territory is not None and territory.default_queue is not None:
        return ownership.holder(queue=territory.default_queue), AssignReason.TERRITORY
    return unassigned(by)


def unassigned(by: User, *, migrated: bool = False) -> tuple[ownership.Holder, AssignReason]:
    """Return who holds what nobody owns: the queue for it; what a migration brings waits in a queue of its own."""
    queue = (_queue(MIGRATION) if migrated else None) or _queue(UNASSIGNED)
    if queue is not None:
        return ownership.holder(queue=queue), AssignReason.UNASSIGNED
    # Before an installation has staffed its queue, a record stays with whoever brought it in.
    return ownership.holder(owner=by), AssignReason.CREATED


def _queue(key: str) -> Queue | None:
    """Return a queue that can hold records, looked up once a change."""
    looked: list[Queue | None] = audit.current().notes.setdefault(f"accounts.queue.{key}", [])
    if not looked:
        looked.append(staffed_queues().filter(key=key).first())
    return looked[0]
