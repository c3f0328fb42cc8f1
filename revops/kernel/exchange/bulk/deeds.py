"""What can be done to many records at once: their fields edited, or one of their actions that says so."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from revops.kernel.audit import Blocked, Finding
from revops.kernel.people import access
from revops.kernel.records import drafting, registry, values
from revops.kernel.records.many import Many
from revops.kernel.records.registry import Field, FieldKind, RecordAction, RecordType

EDIT = "edit"


@dataclass(frozen=True, slots=True)
class Deed:
    """One deed on a record type; `action` is None for an edit."""

    kind: RecordType
    action: RecordAction | None = None

    @property
    def name(self) -> str:
        return self.action.name if self.action is not None else EDIT

    @property
    def label(self) -> str:
        return self.action.label if self.action is not None else "Edit fields"

    @property
    def many(self) -> Many | None:
        return self.action.many if self.action is not None else self.kind.edit_many

    @property
    def event(self) -> str:
        """The name of the change in the trail: that of the same deed for one record."""
        return f"{self.kind.model._meta.model_name}.{self.name}"

    def may_ever(self, by: Any) -> bool:
        """Say whether `by` may do it with any record at all."""
        if self.action is not None:
            return access.may_ever(by, self.action.asks, self.kind.label)
        return bool(fields(self.kind, by))

    def is_alone(self, given: Mapping[str, Any]) -> bool:
        """Say whether these values are written record by record."""
        return self.many is None or self.many.alone(given)

    def run(self, *, by: Any, pk: int, given: Mapping[str, Any], version: int | None, reason: str) -> None:
        """Do it to one record, by the action for one."""
        if self.action is not None:
            self.action.run(by=by, pk=pk, values=given, version=version, reason=reason)
        else:
            self.kind.edit(by=by, pk=pk, changes=given, version=version, reason=reason)

    def check(self, given: Mapping[str, Any], by: Any) -> None:
        """Refuse values that fit no record. Raises Blocked with every finding, Forbidden for what one never may."""
        if not self.may_ever(by):
            raise access.Forbidden(f"Your role may not do this with {self.kind.plural.lower()}.")
        if self.action is not None:
            drafting.answers(self.action, given)
            return
        if not given:
            message = "Choose at least one field to change, and its new value."
            raise Blocked([Finding("BLK-004", message, field="values", needed="a field and its value")])
        if found := values.clean(self.kind, given).findings:
            raise Blocked(found)
        possible = {field.name for field in fields(self.kind, by)}
        if beyond := given.keys() - possible:
            raise access.Forbidden(access.no_edit(self.kind.model, beyond))


def fields(kind: RecordType, by: Any) -> list[Field]:
    """Return the fields that `by` may change on some record of this type, in page order."""
    held = access.rights(by, kind.label)
    possible = frozenset().union(*(edit.fields for edit in held.edits)) & held.readable
    return [one for one in kind.fields if one.name in possible and one.kind is not FieldKind.REFERENCES]


def offered(kind: RecordType, by: Any) -> list[Deed]:
    """Return what `by` may do to many records of this type: editing first, then what has steps for many."""
    if not access.rights(by, "exchange.bulkrun").creatable:
        return []
    actions = sorted((one for one in kind.actions if one.in_bulk), key=lambda one: one.many is None)
    found = [Deed(kind), *(Deed(kind, action) for action in actions)]
    return [deed for deed in found if deed.may_ever(by)]


def find(label: str, name: str) -> Deed:
    """Return the deed called `name` on the record type `label` (or its slug). Raises LookupError."""
    kind = next((one for one in registry.every() if label in (one.label, one.slug)), None)
    if kind is not None and name == EDIT:
        return Deed(kind)
    action = next((one for one in kind.actions if one.name == name and one.in_bulk), None) if kind else None
    if kind is None or action is None:
        raise LookupError(
            f"{values.shown(name)!r} cannot be done to many records of {values.shown(label)!r}."
        )
    return Deed(kind, action)
