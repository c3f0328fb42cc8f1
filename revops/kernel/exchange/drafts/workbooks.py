"""From an Excel workbook to the table that the engine reads: values as they are shown, formulas never computed.

The archive is judged before anything of it is parsed: how many parts, how large unpacked, how strongly packed. Then
one pass over a sheet's structure (what is hidden, merged, a formula), then one over its values, row by row, into a
CSV file in UTF-8 in which line n is row n of the sheet.
"""

import csv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from warnings import catch_warnings, simplefilter

from openpyxl import load_workbook

from revops.kernel.exchange import faults
from revops.kernel.exchange.cells import ERROR_VALUE, NO_VALUE
from revops.kernel.exchange.drafts.archives import BROKEN, broken
from revops.kernel.exchange.drafts.sheets import Structure, structure_of
from revops.kernel.exchange.findings import FileRefused, Located
from revops.kernel.exchange.reading import MAX_ROWS

_ZEROS = frozenset("0")


@dataclass(frozen=True, slots=True)
class SheetInfo:
    """A sheet by name: whether it is hidden, and its used area as the file tells it."""

    name: str
    is_hidden: bool
    rows: int
    columns: int


@dataclass(frozen=True, slots=True)
class Converted:
    """A sheet that became a table: what has to be told about it, and how much of it is hidden."""

    notes: tuple[Located, ...]
    hidden_rows: int
    hidden_columns: int


def sheets(path: Path) -> list[SheetInfo]:
    """Return the sheets of a workbook that was judged. Raises FileRefused when it cannot be read or has none."""
    try:
        with _opened(path) as book:
            found = [
                SheetInfo(
                    sheet.title, sheet.sheet_state != "visible", sheet.max_row or 0, sheet.max_column or 0
                )
                for sheet in book.worksheets
            ]
    except BROKEN as error:
        raise FileRefused([broken(error)]) from None
    if not found:
        raise FileRefused(
            [Located("IMP-003", "The workbook has no sheet with cells.", needed="a sheet with a header row")]
        )
    return found


def convert(path: Path, sheet: str, target: Path, *, with_hidden: bool) -> Converted:
    """Write the cells of one sheet to `target` as CSV; return what has to be told.

    Rows and columns that are hidden are left empty unless `with_hidden`. A formula gives the value that the program
    which wrote the file has computed; one without such a value, and an error value, become marks that no field
    takes. Raises FileRefused.
    """
    try:
        structure = structure_of(path, sheet)
        with _opened(path) as book, target.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream)
            table = book[sheet]
            table.reset_dimensions()
            for number, row in enumerate(table.iter_rows(), start=1):
                hidden = not with_hidden and number in structure.hidden_rows
                writer.writerow([] if hidden else list(_cells(row, number, structure, with_hidden)))
    except BROKEN as error:
        raise FileRefused([broken(error)]) from None
    return Converted(tuple(structure.notes()), len(structure.hidden_rows), len(structure.hidden_columns))


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """Open a workbook for its values alone."""
    with path.open("rb") as stream:  # by its name openpyxl would ask for a suffix
        with catch_warnings():
            simplefilter("ignore")  # openpyxl warns of what it leaves out: styles, extensions, validations
            book: Any = load_workbook(stream, read_only=True, data_only=True, keep_links=False)
        try:
            yield book
        finally:
            book.close()


def _cells(row: Sequence[Any], number: int, structure: Structure, with_hidden: bool) -> Iterator[str]:
    """Yield the texts of one row, up to its last cell. Raises FileRefused for a row that is too wide."""
    last = max((place for place, cell in enumerate(row) if cell.value is not None), default=-1)
    if last >= faults.MAX_COLUMNS:
        raise FileRefused([_too_wide(number, last + 1)])
    if number > MAX_ROWS and last >= 0:
        raise FileRefused([faults.too_many_rows(number, MAX_ROWS)])
    bare = structure.bare_formulas.get(number, set())
    for place in range(max(last, max(bare, default=-1)) + 1):
        if not with_hidden and place in structure.hidden_columns:
            yield ""
        elif place in bare:
            yield NO_VALUE
        else:
            yield shown_text(row[place]) if place < len(row) else ""


def _too_wide(number: int, columns: int) -> Located:
    return Located(
        "IMP-007",
        "The sheet has too many columns.",
        line=number,
        found=f"{columns:,} columns",
        needed=f"at most {faults.MAX_COLUMNS}",
        remedy="Delete the columns that are not to be imported.",
    )


def shown_text(cell: Any) -> str:
    """Return the text of a cell: dates as ISO, numbers as they are shown, without the noise of binary fractions."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, str):
        return ERROR_VALUE + value if cell.data_type == "e" else value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime):
        moment = _whole_second(value)
        return moment.date().isoformat() if moment.time() == time() else moment.isoformat(" ")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    return _number(value, str(cell.number_format or ""))


def _whole_second(value: datetime) -> datetime:
    """A date is a fraction of days, so that its seconds come out a few microseconds off."""
    return (value + timedelta(milliseconds=500)).replace(microsecond=0)


def _number(value: float, form: str) -> str:
    """Return a number with the 15 digits a spreadsheet keeps; a format of zeros pads it (01234)."""
    text = str(value) if isinstance(value, int) else f"{value:.15g}"
    if "e" in text:
        text = f"{value:.15f}".rstrip("0").rstrip(".") if abs(value) < 1 else f"{value:.0f}"
    if form and set(form) <= _ZEROS and text.isdigit():
        return text.zfill(len(form))
    return text
