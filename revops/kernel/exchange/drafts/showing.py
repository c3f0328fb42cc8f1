"""What the wizard shows of a draft, read from what is kept with it."""

from datetime import datetime
from typing import Any

from django.db.models import Q

from revops.kernel import clocks
from revops.kernel.exchange.drafts import error_files, questions, repairs, results
from revops.kernel.exchange.drafts.detection import visible
from revops.kernel.exchange.drafts.models import DraftFinding, DraftState, ImportDraft
from revops.kernel.exchange.drafts.shapes import (
    CheckSummary,
    FindingsPage,
    FoundRow,
    ImportReport,
    Look,
    Progress,
    SeenColumn,
    Sheet,
)
from revops.kernel.exchange.models import RowOutcome
from revops.kernel.exchange.reading import Record
from revops.kernel.identity.models import User
from revops.kernel.people import access

MAX_PAGE = 200
_OUTCOMES = tuple(str(outcome) for outcome in RowOutcome)


def look(draft: ImportDraft) -> Look:
    """Return what reading the file found; all empty where it was not read."""
    seen: dict[str, Any] = draft.seen
    return Look(
        file_name=draft.file_name,
        format=draft.format,
        size=draft.size,
        encoding=seen.get("encoding", ""),
        encoding_is_proposed=seen.get("proposed", False),
        delimiter=seen.get("delimiter_word", ""),
        sheet=seen.get("sheet", ""),
        sheets=[
            Sheet(one["name"], one["hidden"], one["rows"], one["columns"]) for one in seen.get("sheets", ())
        ],
        header_line=seen.get("header_line", 1),
        rows=seen.get("rows", 0),
        columns=[
            SeenColumn(
                one["place"],
                one["header"],
                one["kind"],
                one["filled"],
                one["samples"],
                draft.answers.get(f"date:{one['place']}") or one["date_order"],
                draft.answers.get(f"decimal:{one['place']}") or one["decimal"],
            )
            for one in seen.get("columns", ())
        ],
        preview=seen.get("preview", ()),
        lines=seen.get("lines", ()),
        questions=questions.of(draft),
        notes=[*seen.get("notes", ()), *(draft.trouble if draft.state == DraftState.REFUSED else ())],
        sentences=questions.sentences(draft),
    )


def summary(draft: ImportDraft) -> CheckSummary | None:
    """Return what the last check counted."""
    result = draft.check_result
    if "at" not in result:
        return None
    notes = [
        [n["code"], n["weight"], n["column"], n["field"], n["message"], 1] for n in result.get("notes", ())
    ]
    counts = {name: result.get(name, 0) for name in _OUTCOMES}
    return CheckSummary(
        rows=result["rows"],
        **counts,
        groups=results.shown([*notes, *result["groups"]]),
        found=result["found"],
        kept=result["kept"],
        is_current=draft.checked_revision == draft.revision,
        is_partial=result["partial"],
        checked_at=datetime.fromisoformat(result["at"]),
    )


def findings(
    draft: ImportDraft, *, code: str, column: str, weight: str, after: str, limit: int
) -> FindingsPage:
    """Return a page of findings by line."""
    rows = DraftFinding.objects.filter(draft=draft)
    for name, value in (("code", code), ("column", column), ("weight", weight)):
        if value:
            rows = rows.filter(**{name: value})
    line, _, number = after.partition("-")
    if line.isdigit() and number.isdigit():
        rows = rows.filter(Q(line__gt=int(line)) | Q(line=int(line), pk__gt=int(number)))
    limit = max(1, min(limit, MAX_PAGE))
    held = list(rows.order_by("line", "id")[: limit + 1])
    page, more = held[:limit], len(held) > limit
    cells, wide = draft.repairs.get("cells", {}), draft.repairs.get("everywhere", {})
    rewritten = set(draft.repairs.get("rows", {}))
    shown = [_found(one, cells, wide, rewritten) for one in page]
    return FindingsPage(shown, f"{page[-1].line}-{page[-1].pk}" if more else "")


def _found(one: DraftFinding, cells: dict[str, Any], wide: dict[str, Any], rewritten: set[str]) -> FoundRow:
    """Return a stored finding; a repair made since the check is shown in its cell."""
    repaired = cells.get(str(one.line), {}).get(str(one.place))
    everywhere = wide.get(str(one.place), {})
    cell = repaired[1] if repaired is not None else everywhere.get(one.cell, one.cell)
    return FoundRow(
        one.pk,
        one.line,
        one.row,
        one.place,
        one.code,
        one.weight,
        one.column,
        one.field,
        one.message,
        one.found,
        one.needed,
        one.remedy,
        visible(cell),
        repaired is not None or one.cell in everywhere or str(one.line) in rewritten,
    )


def row(draft: ImportDraft, line: int) -> Record | None:
    """Return one row of the file with its repairs, None where there is no such row."""
    return repairs.lines(draft, [line]).get(line)


def progress(draft: ImportDraft) -> Progress:
    """Return how far the work in the background is."""
    state = DraftState(draft.state)
    rate, left = 0.0, None
    if draft.work_started_at is not None and draft.done:
        until = clocks.now() if state.is_working else draft.heartbeat_at or clocks.now()
        seconds = (until - draft.work_started_at).total_seconds()
        rate = draft.done / seconds if seconds > 0 else 0.0
    if state.is_working and rate and draft.total:
        left = int(max(draft.total - draft.done, 0) / rate)
    return Progress(state.value, str(state.label), state.is_working, draft.done, draft.total, rate, left)


def report(draft: ImportDraft, by: User) -> ImportReport:
    """Return what the import did, from its run."""
    run = draft.run
    counts = {name: getattr(run, name) if run is not None else 0 for name in _OUTCOMES}
    parked = draft.parked.count()
    has_errors = bool(draft.path) and (
        run.rejected > 0 if run is not None else error_files.has_rejected(draft)
    )
    over = draft.state in (DraftState.DONE, DraftState.STOPPED, DraftState.DENIED)
    return ImportReport(
        run_id=run.pk if run is not None else None,
        state=draft.state,
        rows=run.total_rows if run is not None else parked,
        **counts,
        parked=parked,
        started_at=run.started_at if run is not None else draft.work_started_at,
        finished_at=run.finished_at if run is not None else draft.heartbeat_at,
        groups=results.shown(draft.check_result.get("imported", ())),
        has_error_file=has_errors,
        may_revert=run is not None and over and access.allowed(by, "revert", draft),
        trouble=draft.trouble,
    )
