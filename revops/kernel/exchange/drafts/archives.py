"""The ZIP archive around a workbook, judged before anything of it is parsed (security.md B05)."""

import zipfile
from collections.abc import Sequence
from pathlib import Path
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from openpyxl.utils.exceptions import InvalidFileException

from revops.kernel.exchange.findings import FileRefused, Located

MAX_PARTS = 2_000
MAX_UNPACKED = 1024 * 1024 * 1024
MAX_PART = 768 * 1024 * 1024
MAX_TEXTS_SIZE = 48 * 1024 * 1024
MAX_TEXTS = 1_000_000
MAX_OTHER = 16 * 1024 * 1024
MAX_RATIO = 200
_SMALL = 1024 * 1024
_TEXTS = "xl/sharedStrings.xml"
BROKEN = (
    zipfile.BadZipFile,
    InvalidFileException,
    DefusedXmlException,
    ParseError,
    KeyError,
    ValueError,
    TypeError,
    AttributeError,
    IndexError,
    EOFError,
    OverflowError,
    NotImplementedError,
    RuntimeError,
)


def is_archive(path: Path) -> bool:
    """Say whether a file begins as a ZIP archive does."""
    with path.open("rb") as file:
        return file.read(4) in (b"PK\x03\x04", b"PK\x05\x06")


def judge(path: Path) -> None:
    """Refuse an archive that is no workbook, or would grow beyond all measure, before any of it is parsed."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            _require_workbook({part.filename for part in parts})
            _require_measure(parts)
            if any(part.filename == _TEXTS for part in parts):
                _require_few_texts(archive)
    except BROKEN as error:
        raise FileRefused([broken(error)]) from None


def _require_workbook(names: set[str]) -> None:
    if "xl/workbook.xml" in names and "[Content_Types].xml" in names:
        return
    kind, remedy = "a ZIP archive", "Unpack it and upload the file inside."
    if any(name.endswith(".iwa") for name in names):
        kind, remedy = "a Numbers document", "In Numbers choose File, Export To, CSV or Excel."
    elif "content.xml" in names and "mimetype" in names:
        kind, remedy = "an OpenDocument file", "Save it as CSV or as an Excel workbook (.xlsx)."
    elif "xl/workbook.bin" in names:
        kind, remedy = "a binary Excel workbook (.xlsb)", "Save it as an Excel workbook (.xlsx) or as CSV."
    elif any(name.startswith("word/") for name in names):
        kind, remedy = "a Word document", "Save its table as CSV or as an Excel workbook (.xlsx)."
    raise FileRefused(
        [Located("IMP-002", f"The file is {kind}.", found=kind, needed="CSV or .xlsx", remedy=remedy)]
    )


def _require_measure(parts: Sequence[zipfile.ZipInfo]) -> None:
    unpacked = sum(part.file_size for part in parts)
    found = ""
    if len(parts) > MAX_PARTS:
        found = f"{len(parts):,} parts (at most {MAX_PARTS:,})"
    elif unpacked > MAX_UNPACKED:
        found = f"{unpacked / _SMALL:,.0f} MiB unpacked (at most {MAX_UNPACKED / _SMALL:,.0f})"
    else:
        for part in parts:
            limit = MAX_OTHER
            if part.filename.startswith("xl/worksheets/"):
                limit = MAX_PART
            elif part.filename == _TEXTS:
                limit = MAX_TEXTS_SIZE
            elif not part.filename.endswith((".xml", ".rels")):
                limit = MAX_UNPACKED
            packed = max(part.compress_size, 1)
            if part.file_size > limit:
                found = f"a part of {part.file_size / _SMALL:,.0f} MiB (at most {limit / _SMALL:,.0f})"
            elif part.file_size > _SMALL and part.file_size / packed > MAX_RATIO:
                found = f"a part packed {part.file_size // packed:,} to 1 (at most {MAX_RATIO} to 1)"
    if found:
        raise FileRefused([_too_much(found)])


def _require_few_texts(archive: zipfile.ZipFile) -> None:
    """Count the distinct texts of a workbook: reading it holds all of them in memory."""
    count, tail = 0, b""
    with archive.open(_TEXTS) as stream:
        while chunk := stream.read(_SMALL):
            count += (tail + chunk).count(b"<si>") + (tail + chunk).count(b"<si ")
            tail = chunk[-3:]
            if count > MAX_TEXTS:
                raise FileRefused([_too_much(f"more than {MAX_TEXTS:,} different texts")])


def _too_much(found: str) -> Located:
    return Located(
        "IMP-030",
        f"The workbook unpacks to more than can be read: {found}.",
        found=found,
        needed="a workbook of ordinary size",
        remedy="Save the sheet as CSV UTF-8 and upload that.",
    )


def broken(error: Exception) -> Located:
    what = (str(error).strip().splitlines() or [type(error).__name__])[0][:120]
    return Located(
        "IMP-031",
        "The workbook cannot be read: it is damaged, protected by a password, or holds what it should not.",
        found=what,
        needed="an Excel workbook (.xlsx)",
        remedy="Open it in a spreadsheet program, save it as .xlsx or as CSV UTF-8, and upload that.",
    )
