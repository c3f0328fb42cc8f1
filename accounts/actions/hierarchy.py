"""The tree of companies: no circle, at most ten levels, and owners that flow down it. Source: ALG-1.2, INV-1.3."""

from collections.abc import Mapping, Sequence

from accounts.actions import followers
from accounts.models import Account
from revops.kernel import audit
from revops.kernel.audit.writing import lock_many
from revops.kernel.people import ownership
from revops.kernel.people.enums import AssignReason

MAX_DEPTH = 10


def lock_for_moves(moves: Mapping[int, int]) -> None:
    """Lock what new parents touch, in ascending order: the accounts and everything above their new parents.

    `moves` is new parent by account. Moves that would close a circle together wait for each other here; the
    second sees the first.
    """
    lock_many(Account.objects.filter(pk__in={*moves, *_read_upwards(set(moves.values()))}))


def check_moves(moves: Sequence[tuple[Account, Account]]) -> list[audit.Finding | None]:
    """Return, for each (account, new parent), what speaks against it: a circle, or more than ten levels.

    All moves count together. Reads the trees around them level by level: at most twenty queries for any number.
    """
    keys = [account.pk or -place for place, (account, _) in enumerate(moves, start=1)]
    parent_of = _read_upwards({parent.pk for _, parent in moves})
    below = _read_downwards([key for key in keys if key > 0])
    parent_of |= below
    parent_of |= {key: parent.pk for key, (_, parent) in zip(keys, moves, strict=True)}
    too_deep: dict[int, int] = {}
    circular: set[int] = set()
    for node in [*below, *keys]:
        path = _path(node, parent_of)
        if len(path) > len(set(path)):
            circular |= set(path)
        elif len(path) > MAX_DEPTH:
            too_deep |= dict.fromkeys(path, len(path))
    return [
        _finding(account, parent, key in circular, too_deep.get(key, 0))
        for key, (account, parent) in zip(keys, moves, strict=True)
    ]


def _read_upwards(level: set[int]) -> dict[int, int | None]:
    parent_of: dict[int, int | None] = {}
    while level and len(parent_of) <= 100_000:
        rows = dict(Account.objects.filter(pk__in=level).values_list("pk", "parent_id"))
        parent_of |= rows
        level = {parent for parent in rows.values() if parent and parent not in parent_of}
    return parent_of


def _read_downwards(level: list[int]) -> dict[int, int | None]:
    parent_of: dict[int, int | None] = {}
    for _ in range(MAX_DEPTH):
        rows = dict(Account.objects.filter(parent__in=level).values_list("pk", "parent_id")) if level else {}
        level = [child for child in rows if child not in parent_of]
        parent_of |= rows
    return parent_of


def _path(node: int, parent_of: dict[int, int | None]) -> list[int]:
    """Return the node and everything above it; a node that comes twice ends a circle."""
    path: list[int] = []
    step: int | None = node
    while step is not None:
        path.append(step)
        if path.count(step) > 1:
            break
        step = parent_of.get(step)
    return path


def _finding(account: Account, parent: Account, circular: bool, depth: int) -> audit.Finding | None:
    if circular:
        message = f"{parent} lies under {account} already; a company cannot be its own parent. Choose another parent."
        return audit.Finding(
            "ACC-020", message, field="parent", found=str(parent), needed="an account outside its own tree"
        )
    if depth:
        message = f"Under {parent} the tree would have {depth} levels, at most {MAX_DEPTH} fit. Choose a higher parent."
        return audit.Finding(
            "ACC-021", message, field="parent", found=f"{depth} levels", needed=f"at most {MAX_DEPTH}"
        )
    return None


def top_of(parent: Account | None) -> Account | None:
    """Return the ultimate parent of an account under `parent`."""
    return (parent.ultimate_parent or parent) if parent is not None else None


def flow_down(changed: Sequence[Account]) -> None:
    """Bring everything below these written accounts up to date, level by level, inside the open change.

    Children get the ultimate parent, and the holder where they inherit it; those with an owner of their own
    keep them, and so do the accounts below; the contacts of an account go with it. Locks go top-down, so a child
    added meanwhile is waited for.
    """
    level = {account.pk: account for account in changed}
    while level:
        followers.follow(level.values())
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
