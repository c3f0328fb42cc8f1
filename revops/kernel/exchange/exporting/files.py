"""The files of exports: where they lie, and the two forms in which rows are streamed into them.

A file has a random name, is readable by the product alone, and appears under its name only when it is whole.
"""

import csv
import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol
from uuid import uuid4

from django.conf import settings
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font

from revops.kernel.exchange.defusing import defused
from revops.kernel.exchange.exporting.enums import ExportFormat

PART = ".part"
_CHUNK = 1024 * 1024
_FORMS = {date: "yyyy-mm-dd", datetime: "yyyy-mm-dd hh:mm:ss"}


class Sheet(Protocol):
    """Takes rows one by one; `close` completes the file, `abandon` lets go of it."""

    def add(self, cells: Sequence[Any]) -> None: ...

    def close(self) -> None: ...

    def abandon(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Written:
    """A file that is whole: its name in the folder, its size in bytes, its SHA-256."""

    name: str
    size: int
    sha256: str


def folder() -> Path:
    """Return the folder of the files, made when it is not there."""
    path = Path(settings.EXPORT_DIR)
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


class CsvSheet:
    """CSV as RFC 4180 says, in UTF-8 with a byte order mark, so that spreadsheets read accents."""

    def __init__(self, path: Path, headings: Sequence[str], *, exact: bool) -> None:
        self._exact = exact
        self._file = path.open("w", encoding="utf-8-sig", newline="")
        self._writer = csv.writer(self._file)
        self._writer.writerow([self._text(heading) for heading in headings])

    def add(self, cells: Sequence[Any]) -> None:
        self._writer.writerow([self._text(cell) if isinstance(cell, str) else _plain(cell) for cell in cells])

    def _text(self, text: str) -> str:
        return text if self._exact else defused(text)

    def close(self) -> None:
        self._file.close()

    def abandon(self) -> None:
        with suppress(OSError):  # what is still to be written does not fit either
            self._file.close()


def _plain(cell: Any) -> str:
    match cell:
        case None:
            return ""
        case Decimal():
            return amount(cell)
        case datetime():
            return cell.isoformat(sep=" ", timespec="seconds")
        case date():
            return cell.isoformat()
    return str(cell)


def amount(value: Decimal) -> str:
    """Return an amount with two decimals, four where two would lose something."""
    return f"{value:.4f}".removesuffix("00")


class XlsxSheet:
    """One sheet of a workbook, written row by row; text is text whatever it looks like, numbers are numbers."""

    def __init__(self, path: Path, headings: Sequence[str], *, exact: bool) -> None:
        self._path, self._exact = path, exact
        self._book = Workbook(write_only=True)
        self._sheet = self._book.create_sheet("Export")
        self._sheet.freeze_panes = "B2"
        self._cells: dict[tuple[int, str], Any] = {}
        heads = [self._cell(place, heading) for place, heading in enumerate(headings)]
        for head in heads:
            head.font = Font(bold=True)
        self._sheet.append(heads)
        self._cells.clear()

    def add(self, cells: Sequence[Any]) -> None:
        self._sheet.append([self._cell(place, cell) for place, cell in enumerate(cells)])

    def _cell(self, place: int, value: Any) -> Any:
        """Return the cell of a column with this value. A row is written at once, so its cells serve the next one."""
        if value is None:
            return None
        if isinstance(value, str):
            made = self._kept(place, "")
            text = ILLEGAL_CHARACTERS_RE.sub("\N{REPLACEMENT CHARACTER}", value)
            made.value = text if self._exact else defused(text)
            made.data_type = "s"  # never a formula, never an error value
            return made
        form = _FORMS.get(type(value), "General")
        if isinstance(value, Decimal):
            form = "#,##0.00" if value == round(value, 2) else "#,##0.0000"
        made = self._kept(place, form)
        made.value = value
        return made

    def _kept(self, place: int, form: str) -> Any:
        made = self._cells.get((place, form))
        if made is None:
            made = self._cells[place, form] = WriteOnlyCell(self._sheet)
            if form:
                made.number_format = form
        return made

    def close(self) -> None:
        self._book.save(self._path)

    def abandon(self) -> None:
        with suppress(OSError):
            self._sheet.close()
        with suppress(OSError):
            self._sheet._writer.cleanup()


_SHEETS: dict[str, Any] = {ExportFormat.CSV: CsvSheet, ExportFormat.XLSX: XlsxSheet}


@dataclass(slots=True)
class Draft:
    """A file on its way: rows go into `sheet`, `finish` gives it its name. Left without, nothing stays behind."""

    sheet: Sheet
    part: Path
    written: Written | None = None

    def finish(self) -> Written:
        """Complete the file, bring it to disk and give it its name."""
        self.sheet.close()
        sha256, size = _digest(self.part)
        whole = self.part.with_name(self.part.name.removesuffix(PART))
        self.part.replace(whole)
        self.written = Written(whole.name, size, sha256)
        return self.written


@contextmanager
def drafted(format: str, headings: Sequence[str], *, exact: bool) -> Iterator[Draft]:
    """Open a file under a random name; on the way out of a failure what there is of it is deleted."""
    part = folder() / f"{uuid4().hex}.{format}{PART}"
    part.touch(mode=0o600)
    draft: Draft | None = None
    try:
        draft = Draft(_SHEETS[format](part, headings, exact=exact), part)
        yield draft
    finally:
        if draft is None or draft.written is None:
            if draft is not None:
                draft.sheet.abandon()
            part.unlink(missing_ok=True)


def _digest(path: Path) -> tuple[str, int]:
    sha256, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        os.fsync(file.fileno())
        while chunk := file.read(_CHUNK):
            sha256.update(chunk)
            size += len(chunk)
    return sha256.hexdigest(), size


def path_of(stored_name: str) -> Path:
    """Return where a stored file lies. Raises ValueError for a name that is none of ours."""
    if not stored_name or Path(stored_name).name != stored_name:
        raise ValueError(f"{stored_name!r} is no name of an export's file.")
    return folder() / stored_name


def delete(stored_name: str) -> None:
    """Delete a file; one that is gone already is no trouble."""
    if stored_name:
        path_of(stored_name).unlink(missing_ok=True)
