"""A revert that is cut off, raced or forbidden on the way: every record once, nothing lost, nothing half."""

from typing import Any

import pytest

from accounts.actions import edit_account
from accounts.models import Account
from revops.kernel import audit
from revops.kernel.audit.models import ChangedRow
from revops.kernel.exchange import claims, reverting
from revops.kernel.exchange.models import ImportKept, ImportRun, RunState
from revops.kernel.exchange.reverting import working
from revops.kernel.people import access
from tests.cast import Cast
from tests.kernel.exchange.files import Csv, bring_in, many
from tests.kernel.exchange.prints import differing, fingerprint


class Killed(BaseException):
    """Stands for a process that ends here."""


def run_of(csv_file: Csv, by: Any, rows: int = 40, chunk: int = 7) -> ImportRun:
    bring_in(csv_file(many(rows)), by, chunk=chunk)
    return ImportRun.objects.get()


def after(monkeypatch: pytest.MonkeyPatch, parts: int, act: Any) -> None:
    """Do something once, after so many parts of the next revert are committed."""
    held, done = working.Worker.take, [0]

    def take(self: Any, *args: Any) -> None:
        if done[0] == parts:
            done[0] += 1
            act()
        held(self, *args)
        done[0] += 1

    monkeypatch.setattr(working.Worker, "take", take)


def die() -> None:
    raise Killed


def removals() -> list[int]:
    """Return how often each account was removed."""
    rows = ChangedRow.objects.filter(record_type="accounts.account", kind="-").values_list(
        "record_id", flat=True
    )
    return [list(rows).count(pk) for pk in set(rows)]


@pytest.mark.parametrize("parts", [0, 1, 3, 6])
def test_revert_goes_on_where_it_was_cut_off(
    cast: Cast, csv_file: Csv, monkeypatch: pytest.MonkeyPatch, parts: int
) -> None:
    before = fingerprint()
    run = run_of(csv_file, cast.rita)
    with monkeypatch.context() as patched:
        after(patched, parts, die)
        with pytest.raises(Killed):
            reverting.run(run, cast.rita)
    run.refresh_from_db()
    assert (run.state, run.removed) == (RunState.REVERTING, 40 - Account.objects.count())
    report = reverting.run(run, cast.olga)
    assert (report.removed, report.kept, set(removals()), len(removals())) == (40, 0, {1}, 40)
    assert differing(before) == {}


@pytest.mark.control
def test_progress_in_a_transaction_of_its_own_would_lose_count(
    cast: Cast, csv_file: Csv, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the progress left out of the transactions, a revert that was cut off counts less than it did."""
    run = run_of(csv_file, cast.rita)
    with monkeypatch.context() as patched:
        patched.setattr(claims, "advance_revert", lambda *args, **kwargs: None)
        after(patched, 3, die)
        with pytest.raises(Killed):
            reverting.run(run, cast.rita)
    assert reverting.run(run, cast.rita).removed < 40


def test_of_two_reverts_the_later_works_and_the_earlier_stops(
    cast: Cast, csv_file: Csv, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, run, taken = fingerprint(), run_of(csv_file, cast.rita), []
    held = working.Worker.take

    def other() -> None:
        monkeypatch.setattr(working.Worker, "take", held)
        taken.append(reverting.run(run, cast.olga))

    after(monkeypatch, 2, other)
    with pytest.raises(claims.Superseded):
        reverting.run(run, cast.rita)
    assert (taken[0].removed, set(removals()), len(removals())) == (40, {1}, 40)
    run.refresh_from_db()
    assert (run.state, run.removed, run.reverted_by) == (RunState.REVERTED, 40, cast.olga)
    assert differing(before) == {}


@pytest.mark.control
def test_without_the_fence_the_earlier_revert_would_go_on(
    cast: Cast, csv_file: Csv, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claims, "hold_revert", lambda run, token: None)
    monkeypatch.setattr(claims, "advance_revert", lambda *args, **kwargs: None)
    with pytest.raises(pytest.fail.Exception):
        test_of_two_reverts_the_later_works_and_the_earlier_stops(cast, csv_file, monkeypatch)


def test_row_that_is_edited_while_the_revert_runs_stays_and_keeps_the_edit(
    cast: Cast, csv_file: Csv, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = run_of(csv_file, cast.rita)
    # The first rows of the file go last.
    first = Account.objects.get(name__startswith="Company 1 ")

    def edit() -> None:
        with audit.door(audit.Source.UI):
            edit_account(by=cast.olga, pk=first.pk, changes={"city": "Dallas"})

    after(monkeypatch, 2, edit)
    report = reverting.run(run, cast.rita)
    assert (report.removed, report.kept) == (39, 1)
    assert [finding["code"] for finding in report.findings] == ["IMP-150"]
    assert list(Account.objects.values_list("pk", "city")) == [(first.pk, "Dallas")]


def test_right_that_is_lost_on_the_way_stops_the_revert(
    cast: Cast, csv_file: Csv, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, before = run_of(csv_file, cast.rita), fingerprint()
    with monkeypatch.context() as patched:
        after(patched, 2, lambda: patched.setattr(access, "may_ever", lambda *args: False))
        with pytest.raises(access.Forbidden):
            reverting.run(run, cast.rita)
    run.refresh_from_db()
    left = Account.objects.count()
    assert (run.state, run.removed + left) == (RunState.REVERTING, 40)
    assert 0 < left < 40
    assert differing(before) != {}
    assert reverting.run(run, cast.olga).removed == 40


def test_kept_record_is_told_once(cast: Cast, csv_file: Csv) -> None:
    run = run_of(csv_file, cast.rita, rows=10)
    edit_account(by=cast.rita, pk=Account.objects.order_by("pk")[0].pk, changes={"city": "Here"})
    for _ in range(2):
        report = reverting.run(run, cast.rita)
        assert (report.removed, report.kept, len(report.findings)) == (9, 1, 1)
    assert ImportKept.objects.count() == 1
