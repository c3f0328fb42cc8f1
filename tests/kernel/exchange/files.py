"""Files for tests, and short ways to look at them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from revops.kernel.exchange import importing
from revops.kernel.exchange.findings import FileRefused
from revops.kernel.exchange.options import Options
from revops.kernel.exchange.reading import look, records
from revops.kernel.exchange.reports import Report

HEADER = (
    "Id,IsDeleted,Name,Type,ParentId,BillingCity,BillingState,BillingCountry,Industry,AnnualRevenue,"
    "NumberOfEmployees,Website,Phone,Description\n"
)


@dataclass
class Csv:
    """A folder in which a test writes its files."""

    folder: Path
    written: int = 0

    def __call__(self, content: str | bytes, encoding: str = "utf-8", name: str = "") -> Path:
        self.written += 1
        path = self.folder / (name or f"file{self.written}.csv")
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path


def refused(path: Path, **how: Any) -> list[tuple[str, int, str]]:
    """Return (code, line, column) of every reason for which a file is refused when it is read to its end."""
    try:
        list(records(look(path, **how)))
    except FileRefused as refusal:
        return [(finding.code, finding.line, finding.column) for finding in refusal.located]
    return []


def cells(path: Path, **how: Any) -> list[list[str]]:
    """Return the cells of a file that can be read."""
    return [record.cells for record in records(look(path, **how))]


def bring_in(
    path: Path, by: Any, mapping: str = "salesforce", *, dry_run: bool = False, **options: Any
) -> Report:
    """Import accounts."""
    chosen = {name: options.pop(name) for name in list(options) if name in Options.__dataclass_fields__}
    return importing.run(
        by=by,
        record_type="account",
        path=path,
        mapping=mapping,
        dry_run=dry_run,
        options=Options(**chosen),
        **options,
    )


def counts(report: Report) -> tuple[int, int, int, int, int]:
    """Return (created, updated, unchanged, rejected, skipped)."""
    found = report.as_json()
    return (found["created"], found["updated"], found["unchanged"], found["rejected"], found["skipped"])


def told(report: Report, *weights: str) -> list[tuple[str, int, str]]:
    """Return (code, line, column) of the findings, of errors and warnings unless said otherwise."""
    wanted = weights or ("error", "warning")
    return [(one["code"], one["line"], one["column"]) for one in report.findings if one["weight"] in wanted]


def many(count: int) -> str:
    """Return a Salesforce export of so many companies, every tenth under a parent, half of these further down."""
    lines = [HEADER]
    for i in range(count):
        parent = ""
        if i % 10 == 0:
            parent = f"001-{i + 3}" if i % 20 and i + 3 < count else (f"001-{i - 5}" if i > 10 else "")
        lines.append(
            f"001-{i},FALSE,Company {i} Société,Prospect,{parent},Austin,TX,United States,Energy,{i * 1000 + 17},"
            f'{i % 5000},https://www.company{i}.com/about,+1 512 {i:07d},"Words, in quotation marks"\n'
        )
    return "".join(lines)
