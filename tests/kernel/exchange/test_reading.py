"""What a file may be, and what it is refused for: each finding with its line and column."""

import io
import zipfile

import pytest

from revops.kernel.exchange import reading, sniffing
from revops.kernel.exchange.reading import look, records
from tests.kernel.exchange.files import Csv, cells, refused


def _workbook() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", [("IMP-003", 0, "")]),
        (b"\n\n", [("IMP-003", 1, "")]),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 100, [("IMP-002", 0, "")]),
        (_workbook(), [("IMP-002", 0, "")]),
        (b"%PDF-1.7\n1 0 obj\n", [("IMP-002", 0, "")]),
        (bytes(range(256)) * 40, [("IMP-002", 0, "")]),
        ("Id,Name\n1,Müller\n".encode("utf-16-le"), [("IMP-004", 0, "")]),
        ("Id,Name\n1,Müller\n".encode("utf-16-be"), [("IMP-004", 0, "")]),
        ("Id,Name\n1,Müller\n".encode("utf-32"), [("IMP-002", 0, "")]),
        (b"Id,Name,name \n1,a,b\n", [("IMP-008", 1, "name")]),
        (",".join(f"c{i}" for i in range(2_000)).encode() + b"\n", [("IMP-007", 1, "")]),
        (b"Id,Na\0me\n1,a\n", [("IMP-104", 1, "Na�me")]),
        (b'Id,Name\n1,a\n2,"b\n3,c\n', [("IMP-102", 3, "")]),
        (b'Id,Name\n1,"a"b\n2,c\n', [("IMP-102", 2, "")]),
        (b"Id,Name\n1," + b"x" * 131_073 + b"\n", [("IMP-103", 2, "")]),
        (b"Id,Name\n1," + b"x" * 2_000_000 + b"\n", [("IMP-009", 2, "")]),
        (b'Id,Name\n1,"' + b"x\n" * 100_000, [("IMP-103", 2, "")]),
        (b'"""' * 1_000_000, [("IMP-009", 1, "")]),
        (b"a;b,c\n1;2,3\n", [("IMP-006", 1, "")]),
    ],
)
def test_file_is_refused_as_a_whole(
    csv_file: Csv, content: bytes, expected: list[tuple[str, int, str]]
) -> None:
    assert refused(csv_file(content)) == expected


@pytest.mark.parametrize(
    ("encoding", "read_as"), [("utf-8", "utf-8"), ("utf-8-sig", "utf-8-sig"), ("utf-16", "utf-16")]
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_text_is_read_as_it_was_written(
    csv_file: Csv, encoding: str, read_as: str, delimiter: str, ending: str
) -> None:
    rows = [["Id", "Name"], ["1", "Société Générale"], ["2", "株式会社"]]
    path = csv_file("".join(delimiter.join(row) + ending for row in rows), encoding)
    source = look(path)
    assert (source.sniffed.encoding, source.delimiter, source.header) == (read_as, delimiter, ("Id", "Name"))
    assert cells(path) == rows[1:]


def test_lines_and_numbers_count_records_that_span_lines_and_pass_over_blank_ones(csv_file: Csv) -> None:
    path = csv_file('Id,Name\n1,"a\nb"\n\n,\n2,c\n')
    assert [(one.line, one.number, one.cells) for one in records(look(path))] == [
        (2, 1, ["1", "a\nb"]),
        (6, 2, ["2", "c"]),
    ]


def test_ragged_rows_tell_both_counts(csv_file: Csv) -> None:
    found = [one.findings for one in records(look(csv_file("Id,Name\n1\n2,a\n3,b,c\n")))]
    assert [[(f.code, f.line, f.row, f.found, f.needed) for f in findings] for findings in found] == [
        [("IMP-101", 2, 1, "1 cells", "2 cells")],
        [],
        [("IMP-101", 4, 3, "3 cells", "2 cells")],
    ]


def test_header_in_the_middle_is_a_finding(csv_file: Csv) -> None:
    found = [
        [f.code for f in one.findings] for one in records(look(csv_file("Id,Name\n1,a\nId,Name\n2,b\n")))
    ]
    assert found == [[], ["IMP-106"], []]


def test_bytes_that_are_no_text_and_nuls_are_findings_with_their_column(csv_file: Csv) -> None:
    path = csv_file(b"Id,Name,City\n1,M\xc3\xbcller,K\xc3\xb6ln\n2,M\xfcller,Bonn\n3,a\0b,Rome\n")
    found = [[(f.code, f.line, f.column, f.found) for f in one.findings] for one in records(look(path))]
    assert found == [[], [("IMP-104", 3, "Name", "M�ller")], [("IMP-105", 4, "Name", "a�b")]]


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Müller", "cp1252"),
        ("Zażółć gęślą", "cp1250"),
        ("Привет", "cp1251"),
        ("株式会社", "shift_jis"),
        ("株式会社", "gb18030"),
        ("Müller", "iso8859-1"),
    ],
)
def test_other_encodings_are_proposed_never_taken_and_read_right_once_named(
    csv_file: Csv, text: str, encoding: str
) -> None:
    path = csv_file(f"Id,Name\n1,{text}\n", encoding)
    proposed = look(path)
    assert proposed.sniffed.proposed
    assert [finding.code for finding in proposed.findings] == ["IMP-004"]
    assert cells(path, encoding=encoding) == [["1", text]]


@pytest.mark.parametrize("encoding", ["rot13", "unicode_escape", "idna", "zlib", "nonsense", "utf-7"])
def test_encodings_that_are_none_are_refused(csv_file: Csv, encoding: str) -> None:
    assert refused(csv_file("Id,Name\n1,a\n"), encoding=encoding) == [("IMP-004", 0, "")]


def test_limits_hold_before_the_file_is_parsed(csv_file: Csv, monkeypatch: pytest.MonkeyPatch) -> None:
    path = csv_file("Id,Name\n" + "\n" * 50 + "1,a\n2,b\n3,c\n")
    monkeypatch.setattr(reading, "MAX_ROWS", 2)
    assert refused(path) == [("IMP-010", 3, "")]
    monkeypatch.setattr(sniffing, "MAX_SIZE", 10)
    assert refused(path) == [("IMP-001", 0, "")]


def test_missing_file_is_refused(csv_file: Csv) -> None:
    assert refused(csv_file.folder / "nothing.csv") == [("IMP-001", 0, "")]


def test_columns_without_a_name_are_told_and_left_out(csv_file: Csv) -> None:
    source = look(csv_file("Id,Name,,\n1,a,,\n"))
    assert [(finding.code, finding.weight) for finding in source.findings] == [
        ("IMP-011", "notice"),
        ("IMP-011", "notice"),
    ]
    assert cells(source.path) == [["1", "a", "", ""]]


def test_file_with_one_column_is_read(csv_file: Csv) -> None:
    assert cells(csv_file("Name\nAcme\nBeta\n")) == [["Acme"], ["Beta"]]


def test_delimiter_inside_quotation_marks_does_not_count(csv_file: Csv) -> None:
    path = csv_file('Id;Name\n1;"a, b, c, d"\n2;"e, f, g, h"\n')
    assert look(path).delimiter == ";"
    assert cells(path) == [["1", "a, b, c, d"], ["2", "e, f, g, h"]]
