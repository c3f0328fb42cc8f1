"""What an import did, or would do: counts and findings."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from revops.kernel.exchange.findings import Located
from revops.kernel.exchange.models import ImportRun, RowOutcome
from revops.kernel.exchange.reading import Source

MAX_FINDINGS = 1_000


@dataclass(slots=True)
class Report:
    """The result of one import. `findings` holds the first thousand; `left_out` counts the others.

    rows = created + updated + unchanged + rejected + skipped.
    """

    dry_run: bool
    file_name: str
    encoding: str
    delimiter: str
    rows: int
    counts: dict[RowOutcome, int] = field(default_factory=lambda: dict.fromkeys(RowOutcome, 0))
    findings: list[dict[str, Any]] = field(default_factory=list)
    left_out: int = 0
    run_id: int | None = None
    resumed_at: int = 0

    def add(self, findings: Iterable[dict[str, Any]]) -> None:
        """Take in findings, as far as they fit."""
        for finding in findings:
            if len(self.findings) < MAX_FINDINGS:
                self.findings.append(finding)
            else:
                self.left_out += 1

    def as_json(self) -> dict[str, Any]:
        """Return what the command prints."""
        return {
            "dry_run": self.dry_run,
            "run": self.run_id,
            "file": self.file_name,
            "encoding": self.encoding,
            "delimiter": self.delimiter,
            "rows": self.rows,
            **{str(outcome): count for outcome, count in self.counts.items()},
            "resumed_at": self.resumed_at,
            "findings": self.findings,
            "findings_left_out": self.left_out,
        }


def begin(source: Source, total: int, told: Iterable[Located], *, dry_run: bool) -> Report:
    """Return an empty report about a file."""
    report = Report(dry_run, source.name, source.sniffed.encoding, source.delimiter, total)
    report.add(finding.as_json() for finding in told)
    return report


def complete(report: Report, run: ImportRun) -> Report:
    """Fill a report from the run's own rows, those of earlier attempts included."""
    run.refresh_from_db()
    report.run_id = run.pk
    report.counts = {outcome: getattr(run, str(outcome)) for outcome in RowOutcome}
    told = run.outcomes.exclude(findings=[]).order_by("line")
    report.left_out = max(0, told.count() - MAX_FINDINGS)
    for findings in told.values_list("findings", flat=True)[:MAX_FINDINGS]:
        report.add(findings)
    return report
