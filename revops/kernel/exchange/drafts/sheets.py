"""The structure of a sheet that its values do not show: what is hidden, merged, or the result of a formula."""

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from defusedxml.ElementTree import fromstring, iterparse
from openpyxl.utils import get_column_letter, range_boundaries

from revops.kernel.exchange.findings import Located, Weight

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_LINKS = "{http://schemas.openxmlformats.org/package/2006/relationships}"
_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_TOLD = 5
MAX_BARE = 100_000
MAX_SHEET_ROWS, MAX_SHEET_COLUMNS = 1_048_576, 16_384
MAX_MERGED = 10_000


@dataclass(slots=True)
class Structure:
    """What a pass over a sheet found. Rows count from 1, columns from 0; `bare_formulas` have no computed value."""

    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    merged: list[str] = field(default_factory=list)
    formulas: int = 0
    bare_formulas: dict[int, set[int]] = field(default_factory=dict)
    bare: int = 0
    first_formulas: list[str] = field(default_factory=list)

    def notes(self) -> Iterator[Located]:
        """Yield what somebody has to know before the values are believed."""
        if self.formulas:
            yield _note(
                "IMP-033",
                f"{self.formulas:,} cells are formulas; the value they had when the file was saved is imported.",
                found=", ".join(self.first_formulas),
            )
        if self.bare:
            places = [
                f"{get_column_letter(column + 1)}{row}"
                for row, columns in list(self.bare_formulas.items())[:_TOLD]
                for column in sorted(columns)[:_TOLD]
            ]
            yield _note(
                "IMP-032",
                f"{self.bare:,} cells are formulas without a value: the file was never computed there.",
                weight=Weight.WARNING,
                found=", ".join(places[:_TOLD]),
                needed="a value in each cell that is imported",
                remedy="Open the file in a spreadsheet program and save it, or write the cells anew here.",
            )
        if self.merged:
            yield _note(
                "IMP-034",
                f"{len(self.merged):,} areas of cells are merged; only the first cell of each holds the value.",
                weight=Weight.WARNING,
                found=", ".join(self.merged[:_TOLD]),
                remedy="Look whether the other cells should hold it as well; if so, unmerge and fill them.",
            )
        if self.hidden_rows or self.hidden_columns:
            yield _note(
                "IMP-035",
                f"{len(self.hidden_rows):,} rows and {len(self.hidden_columns):,} columns of the sheet are hidden.",
                weight=Weight.WARNING,
                needed="a decision",
                remedy="Say whether they are imported.",
            )


def _note(code: str, message: str, *, weight: Weight = Weight.NOTICE, **more: Any) -> Located:
    return Located(code, message, weight=weight, **more)


def structure_of(path: Path, sheet: str) -> Structure:
    """Walk through the XML of one sheet once, in bounded memory. Raises KeyError for a sheet that is not there."""
    found = Structure()
    with zipfile.ZipFile(path) as archive, archive.open(_part_of(archive, sheet)) as stream:
        _walk(stream, found)
    return found


def _part_of(archive: zipfile.ZipFile, sheet: str) -> str:
    """Return the name of the part that holds the sheet of this name."""
    book = fromstring(archive.read("xl/workbook.xml"))
    links = fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    targets = {link.get("Id"): link.get("Target") or "" for link in links.iter(f"{_LINKS}Relationship")}
    for one in book.iter(f"{_MAIN}sheet"):
        if one.get("name") == sheet:
            target = targets[one.get(_ID)]
            return target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    raise KeyError(f"no sheet {sheet!r}")


def _walk(stream: IO[bytes], found: Structure) -> None:
    row, place, root = 0, -1, None
    for event, element in iterparse(stream, events=("start", "end")):
        tag = element.tag
        if event == "start":
            root = element if root is None else root
            if tag == f"{_MAIN}row":
                row, place = _within(int(element.get("r") or row + 1), MAX_SHEET_ROWS), -1
                if element.get("hidden") in ("1", "true"):
                    found.hidden_rows.add(row)
            continue
        if tag == f"{_MAIN}c":
            place = _within(_place(element.get("r") or "", place), MAX_SHEET_COLUMNS - 1)
            if element.find(f"{_MAIN}f") is not None:
                _formula(element, row, place, found)
            element.clear()
        elif tag == f"{_MAIN}row":
            element.clear()
            _forget(root)
        elif tag == f"{_MAIN}col" and element.get("hidden") in ("1", "true"):
            first, last = int(element.get("min") or 1), int(element.get("max") or 1)
            found.hidden_columns.update(range(first - 1, min(last, MAX_SHEET_COLUMNS)))
        elif tag == f"{_MAIN}mergeCell" and len(found.merged) < MAX_MERGED:
            area = element.get("ref") or ""
            range_boundaries(area)
            found.merged.append(area)


def _within(number: int, most: int) -> int:
    """Return a row or column number. Raises ValueError beyond what a sheet can have."""
    if number > most:
        raise ValueError(f"a cell in row or column {number:,}; a sheet ends at {most:,}")
    return number


def _place(reference: str, before: int) -> int:
    """Return the column of a cell reference such as AB12, from 0; without one, the column after the last."""
    number = 0
    for char in reference:
        if not char.isalpha():
            break
        number = number * 26 + ord(char.upper()) - 64
    return number - 1 if number else before + 1


def _formula(cell: Any, row: int, place: int, found: Structure) -> None:
    found.formulas += 1
    if len(found.first_formulas) < _TOLD:
        found.first_formulas.append(f"{get_column_letter(place + 1)}{row}")
    value = cell.find(f"{_MAIN}v")
    if value is None or (value.text is None and cell.get("t") != "str"):
        found.bare += 1
        if found.bare <= MAX_BARE:
            found.bare_formulas.setdefault(row, set()).add(place)


def _forget(root: Any) -> None:
    """Let go of the rows that were read: iterparse keeps what it has built."""
    for part in root:
        if part.tag == f"{_MAIN}sheetData":
            part.clear()
