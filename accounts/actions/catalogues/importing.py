"""Import catalogues: the checks and writes of single entries, a chunk at a time. Source: mappings.md."""

from collections.abc import Callable
from typing import Any

from accounts.actions.catalogues.rules import CAMPAIGN, PRODUCT, Catalogue, check
from accounts.actions.catalogues.writing import write_changed, write_new
from revops.kernel.exchange.importers import Batch, ImportRow
from revops.kernel.records.drafting import Draft


def prepare(catalogue: Catalogue) -> Callable[[Batch], None]:
    """Return the step that reads rows as drafts and refuses what the rules refuse."""

    def step(batch: Batch) -> None:
        for row in batch.alive:
            row.draft = _draft(catalogue, batch, row)
        check(catalogue, [row.draft for row in batch.alive])
        for row in batch.alive:
            for finding in row.draft.findings:
                row.reject(finding.code, finding.message, field=finding.field, needed=finding.needed)

    return step


def _draft(catalogue: Catalogue, batch: Batch, row: ImportRow) -> Draft:
    """Drop empty cells of what an entry always has; a migrated product without a code is known by its id there."""
    for name in catalogue.never_empty & row.values.keys():
        if row.values[name] in ("", None):
            del row.values[name]
    if catalogue is PRODUCT and batch.migration and row.record_id is None and not row.values.get("code"):
        row.values["code"] = row.external_id[:60]
        message = (
            "The product has no code; it goes by its id in the other system until somebody gives it one."
        )
        row.tell("PRO-001", message, field="code", needed="a code (SKU)")
    if catalogue is CAMPAIGN and batch.migration:
        _leave_out_impossible_end(row)
    record = catalogue.model(pk=row.record_id)
    record._state.adding = row.record_id is None
    given = {name: value for name, value in row.values.items() if value not in (None, "")}
    return Draft(record, given)


def _leave_out_impossible_end(row: ImportRow) -> None:
    start, end = row.values.get("starts_on"), row.values.get("ends_on")
    if start and end and end < start:
        message = f"The campaign ends on {end}, before it starts on {start}. The end is left out."
        row.tell("CAM-003", message, field="ends_on", needed=f"{start} or later")
        row.values["ends_on"] = None


def write(catalogue: Catalogue) -> Callable[[Batch], None]:
    """Return the step that creates the new rows and changes the known ones, inside the open change."""

    def step(batch: Batch) -> None:
        written = write_new(catalogue, [row.draft for row in batch.new])
        for row, record in zip(batch.new, written, strict=True):
            row.record, row.record_id = record, record.pk
        write_changed(catalogue, [Draft(row.record, _changes(row)) for row in batch.changed])

    return step


def _changes(row: ImportRow) -> dict[str, Any]:
    """Return what changed over there; an emptied text is the empty text."""
    return {
        name: "" if value is None and isinstance(row.stored.get(name), str) else value
        for name, value in row.changes.items()
    }
