"""Pollers at the same time: each clock is looked at once, each threshold is told once."""

import subprocess
import sys
from collections import Counter
from contextlib import suppress
from datetime import timedelta
from threading import Barrier, BrokenBarrierError, Thread
from typing import Any

import pytest
from django.db import IntegrityError, connection, connections

from revops.kernel import audit, clocks, sla
from revops.kernel.gates.debts import GRACE
from revops.kernel.outbox.models import OutboxEvent
from revops.kernel.sla import polling
from revops.kernel.sla.models import SlaClock, SlaEvent
from tests.cast import Cast
from tests.kernel.outbox.processes import ROOT, environment
from tests.kernel.sla.conftest import MONDAY

pytestmark = [pytest.mark.concurrency, pytest.mark.django_db(transaction=True)]
LATER = MONDAY + timedelta(days=60)


@pytest.fixture
def running(committed_cast: Cast) -> int:
    """A clock for everybody of the cast, all of them long due; return how many."""
    people = list(committed_cast.people.values())
    with clocks.at(MONDAY), audit.change(by=committed_cast.rita, action="test.start"):
        for person in people:
            sla.start(GRACE, person, owner=person)
    return len(people)


def test_two_pollers_tell_each_threshold_once(running: int) -> None:
    command = [sys.executable, "-m", "tests.kernel.sla.poller", "3", LATER.isoformat()]
    pollers = [
        subprocess.Popen(command, cwd=ROOT, env=environment(), stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    looked = [int(one.communicate(timeout=120)[0]) for one in pollers]
    assert ([one.returncode for one in pollers], sum(looked)) == ([0, 0], running)
    assert set(SlaClock.objects.values_list("state", "next_at")) == {("breached", None)}
    told = Counter(SlaEvent.objects.values_list("threshold", flat=True))
    assert set(told.values()) == {running}
    assert OutboxEvent.objects.filter(type="sla.breached").count() == running


@pytest.mark.control
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer: nothing to remove")
def test_control_without_row_locks_two_pollers_look_at_the_same_clocks(
    running: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both read the same batch before either writes: then only the uniqueness of thresholds stops the second."""
    both, raised = Barrier(2), []
    hold = polling._hold

    def meeting(rows: Any) -> Any:
        held = hold(rows)
        with suppress(BrokenBarrierError):
            both.wait(60)
        return held

    def work() -> None:
        try:
            polling.poll(LATER)
        except (IntegrityError, audit.Conflict) as error:
            raised.append(error)
        finally:
            both.abort()
            connections.close_all()

    monkeypatch.setattr(polling, "_hold", meeting)
    monkeypatch.setattr(type(SlaClock.objects.all()), "select_for_update", lambda self, **named: self)
    threads = [Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert len(raised) == 1
