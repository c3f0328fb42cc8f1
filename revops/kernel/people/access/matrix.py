"""The compiled matrix: what a person may do with a record type, as the union of the grants of their roles."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from revops.kernel.people.access.organisation import Organisation, current
from revops.kernel.people.access.vocabulary import Declaration, Edit, Grant, Scope, declarations


@dataclass(frozen=True)
class Rights:
    """The rights of one set of roles on one record type."""

    declaration: Declaration
    roles: frozenset[str]
    grants: tuple[Grant, ...]

    @cached_property
    def view(self) -> Scope:
        """The widest unconditional view scope."""
        return max((grant.view for grant in self.grants if not grant.only), default=Scope.NONE)

    @cached_property
    def conditional(self) -> tuple[Grant, ...]:
        """Grants that see only rows with certain values."""
        return tuple(grant for grant in self.grants if grant.only and grant.view > self.view)

    @cached_property
    def sees_any(self) -> bool:
        return any(grant.view for grant in self.grants)

    @cached_property
    def creatable(self) -> frozenset[str]:
        """Fields one may set on a new record; empty when one may not create."""
        return frozenset[str]().union(*(grant.create for grant in self.grants))

    @cached_property
    def edits(self) -> tuple[Edit, ...]:
        return tuple(edit for grant in self.grants for edit in grant.edits if edit.fields)

    @cached_property
    def readable(self) -> frozenset[str]:
        """Fields one may read on the records one sees."""
        return frozenset(
            name
            for name in self.declaration.fields
            if name not in self.declaration.hidden or self.declaration.hidden[name] & self.roles
        )

    def action(self, name: str) -> Scope:
        """The widest scope in which the special action `name` is allowed."""
        return max((grant.actions.get(name, Scope.NONE) for grant in self.grants), default=Scope.NONE)


def roles_of(user: Any, organisation: Organisation | None = None) -> frozenset[str]:
    """Return the roles `user` holds now; none for somebody signed out or deactivated."""
    if user is None or user.pk is None or not user.is_active:
        return frozenset()
    return (organisation or current()).roles.get(user.pk, frozenset())


def rights(user: Any, record_type: str) -> Rights:
    """Return what `user` may do with `record_type`. Raises LookupError for an undeclared type."""
    organisation = current()
    return _rights(organisation, roles_of(user, organisation), record_type)


def rights_of(roles: frozenset[str], record_type: str) -> Rights:
    """Return what holders of these roles may do with `record_type`. Raises LookupError for an undeclared type."""
    return _rights(current(), roles, record_type)


def _rights(organisation: Organisation, roles: frozenset[str], record_type: str) -> Rights:
    place = (roles, record_type)
    held: Rights | None = organisation.compiled.get(place)
    if held is None:
        try:
            declaration = declarations()[record_type]
        except KeyError:
            raise LookupError(
                f"{record_type} is not in the access matrix: declare it in permissions.py."
            ) from None
        grants = [declaration.grants[role] for role in sorted(roles) if role in declaration.grants]
        for role in sorted(roles):
            custom = organisation.custom_roles.get(role, {}).get(record_type)
            if custom is not None:
                grants.append(custom)
        held = organisation.compiled[place] = Rights(declaration, roles, tuple(grants))
    return held


def dump(roles: Iterable[str]) -> dict[str, Any]:
    """Return the whole matrix as plain data: role × record type → view, create, edit, actions, hidden fields."""
    organisation = current()
    return {
        role: {
            name: _as_data(_rights(organisation, frozenset({role}), name)) for name in sorted(declarations())
        }
        for role in roles
    }


def _as_data(held: Rights) -> dict[str, Any]:
    def grant(one: Grant) -> Mapping[str, Any]:
        return {"view": one.view.name.lower(), "only": dict(one.only)}

    return {
        "view": held.view.name.lower(),
        "conditional": [grant(one) for one in held.conditional],
        "create": sorted(held.creatable),
        "edit": [{"scope": e.scope.name.lower(), "fields": sorted(e.fields)} for e in held.edits],
        "actions": {name: held.action(name).name.lower() for name in sorted(held.declaration.actions)},
        "hidden": sorted(held.declaration.fields - held.readable),
    }
