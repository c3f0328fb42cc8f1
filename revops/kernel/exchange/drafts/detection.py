"""What a file says about itself, and where it leaves open what it means. Nothing is guessed in silence.

A first look finds the line of the headers and the separator, then one pass over all rows profiles every column. What
comes out is kept with the draft as plain values (`seen`) and shown before anything is decided.
"""

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from revops.kernel.exchange.cells import ERROR_VALUE, NO_VALUE
from revops.kernel.exchange.delimiters import DELIMITERS
from revops.kernel.exchange.drafts.columns import Profile, read
from revops.kernel.exchange.findings import FileRefused, Located, Weight
from revops.kernel.exchange.reading import Source, look, records
from revops.kernel.exchange.sniffing import ON_INVALID, Sniffed, sniff

PREVIEW = 8
TICK = 20_000
_LOOKED_AT = 30
_SAMPLE = 64 * 1024
_CELL_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Start:
    """Where the table of a file begins, and how its columns are separated. `doubts` name what somebody must say."""

    header_line: int
    delimiter: str
    doubts: tuple[str, ...] = ()
    notes: tuple[Located, ...] = ()


def start_of(
    path: Path, encoding: str, *, delimiter: str = "", header_line: int = 0, by_row: bool = False
) -> Start:
    """Find the line of the headers and the separator, unless they are told."""
    with path.open("rb") as file:
        sample = file.read(_SAMPLE).decode(encoding, errors=ON_INVALID)
    doubts: list[str] = []
    notes: list[Located] = []
    if not delimiter:
        delimiter, told = _separator(_without(sample, header_line - 1), is_header=bool(header_line))
        if told:
            doubts.append("delimiter")
            notes.append(told)
    if not header_line:
        header_line = _header_line(_rows(sample, delimiter, by_row=by_row))
        if header_line > 1:
            doubts.append("header")
    if _reads_like_data(_row_at(sample, delimiter, header_line, by_row=by_row)):
        doubts.append("header")
        notes.append(_no_header(header_line))
    return Start(header_line, delimiter, tuple(dict.fromkeys(doubts)), tuple(notes))


def _separator(sample: str, *, is_header: bool) -> tuple[str, Located | None]:
    """Return the separator that cuts header and rows alike, and a finding when two do so equally well.

    Unless the sample begins with the header, a title above the table does not decide.
    """
    scores = {delimiter: _score(_rows(sample, delimiter), is_header) for delimiter in DELIMITERS}
    best = max(scores, key=lambda delimiter: scores[delimiter])
    if scores[best][1] < 2:
        return ",", None
    equals = [delimiter for delimiter, score in scores.items() if score == scores[best]]
    if len(equals) == 1:
        return best, None
    names = " and ".join(DELIMITERS[one] for one in equals)
    return best, Located(
        "IMP-006",
        "It is not clear which character separates the columns.",
        weight=Weight.WARNING,
        line=1,
        found=names,
        needed="one separator",
    )


def _score(rows: Sequence[tuple[int, list[str]]], is_header: bool) -> tuple[float, int]:
    """Return (share of the rows as wide as the header, its width); (0, 1) for a header that is not cut."""
    first = 0 if is_header or not rows else _header_line(rows)
    widths = [len(cells) for line, cells in rows if line >= first]
    if not widths or widths[0] < 2:
        return 0.0, 1
    return round(sum(width == widths[0] for width in widths) / len(widths), 1), widths[0]


def _without(sample: str, lines: int) -> str:
    return "".join(sample.splitlines(keepends=True)[lines:]) if lines > 0 else sample


def _rows(sample: str, delimiter: str, *, by_row: bool = False) -> list[tuple[int, list[str]]]:
    """Return the first filled rows of a sample with their lines."""
    lines = sample.splitlines(keepends=True)
    if len(lines) > 1 and len(sample) >= _SAMPLE // 4:
        lines.pop()
    found: list[tuple[int, list[str]]] = []
    reader, begins = csv.reader(io.StringIO("".join(lines), newline=""), delimiter=delimiter), 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                found.append((begins, cells))
            begins = begins + 1 if by_row else reader.line_num + 1
            if len(found) >= _LOOKED_AT:
                break
    except csv.Error:
        pass
    return found


def _row_at(sample: str, delimiter: str, line: int, *, by_row: bool) -> list[str]:
    return next((cells for at, cells in _rows(sample, delimiter, by_row=by_row) if at == line), [])


def _header_line(rows: Sequence[tuple[int, list[str]]]) -> int:
    """Return the first line that is nearly as full as the fullest: what is above it is a title."""
    filled = [(line, sum(bool(cell.strip()) for cell in cells)) for line, cells in rows]
    most = max((count for _, count in filled), default=0)
    return next((line for line, count in filled if count >= 0.6 * most), 1)


def _reads_like_data(cells: Sequence[str]) -> bool:
    """Say whether a header row holds what no column is called: numbers, dates, addresses."""
    told = [cell.strip() for cell in cells if cell.strip()]
    data = [cell for cell in told if "@" in cell or read(cell).is_date or read(cell).is_number]
    return bool(told) and len(data) >= max(1, len(told) // 3)


def _no_header(line: int) -> Located:
    return Located(
        "IMP-022",
        f"Line {line} should name the columns, and reads like a record.",
        weight=Weight.WARNING,
        line=line,
        needed="a line with the names of the columns",
        remedy="Say which line holds the names, or add such a line to the file.",
    )


def examine(
    path: Path,
    *,
    name: str,
    encoding: str = "",
    delimiter: str = "",
    header_line: int = 0,
    by_row: bool = False,
    tick: Callable[[int], None] | None = None,
) -> dict[str, Any]:
    """Read a whole file and return what it says about itself, as plain values. Raises FileRefused.

    `doubts` are the keys of questions about the file as a whole: encoding, delimiter, header. `tick` is told how
    many rows were read.
    """
    sniffed = sniff(path, encoding)
    begins = start_of(path, sniffed.encoding, delimiter=delimiter, header_line=header_line, by_row=by_row)
    source = look(
        path,
        name=name,
        encoding=sniffed.encoding,
        delimiter=begins.delimiter,
        header_line=begins.header_line,
        by_row=by_row,
    )
    seen = _profiled(source, tick)
    doubts = [*(["encoding"] if sniffed.proposed else []), *begins.doubts]
    notes = [*sniffed.findings, *begins.notes, *source.findings]
    return {
        **_about(sniffed, begins),
        **seen,
        "doubts": doubts,
        "notes": [note.as_json() for note in notes],
    }


def _about(sniffed: Sniffed, begins: Start) -> dict[str, Any]:
    return {
        "encoding": sniffed.encoding,
        "proposed": sniffed.proposed,
        "delimiter": begins.delimiter,
        "delimiter_word": DELIMITERS.get(begins.delimiter, begins.delimiter),
        "header_line": begins.header_line,
    }


def _profiled(source: Source, tick: Callable[[int], None] | None) -> dict[str, Any]:
    """Walk through all rows once: every column's profile, the first rows, how many there are."""
    profiles = [Profile(place, header) for place, header in enumerate(source.header)]
    preview: list[list[str]] = []
    lines: list[int] = []
    count = 0
    for record in records(source):
        count += 1
        if tick is not None and count % TICK == 0:
            tick(count)
        if len(preview) < PREVIEW:
            preview.append([visible(cell)[:_CELL_SHOWN] for cell in record.cells])
            lines.append(record.line)
        if not record.findings:
            for profile, cell in zip(profiles, record.cells, strict=True):
                if cell:
                    profile.take(cell)
    if not count:
        raise FileRefused(
            [
                Located(
                    "IMP-012",
                    "The file has a header and no rows.",
                    line=source.header_line,
                    found="0 rows",
                    needed="at least one row",
                )
            ]
        )
    return {
        "header": list(source.header),
        "rows": count,
        "columns": [profile.as_json() for profile in profiles],
        "preview": preview,
        "lines": lines,
    }


def visible(cell: str) -> str:
    """Return the text of a cell without the marks of a workbook's formulas and errors."""
    return cell.lstrip(NO_VALUE + ERROR_VALUE) if cell[:1] in (NO_VALUE, ERROR_VALUE) else cell
