"""The rows that were rejected, as a CSV file that can be mended and imported again; safe for spreadsheets (B06)."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from revops.kernel.exchange import reading
from revops.kernel.exchange.defusing import defused
from revops.kernel.exchange.drafts import layout, repairs
from revops.kernel.exchange.drafts.detection import visible
from revops.kernel.exchange.drafts.models import DraftFinding, ImportDraft
from revops.kernel.exchange.models import ImportRowOutcome, RowOutcome

LINE, REASON = "Line in the file", "Why it was rejected"
_AT_ONCE = 2_000


def has_rejected(draft: ImportDraft) -> bool:
    """Say whether there is anything to put into the file."""
    return next(_rejected(draft), None) is not None


def rows(draft: ImportDraft) -> Iterator[str]:
    """Yield the lines of the file: a header, then every rejected row by line with all its reasons.

    It is written in the encoding of all our files; the mark of UTF-8 at its beginning lets spreadsheets read it.
    """
    yield "\ufeff" + _line([*draft.seen["header"], LINE, REASON])
    rejected = _rejected(draft)
    line, reasons = next(rejected, (0, ""))
    width = len(draft.seen["header"])
    for record in reading.records(repairs.source_of(draft, layout.overlay_of(draft))):
        while line and line < record.line:
            line, reasons = next(rejected, (0, ""))
        if not line:
            return
        if line == record.line:
            cells = [visible(cell) for cell in record.cells[:width]]
            yield _line([*cells, *[""] * (width - len(cells)), str(line), reasons])


def _line(cells: Sequence[str]) -> str:
    target = io.StringIO()
    csv.writer(target).writerow([defused(cell) for cell in cells])
    return target.getvalue()


def _rejected(draft: ImportDraft) -> Iterator[tuple[int, str]]:
    """Yield (line, reasons) of each rejected row by line: of the import, before it of the last check."""
    if draft.run_id is None:
        yield from _of_check(draft)
        return
    outcomes = ImportRowOutcome.objects.filter(run_id=draft.run_id, outcome=RowOutcome.REJECTED)
    for line, findings in outcomes.order_by("line").values_list("line", "findings").iterator(_AT_ONCE):
        yield line, "; ".join(_reason(finding) for finding in findings if finding["weight"] == "error")


def _of_check(draft: ImportDraft) -> Iterator[tuple[int, str]]:
    told = DraftFinding.objects.filter(draft=draft, weight="error").order_by("line", "id")
    line, reasons = 0, list[str]()
    for finding in told.values("line", "code", "column", "message").iterator(_AT_ONCE):
        if finding["line"] != line and line:
            yield line, "; ".join(reasons)
            reasons = []
        line = finding["line"]
        reasons.append(_reason(finding))
    if line:
        yield line, "; ".join(reasons)


def _reason(finding: Mapping[str, Any]) -> str:
    column = f"{finding['column']}: " if finding["column"] else ""
    return f"{column}{finding['message']} ({finding['code']})"
