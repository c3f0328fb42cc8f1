"""Cells are mended in the page: kept apart from the file, checked again, part of the import's fingerprint."""

from pathlib import Path

import pytest

from accounts.models import Account
from revops.kernel.exchange.drafts import layout, uploads, wizard
from revops.kernel.exchange.drafts.models import ImportDraft
from revops.kernel.exchange.drafts.shapes import FoundRow
from revops.kernel.exchange.overlay import Overlay
from tests.cast import Cast
from tests.kernel.exchange import faulty
from tests.kernel.exchange.wizards import checked, import_dir, told, upload, worked

__all__ = ["import_dir"]
pytestmark = pytest.mark.usefixtures("import_dir")
THREE = "Id,Name,NumberOfEmployees\n1,Acme,few\n2,Beta,few\n3,Gamma,3\n"


def test_overlay_lets_the_narrowest_repair_win() -> None:
    overlay = Overlay({0: {"a": "b"}}, {3: ["x", "y"]}, {2: {1: "z"}, 3: {0: "w"}})
    assert [overlay.applied(line, ["a", "a"]) for line in (1, 2, 3)] == [["b", "a"], ["b", "z"], ["w", "y"]]
    assert overlay.applied(2, ["a"]) == ["b", "z"]
    assert (Overlay().touches, overlay.touches) == (False, True)


def test_repaired_cell_is_imported_and_the_file_stays(cast: Cast) -> None:
    draft = checked(cast.rita, upload(cast.rita, THREE))
    before = uploads.path_of(draft.path).read_bytes()
    assert told(draft, "error") == [(2, "IMP-120", "NumberOfEmployees"), (3, "IMP-120", "NumberOfEmployees")]
    draft = wizard.repair(by=cast.rita, pk=draft.pk, line=2, place=2, text="7")
    page = wizard.findings(draft).rows
    assert [(one.line, one.cell, one.is_repaired) for one in page if one.weight == "error"] == [
        (2, "7", True),
        (3, "few", False),
    ]
    draft = wizard.recheck(by=cast.rita, pk=draft.pk)
    summary = wizard.summary(draft)
    assert summary is not None
    assert (summary.created, summary.rejected, summary.is_current, summary.is_partial) == (2, 1, True, True)
    assert told(draft, "error") == [(3, "IMP-120", "NumberOfEmployees")]
    draft = worked(wizard.commit(by=cast.rita, pk=draft.pk))
    assert list(Account.objects.order_by("name").values_list("name", "employees")) == [
        ("Acme", 7),
        ("Gamma", 3),
    ]
    assert uploads.path_of(draft.path).read_bytes() == before


def test_partial_check_says_what_a_whole_one_says(cast: Cast) -> None:
    draft = checked(cast.rita, upload(cast.rita, THREE))
    wizard.repair(by=cast.rita, pk=draft.pk, line=2, place=2, text="7")
    draft = wizard.recheck(by=cast.rita, pk=draft.pk)
    partial = (wizard.summary(draft), told(draft))
    draft = checked(cast.rita, draft)
    whole = (wizard.summary(draft), told(draft))
    assert partial[1] == whole[1]
    for name in ("rows", "created", "updated", "unchanged", "rejected", "found"):
        assert getattr(partial[0], name) == getattr(whole[0], name)


def test_recheck_frees_the_rows_that_hang_on_a_repaired_one(cast: Cast) -> None:
    draft = upload(cast.rita, "Id,Name,ParentId\n1,,\n2,Child,1\n", mapping="salesforce")
    draft = wizard.map_columns(
        by=cast.rita, pk=draft.pk, columns={0: ["external_id"], 1: ["name"], 2: ["parent"]}
    )
    draft = checked(cast.rita, draft)
    assert [code for _, code, _ in told(draft, "error")] == ["ACC-002", "IMP-110"]
    wizard.repair(by=cast.rita, pk=draft.pk, line=2, place=1, text="Parent")
    draft = wizard.recheck(by=cast.rita, pk=draft.pk)
    assert told(draft, "error") == []


def test_text_is_replaced_everywhere_in_a_column(cast: Cast) -> None:
    draft = checked(cast.rita, upload(cast.rita, THREE))
    draft, count = wizard.replace_everywhere(by=cast.rita, pk=draft.pk, place=2, found="few", text="some")
    assert count == 2
    draft, count = wizard.replace_everywhere(by=cast.rita, pk=draft.pk, place=2, found="some", text="5")
    assert (
        count,
        wizard.replace_everywhere(by=cast.rita, pk=draft.pk, place=2, found="few", text="x")[1],
    ) == (2, 0)
    listed = [(one.line, one.place, one.before, one.after) for one in wizard.repairs(draft)]
    assert (0, 2, "few", "5") in listed
    draft = wizard.recheck(by=cast.rita, pk=draft.pk)
    assert told(draft, "error") == []
    draft = wizard.undo_repair(by=cast.rita, pk=draft.pk, line=0, place=2, found="few")
    assert told(wizard.recheck(by=cast.rita, pk=draft.pk), "error") == [
        (2, "IMP-120", "NumberOfEmployees"),
        (3, "IMP-120", "NumberOfEmployees"),
    ]


def test_repair_is_taken_back(cast: Cast) -> None:
    draft = checked(cast.rita, upload(cast.rita, THREE))
    draft = wizard.repair(by=cast.rita, pk=draft.pk, line=2, place=2, text="7")
    draft = wizard.undo_repair(by=cast.rita, pk=draft.pk, line=2, place=2)
    assert (wizard.repairs(draft), layout.overlay_of(draft).touches) == ([], False)


def test_row_with_too_few_cells_is_mended(cast: Cast) -> None:
    draft = checked(cast.rita, upload(cast.rita, "Id,Name,NumberOfEmployees\n1,Acme\n2,Beta,1,2\n"))
    assert [code for _, code, _ in told(draft, "error")] == ["IMP-101", "IMP-101"]
    wizard.repair(by=cast.rita, pk=draft.pk, line=2, place=2, text="1")
    draft = wizard.repair_row(by=cast.rita, pk=draft.pk, line=3, cells=["2", "Beta", "12"])
    assert told(wizard.recheck(by=cast.rita, pk=draft.pk), "error") == []


@pytest.mark.parametrize(("line", "place"), [(99, 1), (2, 9), (2, -1), (1, 1)])
def test_cell_that_is_not_there_cannot_be_repaired(cast: Cast, line: int, place: int) -> None:
    draft = checked(cast.rita, upload(cast.rita, THREE))
    with pytest.raises(wizard.Blocked) as refusal:
        wizard.repair(by=cast.rita, pk=draft.pk, line=line, place=place, text="x")
    assert [one.code for one in refusal.value.findings] == ["IMP-025"]


def test_repairs_are_part_of_the_fingerprint(cast: Cast) -> None:
    """The same file with other repairs is another import: what is in stays known by its external ids."""
    first = checked(cast.rita, upload(cast.rita, THREE))
    first = worked(wizard.commit(by=cast.rita, pk=first.pk))
    second = checked(cast.rita, upload(cast.rita, THREE))
    second = wizard.repair(by=cast.rita, pk=second.pk, line=2, place=2, text="7")
    second = checked(cast.rita, second)
    second = worked(wizard.commit(by=cast.rita, pk=second.pk))
    assert first.run is not None
    assert second.run is not None
    assert first.run.fingerprint != second.run.fingerprint
    assert (second.run.created, second.run.unchanged, second.run.rejected) == (1, 1, 1)


def test_unlimited_repairs_are_refused(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("revops.kernel.exchange.drafts.repairs.MOST", 1)
    draft = checked(cast.rita, upload(cast.rita, THREE))
    wizard.repair(by=cast.rita, pk=draft.pk, line=2, place=2, text="1")
    with pytest.raises(wizard.Blocked) as refusal:
        wizard.repair(by=cast.rita, pk=draft.pk, line=3, place=2, text="2")
    assert [one.code for one in refusal.value.findings] == ["IMP-027"]
    assert len(wizard.repairs(ImportDraft.objects.get(pk=draft.pk))) == 1


def test_three_hundred_planted_faults_are_found_repaired_and_imported(cast: Cast, import_dir: Path) -> None:
    planted = faulty.made()
    draft = checked(cast.rita, upload(cast.rita, planted.text, name="faulty.csv"))
    summary = wizard.summary(draft)
    assert summary is not None
    wrong = {line for line, _ in planted.cures} | planted.rows.keys()
    assert (summary.rows, summary.rejected) == (400, len(wrong) + 30)
    assert {one.line for one in _all(draft)} >= wrong
    error_file = "".join(wizard.error_file(draft, by=cast.rita)).splitlines()
    assert len(error_file) == 1 + summary.rejected
    place = faulty.PLACE["NumberOfEmployees"]
    _, count = wizard.replace_everywhere(by=cast.rita, pk=draft.pk, place=place, found="unknown", text="")
    assert count == 30
    for line, cells in planted.rows.items():
        wizard.repair_row(by=cast.rita, pk=draft.pk, line=line, cells=cells)
    for (line, column), text in planted.cures.items():
        wizard.repair(by=cast.rita, pk=draft.pk, line=line, place=column, text=text)
    draft = checked(cast.rita, draft)
    assert (told(draft, "error"), wizard.summary(draft).rejected) == ([], 0)  # type: ignore[union-attr]
    draft = worked(wizard.commit(by=cast.rita, pk=draft.pk))
    report = wizard.report(draft, by=cast.rita)
    assert (report.created, report.rejected, report.has_error_file) == (400, 0, False)
    assert Account.objects.count() == 400


def _all(draft: ImportDraft) -> list[FoundRow]:
    """Return every error, a page after the other."""
    found, after = [], ""
    while True:
        page = wizard.findings(draft, weight="error", after=after, limit=200)
        found += page.rows
        after = page.next
        if not after:
            return found
