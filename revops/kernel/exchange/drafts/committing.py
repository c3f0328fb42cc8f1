"""The import of a draft for good, in the background; and taking it back."""

from itertools import islice
from typing import Any

from django.db import transaction

from revops.kernel.exchange import importing, reading, reverting
from revops.kernel.exchange.drafts import layout, opening, order, working
from revops.kernel.exchange.drafts.models import DraftState, ImportDraft, ParkedRow
from revops.kernel.exchange.drafts.results import Groups
from revops.kernel.exchange.models import ImportRun
from revops.kernel.people import access
from revops.kernel.people.access import Forbidden

CHUNK = importing.CHUNK
_PARKED_AT_ONCE = 1_000
_GROUPED = 200_000


def commit(draft: ImportDraft) -> None:
    """Bring the file in, with the rights that the person who asked has now; go on where it was cut off (A17)."""
    by = draft.asked_by
    if by is None or not access.allowed(by, "commit", draft):
        raise Forbidden(f"{by} may not import any more.")
    if order.parked(draft.object) is not None:
        _park(draft)
        return working.finish(draft, DraftState.DONE)
    report = importing.run(
        by=by,
        record_type=layout.importer_of(draft).record_type,
        path=opening.table_of(draft),
        mapping=layout.built(draft),
        options=layout.options_of(draft),
        name=draft.file_name,
        progress=lambda done, total: working.beat(draft, done, total),
        by_row=layout.is_by_row(draft),
        overlay=layout.overlay_of(draft),
        chunk=CHUNK,
        begun=lambda run: _link(draft, run),
    )
    run = ImportRun.objects.get(pk=report.run_id or 0)
    result = {**draft.check_result, "imported": _groups(run)}
    return working.finish(draft, DraftState.DONE, done=report.rows, total=report.rows, check_result=result)


def revert(draft: ImportDraft) -> None:
    """Take the import back as far as it goes, with the rights that the person who asked has now."""
    by = draft.asked_by
    if by is None or draft.run is None or not access.allowed(by, "revert", draft):
        raise Forbidden(f"{by} may not revert imports any more.")
    reverting.run(draft.run, by, progress=lambda done, total: working.beat(draft, done, total))
    working.finish(draft, DraftState.REVERTED)


def _link(draft: ImportDraft, run: ImportRun) -> None:
    ImportDraft.objects.filter(pk=draft.pk, token=draft.token).update(run=run)


def _groups(run: ImportRun) -> list[list[Any]]:
    """Count what the rows of a run were told, by code and column."""
    groups = Groups()
    told = run.outcomes.exclude(findings=[]).order_by("line").values_list("findings", flat=True)
    for findings in told[:_GROUPED].iterator(chunk_size=2_000):
        for finding in findings:
            groups.add(finding)
    return groups.as_json()


def _park(draft: ImportDraft) -> None:
    """Keep the rows as they came, a thousand at a time, each batch with its progress; go on after the last."""
    source = reading.look(
        opening.table_of(draft),
        name=draft.file_name,
        encoding=draft.seen["encoding"],
        delimiter=draft.seen["delimiter"],
        header_line=draft.seen["header_line"],
        by_row=layout.is_by_row(draft),
        overlay=layout.overlay_of(draft),
    )
    done = ParkedRow.objects.filter(draft=draft).count()
    last = ParkedRow.objects.filter(draft=draft).order_by("-line").values_list("line", flat=True).first() or 0
    rows = (record for record in reading.records(source) if record.line > last)
    while batch := list(islice(rows, _PARKED_AT_ONCE)):
        with transaction.atomic():
            done += len(batch)
            working.beat(draft, done, draft.seen["rows"])
            ParkedRow.objects.bulk_create(
                [ParkedRow(draft=draft, line=record.line, cells=record.cells) for record in batch]
            )
