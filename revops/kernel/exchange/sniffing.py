"""What a file is before it is read: its size, its checksum, its encoding. Nothing is guessed in silence.

A file is text in the encoding that was named, else in the one its byte order mark names, else in UTF-8. If it is
none of these, a likely encoding is proposed (`Encoding.proposed`), which a dry run shows and a real run asks for.
"""

import codecs
import hashlib
from dataclasses import dataclass
from pathlib import Path

from revops.kernel.exchange.findings import FileRefused, Located, Weight

MAX_SIZE = 512 * 1024 * 1024
INVALID = "\udcff"  # stands for bytes that are not text in this encoding; no valid file decodes to it
ON_INVALID = "exchange_invalid"
_CHUNK = 1024 * 1024
_SAMPLE = 64 * 1024

codecs.register_error(ON_INVALID, lambda error: (INVALID, error.end))  # type: ignore[attr-defined]

ENCODINGS = {
    "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1250", "cp1251", "cp1252", "cp1253", "cp1254",
    "cp1255", "cp1256", "cp1257", "cp1258", "cp437", "cp850", "iso8859-1", "iso8859-2", "iso8859-5", "iso8859-7",
    "iso8859-9", "iso8859-15", "mac-roman", "koi8-r", "koi8-u", "shift_jis", "cp932", "euc_jp", "gb18030", "gbk",
    "big5", "euc_kr", "cp949",
}  # fmt: skip
_MAGIC = {
    b"\x89PNG": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"GIF8": "a GIF picture",
    b"%PDF": "a PDF document",
    b"PK\x03\x04": "an Excel workbook or another ZIP archive",
    b"PK\x05\x06": "an empty ZIP archive",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook or Word document",
    b"\x1f\x8b": "a gzip archive",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ": "an xz archive",
    b"7z\xbc\xaf": "a 7-Zip archive",
    b"SQLite format 3": "an SQLite database",
    b"\x7fELF": "a program",
    b"{\\rtf": "an RTF document",
}
_SAVE = "Save it as CSV UTF-8."
_REMEDIES = {
    "a PDF document": "A PDF holds no table: export CSV or .xlsx from the program that made it.",
    "an old Excel workbook or Word document": "Save it as an Excel workbook (.xlsx) without password, or as CSV UTF-8.",
    "an Excel workbook or another ZIP archive": "Upload it in the import wizard, or save it as CSV UTF-8.",
}
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


@dataclass(frozen=True, slots=True)
class Sniffed:
    """The bytes of a file: how many, their SHA-256, and the encoding in which they are text."""

    size: int
    sha256: str
    encoding: str
    proposed: bool
    findings: tuple[Located, ...]


@dataclass(slots=True)
class _Counts:
    """What a pass over the bytes as UTF-8 found."""

    valid: int = 0
    invalid: int = 0
    undefined: bool = False


def sniff(path: Path, encoding: str = "") -> Sniffed:
    """Look at all bytes of a file. Raises FileRefused when it is too big, empty or no text."""
    size = path.stat().st_size
    if size > MAX_SIZE:
        raise _refused(
            "IMP-001", "The file is too big.", _mib(size), f"at most {_mib(MAX_SIZE)}", "Split it."
        )
    if size == 0:
        raise _refused("IMP-003", "The file is empty.", "0 bytes", "a header line", "Export it again.")
    with path.open("rb") as file:
        head = file.read(_SAMPLE)
    named = _named(encoding) if encoding else ""
    marked = next((name for mark, name in _MARKS if head.startswith(mark)), "")
    refuse_binary(head, utf16=(named or marked).startswith("utf-16"))
    sha256, counts = _pass(path)
    if named:
        return Sniffed(size, sha256, named, False, ())
    if marked:
        return Sniffed(size, sha256, marked, False, ())
    if not counts.invalid or counts.valid > counts.invalid:
        return Sniffed(size, sha256, "utf-8", False, ())
    likely = "iso8859-1" if counts.undefined else "cp1252"
    return Sniffed(size, sha256, likely, True, (_proposal(likely),))


def _named(encoding: str) -> str:
    try:
        name = codecs.lookup(encoding).name
    except LookupError:
        name = ""
    if name not in ENCODINGS:
        raise _refused(
            "IMP-004",
            "The encoding is not known.",
            encoding[:40],
            "one of " + ", ".join(sorted(ENCODINGS)),
            "Name another encoding, or none to have it detected.",
        )
    return name


def refuse_binary(head: bytes, *, utf16: bool) -> None:
    """Refuse what is not text, as far as its beginning tells."""
    kind = next((what for magic, what in _MAGIC.items() if head.startswith(magic)), "")
    if kind or head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        kind = kind or "text in UTF-32"
        raise _refused(
            "IMP-002", f"The file is {kind}, not CSV.", kind, "a CSV text file", _REMEDIES.get(kind, _SAVE)
        )
    nulls = head.count(0)
    if utf16 or not nulls:
        return
    pairs = max(len(head) // 2, 1)
    for start, name in ((1, "utf-16-le"), (0, "utf-16-be")):
        if head[start::2].count(0) > pairs * 0.6 and head[1 - start :: 2].count(0) < pairs * 0.05:
            raise _refused(
                "IMP-004",
                "The file looks like UTF-16 without a byte order mark.",
                name,
                "UTF-8, or UTF-16 with a byte order mark",
                f"Save it as CSV UTF-8, or name the encoding {name}.",
            )
    if nulls > max(8, len(head) // 1000):
        what = f"{nulls} NUL bytes in the first {len(head)} bytes"
        raise _refused(
            "IMP-002", "The file is binary, not CSV.", what, "a CSV text file", "Save it as CSV UTF-8."
        )


def _pass(path: Path) -> tuple[str, _Counts]:
    """Read the file once: its checksum, and how much of it is UTF-8 beyond ASCII and how much is not."""
    sha256, counts = hashlib.sha256(), _Counts()
    decoder = codecs.getincrementaldecoder("utf-8")(ON_INVALID)
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            sha256.update(chunk)
            text = decoder.decode(chunk)
            if not text.isascii():
                invalid = text.count(INVALID)
                counts.invalid += invalid
                counts.valid += len(text) - len(text.encode("ascii", "ignore")) - invalid
                if invalid and any(byte in chunk for byte in b"\x81\x8d\x8f\x90\x9d"):
                    counts.undefined = True
    counts.invalid += decoder.decode(b"", True).count(INVALID)
    return sha256.hexdigest(), counts


def _proposal(likely: str) -> Located:
    return Located(
        code="IMP-004",
        message=f"The file is not UTF-8. It is read as {likely} here; look whether names with accents read well.",
        weight=Weight.WARNING,
        found=likely,
        needed="UTF-8, or an encoding that you name",
        remedy=f"Name the encoding ({likely} if the names read well), or save the file as CSV UTF-8.",
    )


def _refused(code: str, message: str, found: str, needed: str, remedy: str) -> FileRefused:
    return FileRefused([Located(code, message, found=found, needed=needed, remedy=remedy)])


def _mib(size: int) -> str:
    return f"{size / 1024 / 1024:,.0f} MiB"
