"""Who sees one record, and why: the matrix and the organisation asked from the record's side."""

from dataclasses import dataclass
from typing import Any

from django.apps import apps

from revops.kernel.people.access.matrix import Rights, rights_of
from revops.kernel.people.access.organisation import current
from revops.kernel.people.access.scoping import reached
from revops.kernel.people.access.vocabulary import Keys, Scope, declarations
from revops.kernel.people.enums import OwnerRole, Role


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody who sees the record, the narrowest scope that reaches it for them, and the reason in words."""

    person: int
    scope: Scope
    why: str


@dataclass(frozen=True, slots=True)
class _Held:
    """What decides about one record: its keys, who is on it in a role other than owner, and who asked for it."""

    keys: Keys
    person: int | None
    team: int | None
    others: dict[int, str]
    maker: int | None
    asked: frozenset[int]


def viewers(record: Any) -> list[Viewer]:
    """Return everybody active who sees `record`, the nearest to it first, in two or three queries.

    The same people for whom `visible_to` returns the record. A record that follows another one is asked about there.
    """
    label, organisation = record._meta.label_lower, current()
    held = _held(record)
    active = set(
        apps.get_model("identity", "User")
        .objects.filter(pk__in=list(organisation.roles), is_active=True)
        .values_list("pk", flat=True)
    )
    found = []
    for person in sorted(active):
        roles = rights_of(organisation.roles[person], label)
        scope = _scope(person, roles, record, held)
        if scope != Scope.NONE:
            found.append(Viewer(person, *_explained(person, scope, roles, held, record)))
    return sorted(found, key=lambda one: (one.scope, one.why, one.person))


def _held(record: Any) -> _Held:
    keys = declarations()[record._meta.label_lower].keys
    if keys.parent:
        return _held(getattr(record, keys.parent))
    others = _others(record, keys) if keys.ledger else {}
    return _Held(
        keys,
        getattr(record, keys.person) if keys.person else None,
        getattr(record, keys.team) if keys.team else None,
        others,
        getattr(record, keys.maker) if keys.maker else None,
        keys.also.people(record) if keys.also else frozenset(),
    )


def _others(record: Any, keys: Keys) -> dict[int, str]:
    """Return who holds the record, or the one it goes through, in another role than owner, and how; one query each."""
    asked = [(record._meta.label_lower, record.pk, "On it as {}")]
    if keys.through:
        parent = record._meta.get_field(keys.through)
        name = str(parent.related_model._meta.verbose_name)
        asked.append(
            (
                parent.related_model._meta.label_lower,
                getattr(record, parent.attname),
                f"On its {name} as {{}}",
            )
        )
    found: dict[int, str] = {}
    for record_type, pk, words in asked:
        rows = apps.get_model("people", "OwnershipInterval").objects.filter(
            record_type=record_type, record_id=pk or 0, active_to__isnull=True, owner__isnull=False
        )
        for owner, role in rows.exclude(role=OwnerRole.PRIMARY).values_list("owner_id", "role"):
            found.setdefault(owner, words.format(str(OwnerRole(role).label).lower()))
    return found


def _scope(person: int, roles: Rights, record: Any, held: _Held) -> Scope:
    """Return the scope through which this person sees the record, or none."""
    if _inside(person, roles.view, held):
        return roles.view
    for grant in roles.conditional:
        fits = all(str(getattr(record, name)) == value for name, value in grant.only.items())
        if fits and _inside(person, grant.view, held):
            return grant.view
    return Scope.NONE


def _inside(person: int, scope: Scope, held: _Held) -> bool:
    if scope in (Scope.ALL, Scope.NONE):
        return scope == Scope.ALL
    teams, people = reached(person, scope, held.keys)
    if held.keys.team and held.team in teams:
        return True
    if (held.keys.person and held.person in people) or person == held.maker:
        return True
    return any(one in held.others for one in _mine(person, scope)) or person in held.asked


def _mine(person: int, scope: Scope) -> frozenset[int]:
    return current().subtree(person) if scope == Scope.SUBTREE else frozenset({person})


def _explained(person: int, widest: Scope, roles: Rights, held: _Held, record: Any) -> tuple[Scope, str]:
    """Return the narrowest scope that reaches the record, and what it says about this person."""
    scope = next(
        one for one in Scope if one and one <= widest and (one == widest or _inside(person, one, held))
    )
    if person in held.others and person != held.person:
        return Scope.OWN, held.others[person]
    if scope == Scope.OWN:
        if person in held.asked and person not in (held.person, held.maker):
            return scope, "Is asked about it"
        return scope, "Owns it" if person == held.person else "Asked for it"
    if widest == Scope.SUBTREE and held.person in _mine(person, widest):
        return widest, "Manages those who hold it"
    if scope == Scope.TEAM:
        return scope, "On the team that holds it"
    if scope == Scope.SUBTREE:
        return scope, "Manages those who hold it"
    names = sorted(str(Role(code).label) if code in Role else code for code in _wide(roles))
    return scope, f"Through the role{'' if len(names) == 1 else 's'} {' and '.join(names)}"


def _wide(roles: Rights) -> list[str]:
    """Return the roles of a person through which they see records of everybody."""
    granted = roles.declaration.grants
    wide = [code for code in roles.roles if code in granted and granted[code].view == Scope.ALL]
    return wide or sorted(roles.roles)
