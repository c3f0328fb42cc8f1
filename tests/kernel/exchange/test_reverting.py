"""A revert takes back a whole import: afterwards the database is as it was, but for what somebody changed since."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.actions import assign_account, create_account, edit_account
from accounts.models import Account, AccountDomain
from revops.kernel import audit
from revops.kernel.audit.enums import Kind
from revops.kernel.audit.models import ChangedRow
from revops.kernel.audit.verifying import verify
from revops.kernel.exchange import external_ids, reverting
from revops.kernel.exchange.models import ExternalLink, ImportKept, ImportRun, RunState
from revops.kernel.outbox.models import OutboxEvent
from revops.kernel.people import access
from revops.kernel.people.models import OwnershipInterval
from revops.kernel.records.models import SearchWord
from tests.cast import Cast
from tests.kernel.exchange.files import Csv, bring_in, counts, many
from tests.kernel.exchange.prints import differing, fingerprint

REASON = "The field team asked for it twice"


def last_run() -> ImportRun:
    return ImportRun.objects.order_by("pk").last()  # type: ignore[return-value]


def untrue() -> list[str]:
    """Return what `verify` finds wrong; that nobody seals events in a test is no wrong."""
    found = verify(stop_at_first=False).findings
    return [finding.why for finding in found if finding.severity == "bad"]


def back(by: Any, run: ImportRun | None = None) -> reverting.Revert:
    return reverting.run(run or last_run(), by)


def sums(report: reverting.Revert) -> tuple[int, int, int]:
    return report.removed, report.restored, report.kept


def told(report: reverting.Revert) -> list[tuple[str, str, int]]:
    return sorted((one["code"], one["record_type"], one["record_id"]) for one in report.findings)


def updated(count: int) -> str:
    """Return the file of `many` as it looks later: other towns, other parents, some domains, five rows more."""
    lines = []
    for old in many(count + 5).splitlines(keepends=True):
        number = int(old[4:].split(",")[0]) if old[:4] == "001-" else -1
        new = old
        if number >= 0 and number % 2 == 0:
            new = new.replace(",Austin,", f",Town {number},").replace("Company ", "Firm ")
        if number > 3 and number % 3 == 0:
            new = new.replace(",Prospect,,", ",Prospect,001-3,")
        lines.append(new)
    return "".join(lines)


def test_reverted_import_leaves_the_database_as_it_was(cast: Cast, csv_file: Csv) -> None:
    create_account(by=cast.alice, values={"name": "There before", "domain": "before-reverts.com"})
    before = fingerprint()
    bring_in(csv_file(many(60)), cast.rita, chunk=20)
    assert differing(before) != {}
    report = back(cast.rita)
    assert (sums(report), report.findings) == ((60, 0, 0), [])
    assert differing(before) == {}
    run = last_run()
    assert (run.state, run.removed, run.restored, run.kept, run.reverted_by) == (
        RunState.REVERTED,
        60,
        0,
        0,
        cast.rita,
    )
    assert untrue() == []


def test_reverted_updates_get_their_former_values_back(cast: Cast, csv_file: Csv) -> None:
    """Updated fields, moved parents, owners that followed, search words, intervals and hashes of external ids."""
    bring_in(csv_file(many(40)), cast.rita, chunk=20)
    top = Account.objects.get(name__startswith="Company 3 ")
    assign_account(by=cast.rita, pk=top.pk, owner=cast.alice, reason=REASON)
    before = fingerprint()
    report = bring_in(csv_file(updated(40)), cast.rita, chunk=7)
    assert (report.as_json()["created"], report.as_json()["rejected"]) == (5, 0)
    assert report.as_json()["updated"] > 20
    assert OwnershipInterval.objects.exclude(active_to=None).count() > 1
    changed = Account.objects.filter(name__startswith="Firm").count()
    undone = back(cast.rita)
    assert changed > 15
    assert (undone.removed, undone.kept) == (5, 0)
    assert undone.restored > changed
    assert differing(before) == {}
    assert untrue() == []


def test_plan_says_what_the_revert_does_and_writes_nothing(cast: Cast, csv_file: Csv) -> None:
    bring_in(csv_file(many(30)), cast.rita, chunk=10)
    bring_in(csv_file(updated(30)), cast.rita, chunk=10)
    edit_account(
        by=cast.rita, pk=Account.objects.get(name__startswith="Firm 4 ").pk, changes={"city": "Here"}
    )
    before, rows = fingerprint(), ChangedRow.objects.count()
    planned = reverting.plan(last_run(), cast.rita)
    assert (differing(before), ChangedRow.objects.count()) == ({}, rows)
    done = back(cast.rita)
    assert sums(planned) == sums(done)
    assert told(planned) == told(done)
    assert planned.removed == 5
    assert planned.kept == 1
    assert planned.by_type["exchange.externallink"]["removed"] == 5


def test_row_that_somebody_changed_since_stays_and_is_told(cast: Cast, csv_file: Csv) -> None:
    bring_in(csv_file(many(10)), cast.rita)
    edited = Account.objects.get(name__startswith="Company 4 ")
    edit_account(by=cast.rita, pk=edited.pk, changes={"city": "Dallas"})
    report = back(cast.rita)
    assert sums(report) == (9, 0, 1)
    (finding,) = report.findings
    assert (finding["code"], finding["record_id"]) == ("IMP-150", edited.pk)
    assert "Rita wrote it (city)" in finding["message"]
    assert "account.edit" in finding["message"]
    # All or none: its domain, its owner's interval and its external id stay with it.
    assert list(Account.objects.values_list("pk", "city")) == [(edited.pk, "Dallas")]
    assert AccountDomain.objects.get().account_id == edited.pk
    assert ExternalLink.objects.get().record_id == edited.pk
    assert OwnershipInterval.objects.get(record_type="accounts.account").record_id == edited.pk
    assert set(SearchWord.objects.values_list("record_id", flat=True)) == {edited.pk}
    assert list(ImportKept.objects.values_list("record_type", "record_id")) == [
        ("accounts.account", edited.pk)
    ]
    assert untrue() == []


def test_record_that_something_newer_refers_to_stays(cast: Cast, csv_file: Csv) -> None:
    bring_in(csv_file(many(10)), cast.rita)
    parent = Account.objects.get(name__startswith="Company 4 ")
    child = create_account(by=cast.rita, values={"name": "Newer", "parent": parent.pk})
    report = back(cast.rita)
    assert sums(report) == (9, 0, 1)
    assert set(told(report)) == {("IMP-151", "accounts.account", parent.pk)}
    assert "“Newer”, written by Rita on" in report.findings[0]["message"]
    assert set(Account.objects.values_list("pk", flat=True)) == {parent.pk, child.pk}


def test_record_with_a_newer_entry_in_a_ledger_stays(cast: Cast, csv_file: Csv) -> None:
    """Another owner role lives in the ledger alone: the account's own version says nothing about it."""
    bring_in(csv_file(many(3)), cast.rita)
    held = Account.objects.get(name__startswith="Company 1 ")
    assign_account(by=cast.rita, pk=held.pk, owner=cast.carla, role="csm", reason=REASON)
    report = back(cast.rita)
    assert (sums(report), told(report)) == ((2, 0, 1), [("IMP-151", "accounts.account", held.pk)])
    assert OwnershipInterval.objects.filter(record_type="accounts.account").count() == 2


def test_rows_that_a_later_import_changed_stay(cast: Cast, csv_file: Csv) -> None:
    bring_in(csv_file(many(10)), cast.rita)
    first = last_run()
    bring_in(csv_file(many(10).replace("Company 7 ", "Renamed 7 ")), cast.rita)
    report = back(cast.rita, first)
    assert sums(report) == (9, 0, 1)
    assert {code for code, *_ in told(report)} == {"IMP-150"}
    # Once the later import is gone, what was kept goes as well.
    assert sums(back(cast.rita)) == (0, 1, 0)
    assert sums(back(cast.rita, first)) == (10, 0, 0)
    assert (Account.objects.count(), ExternalLink.objects.count()) == (0, 0)
    assert untrue() == []


def test_external_id_given_by_hand_keeps_the_record(cast: Cast, csv_file: Csv) -> None:
    bring_in(csv_file(many(2)), cast.rita)
    held = Account.objects.get(name__startswith="Company 1 ")
    with audit.change(by=cast.rita, action="account.link"):
        external_ids.link(held, "hubspot", "77")
    assert sums(back(cast.rita)) == (1, 0, 1)


def test_chain_of_records_goes_from_the_newest_end(cast: Cast, csv_file: Csv) -> None:
    """Parents are imported first and removed last; one kept child keeps everything above it, and nothing else."""
    rows = "".join(f"k{i},,Firm {i},,{f'k{i - 1}' if i else ''},,,,,,,,,\n" for i in range(6))
    header = many(0)
    bring_in(csv_file(header + rows), cast.rita, chunk=2)
    third = Account.objects.get(name="Firm 3")
    edit_account(by=cast.rita, pk=third.pk, changes={"city": "Here"})
    report = back(cast.rita)
    assert sums(report) == (2, 0, 4)
    assert sorted(Account.objects.values_list("name", flat=True)) == ["Firm 0", "Firm 1", "Firm 2", "Firm 3"]
    assert {code for code, *_ in told(report)} == {"IMP-150", "IMP-151"}


def test_reverted_file_can_be_imported_again(cast: Cast, csv_file: Csv) -> None:
    path = csv_file(many(10))
    bring_in(path, cast.rita)
    back(cast.rita)
    assert counts(bring_in(path, cast.rita)) == (10, 0, 0, 0, 0)
    assert sums(back(cast.rita)) == (10, 0, 0)
    assert list(ImportRun.objects.order_by("pk").values_list("state", "removed")) == [
        ("reverted", 10),
        ("reverted", 10),
    ]


def test_reverting_twice_does_it_once(cast: Cast, csv_file: Csv) -> None:
    bring_in(csv_file(many(10)), cast.rita)
    back(cast.rita)
    before, rows = fingerprint(), ChangedRow.objects.count()
    assert sums(back(cast.rita)) == (10, 0, 0)
    assert (differing(before), ChangedRow.objects.count()) == ({}, rows)
    assert sums(reverting.plan(last_run(), cast.rita)) == (0, 0, 0)


def test_removal_is_a_version_and_an_event(cast: Cast, csv_file: Csv) -> None:
    bring_in(csv_file(many(1)), cast.rita)
    pk = Account.objects.get().pk
    back(cast.rita)
    rows = ChangedRow.objects.filter(record_type="accounts.account", record_id=pk).order_by("row_version")
    assert list(rows.values_list("row_version", "kind", "event__action")) == [
        (1, Kind.CREATED, "account.import"),
        (2, Kind.REMOVED, "import.revert"),
    ]
    told_of = OutboxEvent.objects.about("accounts.account", pk).values_list("type", flat=True)
    assert list(told_of) == ["account.created", "account.removed"]


def test_half_an_import_can_be_reverted(cast: Cast, csv_file: Csv, monkeypatch: pytest.MonkeyPatch) -> None:
    before, done = fingerprint(), []
    with pytest.raises(KeyboardInterrupt):
        bring_in(csv_file(many(20)), cast.rita, chunk=5, progress=lambda *at: done.append(at) or _stop(done))
    assert (last_run().state, Account.objects.count()) == (RunState.STOPPED, 10)
    assert sums(back(cast.rita)) == (10, 0, 0)
    assert differing(before) == {}


def _stop(done: list[Any]) -> None:
    if len(done) == 2:
        raise KeyboardInterrupt


def test_running_import_is_not_reverted(cast: Cast, csv_file: Csv) -> None:
    bring_in(csv_file(many(3)), cast.rita)
    ImportRun.objects.update(state=RunState.RUNNING, finished_at=None)
    for act in (reverting.plan, reverting.run):
        with pytest.raises(audit.Blocked) as refusal:
            act(last_run(), cast.rita)
        assert [finding.code for finding in refusal.value.findings] == ["IMP-155"]
    assert Account.objects.count() == 3


def test_person_without_the_right_reverts_nothing(cast: Cast, csv_file: Csv) -> None:
    bring_in(csv_file(many(3)), cast.rita)
    before = fingerprint()
    for person in cast.people.values():
        may = access.may_ever(person, "revert", "exchange.importrun")
        assert may == (person in (cast.rita, cast.olga))
        for act in (reverting.plan, reverting.run) if not may else ():
            with pytest.raises(access.Forbidden):
                act(last_run(), person)
    assert (differing(before), last_run().state) == ({}, RunState.DONE)
    assert sums(back(cast.olga)) == (3, 0, 0)


def test_revert_takes_the_same_number_of_statements_for_any_number_of_rows(
    cast: Cast, csv_file: Csv, settled_organisation: None
) -> None:
    """No literal: every model that may point to an account costs one statement more, wherever it is declared."""
    bring_in(csv_file(many(40)), cast.rita)
    back(cast.rita)
    taken = {}
    for rows in (1, 3):
        bring_in(csv_file(many(rows)), cast.rita)
        with CaptureQueriesContext(connection) as queries:
            back(cast.rita)
        taken[rows] = len(queries)
    assert taken[1] == taken[3]
