"""Reads a CSV file row by row, in bounded memory; what does not fit is a finding with its line, never an exception.

Limits hold before anything is parsed further: the size of the file, of a line, of a cell, columns, rows.
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from revops.kernel.exchange import faults
from revops.kernel.exchange.defusing import MARK, restored
from revops.kernel.exchange.delimiters import sniff_delimiter
from revops.kernel.exchange.findings import FileRefused, Located, Weight, shown
from revops.kernel.exchange.overlay import UNTOUCHED, Overlay
from revops.kernel.exchange.sniffing import INVALID, ON_INVALID, Sniffed, sniff

MAX_ROWS = 1_000_000


@dataclass(frozen=True, slots=True)
class Source:
    """A file that was looked at and can be read: what it is, and its header.

    `header_line` is where its table begins. A table that was a workbook counts rows where a text file counts
    lines (`by_row`), so that findings name the row of the sheet. `overlay` holds the cells that were written anew.
    """

    path: Path
    name: str
    sniffed: Sniffed
    delimiter: str
    header: tuple[str, ...]
    findings: tuple[Located, ...]
    stamp: tuple[int, int, int]
    header_line: int = 1
    by_row: bool = False
    overlay: Overlay = UNTOUCHED

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


def look(
    path: Path,
    *,
    name: str = "",
    encoding: str = "",
    delimiter: str = "",
    header_line: int = 1,
    by_row: bool = False,
    overlay: Overlay = UNTOUCHED,
) -> Source:
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
            _Lines(stream).skip(header_line - 1)
            delimiter, told = sniff_delimiter(stream.read(64 * 1024))
        found += told
    with _open(path, sniffed.encoding) as stream:
        header = _header(stream, delimiter, header_line, by_row)
    found += faults.of_header(header)
    if errors := [finding for finding in found if finding.weight == Weight.ERROR]:
        raise FileRefused(errors)
    return Source(
        path,
        name or path.name,
        sniffed,
        delimiter,
        tuple(header),
        tuple(found),
        stamp,
        header_line,
        by_row,
        overlay,
    )


def records(source: Source) -> Iterator[Record]:
    """Yield the rows below the header in the order of the file; blank rows are passed over.

    Raises FileRefused where the rest of the file cannot be trusted: a quotation mark that is not closed, a cell or
    line that is too long, too many rows.
    """
    with _open(source.path, source.sniffed.encoding) as stream:
        lines, first, overlay = _Lines(stream), source.header_line, source.overlay
        reader = _from_header(lines, source.delimiter, first, source.by_row)
        header, width, number = list(source.header), len(source.header), 0
        begins = first
        try:
            for read in reader:
                cells = [restored(cell) if cell[:1] == MARK else cell for cell in read]
                line, begins = begins, begins + 1 if source.by_row else first + reader.line_num
                unreadable, lines.unreadable = lines.unreadable, False
                if source.by_row and line != first:
                    cells = _fitted(cells, width)
                if overlay.touches and line != first:
                    cells = overlay.applied(line, cells)
                if line == first or not any(cells):
                    if line > MAX_ROWS:
                        raise FileRefused([faults.too_many_rows(line, MAX_ROWS)])
                    continue
                number += 1
                if number > MAX_ROWS:
                    raise FileRefused([faults.too_many_rows(line, MAX_ROWS)])
                if unreadable or len(cells) != width:
                    yield Record(
                        line,
                        number,
                        cells,
                        tuple(faults.of_row(source.header, source.sniffed.encoding, line, number, cells)),
                    )
                elif cells == header:
                    yield Record(line, number, cells, (faults.repeated_header(line, number),))
                else:
                    yield Record(line, number, cells)
        except csv.Error as error:
            raise FileRefused(
                [
                    faults.broken(
                        error,
                        begins,
                        max(begins, first - 1 + reader.line_num) if not source.by_row else begins,
                    )
                ]
            ) from None


def _fitted(cells: list[str], width: int) -> list[str]:
    """A sheet has no cells after the last one that is filled: lengthen a row, or cut off what is empty."""
    while len(cells) > width and not cells[-1]:
        cells.pop()
    return cells + [""] * (width - len(cells)) if any(cells) else cells


class _Lines(Iterator[str]):
    """The lines of a stream, none longer than the limit; `unreadable` is set by one that holds bad bytes or NULs."""

    def __init__(self, stream: TextIO) -> None:
        self._readline = stream.readline
        self.number = 0
        self.unreadable = False

    def skip(self, count: int) -> None:
        """Pass over what stands above the table."""
        for _ in range(count):
            next(self, "")
        self.unreadable = False

    def __next__(self) -> str:
        line = self._readline(faults.MAX_LINE)
        if not line:
            raise StopIteration
        self.number += 1
        if len(line) == faults.MAX_LINE and line[-1] not in "\r\n":
            raise FileRefused([faults.long_line(self.number)])
        if "\0" in line or (not line.isascii() and INVALID in line):
            self.unreadable = True
        return line


def _open(path: Path, encoding: str) -> TextIO:
    return io.TextIOWrapper(path.open("rb"), encoding=encoding, errors=ON_INVALID, newline="")


def _from_header(lines: _Lines, delimiter: str, header_line: int, by_row: bool) -> Any:
    """Return a reader whose first row is the header."""
    if not by_row:
        lines.skip(header_line - 1)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    for _ in range(header_line - 1 if by_row else 0):
        next(reader, [])
    return reader


def _header(stream: TextIO, delimiter: str, header_line: int, by_row: bool) -> list[str]:
    try:
        cells: list[str] = next(_from_header(_Lines(stream), delimiter, header_line, by_row), [])
    except csv.Error as error:
        raise FileRefused([faults.broken(error, 1, 1)]) from None
    return cells
