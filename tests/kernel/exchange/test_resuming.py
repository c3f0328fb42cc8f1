"""An import that was cut off goes on where it stopped: every row once, never "done" with work left."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError

from accounts.models import Account
from revops.kernel import clocks
from revops.kernel.exchange import chunks, claims
from revops.kernel.exchange.claims import Superseded
from revops.kernel.exchange.findings import FileRefused
from revops.kernel.exchange.models import ExternalLink, ImportRowOutcome, ImportRun, RunState
from revops.kernel.people import access
from tests.cast import Cast
from tests.kernel.exchange.files import Csv, bring_in, counts, many


class Killed(BaseException):
    """Stands for a process that ends here."""


def check_once(rows: int) -> None:
    """Check that the one run is done and every row of its file is in exactly once."""
    run = ImportRun.objects.get()
    assert run.state == RunState.DONE
    assert (run.created, run.updated, run.unchanged, run.rejected, run.skipped) == (rows, 0, 0, 0, 0)
    assert Account.objects.count() == ExternalLink.objects.count() == ImportRowOutcome.objects.count() == rows
    assert Account.objects.values("name").distinct().count() == rows
    assert set(run.outcomes.values_list("line", flat=True)) == set(range(2, rows + 2))


def _die_after(monkeypatch: pytest.MonkeyPatch, commits: int) -> None:
    held, done = chunks.Worker.take, [0]

    def take(self: Any, *args: Any) -> None:
        if done[0] == commits:
            raise Killed
        held(self, *args)
        done[0] += 1

    monkeypatch.setattr(chunks.Worker, "take", take)


@pytest.mark.parametrize("commits", [0, 1, 4, 7])
def test_import_goes_on_after_the_last_chunk(
    cast: Cast, csv_file: Csv, monkeypatch: pytest.MonkeyPatch, commits: int
) -> None:
    path = csv_file(many(100))
    with monkeypatch.context() as patched:
        _die_after(patched, commits)
        with pytest.raises(Killed):
            bring_in(path, cast.rita, chunk=15)
    assert ImportRun.objects.get().state == RunState.STOPPED
    held = Account.objects.count()
    report = bring_in(path, cast.rita, chunk=15)
    assert (report.resumed_at, counts(report)) == (held, (100, 0, 0, 0, 0))
    check_once(100)


@pytest.mark.control
def test_progress_in_a_transaction_of_its_own_would_import_rows_twice(
    cast: Cast, csv_file: Csv, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the progress committed after the rows, a kill between the two leaves an import that never comes right."""
    path = csv_file(many(60))
    with monkeypatch.context() as patched:
        patched.setattr(chunks.claims, "advance", lambda *args, **kwargs: None)
        _die_after(patched, 2)
        with pytest.raises(Killed):
            bring_in(path, cast.rita, chunk=10)
    with pytest.raises(IntegrityError):
        bring_in(path, cast.rita, chunk=10)
    with pytest.raises(AssertionError):
        check_once(60)


def test_the_one_who_lost_the_claim_stops_before_its_next_chunk(
    cast: Cast, csv_file: Csv, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = csv_file(many(60))
    held, taken = chunks.Worker.take, []

    def take(self: Any, *args: Any) -> None:
        if len(taken) == 2:
            monkeypatch.setattr(chunks.Worker, "take", held)
            taken.append(bring_in(path, cast.rita, chunk=7))
        taken.append(None)
        held(self, *args)

    monkeypatch.setattr(chunks.Worker, "take", take)
    with pytest.raises(Superseded):
        bring_in(path, cast.rita, chunk=10)
    assert counts(taken[2]) == (60, 0, 0, 0, 0)
    check_once(60)


@pytest.mark.control
def test_without_the_fence_the_one_who_lost_the_claim_would_go_on(
    cast: Cast, csv_file: Csv, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only the unique outcome of a row still stands between it and a second import of its rows."""
    monkeypatch.setattr(claims, "hold", lambda run, token: None)
    with pytest.raises(IntegrityError):
        test_the_one_who_lost_the_claim_stops_before_its_next_chunk(cast, csv_file, monkeypatch)


def test_file_that_is_replaced_on_the_way_stops_the_import(
    cast: Cast, csv_file: Csv, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = csv_file(many(40))
    held = chunks.Worker.take

    def take(self: Any, *args: Any) -> None:
        held(self, *args)
        Path(path).write_text(many(39))

    monkeypatch.setattr(chunks.Worker, "take", take)
    with pytest.raises(FileRefused) as refusal:
        bring_in(path, cast.rita, chunk=10)
    assert [finding.code for finding in refusal.value.located] == ["IMP-017"]
    assert (Account.objects.count(), ImportRun.objects.get().state) == (10, RunState.STOPPED)


def test_right_that_is_lost_on_the_way_stops_the_import(
    cast: Cast, csv_file: Csv, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = chunks.Worker.take

    def take(self: Any, *args: Any) -> None:
        held(self, *args)
        monkeypatch.setattr(access, "may_ever", lambda *args: False)

    monkeypatch.setattr(chunks.Worker, "take", take)
    with pytest.raises(access.Forbidden):
        bring_in(csv_file(many(40)), cast.rita, chunk=10)
    assert (Account.objects.count(), ImportRun.objects.get().state) == (10, RunState.STOPPED)


def test_finished_import_can_be_run_again_and_other_choices_are_another_import(
    cast: Cast, csv_file: Csv
) -> None:
    path = csv_file(many(20))
    bring_in(path, cast.rita)
    assert counts(bring_in(path, cast.rita)) == (0, 0, 20, 0, 0)
    assert counts(bring_in(path, cast.olga)) == (0, 0, 20, 0, 0)
    assert list(ImportRun.objects.order_by("pk").values_list("created", "unchanged", "state")) == [
        (20, 0, "done"),
        (0, 20, "done"),
        (0, 20, "done"),
    ]


def test_run_that_nobody_works_on_is_stopped_within_a_minute(
    cast: Cast, csv_file: Csv, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claims, "finish", lambda *args: None)
    with monkeypatch.context() as patched:
        _die_after(patched, 1)
        with pytest.raises(Killed):
            bring_in(csv_file(many(20)), cast.rita, chunk=5)
    assert (claims.stop_stale(), ImportRun.objects.get().state) == ("", "running")
    with clocks.at(clocks.now() + timedelta(seconds=61)):
        assert claims.stop_stale() == "1 stopped"
    assert ImportRun.objects.get().state == "stopped"
