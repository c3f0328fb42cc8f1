"""Change accounts: their fields, their place in the tree, their owner."""

from collections.abc import Mapping, Sequence
from typing import Any

from accounts.actions import drafts, hierarchy, holders, races
from accounts.actions.creating import check_tree, fill
from accounts.actions.drafts import Draft
from accounts.models import Account
from revops.kernel import audit, outbox
from revops.kernel.identity.models import User
from revops.kernel.people import access, ownership
from revops.kernel.people.enums import AssignReason, OwnerRole
from revops.kernel.people.models import Queue

NOTE_NEEDS = 20
DERIVED_FROM = frozenset({"parent", "inherit_ownership", "territory"})


@races.told
def edit_account(
    *, by: User, pk: int, changes: Mapping[str, Any], version: int | None = None, reason: str = ""
) -> Account:
    """Change fields of one account; `changes` are as somebody typed them.

    A new parent brings everything below up to date. Raises Blocked with every finding, Conflict when somebody
    was faster, Forbidden for a field one may not change, DoesNotExist outside one's scope.
    """
    with audit.change(by=by, action="account.edit", reason=reason):
        moved = _lock_tree(by, pk, changes)
        account: Account = audit.lock(Account.objects.visible_to(by), pk=pk, version=version)
        access.require_edit(by, account, changes)
        before = account.version
        draft = drafts.read(changes, account)
        drafts.check([draft], by)
        check_tree([draft])
        if draft.findings:
            raise audit.Blocked(draft.findings)
        write_edited([draft], by, moved=moved)
        if moved and account.version != before:
            hierarchy.flow_down([account])
        return account


def write_edited(ready: Sequence[Draft], by: User, *, moved: bool = False) -> None:
    """Write checked changes of locked accounts, inside the open change, in a constant number of statements.

    Where they `moved` in the tree, their holders are derived anew first.
    """
    held = [
        (draft.account.version, {name: getattr(draft.account, name) for name in draft.given})
        for draft in ready
    ]
    for draft in ready:
        fill(draft)
    if moved:
        holders.derive_again([draft.account for draft in ready], by)
    audit.write_many([draft.account for draft in ready])
    for draft, (version, before) in zip(ready, held, strict=True):
        if draft.account.version != version:
            changed = sorted(name for name, value in before.items() if value != getattr(draft.account, name))
            outbox.emit("account.edited", draft.account, {"fields": changed, "by": by.pk})


def _lock_tree(by: User, pk: int, changes: Mapping[str, Any]) -> bool:
    """Lock the tree first where the edit moves the account in it or changes what flows down."""
    parent = changes.get("parent")
    if isinstance(parent, Account):
        parent = parent.pk
    if (
        isinstance(parent, int | str)
        and str(parent).isascii()
        and str(parent).isdigit()
        and len(str(parent)) < 19
    ):
        found = Account.objects.filter(pk=int(parent)).visible_to(by).first()
        if found is not None:
            hierarchy.lock_for_moves({pk: found.pk})
    return bool(DERIVED_FROM & changes.keys())


@races.told
def assign_account(
    *,
    by: User,
    pk: int,
    owner: User | None = None,
    queue: Queue | None = None,
    reason: str,
    role: str = OwnerRole.PRIMARY,
    version: int | None = None,
) -> Account:
    """Give an account to a person or a queue by hand; accounts below that inherit their owner follow.

    `reason` needs at least 20 characters. Without owner and queue, the role (other than owner) is emptied and
    an owned account goes back to the owner it derives.
    """
    with audit.change(by=by, action="account.assign", reason=reason):
        if len(" ".join(reason.split())) < NOTE_NEEDS:
            message = (
                f"Say why in at least {NOTE_NEEDS} characters; the reason stays with the owner's interval."
            )
            raise audit.Blocked.because(
                "OWN-004", message, field="reason", found=reason, needed=f"{NOTE_NEEDS} characters"
            )
        if role not in OwnerRole.values:
            message = f"{role[:20]!r} is not an ownership role; use one of {', '.join(OwnerRole.values)}."
            raise audit.Blocked.because("OWN-005", message, field="role", found=role)
        if owner is not None and queue is not None:
            raise audit.Blocked.because("OWN-006", "Choose a person or a queue, not both.", field="queue")
        named = ownership.holder(owner=owner, queue=queue) if owner or queue else None
        account: Account = audit.lock(Account.objects.visible_to(by), pk=pk, version=version)
        access.require(by, "assign", account)
        if role != OwnerRole.PRIMARY:
            why = AssignReason.MANUAL if named else AssignReason.REMOVED
            ownership.assign(account, to=named, reason=why, role=OwnerRole(role), note=reason)
        elif named is not None:
            ownership.assign(account, to=named, reason=AssignReason.MANUAL, note=reason)
        else:
            to, why = holders.derived_holder(account, by)
            ownership.assign(account, to=to, reason=why, explicit=False, note=reason)
        before = account.version
        audit.write(account)
        if account.version != before:
            hierarchy.flow_down([account])
        else:
            ownership.settle()
        return account
