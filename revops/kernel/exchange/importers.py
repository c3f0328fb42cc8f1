"""What an app offers so that files can become its records. The kernel knows no business object; it calls this.

`accounts` registers one `Importer` in `AppConfig.ready()`. For every chunk of rows, `importing.run` calls, in order
(rows that say what they said last time are left out of 1, 3 and 4):

1. `prepare(batch)`: queries only, but for locks. Bring `row.values` into the form in which records keep them (a
   phone, a domain, a derived default) and `row.reject(...)` what the rules refuse. Rows with `row.record_id` are
   known already: `load_visible` them here where a rule has to see the stored record (a field that the file leaves
   out counts as it is). Values were read by the declarations of their fields: `drafting.read(..., clean=True)`
   reads them no second time. Keep the draft in `row.draft` for `write`.
2. `load(batch)`: put the record and its present values on every row that has a `record_id`; lock it unless
   `batch.dry_run`. `load_visible` does this for plain columns.
3. `decide(batch)`: once it is known what each row changes. Queries only, but for what is kept of a refusal; a row of
   `batch.changed` may still be refused.
4. `write(batch)`: only in a real run, inside the open `audit.change()`: create `batch.new`, change `batch.changed`
   (`row.changes` alone), each kind with one `audit.write_many`. Set `row.record` and `row.record_id` on new rows.

External ids, outcomes and the run's progress are written by `importing` in the same transaction. So the steps
open no change of their own, raise nothing for a single row, and need a constant number of statements a batch.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from revops.kernel.audit.writing import lock_many
from revops.kernel.exchange.findings import Located, Weight, shown
from revops.kernel.exchange.mapping import Mapping as FileMapping
from revops.kernel.records import registry


class Planned:
    """Stands for a record that a dry run would create: a reference to it is good, but it has no id yet."""

    pk = None

    def __repr__(self) -> str:
        return "PLANNED"


PLANNED = Planned()


@dataclass(slots=True)
class ImportRow:
    """One row of a file on its way to a record.

    `values` holds our fields: typed, None or "" where the cell was empty. `record_id` is the record that the
    external id already stands for, None for a new one. `stored` and `record` come from `load`, `changes` (field →
    new value) is what differs and came from the file. `fingerprint` stands for the row as it was read,
    `is_same` says that it reads as it did at its last import. `draft` is the app's own,
    from `prepare` to `write`.
    """

    line: int
    number: int
    external_id: str
    values: dict[str, Any]
    columns: Mapping[str, str]
    record_id: int | None = None
    record: Any = None
    stored: Mapping[str, Any] = field(default_factory=dict)
    changes: dict[str, Any] = field(default_factory=dict)
    findings: list[Located] = field(default_factory=list)
    rejected: bool = False
    fingerprint: str = ""
    is_same: bool = False
    draft: Any = None

    def reject(
        self,
        code: str,
        message: str,
        *,
        field: str = "",
        found: object = None,
        needed: str = "",
        remedy: str = "",
    ) -> None:
        """Refuse the row. Every reason is told: go on checking after the first."""
        self.rejected = True
        self.tell(code, message, weight=Weight.ERROR, field=field, found=found, needed=needed, remedy=remedy)

    def tell(
        self,
        code: str,
        message: str,
        *,
        weight: Weight = Weight.WARNING,
        field: str = "",
        found: object = None,
        needed: str = "",
        remedy: str = "",
    ) -> None:
        """Add a finding; below the weight of an error the row still goes in."""
        value = self.values.get(field) if found is None else found
        self.findings.append(
            Located(
                code=code,
                message=message,
                weight=weight,
                line=self.line,
                row=self.number,
                column=self.columns.get(field, ""),
                field=field,
                found="" if value is None else shown(value),
                needed=needed,
                remedy=remedy,
            )
        )


@dataclass(slots=True)
class Batch:
    """The rows of one chunk that are still alive, and what the steps have to know.

    `system` is the other system's name; `migration` relaxes expected fields into warnings (spec mappings.md).
    `rehearsed` is the importer's own from chunk to chunk of a dry run: what a real run would find in the database.
    """

    by: Any
    rows: list[ImportRow]
    system: str
    migration: bool = False
    dry_run: bool = False
    new: list[ImportRow] = field(default_factory=list)
    changed: list[ImportRow] = field(default_factory=list)
    rehearsed: dict[str, Any] = field(default_factory=dict)

    @property
    def alive(self) -> list[ImportRow]:
        """The rows that nothing has refused so far."""
        return [row for row in self.rows if not row.rejected]


Step = Callable[[Batch], None]


def load_visible(batch: Batch, rows: Sequence[ImportRow], record_type: str) -> None:
    """Put record and stored values on `rows`, from what `batch.by` may see; lock the records in a real run."""
    kind = registry.get(record_type)
    ids = sorted({row.record_id for row in rows if row.record_id is not None})
    if not ids:
        return
    queryset = kind.model.objects.visible_to(batch.by).filter(pk__in=ids)
    records = queryset.order_by("pk") if batch.dry_run else lock_many(queryset)
    by_id = {record.pk: record for record in records}
    for row in rows:
        row.record = by_id.get(row.record_id)
        if row.record is not None:
            row.stored = {
                name: getattr(row.record, kind.by_name[name].attname)
                for name in row.values
                if name in kind.by_name and hasattr(row.record, kind.by_name[name].attname)
            }


@dataclass(frozen=True, slots=True, kw_only=True)
class Importer:
    """How files become records of one type. `name` is what the command calls it: "account".

    Which fields a file may fill is `RecordType.importable`; `required` are those without which no record can be,
    `unique` those whose value one file may hold once. `by_action` names, for a field that is not edited but
    changed by an action of its own, the right that allows it ("domain" by "domains"). `forgiven` names the links
    that a migration leaves out, as a finding, where nothing is known by that id (spec mappings.md: a campaign).
    """

    record_type: str
    name: str
    prepare: Step
    write: Step
    load: Step | None = None
    decide: Step | None = None
    required: tuple[str, ...] = ()
    unique: tuple[str, ...] = ()
    by_action: Mapping[str, str] = field(default_factory=dict)
    forgiven: frozenset[str] = frozenset()
    mappings: tuple[FileMapping, ...] = ()

    def loaded(self, batch: Batch) -> None:
        """Load the records of the known rows, by the app's own step where it has one."""
        if self.load is not None:
            self.load(batch)
        else:
            load_visible(batch, batch.alive, self.record_type)

    def mapping(self, name: str) -> FileMapping:
        """Return the mapping called `name`; "columns" is there for every record type. Raises LookupError."""
        columns = FileMapping(
            "columns", self.record_type, system="file", external_id="external_id", identity=True
        )
        known = {one.name: one for one in (columns, *self.mappings)}
        if name not in known:
            raise LookupError(
                f"There is no mapping {name!r} for {self.name}. Mappings: {', '.join(sorted(known))}."
            )
        return known[name]


_importers: dict[str, Importer] = {}


def register(importer: Importer) -> None:
    """Offer an importer. Raises ValueError when its name is taken or a mapping is one of another record type."""
    if any(mapping.record_type != importer.record_type for mapping in importer.mappings):
        raise ValueError(f"A mapping of {importer.name!r} belongs to another record type.")
    if any(
        one.name == importer.name and one.record_type != importer.record_type for one in _importers.values()
    ):
        raise ValueError(f"The name {importer.name!r} belongs to another importer.")
    _importers[importer.record_type] = importer


def get(name: str) -> Importer:
    """Return the importer called `name`, or of the record type `name`. Raises LookupError naming what there is."""
    for importer in _importers.values():
        if name in (importer.name, importer.record_type):
            return importer
    known = ", ".join(sorted(importer.name for importer in _importers.values())) or "none"
    raise LookupError(f"{name!r} cannot be imported. Records that can: {known}.")


def every() -> list[Importer]:
    """Return all importers, in the order of their registration."""
    return list(_importers.values())
