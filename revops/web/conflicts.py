"""Two people wrote at once: what they did and what you did, side by side, so that you can decide."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from revops.kernel import audit
from revops.kernel.audit import reading
from revops.kernel.people import access
from revops.kernel.records.registry import Field, RecordType
from revops.web import formatting, inputs, properties


@dataclass(frozen=True, slots=True)
class Side:
    """One field on which the two versions differ. `mine` and `theirs` say who changed it."""

    field: Field
    theirs: str
    yours: str
    changed_by_them: bool
    changed_by_you: bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everything a page shows of a conflict, and what "save mine" sends again: only what you changed."""

    who: str
    at: datetime | None
    version: int
    sides: tuple[Side, ...]
    again: Mapping[str, str]

    @property
    def ago(self) -> str:
        return formatting.relative(self.at) if self.at else ""


def own_changes(
    record_type: RecordType, pk: int, version: int | None, values: Mapping[str, str]
) -> dict[str, str]:
    """Return those of `values` that differ from the version the person had before them."""
    if version is None or not values:
        return dict(values)
    stored = properties.stored(record_type)
    try:
        seen = reading.values_at(
            (record_type.label, pk), version, [name for name in values if name in stored]
        )
    except LookupError:
        return dict(values)
    return {name: text for name, text in values.items() if name not in seen or not _same(seen[name], text)}


def _same(stored: Any, text: str) -> bool:
    """Say whether a form left a value as it was; a form holds a time to the minute."""
    if not isinstance(stored, datetime):
        return formatting.as_input(stored) == text
    try:
        given = datetime.fromisoformat(text)
    except ValueError:
        return False
    return given.tzinfo is not None and given == stored.replace(second=0, microsecond=0)


def compare(
    record_type: RecordType, conflict: audit.Conflict, user: Any, values: Mapping[str, str]
) -> Comparison:
    """Lay both versions side by side, limited to what `user` may read."""
    readable = access.readable(user, record_type.label)
    record = record_type.model.objects.visible_to(user).get(pk=conflict.record.pk)
    theirs = {one.field for one in conflict.differences}
    sides = []
    for field in properties.readable(record_type, user):
        if field.name not in readable or not (field.name in theirs or field.name in values):
            continue
        now = formatting.as_input(getattr(record, field.attname))
        yours = values.get(field.name, now)
        if field.name in theirs or yours != now:
            sides.append(
                Side(
                    field,
                    as_text(field, now, user),
                    as_text(field, yours, user),
                    field.name in theirs,
                    field.name in values,
                )
            )
    return Comparison(conflict.changed_by, conflict.changed_at, record.version, tuple(sides), dict(values))


def as_text(field: Field, value: str, user: Any) -> str:
    """Return a value, given as a person types it, in the words a page shows."""
    if not value:
        return ""
    if inputs.source(field):
        return inputs.shown(field, value, user) or value
    return dict(inputs.options(field)).get(value, value)
