"""The questions an action asks before it writes."""

from collections.abc import Iterable
from typing import Any

from revops.kernel.people.access.matrix import rights
from revops.kernel.people.access.scoping import in_scope
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
        raise Forbidden(f"Your role may not change {_words(beyond)} of this {record._meta.verbose_name}.")


def require(user: Any, action: str, record: Any) -> None:
    """Raise Forbidden unless `user` may do the special `action` with this record."""
    if not allowed(user, action, record):
        raise Forbidden(f"Your role may not {action.replace('_', ' ')} this {record._meta.verbose_name}.")


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


def _words(names: Iterable[str]) -> str:
    return ", ".join(sorted(name.replace("_", " ") for name in names))
