"""One chunk of a file, from records to a decided batch. Queries only: a dry run and a real run share it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from revops.kernel.exchange import comparing, external_ids, linking
from revops.kernel.exchange.importers import Batch, ImportRow
from revops.kernel.exchange.models import ExternalLink
from revops.kernel.exchange.payloads import WHOLE, fingerprint, spelled
from revops.kernel.exchange.plan import Plan
from revops.kernel.exchange.reading import Record
from revops.kernel.exchange.survey import Survey


@dataclass(slots=True)
class Memory:
    """What a run remembers of the rows behind it: the line of each value that one file may hold once (by field),
    the ids that a dry run would have created, and what the importer notes in one (`Batch.rehearsed`).
    """

    unique: dict[str, dict[str, int]] = field(default_factory=dict)
    planned: set[str] | None = None
    rehearsed: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Settled:
    """A decided chunk: the batch, the rows marked as deleted, the links that are known and their new payloads."""

    batch: Batch
    skipped: list[Record]
    links: dict[str, ExternalLink]
    payloads: dict[str, dict[str, str]]


def settle(chunk: Sequence[Record], plan: Plan, by: Any, seen: Survey, memory: Memory) -> Settled:
    """Decide what becomes of each record of a chunk."""
    skipped = [record for record in chunk if not record.findings and plan.skips(record)]
    passed_over = {record.line for record in skipped}
    rows = [plan.read(record) for record in chunk if record.line not in passed_over]
    batch = Batch(by, rows, plan.mapping.system, plan.migration, dry_run=memory.planned is not None)
    batch.rehearsed = memory.rehearsed
    for row in batch.alive:
        _check_place(row, seen, plan)
    system, record_type = plan.mapping.system, plan.importer.record_type
    known = external_ids.links(system, record_type, (row.external_id for row in batch.alive))
    for row in batch.alive:
        row.record_id = known[row.external_id].record_id if row.external_id in known else None
    linking.resolve(batch.alive, plan, by, seen, memory.planned)
    for row in batch.alive:
        _compare_whole(row, known)
    batch.rows = [row for row in rows if not row.is_same]
    plan.importer.prepare(batch)
    batch.rows = rows
    _check_unique(batch, plan, memory)
    plan.importer.loaded(batch)
    payloads = comparing.compare(batch, plan, known)
    if plan.importer.decide is not None:
        plan.importer.decide(batch)
        batch.changed = [row for row in batch.changed if not row.rejected]
        alive = {row.external_id for row in batch.alive}
        payloads = {external_id: held for external_id, held in payloads.items() if external_id in alive}
    return Settled(batch, skipped, known, payloads)


def _compare_whole(row: ImportRow, known: dict[str, ExternalLink]) -> None:
    """Note whether the row reads as it did at its last import: then there is nothing to check and nothing to do."""
    row.fingerprint = fingerprint(row.values)
    link = known.get(row.external_id)
    row.is_same = link is not None and link.payload.get(WHOLE) == row.fingerprint


def remember(settled: Settled, plan: Plan, memory: Memory) -> None:
    """Keep what later rows have to know of this chunk, once it is decided for good."""
    for row in settled.batch.alive:
        for name in plan.importer.unique:
            if not row.is_same and (text := spelled(row.values.get(name))):
                memory.unique.setdefault(name, {})[text] = row.line
    if memory.planned is not None:
        memory.planned |= {row.external_id for row in settled.batch.new}


def _check_place(row: ImportRow, seen: Survey, plan: Plan) -> None:
    """Refuse a row whose external id stood in the file before, and one that belongs to a circle."""
    first = seen.first.get(row.external_id, row.line)
    if first != row.line:
        row.reject(
            "IMP-107",
            f"The external id stands in line {first} already.",
            field="external_id",
            found=row.external_id,
            needed="an id of its own for each row",
            remedy="Delete one of the two rows.",
        )
    elif row.external_id in seen.circular:
        name = plan.own_references[0]
        row.reject(
            "IMP-108",
            "The row refers to itself by way of other rows of this file.",
            field=name,
            needed="references that end somewhere",
            remedy="Empty the cell in one row of the circle.",
        )


def _check_unique(batch: Batch, plan: Plan, memory: Memory) -> None:
    """Refuse a value that another row of this file brought in before, in an earlier chunk."""
    for row in batch.alive:
        for name in () if row.is_same else plan.importer.unique:
            line = memory.unique.get(name, {}).get(spelled(row.values.get(name)), row.line)
            if line != row.line:
                row.reject(
                    "IMP-113",
                    f"The value stands in line {line} of this file already.",
                    field=name,
                    needed="a value of its own for each row",
                    remedy="Keep it on one of the two rows.",
                )
