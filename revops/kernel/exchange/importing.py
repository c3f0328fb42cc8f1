"""Brings a file in: `run(...)`. One chunk of rows is one change, one transaction, and its progress commits with it.

So after a kill at any moment every row is in exactly once: what was committed is counted, what was not is not
there. A dry run takes the same decisions with queries only; it writes nothing and locks nothing.
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from revops.kernel import audit
from revops.kernel.exchange import claims, importers, persons, plan, reports
from revops.kernel.exchange.chunks import Worker
from revops.kernel.exchange.findings import FileRefused, Located, Weight, shown
from revops.kernel.exchange.garbage import collected_rarely
from revops.kernel.exchange.mapping import Mapping
from revops.kernel.exchange.models import ImportRun, RowOutcome, RunState
from revops.kernel.exchange.options import Options
from revops.kernel.exchange.overlay import UNTOUCHED, Overlay
from revops.kernel.exchange.plan import Plan
from revops.kernel.exchange.reading import Record, Source, look, records
from revops.kernel.exchange.reports import Report
from revops.kernel.exchange.settling import Memory, Settled, remember, settle
from revops.kernel.exchange.survey import Survey, survey
from revops.kernel.people import access

CHUNK = 1_000
Progress = Callable[[int, int], None]
Observe = Callable[[Sequence[Record], Settled], None]


def run(
    *,
    by: Any,
    record_type: str,
    path: Path,
    mapping: str | Mapping,
    options: Options | None = None,
    dry_run: bool = False,
    name: str = "",
    chunk: int = CHUNK,
    progress: Progress | None = None,
    by_row: bool = False,
    overlay: Overlay = UNTOUCHED,
    begun: Callable[[ImportRun], None] | None = None,
    observe: Observe | None = None,
) -> Report:
    """Import the file at `path` as records of `record_type` (a label or an importer's name), within `by`'s rights.

    Idempotent by external id; an unfinished run of the same import is taken over and gone on with. `name` is what
    the file is called in the report; `mapping` is one of the importer's by its name, or one made for this file.
    `overlay` holds cells that were written anew, `by_row` says that the file was a workbook. `begun` is told the
    run of a real import, `observe` what a dry run decided, a chunk at a time. Raises FileRefused (a Blocked) with
    every reason before anything is written, Forbidden when the right is lost on the way, Superseded when another
    process has taken the import over.
    """
    if record_type in (persons.NAME, persons.RECORD_TYPE) and isinstance(mapping, str):
        return persons.bring_in(
            by=by, path=path, mapping=mapping, options=options, dry_run=dry_run, name=name
        )
    importer = importers.get(record_type)
    chosen = (options or Options()).checked()
    source = look(
        path,
        name=name,
        encoding=chosen.encoding,
        delimiter=chosen.delimiter,
        header_line=chosen.header_line,
        by_row=by_row,
        overlay=overlay,
    )
    laid = importer.mapping(mapping) if isinstance(mapping, str) else mapping
    planned = plan.make(source.header, importer, laid, chosen, by)
    if not dry_run:
        _require_commit(source, by)
    seen = survey(source, planned)
    told = [*source.findings, *planned.findings]
    if not seen.total:
        told.append(_no_rows())
    report = reports.begin(source, seen.total, told, dry_run=dry_run)
    if dry_run:
        return _rehearse(source, planned, seen, by, report, chunk, progress, observe)
    held = claims.claim(source, planned, chosen, by, seen.total)
    if begun is not None:
        begun(held)
    report.resumed_at = sum(getattr(held, str(outcome)) for outcome in RowOutcome)
    _to_the_end(source, Worker(held, held.claim, planned, seen, by, Memory()), report, chunk, progress)
    return reports.complete(report, held)


def _to_the_end(source: Source, worker: Worker, report: Report, size: int, progress: Progress | None) -> None:
    """Take everything that is left, and say how the run ended unless somebody else has taken it over."""
    try:
        _carry_out(source, worker, report, size, progress)
    except claims.Superseded:
        raise
    except BaseException:
        claims.finish(worker.run, worker.token, RunState.STOPPED)
        raise
    claims.finish(worker.run, worker.token, RunState.DONE)


def _carry_out(source: Source, worker: Worker, report: Report, size: int, progress: Progress | None) -> None:
    """Take chunk after chunk, beginning behind the last one that was committed."""
    run, done = worker.run, report.resumed_at
    with audit.door(audit.Source.IMPORT, request_id=f"import:{run.pk}"), collected_rarely():
        after = (run.done_level, run.done_to_line)
        for level, rows in _chunks(source, worker.plan, worker.seen, size, after=after):
            source.require_unchanged()
            worker.take(rows, level)
            done += len(rows)
            if progress is not None:
                progress(done, report.rows)


def _require_commit(source: Source, by: Any) -> None:
    """Refuse a real run without the right to it, or in an encoding that nobody confirmed."""
    found: list[Located] = []
    if not access.may_ever(by, "commit", "exchange.importrun"):
        found.append(
            Located(
                "IMP-016", "Your role may not run imports.", found=shown(by), needed="a role that imports"
            )
        )
    if source.sniffed.proposed:
        found.append(
            Located(
                "IMP-004",
                f"The file is not UTF-8; it may be {source.sniffed.encoding}. Nothing is imported on a guess.",
                found=source.sniffed.encoding,
                needed="UTF-8, or an encoding that you name",
                remedy=f"Look at a dry run; if names with accents read well, name {source.sniffed.encoding}.",
            )
        )
    if found:
        raise FileRefused(found)


def _no_rows() -> Located:
    return Located(
        "IMP-012", "The file has a header and no rows.", weight=Weight.NOTICE, line=1, found="0 rows"
    )


def _chunks(
    source: Source, planned: Plan, seen: Survey, size: int, *, after: tuple[int, int] = (0, 0)
) -> Iterator[tuple[int, list[Record]]]:
    """Yield (level, records) in the order in which they are imported, beginning after a level and line."""
    first_level, done_line = after
    for level in range(first_level, seen.last_level + 1):
        held: list[Record] = []
        for record in records(source):
            if (level == first_level and record.line <= done_line) or seen.level(planned, record) != level:
                continue
            held.append(record)
            if len(held) >= size:
                yield level, held
                held = []
        if held:
            yield level, held


def _rehearse(
    source: Source,
    planned: Plan,
    seen: Survey,
    by: Any,
    report: Report,
    size: int,
    progress: Progress | None,
    observe: Observe | None,
) -> Report:
    """Decide every row as a real run would, and write nothing."""
    memory, done = Memory(planned=set()), 0
    for _, rows in _chunks(source, planned, seen, size):
        settled = settle(rows, planned, by, seen, memory)
        remember(settled, planned, memory)
        batch = settled.batch
        report.counts[RowOutcome.SKIPPED] += len(settled.skipped)
        report.counts[RowOutcome.CREATED] += len(batch.new)
        report.counts[RowOutcome.UPDATED] += len(batch.changed)
        report.counts[RowOutcome.UNCHANGED] += len(batch.alive) - len(batch.new) - len(batch.changed)
        report.counts[RowOutcome.REJECTED] += len(batch.rows) - len(batch.alive)
        for row in batch.rows:
            report.add(finding.as_json() for finding in row.findings)
        if observe is not None:
            observe(rows, settled)
        done += len(rows)
        if progress is not None:
            progress(done, seen.total)
    report.findings.sort(key=lambda finding: finding["line"])
    return report
