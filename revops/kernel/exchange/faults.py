"""What can be wrong with the lines of a file, in words."""

import csv
import re
from collections.abc import Iterator, Sequence

from revops.kernel.exchange.findings import Located, Weight, shown
from revops.kernel.exchange.sniffing import INVALID

MAX_COLUMNS = 500
MAX_LINE = 1024 * 1024
MAX_CELL = 131_072
_UNREADABLE = re.compile(f"[\0{INVALID}]")


def of_header(header: list[str]) -> Iterator[Located]:
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


def of_row(
    header: Sequence[str], encoding: str, line: int, number: int, cells: list[str]
) -> Iterator[Located]:
    width = len(header)
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
            "The cell holds a NUL character." if nul else f"The cell holds bytes that are not {encoding}.",
            line=line,
            row=number,
            column=header[place] if place < width else f"column {place + 1}",
            found=shown(cell),
            needed="text",
            remedy="Type the cell anew."
            if nul
            else "Save the file in one encoding (CSV UTF-8), or name the right one.",
        )


def repeated_header(line: int, number: int) -> Located:
    return Located(
        "IMP-106",
        "The row repeats the header.",
        line=line,
        row=number,
        needed="a record",
        remedy="Delete the line; it comes from joining two files.",
    )


def too_many_rows(line: int, limit: int) -> Located:
    return Located(
        "IMP-010",
        "The file has too many rows.",
        line=line,
        found=f"more than {limit:,}",
        needed=f"at most {limit:,} rows",
        remedy="Split the file.",
    )


def long_line(line: int) -> Located:
    return Located(
        "IMP-009",
        "The line is too long for a table.",
        line=line,
        found=f"more than {MAX_LINE:,} characters",
        needed=f"at most {MAX_LINE:,} characters a line",
        remedy="Look for a quotation mark that is not closed, or for a file that is no CSV.",
    )


def broken(error: csv.Error, begins: int, line: int) -> Located:
    """Translate what the csv module says: from here on nobody knows where a row ends."""
    if "field larger" in str(error):
        code, message, needed = "IMP-103", "A cell is too long.", f"at most {MAX_CELL:,} characters a cell"
    else:
        code, message = "IMP-102", "A quotation mark is not closed, or text follows a closed one."
        needed = 'quotation marks in pairs, one inside a text written twice: "a ""b"" c"'
    return Located(
        code,
        f"{message} From here on nobody knows where a row ends, so nothing of the file is imported.",
        line=begins,
        found=f"lines {begins} to {line}" if line > begins else f"line {begins}",
        needed=needed,
        remedy="Mend the quotation marks there, or export the file again.",
    )
