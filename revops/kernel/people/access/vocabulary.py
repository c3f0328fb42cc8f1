"""The words of the access matrix: scopes, grants, and what an app declares for each of its record types.

A record type that is not declared here is denied to everyone. Source: spec/access.md, architecture §6.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from django.db.models import Q


class Scope(IntEnum):
    """How far a grant reaches; a wider scope includes the narrower ones."""

    NONE = 0
    OWN = 1
    TEAM = 2
    SUBTREE = 3
    ALL = 4


SCOPE_LETTERS = {"-": Scope.NONE, "O": Scope.OWN, "T": Scope.TEAM, "S": Scope.SUBTREE, "A": Scope.ALL}


@dataclass(frozen=True, slots=True)
class Edit:
    """The right to change `fields` of records within `scope`."""

    scope: Scope
    fields: frozenset[str]


@dataclass(frozen=True, slots=True)
class Grant:
    """What one role may do with one record type.

    `only` narrows it to rows with these values; `create` names the fields one may set on a new record (empty:
    one may not create); `actions` maps a special action to the scope in which it is allowed.
    """

    view: Scope = Scope.NONE
    only: Mapping[str, str] = field(default_factory=dict)
    create: frozenset[str] = frozenset()
    edits: tuple[Edit, ...] = ()
    actions: Mapping[str, Scope] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Also:
    """Who else sees a row as their own: `rows` the condition for one person, `people` everybody of one record."""

    rows: Callable[[int], Q]
    people: Callable[[Any], frozenset[int]]


@dataclass(frozen=True, slots=True)
class Keys:
    """Which columns of a record type its scopes compare.

    `person` and `team` hold the owner and the team; `ledger` says that other ownership roles count as well, and
    `through` that so do those on the record that this foreign key leads to (whoever is on an account is on its
    contacts). `parent` names the foreign key whose record decides instead. `dated` says that a row keeps the team
    its owner was on when it was written, so that its owner sees it after a move as well. `maker` holds who asked for
    it: they see it whoever owns it. `also` names who else sees a row as
    their own, though none of its columns says so (they are asked to decide about it).
    """

    person: str = ""
    team: str = ""
    ledger: bool = False
    through: str = ""
    parent: str = ""
    dated: bool = False
    maker: str = ""
    also: Also | None = None


@dataclass(frozen=True, slots=True)
class Declaration:
    """One record type in the matrix: its fields, who may not read which, and the grants by role."""

    record_type: str
    fields: frozenset[str]
    grants: Mapping[str, Grant]
    keys: Keys
    hidden: Mapping[str, frozenset[str]]
    actions: frozenset[str]


_declared: dict[str, Declaration] = {}


def declare(
    record_type: str,
    *,
    fields: Iterable[str],
    grants: Mapping[str, Grant],
    keys: Keys | None = None,
    hidden: Mapping[str, Iterable[str]] | None = None,
) -> None:
    """Put a record type into the matrix. `hidden` maps a field to the only roles that may read it.

    `grants` maps role codes, several separated by spaces, to their grant. Raises ValueError on an unknown
    field or a role named twice.
    """
    known, by_role = frozenset(fields), dict[str, Grant]()
    for codes, grant in grants.items():
        named = grant.create.union(*(edit.fields for edit in grant.edits))
        if unknown := named - known:
            raise ValueError(f"{record_type}: {codes} is granted unknown fields {sorted(unknown)}.")
        for code in codes.split():
            if code in by_role:
                raise ValueError(f"{record_type}: role {code} is granted twice.")
            by_role[code] = grant
    if strange := set(hidden or ()) - known:
        raise ValueError(f"{record_type}: unknown hidden fields {sorted(strange)}.")
    _declared[record_type] = Declaration(
        record_type,
        known,
        by_role,
        keys or Keys(),
        {name: frozenset(readers) for name, readers in (hidden or {}).items()},
        frozenset(name for grant in by_role.values() for name in grant.actions),
    )


def declarations() -> Mapping[str, Declaration]:
    """Return every declared record type."""
    return _declared


def edit(scope: Scope, fields: Iterable[str]) -> tuple[Edit, ...]:
    """Return the edits of a grant: one scope and its fields."""
    return (Edit(scope, frozenset(fields)),)


_set_up: set[str] = set()


def declare_set_up(model_label: str) -> None:
    """Let SALES_OPS and REVOPS edit the set-up table `model_label` in the Django admin."""
    _set_up.add(model_label)


def set_up_tables() -> frozenset[str]:
    """Return the set-up tables that the Django admin may change."""
    return frozenset(_set_up)
