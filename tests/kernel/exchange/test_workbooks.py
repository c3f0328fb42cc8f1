"""Workbooks become tables: as shown, nothing computed, no archive believed (B04, B05)."""

import io
import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from accounts.models import Account
from revops.kernel.exchange.cells import ERROR_VALUE, NO_VALUE
from revops.kernel.exchange.drafts import archives, sheets, wizard, workbooks
from revops.kernel.exchange.findings import FileRefused
from tests.cast import Cast
from tests.kernel.exchange.files import cells
from tests.kernel.exchange.wizards import checked, committed, import_dir, told, upload

__all__ = ["import_dir"]
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def book(*rows: list[Any], title: str = "Data") -> Workbook:
    made = Workbook()
    made.active.title = title
    for row in rows:
        made.active.append(row)
    return made


def saved(made: Workbook) -> bytes:
    target = io.BytesIO()
    made.save(target)
    return target.getvalue()


def rewritten(content: bytes, part: str, change: Any) -> bytes:
    """Return a workbook one part of which was changed."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            new.writestr(name, change(old.read(name)) if name == part else old.read(name))
    return target.getvalue()


@pytest.fixture
def put(tmp_path: Path) -> Any:
    def one(content: bytes) -> Path:
        path = tmp_path / "book.xlsx"
        path.write_bytes(content)
        return path

    return one


def table(path: Path, *, with_hidden: bool = True, sheet: str = "Data") -> list[list[str]]:
    target = path.with_suffix(".table")
    workbooks.convert(path, sheet, target, with_hidden=with_hidden)
    return cells(target, by_row=True)


def test_values_come_as_they_are_shown(put: Any) -> None:
    made = book(
        ["Id", "When", "At", "Postcode", "Sum", "Long", "Yes", "Tiny"],
        [1, date(2026, 2, 1), datetime(2026, 2, 1, 9, 30), 1234, 0.1 + 0.2, 12345678901234, True, 0.0000001],
        ["x", "01/02/2026", None, 1234567, 1234.5, -3, False, "NA"],
    )
    made.active["D2"].number_format = "00000"
    assert table(put(saved(made))) == [
        ["1", "2026-02-01", "2026-02-01 09:30:00", "01234", "0.3", "12345678901234", "TRUE", "0.0000001"],
        ["x", "01/02/2026", "", "1234567", "1234.5", "-3", "FALSE", "NA"],
    ]


def test_line_is_the_row_of_the_sheet(cast: Cast, import_dir: Path) -> None:
    made = book(["Id", "Name", "Description"], ["1", "Acme", "Two\nlines"], [], ["3", None, "x"])
    draft = checked(cast.rita, upload(cast.rita, saved(made), name="a.xlsx"))
    assert told(draft, "error") == [(4, "ACC-002", "Name")]


def test_formula_gives_its_stored_value_and_is_told(put: Any) -> None:
    content = saved(book(["Id", "Sum"], [1, "=1+1"], [2, "=2+2"]))
    stored = rewritten(
        content,
        "xl/worksheets/sheet1.xml",
        lambda xml: xml.replace(b"<f>1+1</f><v />", b"<f>1+1</f><v>2</v>").replace(
            b"<f>1+1</f><v></v>", b"<f>1+1</f><v>2</v>"
        ),
    )
    path = put(stored)
    assert table(path) == [["1", "2"], ["2", NO_VALUE]]
    notes = workbooks.convert(path, "Data", path.with_suffix(".again"), with_hidden=True).notes
    assert [(note.code, note.found) for note in notes] == [("IMP-033", "B2, B3"), ("IMP-032", "B3")]


def test_cell_without_value_is_a_finding_that_a_repair_cures(cast: Cast, import_dir: Path) -> None:
    made = book(["Id", "Name", "NumberOfEmployees"], ["1", "Acme", "=5+5"], ["2", "Beta", "#REF!"])
    made.active["C3"].data_type = "e"
    draft = checked(cast.rita, upload(cast.rita, saved(made), name="a.xlsx"))
    assert told(draft, "error") == [
        (2, "IMP-032", "NumberOfEmployees"),
        (3, "IMP-036", "NumberOfEmployees"),
    ]
    for line in (2, 3):
        wizard.repair(by=cast.rita, pk=draft.pk, line=line, place=2, text=str(line))
    draft = committed(cast.rita, draft)
    assert draft.state == "done"
    assert list(Account.objects.order_by("name").values_list("employees", flat=True)) == [2, 3]


def test_marks_are_never_shown(cast: Cast, import_dir: Path) -> None:
    draft = upload(cast.rita, saved(book(["Id", "Name"], ["1", "=5+5"])), name="a.xlsx")
    draft = checked(cast.rita, draft)
    shown = [*wizard.look(draft).preview[0], *(one.cell for one in wizard.findings(draft).rows)]
    shown += ["".join(wizard.error_file(draft, by=cast.rita))]
    assert [text for text in shown if NO_VALUE in text or ERROR_VALUE in text] == []


def test_merged_and_hidden_parts_are_told_and_asked_about(cast: Cast, import_dir: Path) -> None:
    made = book(["Id", "Name"], ["1", "Acme"], ["2", "Beta"], ["3", "Gamma"])
    made.active.row_dimensions[3].hidden = True
    made.active.merge_cells("B3:B4")
    draft = upload(cast.rita, saved(made), name="a.xlsx")
    codes = [note["code"] for note in wizard.look(draft).notes]
    assert codes == ["IMP-034", "IMP-035"]
    assert [question.key for question in wizard.look(draft).open_questions] == ["hidden"]
    assert wizard.look(draft).rows == 3
    draft = wizard.answer(by=cast.rita, pk=draft.pk, answers={"hidden": "leave_out"})
    look = wizard.look(draft)
    assert (look.rows, [list(row) for row in look.preview], look.open_questions) == (
        2,
        [["1", "Acme"], ["3", ""]],
        [],
    )


def test_hidden_column_can_be_left_out(put: Any) -> None:
    made = book(["Id", "Secret", "Name"], ["1", "x", "Acme"])
    made.active.column_dimensions["B"].hidden = True
    assert table(put(saved(made)), with_hidden=False) == [["1", "", "Acme"]]


def test_several_sheets_are_asked_about(cast: Cast, import_dir: Path) -> None:
    made = book(["Note"], ["Hello"], title="Cover")
    made.create_sheet("Accounts").append(["Id", "Name"])
    made["Accounts"].append(["1", "Acme"])
    made.create_sheet("Old").sheet_state = "hidden"
    draft = upload(cast.rita, saved(made), name="a.xlsx")
    (question,) = wizard.look(draft).open_questions
    assert (question.key, [one.value for one in question.choices]) == ("sheet", ["Cover", "Accounts", "Old"])
    assert "hidden" in question.choices[2].label
    with pytest.raises(wizard.Blocked) as refusal:
        wizard.check(by=cast.rita, pk=draft.pk)
    assert [(one.code, one.field) for one in refusal.value.findings] == [("IMP-021", "answers.sheet")]
    draft = wizard.answer(by=cast.rita, pk=draft.pk, answers={"sheet": "Accounts"})
    look = wizard.look(draft)
    assert (look.sheet, look.rows, look.open_questions, draft.mapping) == ("Accounts", 1, [], "salesforce")


def test_table_below_a_title_is_found_and_confirmed(cast: Cast, import_dir: Path) -> None:
    made = book(["Our customers"], [], ["Id", "Name", "Type"], ["1", "Acme", "Prospect"])
    draft = upload(cast.rita, saved(made), name="a.xlsx")
    look = wizard.look(draft)
    assert (look.header_line, [one.key for one in look.open_questions], list(look.lines)) == (
        3,
        ["header"],
        [4],
    )
    draft = wizard.answer(by=cast.rita, pk=draft.pk, answers={"header": "3"})
    assert wizard.look(draft).open_questions == []


# -- archives -------------------------------------------------------------------------------------------------


def read_whole(path: Path) -> None:
    archives.judge(path)
    workbooks.sheets(path)
    workbooks.convert(path, "Data", path.with_suffix(".table"), with_hidden=True)


def refused(content: bytes, put: Any) -> list[tuple[str, str]]:
    with pytest.raises(FileRefused) as refusal:
        read_whole(put(content))
    return [(finding.code, finding.found) for finding in refusal.value.located]


def archive(**parts: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in parts.items():
            made.writestr(name, content)
    return target.getvalue()


SHELL = {"[Content_Types].xml": b"<x/>", "xl/workbook.xml": b"<x/>"}


def test_bomb_is_refused_before_it_is_unpacked(put: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    content = archive(**SHELL, **{"xl/worksheets/sheet1.xml": b"0" * 50_000_000})
    monkeypatch.setattr(zipfile.ZipFile, "open", None)
    assert [code for code, _ in refused(content, put)] == ["IMP-030"]


@pytest.mark.parametrize(
    ("limit", "value"), [("MAX_PARTS", 1), ("MAX_UNPACKED", 10), ("MAX_PART", 10), ("MAX_OTHER", 10)]
)
def test_each_measure_of_an_archive_is_held(
    put: Any, monkeypatch: pytest.MonkeyPatch, limit: str, value: int
) -> None:
    content = saved(book(["Id"], ["1"]))
    archives.judge(put(content))
    monkeypatch.setattr(archives, limit, value)
    assert [code for code, _ in refused(content, put)] == ["IMP-030"]


def test_too_many_different_texts_are_refused(put: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MAX_TEXTS", 3)
    texts = b"<sst>" + b"<si><t>x</t></si>" * 4 + b"</sst>"
    content = archive(**SHELL, **{"xl/sharedStrings.xml": texts})
    assert refused(content, put) == [("IMP-030", "more than 3 different texts")]


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml"])
def test_entities_are_not_resolved(put: Any, tmp_path: Path, part: str) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("canary")
    head = f'<!DOCTYPE x [<!ENTITY e SYSTEM "file://{secret}">]>'.encode()

    def with_entity(xml: bytes) -> bytes:
        return head + (xml.partition(b"?>")[2] if xml.startswith(b"<?xml") else xml)

    content = rewritten(saved(book(["Id"], ["1"])), part, with_entity)
    assert [code for code, _ in refused(content, put)] == ["IMP-031"]


def test_sheet_that_lies_about_its_size_takes_no_time(put: Any) -> None:
    lying = rewritten(
        saved(book(["Id"], ["1"])),
        "xl/worksheets/sheet1.xml",
        lambda xml: xml.replace(b'ref="A1:A2"', b'ref="A1:XFD1048576"'),
    )
    assert table(put(lying)) == [["1"]]
    beyond = rewritten(
        saved(book(["Id"], ["1"])),
        "xl/worksheets/sheet1.xml",
        lambda xml: xml.replace(b'<row r="2"', b'<row r="99999999999"'),
    )
    assert [code for code, _ in refused(beyond, put)] == ["IMP-031"]


def test_too_many_columns_are_refused(put: Any) -> None:
    made = book(["Id"], ["1"])
    made.active.cell(row=2, column=16_384, value="x")
    assert refused(saved(made), put) == [("IMP-007", "16,384 columns")]


OTHERS = {
    "numbers": ({"Index/Document.iwa": b"x"}, "CSV"),
    "ods": ({"content.xml": b"x", "mimetype": b"x"}, ".xlsx"),
    "docx": ({"word/document.xml": b"x"}, "CSV"),
    "zip": ({"a.csv": b"x"}, "Unpack"),
    "xlsb": ({"xl/workbook.bin": b"x"}, ".xlsx"),
}


@pytest.mark.parametrize("kind", OTHERS)
def test_other_archives_are_refused_with_what_to_do(put: Any, kind: str) -> None:
    parts, remedy = OTHERS[kind]
    path = put(archive(**parts))
    with pytest.raises(FileRefused) as refusal:
        archives.judge(path)
    (finding,) = refusal.value.located
    assert (finding.code, remedy in finding.remedy) == ("IMP-002", True)


@pytest.mark.parametrize("content", [b"PK\x03\x04" + b"x" * 100, b"PK\x05\x06" + b"\0" * 18])
def test_broken_archive_is_refused(put: Any, content: bytes) -> None:
    assert {code for code, _ in refused(content, put)} <= {"IMP-031", "IMP-002"}


def test_structure_forgets_the_rows_it_has_read(put: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sheets of a million rows are walked through in bounded memory."""
    sizes = []
    forget = sheets._forget

    def watched(root: Any) -> None:
        forget(root)
        sizes.append(sum(len(part) for part in root if part.tag.endswith("sheetData")))

    monkeypatch.setattr(sheets, "_forget", watched)
    sheets.structure_of(put(saved(book(*[[n] for n in range(50)]))), "Data")
    assert max(sizes) <= 1
