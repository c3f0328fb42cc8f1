"""From rows to cells: what each column of the file is called and what it holds, for people or for an import."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from functools import lru_cache
from typing import Any

from babel import Locale

from revops.kernel.exchange.exporting.content import PERSON_MODEL, Content
from revops.kernel.exchange.exporting.enums import Layout
from revops.kernel.people import access
from revops.kernel.records import mentions, registry
from revops.kernel.records.registry import Field, FieldKind

Row = Mapping[str, Any]
Titles = Mapping[str, Mapping[int, str]]
Draw = Callable[[Row, Titles], Any]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the file. `draw` gives text, int, Decimal, date, naive datetime in UTC, or None."""

    heading: str
    draw: Draw


@dataclass(frozen=True, slots=True)
class Table:
    """Everything needed to turn database rows into cells: the columns, and what to ask the database for."""

    columns: tuple[Column, ...]
    names: tuple[str, ...]

    @property
    def headings(self) -> list[str]:
        return [column.heading for column in self.columns]

    def cells(self, row: Row, titles: Titles) -> list[Any]:
        return [column.draw(row, titles) for column in self.columns]


def make(content: Content, by: Any) -> Table:
    """Return the table of an export for `by`; its first column is the record's number."""
    again = content.layout == Layout.IMPORT
    number = content.record_type.number
    first = Column("external_id" if again else "Number", lambda row, titles: number(row["id"]))
    columns, names = [first], ["id"]
    address = access.rights(by, PERSON_MODEL).view == access.Scope.ALL
    for field in content.fields:
        names.append(field.attname)
        person = ""
        if field.kind is FieldKind.PERSON:
            # An import finds people by their address; whoever does not see everybody's gets names.
            person = f"{field.name}__email" if again and address else f"{field.name}__name"
            names.append(person)
        heading = field.name if again else _label(field)
        columns.append(Column(heading, _draw(field, again, person)))
    return Table(tuple(columns), tuple(dict.fromkeys(names)))


def _label(field: Field) -> str:
    return f"{field.label} (UTC)" if field.kind is FieldKind.INSTANT else field.label


def _draw(field: Field, again: bool, person: str) -> Draw:
    name, column = field.name, field.attname
    match field.kind:
        case FieldKind.PERSON:
            return lambda row, titles: row[person]
        case FieldKind.REFERENCE:
            return _reference(field, again)
        case FieldKind.CHOICE if not again:
            labels = {code: str(label) for code, label in field.choices}
            return lambda row, titles: labels.get(row[name], row[name])
        case FieldKind.BOOLEAN:
            words = {True: "true", False: "false"} if again else {True: "Yes", False: "No"}
            return lambda row, titles: words.get(row[name])
        case FieldKind.LONG_TEXT if field.mentions and not again:
            return lambda row, titles: mentions.plain(row[name] or "")
        case FieldKind.COUNTRY if not again:
            return lambda row, titles: _country(row[name]) if row[name] else None
        case FieldKind.INSTANT if again:
            return lambda row, titles: (
                None if (moment := row[name]) is None else moment.isoformat().replace("+00:00", "Z")
            )
        case FieldKind.INSTANT:
            return lambda row, titles: (
                None if (moment := row[name]) is None else moment.astimezone(UTC).replace(tzinfo=None)
            )
    return lambda row, titles: row[column]


def _reference(field: Field, again: bool) -> Draw:
    """A linked record by its title, or by its number for an import; nothing where `by` does not see it."""
    name, column = field.name, field.attname
    linked = next((kind for kind in registry.every() if kind.label == field.reference), None)
    if again and linked is not None:
        number = linked.number
        return lambda row, titles: number(pk) if (pk := row[column]) in titles.get(name, {}) else None
    return lambda row, titles: titles.get(name, {}).get(row[column])


@lru_cache(maxsize=512)
def _country(code: str) -> str:
    return str(Locale("en").territories.get(code, code))


def linked(content: Content) -> Sequence[Field]:
    """Return the columns whose titles have to be looked up."""
    return [field for field in content.fields if field.kind is FieldKind.REFERENCE]
