"""The wizard from an upload to the report: nothing guessed, nothing lost, nobody's rights exceeded."""

import csv
import io
from typing import Any

import pytest

from accounts.models import Account
from revops.kernel import clocks
from revops.kernel.exchange import claims, importing
from revops.kernel.exchange.drafts import committing, opening, order, tasks, wizard, working
from revops.kernel.exchange.drafts.models import FileFormat, ImportDraft, ParkedRow, SavedMapping
from revops.kernel.exchange.models import ExternalLink, ImportRun
from revops.kernel.notifications.models import Notification
from revops.kernel.people import access, actions
from tests.cast import Cast
from tests.kernel.exchange.wizards import checked, committed, import_dir, upload, worked

__all__ = ["import_dir"]
pytestmark = pytest.mark.usefixtures("import_dir")

SALESFORCE = (
    "Id,IsDeleted,Name,Type,Industry,AnnualRevenue,NumberOfEmployees,Website\n"
    "001A,FALSE,Acme,Prospect,Energy,1000.50,10,acme.com\n"
    "001B,FALSE,Beta,Customer,Energy,2000,20,beta.com\n"
)


def test_file_goes_from_upload_to_report(cast: Cast) -> None:
    draft = upload(cast.rita, SALESFORCE, name="Account.csv")
    assert (draft.state, draft.mapping, draft.total) == ("open", "salesforce", 2)
    draft = checked(cast.rita, draft)
    summary = wizard.summary(draft)
    assert summary is not None
    assert (draft.state, summary.rows, summary.created, summary.rejected) == ("checked", 2, 2, 0)
    assert Account.objects.count() == 0
    draft = worked(wizard.commit(by=cast.rita, pk=draft.pk))
    report = wizard.report(draft, by=cast.rita)
    assert (draft.state, report.rows, report.created, report.rejected) == ("done", 2, 2, 0)
    assert list(Account.objects.order_by("name").values_list("name", flat=True)) == ["Acme", "Beta"]
    assert ImportRun.objects.get().pk == report.run_id


# -- mapping, words, questions ------------------------------------------------------------------------------


def codes(refusal: Any) -> list[tuple[str, str]]:
    return [(finding.code, finding.field) for finding in refusal.value.findings]


def fields(draft: ImportDraft, by: Any) -> list[tuple[str, list[str]]]:
    return [(one.header, list(one.fields)) for one in wizard.mapping(draft, by=by).columns]


@pytest.mark.parametrize(
    ("header", "mapping"),
    [
        ("Id,IsDeleted,Name,Type,ParentId", "salesforce"),
        ("id,is_deleted,property_name,property_industry", "hubspot"),
        ("external_id,name,industry,description", "columns"),
        ("Number,Company", ""),
    ],
)
def test_mapping_is_recognised_by_the_header(cast: Cast, header: str, mapping: str) -> None:
    draft = upload(cast.rita, header + "\n" + ",".join("x" for _ in header.split(",")) + "\n")
    assert draft.mapping == mapping


def test_columns_are_mapped_by_hand(cast: Cast) -> None:
    draft = upload(cast.rita, "Number,Company,Notes,Size\nA1,Acme,hello,12\n")
    with pytest.raises(wizard.Blocked) as refusal:
        wizard.check(by=cast.rita, pk=draft.pk)
    assert [code for code, _ in codes(refusal)] == ["IMP-014", "IMP-014"]
    draft = wizard.map_columns(
        by=cast.rita,
        pk=draft.pk,
        columns={0: ["external_id"], 1: ["name"], 2: [], 3: ["employees"]},
        constants={"industry": "energy", "description": "From the fair"},
    )
    assert fields(draft, cast.rita) == [
        ("Number", ["external_id"]),
        ("Company", ["name"]),
        ("Notes", []),
        ("Size", ["employees"]),
    ]
    draft = committed(cast.rita, draft)
    account = Account.objects.get()
    assert (account.name, account.employees, account.industry, account.description) == (
        "Acme",
        12,
        "energy",
        "From the fair",
    )
    assert draft.run is not None
    assert ExternalLink.objects.values_list("system", "external_id").get() == ("file", "A1")


def test_constant_fills_the_empty_cells_of_a_column(cast: Cast) -> None:
    draft = upload(cast.rita, "Id,Name,Description\n1,Acme,Own\n2,Beta,\n")
    wizard.map_columns(by=cast.rita, pk=draft.pk, columns={}, constants={"description": "Default"})
    committed(cast.rita, draft)
    assert list(Account.objects.order_by("name").values_list("description", flat=True)) == ["Own", "Default"]


def test_mapping_that_does_not_fit_names_each_part(cast: Cast) -> None:
    draft = upload(cast.rita, "Id,Name\n1,Acme\n")
    with pytest.raises(wizard.Blocked) as refusal:
        wizard.map_columns(
            by=cast.rita, pk=draft.pk, columns={1: ["salary"], 7: ["name"]}, constants={"nothing": "x"}
        )
    assert codes(refusal) == [
        ("IMP-025", "columns.1"),
        ("IMP-025", "columns.7"),
        ("IMP-025", "constants"),
    ]


def test_fields_one_may_not_write_are_not_offered(cast: Cast) -> None:
    draft = upload(cast.rita, "Id,Name\n1,Acme\n")
    offered = {one.field for one in wizard.mapping(draft, by=cast.rita).targets}
    assert ("name" in offered, "tax_id" in offered) == (True, False)


def test_unlisted_words_are_asked_once_and_remembered(cast: Cast) -> None:
    content = "Number,Company,Branch\nA1,Acme,Elektro\nA2,Beta,Energy\nA3,Gamma,elektro\n"
    draft = upload(cast.rita, content)
    wizard.map_columns(by=cast.rita, pk=draft.pk, columns={0: ["external_id"], 1: ["name"], 2: ["industry"]})
    draft = wizard.get(by=cast.rita, pk=draft.pk)
    asked = [(one.field, one.text, one.count, one.choice) for one in wizard.unlisted(draft)]
    assert asked == [("industry", "Elektro", 1, ""), ("industry", "elektro", 1, "")]
    draft = wizard.map_values(by=cast.rita, pk=draft.pk, values={"industry": {"Elektro": "electronics"}})
    assert [one.choice for one in wizard.unlisted(draft)] == ["electronics", "electronics"]
    kept = wizard.save_mapping(by=cast.rita, pk=draft.pk, name="Fair", shared=True)
    again = upload(cast.olga, content.replace("A", "B"), mapping=f"saved:{kept.pk}")
    assert [one.choice for one in wizard.unlisted(again)] == ["electronics", "electronics"]
    draft = committed(cast.olga, again)
    assert sorted(Account.objects.values_list("industry", flat=True)) == [
        "electronics",
        "electronics",
        "energy",
    ]


def test_word_for_no_choice_is_refused(cast: Cast) -> None:
    draft = upload(cast.rita, "Id,Name,Industry\n1,Acme,Elektro\n")
    with pytest.raises(wizard.Blocked) as refusal:
        wizard.map_values(
            by=cast.rita, pk=draft.pk, values={"industry": {"Elektro": "x"}, "name": {"a": "b"}}
        )
    assert codes(refusal) == [("IMP-025", "industry.Elektro"), ("IMP-025", "name")]


def test_saved_mapping_is_ones_own_until_it_is_shared(cast: Cast) -> None:
    draft = upload(cast.rita, "Id,Name\n1,Acme\n")
    own = wizard.save_mapping(by=cast.rita, pk=draft.pk, name="Mine")
    theirs = upload(cast.olga, "Id,Name\n1,Acme\n")
    key = f"saved:{own.pk}"
    assert key not in [one.key for one in wizard.mapping(theirs, by=cast.olga).known]
    with pytest.raises(wizard.Blocked):
        wizard.take_mapping(by=cast.olga, pk=theirs.pk, key=key)
    with pytest.raises(wizard.Blocked):
        upload(cast.olga, "Id,Name\n1,Acme\n", mapping=key)
    wizard.save_mapping(by=cast.rita, pk=draft.pk, name="Mine", shared=True)
    assert SavedMapping.objects.count() == 1
    assert wizard.take_mapping(by=cast.olga, pk=theirs.pk, key=key).mapping == key
    with pytest.raises(access.Forbidden):
        wizard.delete_mapping(by=cast.olga, pk=own.pk)
    wizard.delete_mapping(by=cast.rita, pk=own.pk)
    assert SavedMapping.objects.count() == 0


# -- order of files, parked rows ----------------------------------------------------------------------------


def test_what_is_referred_to_comes_first() -> None:
    names = order.names()
    for name in names:
        importer = order.importer_of(name)
        for earlier in order.waits_for(importer) if importer is not None else ():
            assert names.index(earlier) < names.index(name), (earlier, name)


def test_objects_are_those_one_may_import(cast: Cast) -> None:
    assert "account" in [one.name for one in wizard.objects(by=cast.rita)]
    assert [one.name for one in wizard.objects(by=cast.alice) if not one.is_parked] == []


def test_file_that_refers_to_what_is_not_imported_yet_says_so(cast: Cast) -> None:
    contacts = "Id,LastName,AccountId,Email\n003A,Adams,001A,a@acme.com\n"
    draft = checked(cast.rita, upload(cast.rita, contacts, object="contact"))
    assert _before(draft) == [("AccountId", "warning")]
    committed(cast.rita, upload(cast.rita, SALESFORCE))
    draft = checked(cast.rita, upload(cast.rita, contacts, object="contact"))
    assert _before(draft) == []


def _before(draft: ImportDraft) -> list[tuple[str, str]]:
    summary = wizard.summary(draft)
    assert summary is not None
    return [(one.column, one.weight) for one in summary.groups if one.code == "IMP-020"]


def test_campaign_members_wait_for_what_they_join(cast: Cast) -> None:
    found = {one.name: one for one in wizard.objects(by=cast.rita)}["campaign_member"]
    assert (found.is_parked, found.waits_for) == (True, ["campaign", "contact", "lead"])


def test_marketing_imports_leads_and_no_deals(cast: Cast) -> None:
    found = {one.name for one in wizard.objects(by=cast.mark)}
    assert ("lead" in found, "opportunity" in found, "account" in found) == (True, False, False)


@pytest.fixture
def parcels(monkeypatch: pytest.MonkeyPatch) -> str:
    """An object that nothing imports yet."""
    monkeypatch.setattr(order, "_expected", {})
    order.expect(order.Expected("parcel", "Parcels", ("account",), ("Parcel.csv",)))
    return "parcel"


def test_rows_without_importer_are_parked_and_counted(cast: Cast, parcels: str) -> None:
    shown = {one.name: one for one in wizard.objects(by=cast.rita)}[parcels]
    assert (shown.is_parked, shown.waits_for, shown.files) == (True, ["account"], ("Parcel.csv",))
    draft = upload(cast.rita, "Id,Weight\n1,10\n2,20\n", object=parcels)
    draft = committed(cast.rita, draft)
    assert (draft.state, wizard.report(draft, by=cast.rita).parked) == ("done", 2)
    rows = list(ParkedRow.objects.order_by("line").values_list("line", "cells"))
    assert rows == [(2, ["1", "10"]), (3, ["2", "20"])]


def test_parking_goes_on_where_it_was_cut_off(
    cast: Cast, parcels: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(committing, "_PARKED_AT_ONCE", 1)
    draft = checked(cast.rita, upload(cast.rita, "Id\n1\n2\n3\n", object=parcels))
    draft = wizard.commit(by=cast.rita, pk=draft.pk)
    beat, calls = working.beat, []

    def dies(*args: Any) -> None:
        calls.append(args)
        if len(calls) == 3:
            raise SystemExit
        beat(*args)

    with monkeypatch.context() as patch:
        patch.setattr(working, "beat", dies)
        with pytest.raises(SystemExit):
            worked(draft)
    draft.refresh_from_db()
    assert (draft.state, ParkedRow.objects.count()) == ("committing", 2)
    assert worked(draft).state == "done"
    assert list(ParkedRow.objects.order_by("line").values_list("line", flat=True)) == [2, 3, 4]


# -- rights at the time of the work (A17, A21) -----------------------------------------------------------------


def test_right_lost_before_the_work_denies_it_visibly(cast: Cast) -> None:
    draft = checked(cast.olga, upload(cast.olga, SALESFORCE))
    draft = wizard.commit(by=cast.olga, pk=draft.pk)
    actions.revoke_role(by=cast.ada, user=cast.olga, role="SALES_OPS", reason="Moved on")
    draft = worked(draft)
    assert (draft.state, [one["code"] for one in draft.trouble], Account.objects.count()) == (
        "denied",
        ["IMP-016"],
        0,
    )


def test_person_who_was_deactivated_imports_nothing(cast: Cast) -> None:
    draft = checked(cast.olga, upload(cast.olga, SALESFORCE))
    draft = wizard.commit(by=cast.olga, pk=draft.pk)
    actions.deactivate_user(by=cast.ada, user=cast.olga, reason="Left")
    draft = worked(draft)
    assert (draft.state, Account.objects.count()) == ("denied", 0)


def test_work_has_the_rights_of_whoever_asked(cast: Cast) -> None:
    draft = checked(cast.rita, upload(cast.rita, SALESFORCE))
    draft = worked(wizard.commit(by=cast.olga, pk=draft.pk))
    assert (draft.state, ImportRun.objects.get().started_by) == ("done", cast.olga)


@pytest.mark.parametrize("name", ["alice", "mona", "fin", "ada", "otto", "paul"])
def test_nobody_else_uploads(cast: Cast, name: str) -> None:
    with pytest.raises(access.Forbidden):
        upload(cast.people[name], SALESFORCE)
    assert ImportDraft.objects.count() == 0


def test_marketing_imports_no_accounts_and_sees_its_own_drafts(cast: Cast) -> None:
    upload(cast.rita, SALESFORCE)
    with pytest.raises(access.Forbidden):
        upload(cast.mark, SALESFORCE)
    assert list(wizard.drafts(by=cast.mark)) == []


# -- work in the background ------------------------------------------------------------------------------------


def test_large_file_is_read_in_the_background(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(opening.AT_ONCE, FileFormat.CSV, 10)
    draft = upload(cast.rita, SALESFORCE)
    assert (draft.state, draft.seen) == ("reading", {})
    with pytest.raises(wizard.Blocked) as refusal:
        wizard.set_options(by=cast.rita, pk=draft.pk, options={"decimal": "."})
    assert codes(refusal) == [("IMP-023", "")]
    draft = worked(draft)
    assert (draft.state, draft.mapping, wizard.look(draft).rows) == ("open", "salesforce", 2)


def test_work_is_done_once(cast: Cast) -> None:
    draft = checked(cast.rita, upload(cast.rita, SALESFORCE))
    draft = wizard.commit(by=cast.rita, pk=draft.pk)
    token = str(draft.token)
    worked(draft)
    working.work(draft.pk, token, tasks.STEPS)
    assert (ImportRun.objects.count(), Account.objects.count()) == (1, 2)


def test_lost_work_is_sent_again_and_the_old_worker_stops(cast: Cast) -> None:
    draft = wizard.check(by=cast.rita, pk=upload(cast.rita, SALESFORCE).pk)
    held = working.take(draft.pk, str(draft.token))
    assert held is not None
    assert working.bring_back() == 0
    with clocks.at(clocks.now() + working.SILENT_FOR * 2):
        assert working.bring_back() == 1
    with pytest.raises(claims.Superseded):
        working.beat(held, 1)
    assert worked(draft).state == "checked"


def test_import_that_was_cut_off_goes_on(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    content = "Id,Name\n" + "".join(f"{n},Company {n}\n" for n in range(6))
    draft = checked(cast.rita, upload(cast.rita, content))
    draft = wizard.commit(by=cast.rita, pk=draft.pk)
    beat, calls = working.beat, []

    def dies(*args: Any) -> None:
        calls.append(args)
        if len(calls) == 2:
            raise SystemExit
        beat(*args)

    with monkeypatch.context() as patch:
        patch.setattr(committing, "CHUNK", 2)
        patch.setattr(working, "beat", dies)
        with pytest.raises(SystemExit):
            worked(draft)
    draft.refresh_from_db()
    assert (draft.state, Account.objects.count(), wizard.progress(draft).done) == ("committing", 4, 2)
    with clocks.at(clocks.now() + working.SILENT_FOR * 2):
        assert working.bring_back() == 1
    draft = worked(draft)
    assert (draft.state, Account.objects.count(), ImportRun.objects.count()) == ("done", 6, 1)
    assert wizard.report(draft, by=cast.rita).created == 6


def test_mistake_of_ours_stops_visibly_and_can_go_on(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    draft = checked(cast.rita, upload(cast.rita, SALESFORCE))
    draft = wizard.commit(by=cast.rita, pk=draft.pk)
    with monkeypatch.context() as patch:
        patch.setattr(importing, "run", None)
        draft = worked(draft)
    assert (draft.state, [one["code"] for one in draft.trouble]) == ("stopped", ["IMP-018"])
    assert worked(wizard.commit(by=cast.rita, pk=draft.pk)).state == "done"


def test_person_is_told_when_it_is_over(cast: Cast) -> None:
    draft = committed(cast.rita, upload(cast.rita, SALESFORCE, name="Account.csv"))
    told_of = list(
        Notification.objects.filter(recipient=cast.rita).order_by("pk").values_list("title", "url")
    )
    assert told_of == [
        ("Account.csv: checked", f"/imports/{draft.pk}/"),
        ("Account.csv: imported", f"/imports/{draft.pk}/"),
    ]


def test_decisions_are_refused_once_rows_are_in(cast: Cast) -> None:
    draft = committed(cast.rita, upload(cast.rita, SALESFORCE))
    with pytest.raises(wizard.Blocked) as refusal:
        wizard.repair(by=cast.rita, pk=draft.pk, line=2, place=2, text="x")
    assert codes(refusal) == [("IMP-023", "")]
    with pytest.raises(wizard.Blocked):
        wizard.discard(by=cast.rita, pk=draft.pk)


def test_change_after_a_check_needs_another(cast: Cast) -> None:
    draft = checked(cast.rita, upload(cast.rita, SALESFORCE))
    wizard.repair(by=cast.rita, pk=draft.pk, line=2, place=2, text="Acme Inc")
    with pytest.raises(wizard.Blocked) as refusal:
        wizard.commit(by=cast.rita, pk=draft.pk)
    assert codes(refusal) == [("IMP-029", "")]


# -- error file, revert ----------------------------------------------------------------------------------------


def test_error_file_is_safe_and_comes_in_again(cast: Cast) -> None:
    content = 'Id,Name,NumberOfEmployees\n1,"=HYPERLINK(""x"")",few\n2,Beta,2\n'
    draft = committed(cast.rita, upload(cast.rita, content))
    report = wizard.report(draft, by=cast.rita)
    assert (report.created, report.rejected, report.has_error_file) == (1, 1, True)
    text = "".join(wizard.error_file(draft, by=cast.rita))
    header, row = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    assert header == ["Id", "Name", "NumberOfEmployees", "Line in the file", "Why it was rejected"]
    assert row[:4] == ["1", '·=HYPERLINK("x")', "few", "2"]
    assert row[4].startswith("NumberOfEmployees: ")
    mended = upload(cast.rita, text.replace(",few,", ",7,"))
    draft = committed(cast.rita, mended)
    assert wizard.report(draft, by=cast.rita).created == 1
    assert Account.objects.filter(employees=7).values_list("name", flat=True).get() == '=HYPERLINK("x")'


def test_import_is_reverted_in_the_background(cast: Cast) -> None:
    draft = committed(cast.rita, upload(cast.rita, SALESFORCE))
    assert wizard.revert_plan(draft, by=cast.rita).removed == 2
    draft = worked(wizard.revert(by=cast.rita, pk=draft.pk))
    assert (draft.state, Account.objects.count()) == ("reverted", 0)


# -- constant numbers of statements ----------------------------------------------------------------------------


@pytest.mark.usefixtures("settled_organisation")
@pytest.mark.parametrize("rows", [1, 3])
def test_findings_take_one_query(cast: Cast, rows: int, django_assert_num_queries: Any) -> None:
    content = "Id,Name,NumberOfEmployees\n" + "".join(f"{n},Company {n},few\n" for n in range(rows))
    draft = checked(cast.rita, upload(cast.rita, content))
    with django_assert_num_queries(1):
        assert len(wizard.findings(draft).rows) == rows


@pytest.mark.usefixtures("settled_organisation")
@pytest.mark.parametrize("rows", [1, 3])
def test_list_of_imports_takes_one_query(cast: Cast, rows: int, django_assert_num_queries: Any) -> None:
    for _ in range(rows):
        upload(cast.rita, SALESFORCE)
    access.roles_of(cast.rita)
    with django_assert_num_queries(1):
        assert [str(one.created_by) for one in wizard.drafts(by=cast.rita)] == [str(cast.rita)] * rows
