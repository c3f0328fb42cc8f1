"""The plan of one import: which column of this file fills which field, checked against rights before row 1."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from revops.kernel.exchange.cells import CellReader, Signed
from revops.kernel.exchange.findings import FileRefused, Located, Weight, shown
from revops.kernel.exchange.importers import Importer, ImportRow
from revops.kernel.exchange.mapping import Column, Mapping, folded
from revops.kernel.exchange.options import Options
from revops.kernel.exchange.reading import Record
from revops.kernel.people import access
from revops.kernel.records import registry
from revops.kernel.records.registry import FieldKind

MAX_EXTERNAL_ID = 200
LINKS = (FieldKind.REFERENCE, FieldKind.PERSON)


@dataclass(slots=True)
class Plan:
    """How the rows of one file are read. `readers` holds, by field, its columns in order of preference."""

    importer: Importer
    mapping: Mapping
    kind: registry.RecordType
    migration: bool
    external_id: int
    external_header: str
    skip: int | None
    readers: dict[str, list[CellReader]]
    columns: dict[str, str]
    findings: list[Located]

    @property
    def links(self) -> dict[str, registry.Field]:
        """The mapped fields that name another record or a person."""
        return {name: held[0].target for name, held in self.readers.items() if held[0].target.kind in LINKS}

    @property
    def own_references(self) -> list[str]:
        """The mapped fields that point to records of the same type: a parent."""
        return [name for name, field in self.links.items() if field.reference == self.importer.record_type]

    def creatable(self, by: Any) -> frozenset[str]:
        """Return the fields that `by` may set on a new record of this import."""
        return _creatable(self.importer, self.kind, by)

    def identify(self, record: Record) -> str:
        """Return the external id of a record, "" for none."""
        cells = record.cells
        return cells[self.external_id].strip() if self.external_id < len(cells) else ""

    def reference(self, record: Record, name: str) -> str:
        """Return the external id that a record's cell for the link `name` holds."""
        for reader in self.readers[name]:
            if text := reader.cell(record.cells).strip():
                return text
        return ""

    def skips(self, record: Record) -> bool:
        """Say whether the row is marked as deleted over there."""
        if self.skip is None or self.skip >= len(record.cells):
            return False
        return record.cells[self.skip].strip().casefold() in self.mapping.skip_values

    def read(self, record: Record) -> ImportRow:
        """Return the row with its values; links still hold the text of their cells."""
        row = ImportRow(record.line, record.number, self.identify(record), {}, self.columns)
        if record.findings:
            row.findings.extend(record.findings)
            row.rejected = True
            return row
        self._check_id(row)
        cells, signed = record.cells, False
        for name, readers in self.readers.items():
            if readers[0].target.kind in LINKS:
                row.values[name] = self.reference(record, name)
                continue
            value = readers[0].empty
            for reader in readers:
                value = reader.read(reader.cell(cells), row)
                if value != reader.empty:
                    break
            signed = signed or isinstance(value, Signed)
            row.values[name] = value
        if signed:
            self._unsign(row)
        return row

    def _check_id(self, row: ImportRow) -> None:
        long, unseen = len(row.external_id) > MAX_EXTERNAL_ID, not row.external_id.isprintable()
        if row.external_id and not long and not unseen:
            return
        row.reject(
            "IMP-111",
            "The row has no external id, so the same file could not be imported twice."
            if not row.external_id
            else "The external id is too long or holds invisible characters.",
            field="external_id",
            found=row.external_id,
            needed=f"a visible id of at most {MAX_EXTERNAL_ID} characters",
            remedy=f"Fill in the column “{self.external_header}”.",
        )

    def _unsign(self, row: ImportRow) -> None:
        """Take the currency signs off the amounts, where they agree with the row's currency."""
        for name, value in row.values.items():
            if not isinstance(value, Signed):
                continue
            holder = self.readers[name][0].target.currency
            currency = row.values.get(holder) or settings.REPORTING_CURRENCY
            row.values[name] = value.value
            if currency not in value.currencies:
                row.reject(
                    "IMP-125",
                    f"The amount is in another currency than the row ({currency}).",
                    field=name,
                    needed=f"an amount in {currency}",
                    remedy="Put the currency into its own column, or convert the amount.",
                )


def make(header: Sequence[str], importer: Importer, mapping: Mapping, options: Options, by: Any) -> Plan:
    """Lay the columns of a file on the fields. Raises FileRefused with every reason why this import cannot be.

    Refused: no right to import, a missing column, a column whose field this person may never write.
    """
    kind = registry.get(importer.record_type)
    migration = mapping.migration if options.migration is None else options.migration
    places = mapping.find(header)
    readers: dict[str, list[CellReader]] = {}
    used: set[int] = set()

    def add(reader: CellReader) -> None:
        readers.setdefault(reader.target.name, []).append(reader)
        used.add(-1 if reader.place is None else reader.place)

    for column, place in laid(mapping, kind, places):
        target, name = kind.by_name[column.field], "" if place is None else header[place]
        add(CellReader(kind, target, column, name, place, options, migration))
    external, skip = mapping.external_id_place, mapping.skip_place
    if external is None:
        external = place_of(places, mapping.external_id, *mapping.also_external_id)
    if skip is None and mapping.skip_column:
        skip = place_of(places, mapping.skip_column)
    used |= {place for place in (external, skip) if place is not None}
    columns = {name: held[0].header for name, held in readers.items()}
    found = list(_check_rights(importer, kind, columns, by))
    found += _check_columns(importer, mapping, columns, external)
    if found or external is None:
        raise FileRefused(found)
    columns["external_id"] = header[external]
    unmapped = [name for place, name in enumerate(header) if place not in used and name.strip()]
    return Plan(
        importer,
        mapping,
        kind,
        migration,
        external,
        header[external],
        skip,
        readers,
        columns,
        _unmapped(unmapped),
    )


def laid(
    mapping: Mapping, kind: registry.RecordType, places: dict[str, int]
) -> Iterator[tuple[Column, int | None]]:
    """Yield each column of the mapping that the file has, with its place; a constant has none."""
    columns = mapping.columns
    if mapping.identity:
        columns = tuple(Column(name, name) for name in kind.importable)
    for column in columns:
        place = column.place
        if place is None and not column.constant:
            place = place_of(places, column.source, *column.also)
        if (place is not None or column.constant) and column.field in kind.importable:
            yield column, place


def place_of(places: dict[str, int], *names: str) -> int | None:
    return next((places[folded(name)] for name in names if folded(name) in places), None)


def _check_rights(
    importer: Importer, kind: registry.RecordType, columns: dict[str, str], by: Any
) -> Iterator[Located]:
    """Refuse what this person may not import, naming the columns and no record."""
    label = importer.record_type
    if not access.may_ever(by, "import", label):
        message = f"Your role may not import {kind.plural.lower()}."
        yield Located("IMP-016", message, found=str(by), needed="a role that imports, such as RevOps")
        return
    held = access.rights(by, label)
    writable = _creatable(importer, kind, by).union(*(one.fields for one in held.edits))
    for name in sorted(columns.keys() - writable):
        yield Located(
            "IMP-015",
            f"Your role may not write {kind.by_name[name].label.lower()}.",
            line=1,
            column=columns[name],
            field=name,
            found=columns[name],
            needed="columns that you may write",
            remedy="Delete the column, or let somebody import who may write it.",
        )


def _creatable(importer: Importer, kind: registry.RecordType, by: Any) -> frozenset[str]:
    """Return what `by` may set on a new record: whoever imports everything sets all that a file may fill.

    Operations bring in leads and contacts, and create none by hand (spec access.md, imports). What an action of its
    own changes (an owner) needs the right to that action besides.
    """
    held = access.rights(by, kind.label)
    if held.action("import") < access.Scope.ALL:
        return held.creatable
    own = importer.by_action
    reached = {name for name in kind.importable if held.action(own.get(name, "import")) == access.Scope.ALL}
    return held.creatable | reached


def _check_columns(
    importer: Importer, mapping: Mapping, columns: dict[str, str], external: int | None
) -> Iterator[Located]:
    if external is None:
        yield Located(
            "IMP-014",
            "The column with the external id is missing; without it the same file would come in twice.",
            line=1,
            needed=f"a column “{mapping.external_id}”",
            remedy="Add the column: any id that is unique in the file and stays the same.",
        )
    for name in importer.required:
        if name not in columns:
            sources = [column.source for column in mapping.columns if column.field == name] or [name]
            yield Located(
                "IMP-014",
                f"The column “{sources[0]}” is missing.",
                line=1,
                field=name,
                needed=f"a column “{sources[0]}”",
                remedy="Add the column, or choose the mapping that fits the file.",
            )


def _unmapped(names: list[str]) -> list[Located]:
    if not names:
        return []
    return [
        Located(
            "IMP-013",
            f"{len(names)} columns are not imported: {', '.join(shown(name) for name in names[:50])}"
            + (" …" if len(names) > 50 else "."),
            weight=Weight.NOTICE,
            line=1,
            found=f"{len(names)} columns",
        )
    ]
