"""Reads a CSV file row by row, in bounded memory; what does not fit is a finding with its line, never an exception.

Limits hold before anything is parsed further: the size of the file, of a line, of a cell, columns, rows.
"""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from revops.kernel.exchange.delimiters import sniff_delimiter
from revops.kernel.exchange.findings import FileRefused, Located, Weight, shown
from revops.kernel.exchange.sniffing import INVALID, ON_INVALID, Sniffed, sniff

MAX_COLUMNS = 500
MAX_ROWS = 1_000_000
MAX_LINE = 1024 * 1024
MAX_CELL = 131_072
_UNREADABLE = re.compile(f"[\0{INVALID}]")


@dataclass(frozen=True, slots=True)
class Source:
    """A file that was looked at and can be read: what it is, and its header."""

    path: Path
    name: str
    sniffed: Sniffed
    delimiter: str
    header: tuple[str, ...]
    findings: tuple[Located, ...]
    stamp: tuple[int, int, int]

    def require_unchanged(self) -> None:
        """Raise FileRefused when the file is not the one that was looked at any more."""
        if stamp_of(self.path) != self.stamp:
            raise FileRefused(
                [
                    Located(
                        "IMP-017",
                        "The file was changed or replaced while it was imported. What is in stays in.",
                        found=self.name,
                        needed="a file that stays as it is until the end",
                        remedy="Import the file again; rows that are in already will not change.",
                    )
                ]
            )


def stamp_of(path: Path) -> tuple[int, int, int]:
    """Return what tells one file from another that took its place."""
    found = path.stat()
    return found.st_ino, found.st_size, found.st_mtime_ns


@dataclass(frozen=True, slots=True)
class Record:
    """One row of the file: the line on which it begins, its number below the header, its cells, what is wrong."""

    line: int
    number: int
    cells: list[str]
    findings: tuple[Located, ...] = ()


def look(path: Path, *, name: str = "", encoding: str = "", delimiter: str = "") -> Source:
    """Look at a file without reading its rows. Raises FileRefused when it cannot be read as a table."""
    if not path.is_file():
        raise FileRefused(
            [
                Located(
                    "IMP-001",
                    f"There is no file {path.name}.",
                    found=shown(path),
                    needed="a file that can be read",
                )
            ]
        )
    stamp = stamp_of(path)
    sniffed = sniff(path, encoding)
    found = list(sniffed.findings)
    if not delimiter:
        with _open(path, sniffed.encoding) as stream:
            delimiter, told = sniff_delimiter(stream.read(64 * 1024))
        found += told
    with _open(path, sniffed.encoding) as stream:
        header = _header(stream, delimiter)
    found += _check_header(header)
    if errors := [finding for finding in found if finding.weight == Weight.ERROR]:
        raise FileRefused(errors)
    return Source(path, name or path.name, sniffed, delimiter, tuple(header), tuple(found), stamp)


def records(source: Source) -> Iterator[Record]:
    """Yield the rows below the header in the order of the file; blank rows are passed over.

    Raises FileRefused where the rest of the file cannot be trusted: a quotation mark that is not closed, a cell or
    line that is too long, too many rows.
    """
    with _open(source.path, source.sniffed.encoding) as stream:
        lines = _Lines(stream)
        reader = csv.reader(lines, delimiter=source.delimiter, strict=True)
        header, width, number = list(source.header), len(source.header), 0
        begins = 1
        try:
            for cells in reader:
                line, begins = begins, reader.line_num + 1
                unreadable, lines.unreadable = lines.unreadable, False
                if line == 1 or not any(cells):
                    if line > MAX_ROWS:
                        raise _too_many(line)
                    continue
                number += 1
                if number > MAX_ROWS:
                    raise _too_many(line)
                if unreadable or len(cells) != width:
                    yield Record(line, number, cells, tuple(_faults(source, line, number, cells)))
                elif cells == header:
                    yield Record(line, number, cells, (_repeated_header(line, number),))
                else:
                    yield Record(line, number, cells)
        except csv.Error as error:
            raise _broken(error, begins, reader.line_num) from None


class _Lines(Iterator[str]):
    """The lines of a stream, none longer than the limit; `unreadable` is set by one that holds bad bytes or NULs."""

    def __init__(self, stream: TextIO) -> None:
        self._readline = stream.readline
        self.number = 0
        self.unreadable = False

    def __next__(self) -> str:
        line = self._readline(MAX_LINE)
        if not line:
            raise StopIteration
        self.number += 1
        if len(line) == MAX_LINE and line[-1] not in "\r\n":
            raise FileRefused(
                [
                    Located(
                        "IMP-009",
                        "The line is too long for a table.",
                        line=self.number,
                        found=f"more than {MAX_LINE:,} characters",
                        needed=f"at most {MAX_LINE:,} characters a line",
                        remedy="Look for a quotation mark that is not closed, or for a file that is no CSV.",
                    )
                ]
            )
        if "\0" in line or (not line.isascii() and INVALID in line):
            self.unreadable = True
        return line


def _open(path: Path, encoding: str) -> TextIO:
    return io.TextIOWrapper(path.open("rb"), encoding=encoding, errors=ON_INVALID, newline="")


def _header(stream: TextIO, delimiter: str) -> list[str]:
    try:
        cells = next(csv.reader(_Lines(stream), delimiter=delimiter, strict=True), [])
    except csv.Error as error:
        raise _broken(error, 1, 1) from None
    return cells


def _check_header(header: list[str]) -> Iterator[Located]:
    """Refuse a header that does not name its columns; tell about columns without a name."""
    if not any(cell.strip() for cell in header):
        yield Located(
            "IMP-003", "The first line is empty.", line=1, needed="a header line", remedy="Add a header line."
        )
    if len(header) > MAX_COLUMNS:
        yield Located(
            "IMP-007",
            "The file has too many columns.",
            line=1,
            found=f"{len(header):,} columns",
            needed=f"at most {MAX_COLUMNS}",
            remedy="Delete the columns that are not to be imported.",
        )
        return
    seen: dict[str, int] = {}
    for place, cell in enumerate(header, start=1):
        name = cell.strip().casefold()
        if _UNREADABLE.search(cell):
            yield Located("IMP-104", "The header holds bytes that are not text.", line=1, column=shown(cell))
        elif not name:
            yield Located(
                "IMP-011",
                f"Column {place} has no name and is left out.",
                weight=Weight.NOTICE,
                line=1,
                needed="a name in the header line",
                remedy="Name the column if it is to be imported.",
            )
        elif name in seen:
            yield Located(
                "IMP-008",
                f"Two columns have the same name: column {seen[name]} and column {place}.",
                line=1,
                column=shown(cell.strip()),
                found=shown(cell.strip()),
                needed="a name of its own for each column",
                remedy="Rename or delete one of them.",
            )
        seen.setdefault(name, place)


def _faults(source: Source, line: int, number: int, cells: list[str]) -> Iterator[Located]:
    width = len(source.header)
    if len(cells) != width:
        yield Located(
            "IMP-101",
            f"The row has {len(cells)} cells, the header {width}.",
            line=line,
            row=number,
            found=f"{len(cells)} cells",
            needed=f"{width} cells",
            remedy="Look for a separator inside a text that is not in quotation marks, or for a missing one.",
        )
    for place, cell in enumerate(cells):
        if not _UNREADABLE.search(cell):
            continue
        nul = "\0" in cell
        yield Located(
            "IMP-105" if nul else "IMP-104",
            "The cell holds a NUL character."
            if nul
            else f"The cell holds bytes that are not {source.sniffed.encoding}.",
            line=line,
            row=number,
            column=source.header[place] if place < width else f"column {place + 1}",
            found=shown(cell),
            needed="text",
            remedy="Type the cell anew."
            if nul
            else "Save the file in one encoding (CSV UTF-8), or name the right one.",
        )


def _repeated_header(line: int, number: int) -> Located:
    return Located(
        "IMP-106",
        "The row repeats the header.",
        line=line,
        row=number,
        needed="a record",
        remedy="Delete the line; it comes from joining two files.",
    )


def _too_many(line: int) -> FileRefused:
    return FileRefused(
        [
            Located(
                "IMP-010",
                "The file has too many rows.",
                line=line,
                found=f"more than {MAX_ROWS:,}",
                needed=f"at most {MAX_ROWS:,} rows",
                remedy="Split the file.",
            )
        ]
    )


def _broken(error: csv.Error, begins: int, line: int) -> FileRefused:
    """Translate what the csv module says: from here on nobody knows where a row ends."""
    if "field larger" in str(error):
        code, message, needed = "IMP-103", "A cell is too long.", f"at most {MAX_CELL:,} characters a cell"
    else:
        code, message = "IMP-102", "A quotation mark is not closed, or text follows a closed one."
        needed = 'quotation marks in pairs, one inside a text written twice: "a ""b"" c"'
    span = f"lines {begins} to {line}" if line > begins else f"line {begins}"
    return FileRefused(
        [
            Located(
                code,
                f"{message} From here on nobody knows where a row ends, so nothing of the file is imported.",
                line=begins,
                found=span,
                needed=needed,
                remedy="Mend the quotation marks there, or export the file again.",
            )
        ]
    )
