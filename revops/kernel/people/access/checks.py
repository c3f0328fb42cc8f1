"""The questions an action asks before it writes."""

from collections.abc import Iterable, Sequence
from typing import Any

from revops.kernel.people.access.matrix import rights
from revops.kernel.people.access.scoping import ScopedQuerySet, in_scope
from revops.kernel.people.access.vocabulary import Scope


class Forbidden(Exception):
    """The record is visible to this person, but this they may not do. The edges answer 403."""


def _type_of(record: Any) -> str:
    label: str = record._meta.label_lower
    return label


def require_create(user: Any, model: Any, fields: Iterable[str]) -> None:
    """Raise Forbidden unless `user` may create a record with these fields set."""
    held = rights(user, _type_of(model))
    if not held.creatable:
        raise Forbidden(f"Your role may not create {model._meta.verbose_name_plural}.")
    if beyond := set(fields) - held.creatable:
        raise Forbidden(f"Your role may not set {_words(beyond)} on a new {model._meta.verbose_name}.")


def require_edit(user: Any, record: Any, fields: Iterable[str]) -> None:
    """Raise Forbidden unless `user` may change every one of `fields` on this record."""
    if beyond := set(fields) - editable(user, record):
        raise Forbidden(no_edit(type(record), beyond))


def no_edit(model: Any, fields: Iterable[str]) -> str:
    """Say that one may not change these fields of a record."""
    return f"Your role may not change {_words(fields)} of this {model._meta.verbose_name}."


def require(user: Any, action: str, record: Any) -> None:
    """Raise Forbidden unless `user` may do the special `action` with this record."""
    if not allowed(user, action, record):
        raise Forbidden(no_action(type(record), action))


def no_action(model: Any, action: str) -> str:
    """Say that one may not do the special `action` with a record."""
    return f"Your role may not {action.replace('_', ' ')} this {model._meta.verbose_name}."


def allowed(user: Any, action: str, record: Any) -> bool:
    """Say whether `user` may do the special `action` with this record."""
    return in_scope(user, record, rights(user, _type_of(record)).action(action))


def may_ever(user: Any, action: str, record_type: str) -> bool:
    """Say whether `user` may do the special `action` with any record of this type."""
    return rights(user, record_type).action(action) > Scope.NONE


def readable(user: Any, record_type: str) -> frozenset[str]:
    """Return the fields `user` may read on the records they see."""
    return rights(user, record_type).readable


def editable(user: Any, record: Any) -> frozenset[str]:
    """Return the fields `user` may change on this record."""
    held = rights(user, _type_of(record))
    reached: dict[Scope, bool] = {}
    fields: set[str] = set()
    for edit in held.edits:
        if edit.scope not in reached:
            reached[edit.scope] = in_scope(user, record, edit.scope)
        if reached[edit.scope]:
            fields |= edit.fields
    return frozenset(fields)


def editable_of(user: Any, model: Any, ids: Iterable[int]) -> dict[int, frozenset[str]]:
    """Return the fields `user` may change on each of these records: a query a scope for any number of them."""
    wanted, held = list(ids), rights(user, model._meta.label_lower)
    within = {edit.scope: _within(user, model, wanted, edit.scope) for edit in held.edits}
    return {
        pk: frozenset().union(*(edit.fields for edit in held.edits if pk in within[edit.scope]))
        for pk in wanted
    }


def allowed_of(user: Any, action: str, model: Any, ids: Iterable[int]) -> set[int]:
    """Return those of these records with which `user` may do the special `action`, in one query at most."""
    return _within(user, model, list(ids), rights(user, model._meta.label_lower).action(action))


def _within(user: Any, model: Any, ids: Sequence[int], scope: Scope) -> set[int]:
    if scope in (Scope.NONE, Scope.ALL):
        return set(ids) if scope == Scope.ALL else set()
    rows = ScopedQuerySet(model).filter(pk__in=ids)
    return set(rows.within(user, scope).values_list("pk", flat=True))


def _words(names: Iterable[str]) -> str:
    return ", ".join(sorted(name.replace("_", " ") for name in names))
