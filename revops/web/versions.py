"""The versions of a record in words: who, when, why, through which door, and each field's old and new value."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.safestring import SafeString, mark_safe

from revops.kernel.audit import Source
from revops.kernel.audit.reading import FieldChange, Version
from revops.kernel.identity.models import User
from revops.kernel.records.registry import Field, FieldKind
from revops.web import formatting
from revops.web.cells import Cells
from revops.web.properties import Sheet


@dataclass(frozen=True, slots=True)
class Line:
    """One field of one version. `restorable` says that the reader may bring this value back."""

    field: Field
    old: SafeString
    new: SafeString
    restorable: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """One version as the history tells it."""

    version: int
    who: User
    acting_for: User | None
    at: datetime
    when: str
    relative: str
    reason: str
    door: str
    deed: str
    lines: tuple[Line, ...]
    current: bool

    @property
    def restorable(self) -> bool:
        return any(line.restorable for line in self.lines)


def entries(sheet: Sheet, found: Sequence[Version]) -> list[Entry]:
    """Return the versions in words; the names behind ids cost one query for people and one a record type."""
    by_name = {field.name: field for field in sheet.fields}
    order = {name: place for place, name in enumerate(by_name)}
    cells, names = _cells(sheet, by_name, found)
    zone = sheet.cells.zone
    return [
        Entry(
            version=one.version,
            who=one.who,
            acting_for=one.acting_for,
            at=one.recorded_at,
            when=formatting.instant(one.recorded_at, zone),
            relative=formatting.relative(one.recorded_at, sheet.cells.now),
            reason=one.reason,
            door=str(Source(one.source).label) if one.source in Source else one.source,
            deed="created this" if one.version == 1 else _deed(one),
            lines=tuple(
                _line(sheet, by_name[change.field], change, cells, names, one)
                for change in sorted(one.changes, key=lambda change: order.get(change.field, 0))
                if change.field in by_name
            ),
            current=one.version == sheet.record.version,
        )
        for one in found
    ]


def _deed(one: Version) -> str:
    count = len(one.changes)
    return (
        f"changed {count} field{'' if count == 1 else 's'}" if count else "changed nothing that you can see"
    )


def _line(
    sheet: Sheet, field: Field, change: FieldChange, cells: Cells, names: dict[int, str], version: Version
) -> Line:
    def show(value: Any) -> SafeString:
        if change.erased and isinstance(value, str):
            return mark_safe('<span class="quiet">erased</span>')
        row = {"id": sheet.record.pk, field.attname: value, f"{field.name}__name": names.get(value, "")}
        if field.currency:
            row[field.currency] = getattr(sheet.record, field.currency)
        return mark_safe(cells.draw(field)(row))  # noqa: S308  drawn escaped

    same = getattr(sheet.record, field.attname) == change.new
    restorable = field.name in sheet.editable and not change.erased and not same
    return Line(field, show(change.old), show(change.new), restorable)


def _cells(sheet: Sheet, by_name: dict[str, Field], found: Sequence[Version]) -> tuple[Cells, dict[int, str]]:
    """Return a drawer that knows every record and person these versions name and the reader may see."""
    people: set[int] = set()
    titles: dict[str, dict[int, str]] = {}
    wanted: dict[str, set[int]] = {}
    for change in (change for version in found for change in version.changes if change.field in by_name):
        kind, ids = by_name[change.field].kind, {value for value in (change.old, change.new) if value}
        if kind is FieldKind.PERSON:
            people |= ids
        elif kind is FieldKind.REFERENCE:
            wanted.setdefault(change.field, set()).update(ids)
    for name, ids in wanted.items():
        model = sheet.record_type.model._meta.get_field(name).related_model
        rows = model.objects.filter(pk__in=ids)
        visible = rows.visible_to(sheet.user) if hasattr(rows, "visible_to") else rows
        titles[name] = {one.pk: str(one) for one in visible}
    names = dict(User.objects.filter(pk__in=people).values_list("pk", "name")) if people else {}
    return Cells(sheet.record_type, sheet.cells.zone, titles), names
