"""A file becomes accounts: once, wholly or not at all a row, within the rights of whoever imports it."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.actions import drafts, edit_account
from accounts.models import Account, AccountDomain
from revops.kernel.audit.models import ChangeEvent
from revops.kernel.exchange import importers
from revops.kernel.exchange.findings import FileRefused
from revops.kernel.exchange.models import ExternalLink, ImportRowOutcome, ImportRun
from tests.cast import Cast
from tests.kernel.exchange.files import Csv, bring_in, counts, told

pytestmark = pytest.mark.usefixtures("settled_organisation")
TWO = "Id,Name,Website,NumberOfEmployees\n1,Acme,acme.com,10\n2,Beta,https://www.beta.com/de,20\n"


def test_file_becomes_accounts_with_history_links_and_outcomes(cast: Cast, csv_file: Csv) -> None:
    report = bring_in(csv_file(TWO), cast.rita)
    assert counts(report) == (2, 0, 0, 0, 0)
    acme, beta = Account.objects.order_by("name")
    assert (acme.name, acme.primary_domain, acme.employees, acme.segment) == ("Acme", "acme.com", 10, "SMB")
    assert (beta.website, beta.primary_domain) == ("https://www.beta.com/de", "beta.com")
    assert [(row.version, row.name) for row in acme.history.all()] == [(1, "Acme")]
    links = ExternalLink.objects.order_by("external_id").values_list("system", "external_id", "record_id")
    assert list(links) == [("salesforce", "1", acme.pk), ("salesforce", "2", beta.pk)]
    run = ImportRun.objects.get()
    assert (run.state, run.total_rows, run.created, run.done_to_line, run.started_by) == (
        "done",
        2,
        2,
        3,
        cast.rita,
    )
    outcomes = run.outcomes.order_by("line").values_list(
        "line", "row", "outcome", "record_id", "record_version"
    )
    assert list(outcomes) == [(2, 1, "created", acme.pk, 1), (3, 2, "created", beta.pk, 1)]


def test_chunk_is_one_event_through_the_door_of_imports(cast: Cast, csv_file: Csv) -> None:
    before = ChangeEvent.objects.count()
    bring_in(csv_file(TWO), cast.rita)
    event = ChangeEvent.objects.order_by("recorded_at").last()
    assert ChangeEvent.objects.count() == before + 1
    assert (event.source, event.action, event.actor) == ("import", "account.import", cast.rita)


def test_same_file_again_changes_nothing(cast: Cast, csv_file: Csv) -> None:
    path = csv_file(TWO)
    bring_in(path, cast.rita)
    before = (ChangeEvent.objects.count(), list(Account.objects.order_by("pk").values()))
    assert counts(bring_in(path, cast.rita)) == (0, 0, 2, 0, 0)
    assert before == (ChangeEvent.objects.count(), list(Account.objects.order_by("pk").values()))


def test_changed_cell_changes_that_field_only(cast: Cast, csv_file: Csv) -> None:
    bring_in(csv_file(TWO), cast.rita)
    assert counts(bring_in(csv_file(TWO.replace(",10\n", ",1500\n")), cast.rita)) == (0, 1, 1, 0, 0)
    acme, beta = Account.objects.order_by("name")
    assert (acme.employees, acme.segment, acme.version) == (1500, "ENT", 2)
    assert beta.version == 1


def test_emptied_cell_empties_the_field(cast: Cast, csv_file: Csv) -> None:
    bring_in(csv_file(TWO), cast.rita)
    assert counts(bring_in(csv_file(TWO.replace(",10\n", ",\n")), cast.rita)) == (0, 1, 1, 0, 0)
    assert Account.objects.get(name="Acme").employees is None


def test_edit_here_outlives_a_file_that_did_not_change(cast: Cast, csv_file: Csv) -> None:
    path = csv_file(TWO)
    bring_in(path, cast.rita)
    acme = Account.objects.get(name="Acme")
    edit_account(by=cast.rita, pk=acme.pk, changes={"employees": 99, "phone": "+49 30 1"})
    assert counts(bring_in(path, cast.rita)) == (0, 0, 2, 0, 0)
    other_cell = csv_file(TWO.replace("1,Acme", "1,Acme Group"))
    assert counts(bring_in(other_cell, cast.rita)) == (0, 1, 1, 0, 0)
    acme.refresh_from_db()
    assert (acme.name, acme.employees, acme.phone) == ("Acme Group", 99, "+49 30 1")


def test_field_changed_on_both_sides_is_a_conflict_of_its_row_alone(cast: Cast, csv_file: Csv) -> None:
    bring_in(csv_file(TWO), cast.rita)
    acme = Account.objects.get(name="Acme")
    edit_account(by=cast.rita, pk=acme.pk, changes={"employees": 99})
    report = bring_in(
        csv_file(TWO.replace(",10\n", ",77\n").replace("Acme", "Acme 2").replace(",20\n", ",21\n")), cast.rita
    )
    assert counts(report) == (0, 1, 0, 1, 0)
    assert told(report) == [("IMP-130", 2, "NumberOfEmployees")]
    acme.refresh_from_db()
    assert (acme.name, acme.employees, acme.version) == ("Acme", 99, 2)


def test_same_change_on_both_sides_is_none(cast: Cast, csv_file: Csv) -> None:
    bring_in(csv_file(TWO), cast.rita)
    acme = Account.objects.get(name="Acme")
    edit_account(by=cast.rita, pk=acme.pk, changes={"employees": 77})
    assert counts(bring_in(csv_file(TWO.replace(",10\n", ",77\n")), cast.rita)) == (0, 0, 2, 0, 0)
    assert counts(bring_in(csv_file(TWO.replace(",10\n", ",78\n")), cast.rita)) == (0, 1, 1, 0, 0)


def test_parents_further_down_are_found(cast: Cast, csv_file: Csv) -> None:
    chain = (
        "Id,Name,ParentId\n" + "".join(f"{i},Company {i},{i + 1}\n" for i in range(1, 6)) + "6,Company 6,\n"
    )
    for dry_run in (True, False):
        assert counts(bring_in(csv_file(chain), cast.rita, dry_run=dry_run, chunk=2)) == (6, 0, 0, 0, 0)
    names = dict(Account.objects.values_list("name", "parent__name"))
    assert names == {**{f"Company {i}": f"Company {i + 1}" for i in range(1, 6)}, "Company 6": None}
    assert {account.ultimate_parent.name for account in Account.objects.exclude(parent=None)} == {"Company 6"}


def test_circle_of_parents_is_refused_and_what_hangs_below_it(cast: Cast, csv_file: Csv) -> None:
    path = csv_file("Id,Name,ParentId\n1,A,2\n2,B,3\n3,C,1\n4,D,3\n5,E,5\n6,F,\n7,G,6\n")
    for dry_run in (True, False):
        report = bring_in(path, cast.rita, dry_run=dry_run)
        assert counts(report) == (2, 0, 0, 5, 0)
        assert told(report) == [
            ("IMP-108", 2, "ParentId"),
            ("IMP-108", 3, "ParentId"),
            ("IMP-108", 4, "ParentId"),
            ("IMP-110", 5, "ParentId"),
            ("IMP-108", 6, "ParentId"),
        ]
    assert set(Account.objects.values_list("name", "parent__name")) == {("F", None), ("G", "F")}


def test_circle_that_stored_accounts_close_is_refused(cast: Cast, csv_file: Csv) -> None:
    bring_in(csv_file("Id,Name,ParentId\n1,A,\n2,B,1\n"), cast.rita)
    report = bring_in(csv_file("Id,Name,ParentId\n1,A,2\n"), cast.rita)
    assert (counts(report), told(report)) == ((0, 0, 0, 1, 0), [("ACC-020", 2, "ParentId")])
    assert Account.objects.get(name="A").parent is None


def test_unknown_parent_and_parent_that_was_refused(cast: Cast, csv_file: Csv) -> None:
    path = csv_file("Id,Name,ParentId\n1,A,99\n2,,\n3,C,2\n")
    for dry_run in (True, False):
        report = bring_in(path, cast.rita, dry_run=dry_run)
        assert counts(report) == (0, 0, 0, 3, 0)
        assert told(report) == [
            ("IMP-109", 2, "ParentId"),
            ("ACC-002", 3, "Name"),
            ("IMP-110", 4, "ParentId"),
        ]
    assert not Account.objects.exists()


BAD = (
    "external_id,name,annual_revenue,employees,country,industry,website,customer_since,domain,currency,status\n"
    "1,Fine,1000.50,10,DE,energy,fine.com,2026-01-31,fine.com,EUR,prospect\n"
    "2,Nan,NaN,10,DE,,,,,,\n"
    "3,Both,1.234,10,DE,,,,,,\n"
    "4,Sign,$5,10,DE,,,,,EUR,\n"
    "5,Year,5,10,DE,,,0000-01-01,,,\n"
    "6,Day,5,10,DE,,,02/03/2026,,,\n"
    "7,\u200b,5,10,DE,,,,,,\n"
    "8,Zero\u200bwidth,5,10,DE,,,,,,\n"
    "9,Look,5,10,DE,,,,\u0430pple.com,,\n"
    "10,Land,5,10,Atlantis,,,,,,\n"
    "11,Kind,5,10,NA,witchcraft,,,,,\n"
    "12,Count,5,many,DE,,,,,,\n"
    "13,Coin,5,10,DE,,,,,XQQ,\n"
    f"14,{'x' * 201},5,10,DE,,,,,,\n"
    "15,Free,5,10,DE,,,,gmail.com,,\n"
    ",No id,5,10,DE,,,,,,\n"
    "1,Twice,5,10,DE,,,,,,\n"
    "16,Again,5,10,DE,,,,fine.com,,\n"
    "17,Customer,5,10,DE,,,,,,customer\n"
)
EXPECTED = [
    ("IMP-120", 3, "annual_revenue"),
    ("IMP-120", 4, "annual_revenue"),
    ("IMP-125", 5, "annual_revenue"),
    ("IMP-121", 6, "customer_since"),
    ("IMP-121", 7, "customer_since"),
    ("VAL-002", 8, "name"),
    ("VAL-002", 9, "name"),
    ("ACC-001", 10, "domain"),
    ("IMP-122", 11, "country"),
    ("IMP-123", 12, "industry"),
    ("IMP-120", 13, "employees"),
    ("ACC-004", 14, "currency"),
    ("VAL-002", 15, "name"),
    ("ACC-011", 16, "domain"),
    ("IMP-111", 17, "external_id"),
    ("IMP-107", 18, "external_id"),
    ("ACC-006", 20, ""),
    ("ACC-006", 20, ""),
]


@pytest.mark.parametrize("chunk", [500, 1])
def test_every_bad_value_is_a_finding_and_nothing_is_half_in(cast: Cast, csv_file: Csv, chunk: int) -> None:
    path = csv_file(BAD)
    reports = [
        bring_in(path, cast.rita, "columns", dry_run=dry_run, chunk=chunk) for dry_run in (True, False)
    ]
    for report in reports:
        assert counts(report) == (1, 0, 0, 18, 0)
        found = [one for one in told(report) if one[1] != 19]
        assert found == EXPECTED
        [again] = [one for one in told(report) if one[1] == 19]
        assert again in [("ACC-013", 19, "domain"), ("IMP-113", 19, "domain"), ("ACC-012", 19, "domain")]
        assert all(one["message"] and one["needed"] for one in report.findings if one["weight"] == "error")
    fine = Account.objects.get()
    assert (fine.name, str(fine.annual_revenue), fine.currency, fine.country) == (
        "Fine",
        "1000.50",
        "EUR",
        "DE",
    )
    assert AccountDomain.objects.count() == ExternalLink.objects.count() == 1
    assert ImportRowOutcome.objects.values("line").distinct().count() == 19


def test_migration_keeps_what_is_relaxed_and_an_ordinary_import_does_not(cast: Cast, csv_file: Csv) -> None:
    path = csv_file("Id,Name,Type,BillingCountry,Industry\n1,A,Customer - Direct,Atlantis,Witchcraft\n")
    ordinary = bring_in(path, cast.rita, migration=False)
    assert counts(ordinary) == (0, 0, 0, 1, 0)
    assert {code for code, _, _ in told(ordinary)} == {"IMP-122", "IMP-123"}
    report = bring_in(path, cast.rita)
    assert counts(report) == (1, 0, 0, 0, 0)
    account = Account.objects.get()
    assert (account.status, account.country, account.industry, account.industry_note) == (
        "customer",
        "",
        "other",
        "Witchcraft",
    )
    assert {finding["weight"] for finding in report.findings} == {"warning"}


def test_domains_that_a_migration_left_out_stay_out_the_second_time(cast: Cast, csv_file: Csv) -> None:
    path = csv_file("Id,Name,Website\n1,A,gmail.com\n2,B,gmail.com\n")
    assert counts(bring_in(path, cast.rita, chunk=1)) == (2, 0, 0, 0, 0)
    assert counts(bring_in(path, cast.rita, chunk=1)) == (0, 0, 2, 0, 0)
    assert not AccountDomain.objects.exists()


def test_deleted_rows_are_skipped_and_counted(cast: Cast, csv_file: Csv) -> None:
    report = bring_in(csv_file("Id,IsDeleted,Name\n1,true,A\n2,FALSE,B\n"), cast.rita)
    assert (counts(report), list(Account.objects.values_list("name", flat=True))) == ((1, 0, 0, 0, 1), ["B"])


def test_dry_run_writes_nothing_and_locks_nothing(cast: Cast, csv_file: Csv) -> None:
    bring_in(csv_file(TWO), cast.rita)
    path = csv_file(TWO.replace(",10\n", ",77\n") + "3,Gamma,gamma.com,5\n")
    with CaptureQueriesContext(
        connection,
    ) as asked:
        report = bring_in(path, cast.rita, dry_run=True)
    assert counts(report) == (1, 1, 1, 0, 0)
    said = [query["sql"].upper() for query in asked.captured_queries]
    assert said
    assert all(
        sql.startswith("SELECT") and "FOR UPDATE" not in sql and "FOR SHARE" not in sql for sql in said
    )


def test_number_of_statements_does_not_depend_on_the_rows(cast: Cast, csv_file: Csv) -> None:
    def statements(first: int, rows: int) -> tuple[int, int]:
        asked = []
        for employees in (5, 6):
            lines = [f"{i},Company {i},c{i}.com,{employees},US\n" for i in range(first, first + rows)]
            path = csv_file("Id,Name,Website,NumberOfEmployees,BillingCountry\n" + "".join(lines))
            with CaptureQueriesContext(connection) as context:
                bring_in(path, cast.rita)
            asked.append(len(context))
        return asked[0], asked[1]

    bring_in(csv_file("Id,Name\n0,Zero\n00,Zeros\n"), cast.rita)
    # SQLite takes so many values a statement and no more, so that many rows are several statements there.
    sizes = (30, 90) if connection.vendor == "postgresql" else (3, 5)
    few, more = statements(1, sizes[0]), statements(1000, sizes[1])
    assert few == more


def test_without_the_right_to_import_nothing_is_read(cast: Cast, csv_file: Csv) -> None:
    for person in (cast.alice, cast.mona, cast.fin, cast.mark, cast.otto, cast.ada):
        for dry_run in (True, False):
            with pytest.raises(FileRefused) as refusal:
                bring_in(csv_file(TWO), person, dry_run=dry_run)
            assert "IMP-016" in {finding.code for finding in refusal.value.located}
    assert not ImportRun.objects.exists()


def test_missing_columns_are_named(cast: Cast, csv_file: Csv) -> None:
    with pytest.raises(FileRefused) as refusal:
        bring_in(csv_file("Number,Website\n1,acme.com\n"), cast.rita)
    assert [finding.needed for finding in refusal.value.located] == ["a column “Id”", "a column “Name”"]


def test_unmapped_columns_are_told(cast: Cast, csv_file: Csv) -> None:
    report = bring_in(csv_file("Id,Name,Rating,Site\n1,A,Hot,x\n"), cast.rita, dry_run=True)
    [notice] = [one for one in report.findings if one["code"] == "IMP-013"]
    assert notice["message"] == "2 columns are not imported: Rating, Site."


def test_header_alone_is_no_error(cast: Cast, csv_file: Csv) -> None:
    report = bring_in(csv_file("Id,Name\n"), cast.rita)
    assert (report.rows, counts(report), told(report, "notice")) == (0, (0, 0, 0, 0, 0), [("IMP-012", 1, "")])


def test_encoding_that_is_only_proposed_is_shown_but_not_imported(cast: Cast, csv_file: Csv) -> None:
    path = csv_file("Id,Name\n1,Müller\n", "cp1252")
    assert counts(bring_in(path, cast.rita, dry_run=True)) == (1, 0, 0, 0, 0)
    with pytest.raises(FileRefused) as refusal:
        bring_in(path, cast.rita)
    assert [finding.code for finding in refusal.value.located] == ["IMP-004"]
    assert counts(bring_in(path, cast.rita, encoding="cp1252")) == (1, 0, 0, 0, 0)
    assert Account.objects.get().name == "Müller"


def test_file_that_breaks_off_is_refused_before_its_first_row(cast: Cast, csv_file: Csv) -> None:
    with pytest.raises(FileRefused) as refusal:
        bring_in(csv_file('Id,Name\n1,A\n2,B\n3,"C\n'), cast.rita)
    assert [(finding.code, finding.line) for finding in refusal.value.located] == [("IMP-102", 4)]
    assert not Account.objects.exists()
    assert not ImportRun.objects.exists()


def test_what_the_database_refuses_is_narrowed_down_to_its_row(
    cast: Cast, csv_file: Csv, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the checks of `prepare`, the unique domain is left to the constraint: as if somebody was faster."""
    held = importers.get("account")

    def unchecked(batch: importers.Batch) -> None:
        for row in batch.alive:
            row.draft = drafts.read(row.values, Account(), clean=True)

    blind = replace(held, prepare=unchecked, unique=())
    monkeypatch.setitem(importers._importers, held.record_type, blind)
    lines = [f"{i},Company {i},{'same' if i in (3, 7) else f'c{i}'}.com\n" for i in range(9)]
    report = bring_in(csv_file("external_id,name,domain\n" + "".join(lines)), cast.rita, "columns")
    assert counts(report) == (8, 0, 0, 1, 0)
    assert told(report) == [("IMP-131", 9, "")]
    assert set(Account.objects.values_list("name", flat=True)) == {f"Company {i}" for i in range(9) if i != 7}


def test_columns_beyond_ones_rights_are_named_before_row_one(
    cast: Cast, csv_file: Csv, monkeypatch: pytest.MonkeyPatch
) -> None:
    _grant(monkeypatch, "AE", create={"name", "website"})
    with pytest.raises(FileRefused) as refusal:
        bring_in(csv_file(TWO.replace("Website", "Phone")), cast.alice)
    assert [(finding.code, finding.column) for finding in refusal.value.located] == [
        ("IMP-015", "NumberOfEmployees")
    ]
    assert not Account.objects.exists()


def test_rows_of_others_are_refused_by_column_and_left_alone(
    cast: Cast, csv_file: Csv, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring_in(csv_file("Id,Name,Phone\n1,Acme,1\n"), cast.rita)
    before = Account.objects.values().get()
    _grant(monkeypatch, "AE", create={"name"})
    report = bring_in(csv_file("Id,Name,Phone\n1,Stolen,2\n"), cast.alice)
    assert (counts(report), told(report)) == ((0, 0, 0, 1, 0), [("IMP-112", 2, "Id")])
    assert "Acme" not in str(report.findings)
    assert Account.objects.values().get() == before


def _grant(monkeypatch: pytest.MonkeyPatch, role: str, create: set[str]) -> None:
    """Let a role import accounts, with the fields it may create and the ones it may edit anyway."""
    from revops.kernel.people import access
    from revops.kernel.people.access import organisation, vocabulary

    for label, action in (("accounts.account", "import"), ("exchange.importrun", "commit")):
        declared = vocabulary._declared[label]
        grant = declared.grants.get(role, access.Grant(view=access.Scope.OWN))
        wider = replace(grant, actions={**grant.actions, action: access.Scope.OWN})
        if label == "accounts.account":
            wider = replace(wider, create=frozenset(create))
        monkeypatch.setitem(
            vocabulary._declared, label, replace(declared, grants={**declared.grants, role: wider})
        )
    organisation.forget()


def test_real_exports_come_in_whole_and_once(cast: Cast) -> None:
    folder = Path(__file__).resolve().parents[4] / "shared" / "data"
    sample, npsp = folder / "salesforce_sample" / "Account.csv", folder / "salesforce_npsp_1k" / "Account.csv"
    if not sample.exists():
        pytest.skip("the shared sample data is not on this machine")
    for path, rows in ((sample, 18), (npsp, 1_223)):
        assert counts(bring_in(path, cast.rita)) == (rows, 0, 0, 0, 0)
        before: Any = ChangeEvent.objects.count()
        assert counts(bring_in(path, cast.rita)) == (0, 0, rows, 0, 0)
        assert ChangeEvent.objects.count() == before
