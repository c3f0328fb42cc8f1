"""The tree of companies: no circle, at most ten levels, and owners that flow down it. Source: ALG-1.2, INV-1.3."""

from collections.abc import Sequence

from accounts.models import Account
from revops.kernel import audit
from revops.kernel.audit.writing import lock_many
from revops.kernel.people import ownership
from revops.kernel.people.enums import AssignReason

MAX_DEPTH = 10


def ancestors(account: Account | None) -> list[Account]:
    """Return the account and everything above it, bottom first; at most one step more than is allowed."""
    chain: list[Account] = []
    while account is not None and len(chain) <= MAX_DEPTH:
        chain.append(account)
        account = Account.objects.filter(pk=account.parent_id).first() if account.parent_id else None
    return chain


def lock_for_move(pk: int, parent: Account) -> None:
    """Lock what a new parent touches, in ascending order: the account and everything above its new parent.

    Two moves that would close a circle together wait for each other here; the second sees the first.
    """
    lock_many(Account.objects.filter(pk__in={pk, *(above.pk for above in ancestors(parent))}))


def check_parent(account: Account, parent: Account) -> list[audit.Finding]:
    """Return what speaks against `parent`: a circle, or a tree of more than ten levels."""
    chain = ancestors(parent)
    if account.pk is not None and any(above.pk == account.pk for above in chain):
        message = f"{parent} lies under {account} already; a company cannot be its own parent. Choose another parent."
        return [
            audit.Finding(
                "ACC-020", message, field="parent", found=str(parent), needed="an account outside its tree"
            )
        ]
    depth = len(chain) + _height(account)
    if depth > MAX_DEPTH:
        message = f"Under {parent} the tree would have {depth} levels; the limit is {MAX_DEPTH}. Choose a parent higher up."
        return [
            audit.Finding(
                "ACC-021", message, field="parent", found=f"{depth} levels", needed=f"at most {MAX_DEPTH}"
            )
        ]
    return []


def _height(account: Account) -> int:
    height, level = 1, [account.pk] if account.pk else []
    while level and height <= MAX_DEPTH:
        level = list(Account.objects.filter(parent__in=level).values_list("pk", flat=True))
        height += bool(level)
    return height


def top_of(parent: Account | None) -> Account | None:
    """Return the ultimate parent of an account under `parent`."""
    return (parent.ultimate_parent or parent) if parent is not None else None


def flow_down(changed: Sequence[Account]) -> None:
    """Bring everything below these written accounts up to date, level by level, inside the open change.

    Children get the ultimate parent, and the holder where they inherit it; those with an owner of their own
    keep them, and so do the accounts below. Locks go top-down, so a child added meanwhile is waited for.
    """
    level = {account.pk: account for account in changed}
    while level:
        children = lock_many(Account.objects.filter(parent__in=level))
        held = ownership.open_intervals("accounts.account", [child.pk for child in children])
        for child in children:
            parent = level[child.parent_id or 0]
            child.ultimate_parent = top_of(parent)
            follows = child.inherit_ownership and child.pk in held and not held[child.pk].explicit
            if follows and ownership.holder_of(child) != ownership.holder_of(parent):
                ownership.assign(
                    child, to=ownership.holder_of(parent), reason=AssignReason.INHERITED, explicit=False
                )
        before = {child.pk: child.version for child in children}
        audit.write_many(children)
        level = {child.pk: child for child in children if child.version != before[child.pk]}
