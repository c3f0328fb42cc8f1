"""Two people at one deal at the same moment. The control shows the fault once the lock is gone.

SQLite lets one writer in at a time, so there is no lock to remove there and the control runs on PostgreSQL.
"""

import os
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, connections

from opportunities.actions import add_contact_role, intervals, move_stage, moving
from opportunities.models import OppContactRole, StageInterval
from revops.kernel.gates.models import GateAttempt
from tests.cast import Cast
from tests.meeting import Meeting, kinds, remove_locks, together
from tests.opportunities.conftest import ADVANCE, open_deal, ready_deal
from tests.opportunities.intervals import interval_faults
from tests.opportunities.people import make_contact

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]


@pytest.fixture
def postgres() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer: there is no lock to remove")


def two_moves(cast: Cast, monkeypatch: pytest.MonkeyPatch, *, named: bool) -> list[Any]:
    deal = ready_deal(cast)
    version = deal.version if named else None
    meeting = Meeting()
    monkeypatch.setattr(moving, "lacking", meeting.after(moving.lacking))
    return together(
        lambda: move_stage(by=cast.alice, pk=deal.pk, to="discovery", reason_code=ADVANCE, version=version),
        lambda: move_stage(by=cast.mona, pk=deal.pk, to="discovery", reason_code=ADVANCE, version=version),
    )


def test_of_two_moves_of_one_version_one_is_a_conflict(
    committed_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    results = two_moves(committed_cast, monkeypatch, named=True)
    assert kinds(results) == ["Conflict", "ok"]
    assert StageInterval.objects.filter(stage="discovery").count() == 1
    assert interval_faults() == []


def test_second_of_two_moves_sees_the_first(committed_cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    results = two_moves(committed_cast, monkeypatch, named=False)
    assert kinds(results) == ["Blocked", "ok"]
    assert StageInterval.objects.filter(stage="discovery").count() == 1


def test_hc2_of_twenty_processes_that_advance_at_once_one_succeeds(
    postgres: None, committed_cast: Cast
) -> None:
    deal = ready_deal(committed_cast)
    people = (committed_cast.alice, committed_cast.mona)
    results = forked(
        [
            lambda by=people[number % 2]: move_stage(
                by=by, pk=deal.pk, to="discovery", reason_code=ADVANCE, version=deal.version
            )
            for number in range(20)
        ]
    )
    assert Counter(results) == {"Conflict": 19, "ok": 1}
    assert StageInterval.objects.filter(opportunity=deal).count() == 2
    assert GateAttempt.objects.filter(subject_id=deal.pk).count() == 1
    assert interval_faults() == []


def forked(works: list[Callable[[], Any]]) -> list[str]:
    """Do each work in a process of its own, all at once; return "ok" or the name of what each raised."""
    connections.close_all()
    reader, writer = os.pipe()
    children = [_fork(work, writer) for work in works]
    os.close(writer)
    with os.fdopen(reader) as told:
        results = told.read().split()
    for child in children:
        os.waitpid(child, 0)
    return results


def _fork(work: Callable[[], Any], writer: int) -> int:
    child = os.fork()
    if child:
        return child
    said = "ok"
    try:
        work()
    except BaseException as error:  # noqa: BLE001 - it is a result here
        said = type(error).__name__
    finally:
        os.write(writer, f"{said}\n".encode())
        os._exit(0)


@pytest.mark.control
def test_two_moves_without_the_lock_meet_in_the_database(
    postgres: None, committed_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    remove_locks(monkeypatch)
    met: list[int] = []
    turn = intervals.turn

    def counted(turns: Any) -> None:
        met.append(1)
        turn(turns)

    monkeypatch.setattr(intervals, "turn", counted)
    two_moves(committed_cast, monkeypatch, named=True)
    assert len(met) >= 2


def test_contact_put_in_twice_at_once_is_in_once(
    committed_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast = committed_cast
    deal, contact = open_deal(cast), make_contact(cast, "Ann")
    values = {"opportunity": deal.pk, "contact": contact.pk, "role": "champion"}
    results = together(*[lambda: add_contact_role(by=cast.alice, values=values) for _ in range(2)])
    assert kinds(results) == ["Blocked", "ok"]
    assert OppContactRole.objects.count() == 1
