"""From a scope to a queryset and to a yes or no about one row: two back-ends, one meaning."""

from dataclasses import replace
from functools import reduce
from operator import or_
from typing import Any, Self

from django.apps import apps
from django.db.models import Q

from revops.kernel.guard import GovernedQuerySet
from revops.kernel.people.access.matrix import rights
from revops.kernel.people.access.organisation import current
from revops.kernel.people.access.remembering import once, reading
from revops.kernel.people.access.vocabulary import Keys, Scope, declarations

# So many records held in another role are named in the query one by one.
FEW = 300


class ScopedQuerySet(GovernedQuerySet):
    """A governed queryset that knows who is asking."""

    def visible_to(self, user: Any) -> Self:
        """Return the rows `user` may see; none for a record type the matrix does not grant them."""
        record_type = self.model._meta.label_lower
        held = rights(user, record_type)
        if held.view == Scope.ALL:
            return self
        seen = self.within(user, held.view)
        if not held.conditional:
            return seen
        where = Q(pk__in=seen.values("pk")) if held.view else Q()
        for grant in held.conditional:
            rows = self.within(user, grant.view).filter(**grant.only)
            where |= Q(pk__in=rows.values("pk"))
        return self.filter(where)

    def within(self, user: Any, scope: Scope) -> Self:
        """Return the rows inside `scope` of `user`, whatever the matrix says."""
        if scope == Scope.ALL:
            return self
        if scope == Scope.NONE or user is None or user.pk is None:
            return self.none()
        keys = declarations()[self.model._meta.label_lower].keys
        if keys.parent:
            parents = ScopedQuerySet(self.model._meta.get_field(keys.parent).related_model)
            return self.filter(**{f"{keys.parent}__in": parents.within(user, scope)})
        where, held = _by_keys(user.pk, scope, keys), _held_in_other_roles(user.pk, scope, self.model, keys)
        if scope == Scope.SUBTREE or all(few for _, few in held):
            return self.filter(reduce(or_, (also for also, _ in held), where))
        ids = [
            self.model._base_manager.filter(one).values("pk") for one in (where, *(also for also, _ in held))
        ]
        return self.filter(pk__in=ids[0].union(*ids[1:]))

    def visible_parts(self, user: Any) -> list[Self]:
        """Return querysets that together hold what `visible_to` returns; they may overlap.

        An index can walk each of them in the order of a list, where their union would be sorted as a whole.
        """
        record_type = self.model._meta.label_lower
        keys, rule = declarations()[record_type].keys, rights(user, record_type)
        if rule.conditional or keys.parent or rule.view in (Scope.ALL, Scope.NONE):
            return [self.visible_to(user)]
        if keys.dated and rule.view != Scope.OWN:
            mine = self.filter(**{keys.person: user.pk})
            return [mine, self.filter(_by_keys(user.pk, rule.view, replace(keys, dated=False)))]
        keyed = self.filter(_by_keys(user.pk, rule.view, keys))
        held = _held_in_other_roles(user.pk, rule.view, self.model, keys)
        return [keyed, *(self.filter(also) for also, _ in held)]


def reached(person: int, scope: Scope, keys: Keys) -> tuple[frozenset[int], frozenset[int]]:
    """Return the teams and the people whose records lie within a scope narrower than all, by the keys of a row."""
    organisation = current()
    if scope == Scope.OWN:
        return frozenset(), frozenset({person})
    if not keys.team:
        if scope == Scope.SUBTREE:
            return frozenset(), organisation.subtree(person)
        teams = organisation.teams_of.get(person, frozenset())
        return frozenset(), frozenset(p for p, t in organisation.home_team.items() if t in teams) | {person}
    if scope == Scope.TEAM:
        teams, people = organisation.teams_of.get(person, frozenset()), frozenset({person})
        if organisation.home_team.get(person) in teams:
            people = frozenset()
    else:
        teams, people = organisation.subtree_keys(person)
    return teams, people | {person} if keys.dated else people


def _by_keys(person: int, scope: Scope, keys: Keys) -> Q:
    """Compare the columns a row carries with what the scope reaches."""
    mine = Q(**{keys.person: person}) if keys.person else Q(pk__in=[])
    if scope == Scope.OWN:
        return mine
    teams, people = reached(person, scope, keys)
    if not keys.team:
        return Q(**{f"{keys.person}__in": people}) if keys.person else mine
    where = Q(**{f"{keys.team}__in": teams}) if teams else Q(pk__in=[])
    if people and keys.person:
        where |= Q(**{f"{keys.person}__in": people})
    return where


def _held_in_other_roles(person: int, scope: Scope, model: Any, keys: Keys) -> list[tuple[Q, bool]]:
    """Return what one asked for or is asked about, and what is held in a role other than owner, by where it comes from.

    By `person`; for a subtree by all their reports as well, so that who leads success managers sees their accounts.
    Each comes with whether it is few: then it names its ids, and an index can find what either condition reaches.
    Beside many, a narrow scope is put together from ids; a subtree is so wide that each row is rather asked.
    """
    made = [(Q(**{keys.maker: person}), True)] if keys.maker else []
    made += [(keys.also.rows(person), True)] if keys.also else []
    if not keys.ledger:
        return made
    people = current().subtree(person) if scope == Scope.SUBTREE else frozenset({person})
    found = [_among("pk", people, model)]
    if keys.through:
        parent = model._meta.get_field(keys.through).related_model
        found.append(_among(keys.through, people, parent))
    return [*made, *(one for one in found if one is not None)]


def _among(name: str, people: frozenset[int], model: Any) -> tuple[Q, bool] | None:
    """Return the condition that the column `name` is among what is held, and whether it is few; None for nothing."""
    held = _holdings(people, model)
    ids = once(
        ("held", people, model._meta.label_lower),
        lambda: list(held.values_list("record_id", flat=True)[: FEW + 1]),
    )
    few = len(ids) <= FEW
    return (Q(**{f"{name}__in": ids if few else held.values("record_id")}), few) if ids else None


def _holdings(people: frozenset[int], model: Any) -> Any:
    """Return what these people hold of one record type in a role other than owner.

    The index `holding_in_other_role` holds these alone: nobody's thousand own records are read past.
    """
    return (
        apps.get_model("people", "OwnershipInterval")
        .objects.filter(owner_id__in=people, record_type=model._meta.label_lower, active_to__isnull=True)
        .exclude(role="primary")
    )


def note_seen(user: Any, record: Any) -> None:
    """Note that a record was found among what `user` sees: while a page is read nobody asks for it again."""
    held = rights(user, record._meta.label_lower)
    if not held.conditional and held.view not in (Scope.ALL, Scope.NONE):
        once(("in scope", type(record), record.pk, held.view, user.pk), lambda: True)


def _is_held_by(record: Any, person: int | None) -> bool:
    """Say whether a record that was read names this person as the one it belongs to."""
    keys = declarations()[record._meta.label_lower].keys
    return bool(person and keys.person and not keys.parent and getattr(record, keys.person, None) == person)


def in_scope(user: Any, record: Any, scope: Scope) -> bool:
    """Say whether one stored row lies inside `scope` of `user`."""
    if scope == Scope.ALL:
        return True
    if scope == Scope.NONE:
        return False
    person = user.pk if user is not None else None
    if scope == Scope.OWN and reading() and _is_held_by(record, person):
        return True
    rows = ScopedQuerySet(type(record)).filter(pk=record.pk)
    question = ("in scope", type(record), record.pk, scope, person)
    return once(question, lambda: bool(rows.within(user, scope).exists()))
