"""What a file says about itself is shown; where it leaves a doubt, somebody is asked (B04)."""

from pathlib import Path
from typing import Any

import pytest

from revops.kernel.exchange.drafts import detection, wizard
from revops.kernel.exchange.drafts.columns import read
from revops.kernel.exchange.findings import FileRefused
from tests.cast import Cast
from tests.kernel.exchange.files import Csv
from tests.kernel.exchange.wizards import checked, import_dir, told, upload

__all__ = ["import_dir"]


def seen(path: Path, **how: Any) -> dict[str, Any]:
    return detection.examine(path, name=path.name, **how)


def columns(found: dict[str, Any]) -> list[tuple[str, str, str, str]]:
    """Return (kind, date order, decimal sign, doubt) of every column."""
    return [(one["kind"], one["date_order"], one["decimal"], one["doubt"]) for one in found["columns"]]


# What one column says: its cells, and (kind, date order, decimal sign, doubt).
SAYS = {
    "iso dates": (["2026-01-02", "2026-12-31"], ("date", "", "", "")),
    "dates that read both ways": (["01/02/2026", "03/04/2026"], ("date", "", "", "date")),
    "one date settles the order": (["01/02/2026", "31/12/2026"], ("date", "dmy", "", "")),
    "months first": (["01/02/2026", "12/31/2026"], ("date", "mdy", "", "")),
    "mixed orders": (["12/31/2026", "31/12/2026"], ("date", "", "", "date")),
    "numbers that read both ways": (["1.234", "2.345"], ("number", "", "", "decimal")),
    "a comma that reads both ways": (["1,234", "22"], ("number", "", "", "decimal")),
    "one number settles the sign": (["1.234", "5,5"], ("number", "", ",", "")),
    "thousands and a comma": (["1.234.567,89", "1.234"], ("number", "", ",", "")),
    "currency signs": (["€ 1.234,50", "€ 2,50"], ("number", "", ",", "")),
    "plain numbers": (["10", "20.5"], ("number", "", ".", "")),
    "mixed signs": (["10,5", "20.5"], ("number", "", "", "decimal")),
    "words": (["NA", "NA"], ("choice", "", "", "")),
    "nothing": (["", ""], ("empty", "", "", "")),
}


@pytest.mark.parametrize("case", SAYS)
def test_column_says_what_it_is(csv_file: Csv, case: str) -> None:
    cells, expected = SAYS[case]
    rows = "".join(f'{number},"{cell}"\n' for number, cell in enumerate(cells))
    assert columns(seen(csv_file("Id,Value\n" + rows)))[1] == expected


def test_namibia_is_a_word() -> None:
    assert read("NA") == read("Namibia")


# How a file is written: its bytes, and (encoding, separator, line of the header, doubts).
WRITTEN = {
    "utf-8": (b"Id,Name\n1,Acme\n", ("utf-8", ",", 1, [])),
    "byte order mark": ("Id;Name\n1;Zoë\n".encode("utf-8-sig"), ("utf-8-sig", ";", 1, [])),
    "utf-16": ("Id\tName\n1\tZoë\n".encode("utf-16"), ("utf-16", "\t", 1, [])),
    "cp1252": ("Id,Name\n1,Zoë\n".encode("cp1252"), ("cp1252", ",", 1, ["encoding"])),
    "mixed line ends": (b"Id,Name\r\n1,Acme\n2,Beta\r3,Gamma\r\n", ("utf-8", ",", 1, [])),
    "a title above": (
        b"Customers, 2026\n\nId;Name;Type\n1;Acme;x\n2;Beta;y\n",
        ("utf-8", ";", 3, ["header"]),
    ),
    "no header": (b"1,Acme,5\n2,Beta,6\n", ("utf-8", ",", 1, ["header"])),
    "one column": (b"Id\n1\n", ("utf-8", ",", 1, [])),
}


@pytest.mark.parametrize("case", WRITTEN)
def test_file_says_how_it_is_written(csv_file: Csv, case: str) -> None:
    content, expected = WRITTEN[case]
    found = seen(csv_file(content))
    assert (found["encoding"], found["delimiter"], found["header_line"], found["doubts"]) == expected


# What cannot be read at all: its bytes, and (code, line).
UNREADABLE = {
    "empty": (b"", ("IMP-003", 0)),
    "an empty first line only": (b"\n\n", ("IMP-003", 1)),
    "no rows": (b"Id,Name\n", ("IMP-012", 1)),
    "the same header twice": (b"Id,Name,name\n1,a,b\n", ("IMP-008", 1)),
    "a quote that is not closed": (b'Id,Name\n1,"Acme\n2,Beta\n', ("IMP-102", 2)),
    "one line of 5 MB": (b"Id,Name\n1," + b"x" * 5_000_000, ("IMP-009", 2)),
    "16,384 columns": (b",".join(b"c%d" % n for n in range(16_384)) + b"\n1\n", ("IMP-007", 1)),
    "ten thousand equal headers": (b",".join([b"Id"] * 10_000) + b"\n", ("IMP-007", 1)),
    "quotes and nothing else": (b'"""' * 100_000, ("IMP-103", 1)),
}


@pytest.mark.parametrize("case", UNREADABLE)
def test_what_cannot_be_read_is_refused_where_it_fails(csv_file: Csv, case: str) -> None:
    content, (code, line) = UNREADABLE[case]
    with pytest.raises(FileRefused) as refusal:
        seen(csv_file(content))
    finding = refusal.value.located[0]
    assert (finding.code, finding.line) == (code, line)
    assert finding.needed or finding.remedy


def test_empty_rows_without_end_are_refused(csv_file: Csv, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("revops.kernel.exchange.reading.MAX_ROWS", 1_000)
    with pytest.raises(FileRefused) as refusal:
        seen(csv_file(b"Id,Name\n" + b"\n" * 5_000))
    assert [(one.code, one.line) for one in refusal.value.located] == [("IMP-010", 1_001)]


def test_doubt_is_a_question_where_the_column_is_imported(cast: Cast, import_dir: Path) -> None:
    content = "Id,Name,AnnualRevenue,Rating__c\n1,Acme,1.234,1.234\n"
    draft = upload(cast.rita, content)
    asked = [(one.key, one.column, one.is_open, list(one.examples)) for one in wizard.look(draft).questions]
    assert asked == [
        ("decimal:2", "AnnualRevenue", True, ["1.234"]),
        ("decimal:3", "Rating__c", False, ["1.234"]),
    ]
    with pytest.raises(wizard.Blocked) as refusal:
        wizard.check(by=cast.rita, pk=draft.pk)
    assert [(one.code, one.field) for one in refusal.value.findings] == [("IMP-021", "answers.decimal:2")]


@pytest.mark.parametrize(("sign", "revenue"), [(".", "1.234"), (",", "1234")])
def test_answer_decides_how_a_column_is_read(cast: Cast, import_dir: Path, sign: str, revenue: str) -> None:
    draft = upload(cast.rita, "Id,Name,AnnualRevenue\n1,Acme,1.234\n")
    draft = checked(cast.rita, wizard.answer(by=cast.rita, pk=draft.pk, answers={"decimal:2": sign}))
    assert told(draft, "error") == []
    from revops.kernel.exchange.drafts import layout

    reader = layout.planned(draft, cast.rita).readers["annual_revenue"][0]
    assert str(reader._money("1.234")) == revenue


def test_answer_that_is_none_of_the_choices_is_refused(cast: Cast, import_dir: Path) -> None:
    draft = upload(cast.rita, "Id,Name,AnnualRevenue\n1,Acme,1.234\n")
    with pytest.raises(wizard.Blocked) as refusal:
        wizard.answer(by=cast.rita, pk=draft.pk, answers={"decimal:2": ";", "date:9": "dmy"})
    assert [one.field for one in refusal.value.findings] == ["decimal:2", "date:9"]


def test_encoding_is_proposed_and_confirmed(cast: Cast, import_dir: Path) -> None:
    draft = upload(cast.rita, "Id,Name\n1,Zoë\n".encode("cp1252"))
    look = wizard.look(draft)
    assert (look.encoding_is_proposed, [one.key for one in look.open_questions], look.preview[0][1]) == (
        True,
        ["encoding"],
        "Zoë",
    )
    draft = wizard.answer(by=cast.rita, pk=draft.pk, answers={"encoding": "iso8859-15"})
    look = wizard.look(draft)
    assert (look.encoding, look.encoding_is_proposed, look.open_questions) == ("iso8859-15", False, [])


def test_options_that_do_not_fit_are_all_named(cast: Cast, import_dir: Path) -> None:
    draft = upload(cast.rita, "Id,Name\n1,Acme\n")
    bad = {"encoding": "klingon", "delimiter": "x", "header_line": 0.5, "migration": "yes", "colour": "red"}
    with pytest.raises(wizard.Blocked) as refusal:
        wizard.set_options(by=cast.rita, pk=draft.pk, options=bad)
    assert [one.field for one in refusal.value.findings] == list(bad)


def test_header_line_that_is_named_is_read_from(cast: Cast, import_dir: Path) -> None:
    draft = upload(cast.rita, "a,b\nId,Name\n1,Acme\n")
    draft = wizard.set_options(by=cast.rita, pk=draft.pk, options={"header_line": 2})
    look = wizard.look(draft)
    assert ([one.header for one in look.columns], list(look.lines), draft.mapping) == (
        ["Id", "Name"],
        [3],
        "salesforce",
    )
