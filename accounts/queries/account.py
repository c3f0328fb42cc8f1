"""Reads of accounts, always from what the asking person may see."""

from dataclasses import dataclass
from typing import Any

from accounts.models import Account, AccountDomain
from revops.kernel.people import ownership
from revops.kernel.people.models import OwnershipInterval


@dataclass(frozen=True, slots=True)
class Tree:
    """Where an account stands: what is above it (top first), and what is directly below."""

    above: list[Account]
    below: list[Account]
    more_below: bool


def tree(account: Account, user: Any, *, limit: int = 20) -> Tree:
    """Return the visible part of the tree around an account; at most `limit` children, by name."""
    above: list[Account] = []
    step = account.parent_id
    while step and len(above) < 10:
        parent = Account.objects.filter(pk=step).visible_to(user).first()
        if parent is None:
            break
        above.insert(0, parent)
        step = parent.parent_id
    below = list(
        Account.objects.filter(parent=account).visible_to(user).order_by("name_key", "pk")[: limit + 1]
    )
    return Tree(above, below[:limit], len(below) > limit)


def domains(account: Account, user: Any) -> list[AccountDomain]:
    """Return the active domains of an account, the primary one first."""
    rows = AccountDomain.objects.filter(account=account, is_active=True).visible_to(user)
    return sorted(rows, key=lambda row: (row.kind != "primary", row.domain))


def holders(account: Account, user: Any) -> list[OwnershipInterval]:
    """Return who held the account in which role, newest first."""
    return list(ownership.intervals(account)[:50])
