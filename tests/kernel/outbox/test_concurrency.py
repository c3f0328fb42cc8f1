"""Exactly once and in order, whoever works at the same time and whoever is killed; each guard shown red once."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from threading import Barrier, Event, Thread

import pytest
from django.db import IntegrityError, connection, connections, transaction

from revops.kernel import audit, clocks, outbox
from revops.kernel.identity.models import User
from revops.kernel.notifications.models import Notification
from revops.kernel.outbox import delivery, dispatch, jobs, receiving, upkeep
from revops.kernel.outbox.models import Effect, JobRun, OutboxEvent
from tests.kernel.outbox import scene
from tests.kernel.outbox.processes import ROOT, environment

pytestmark = [
    pytest.mark.concurrency,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("receivers"),
]
SUBJECT = "identity.user"


def together(*functions: Callable[[], object]) -> list[BaseException]:
    """Run the functions at the same time, each in a thread with a connection of its own; return what they raise."""
    raised: list[BaseException] = []
    start = Barrier(len(functions))

    def run(function: Callable[[], object]) -> None:
        try:
            start.wait()
            function()
        except BaseException as error:  # noqa: BLE001 - the test looks at it
            raised.append(error)
        finally:
            connections.close_all()

    threads = [Thread(target=run, args=(function,)) for function in functions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return raised


@pytest.fixture
def books() -> None:
    """A slow bookkeeping receiver: one notification every time it runs, whose key would not mind a second one."""
    someone = scene.person("Reader").pk

    @outbox.receives("user.renamed", key="tests.books")
    def note(event: OutboxEvent) -> None:
        time.sleep(0.005)
        Notification.objects.create(
            recipient_id=someone,
            kind=event.type,
            title=event.payload["name"],
            subject_type=event.subject_type,
            subject_id=event.subject_id,
            dedupe_key=os.urandom(16).hex(),
            created_at=clocks.now(),
        )


@pytest.fixture
def action() -> None:
    """A slow acting receiver: appends what it heard to the name of the person it is about."""

    @outbox.receives("user.renamed", key="tests.action", acts=True)
    def act(event: OutboxEvent) -> None:
        time.sleep(0.005)
        with audit.change(by=scene.actor(), action="test.append"):
            user = audit.lock(User.objects.all(), pk=event.subject_id)
            user.name += f"-{event.payload['n']}"
            audit.write(user)


def cast(people: int, events: int) -> list[int]:
    pks = [scene.person(f"P{n}").pk for n in range(people)]
    for pk in pks:
        scene.rename(pk, "N", events=events)
    return pks


def deliver_all(pks: list[int]) -> None:
    """Deliver over and over until nothing waits, as a worker would that gets every message many times."""
    deadline = time.monotonic() + 40
    while OutboxEvent.objects.waiting().exists():
        assert time.monotonic() < deadline
        for pk in pks:
            delivery.deliver_subject(SUBJECT, pk)


def heard(pks: list[int]) -> list[list[str]]:
    return [
        list(Notification.objects.filter(subject_id=pk).order_by("pk").values_list("title", flat=True))
        for pk in pks
    ]


def test_two_deliverers_keep_books_once_and_in_order(books: None) -> None:
    pks = [scene.person(f"P{n}").pk for n in range(4)]
    for pk in pks:
        for n in range(6):
            scene.rename(pk, f"N{n}")
    assert together(*[lambda: deliver_all(pks)] * 3) == []
    assert heard(pks) == [[f"N{n}" for n in range(6)]] * 4
    assert set(OutboxEvent.objects.values_list("attempts", "dead")) == {(1, False)}


def test_two_deliverers_act_once_and_in_order(action: None) -> None:
    pks = cast(people=4, events=5)
    assert together(*[lambda: deliver_all(pks)] * 3) == []
    assert list(User.objects.filter(pk__in=pks).values_list("name", flat=True)) == ["N-0-1-2-3-4"] * 4


@pytest.fixture
def no_lease(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every lease run out at once, as if every receiver took longer than a minute."""
    monkeypatch.setattr(delivery, "LEASE", timedelta(seconds=-1))
    monkeypatch.setattr(delivery, "MOST_ATTEMPTS", 10_000)


def test_outlived_leases_still_act_once_and_in_order(action: None, no_lease: None) -> None:
    pks = cast(people=2, events=5)
    assert together(*[lambda: deliver_all(pks)] * 3) == []
    assert list(User.objects.filter(pk__in=pks).values_list("name", flat=True)) == ["N-0-1-2-3-4"] * 2
    assert Effect.objects.count() == 10


def test_outlived_leases_still_keep_books_once(books: None, no_lease: None) -> None:
    pks = cast(people=2, events=5)
    assert together(*[lambda: deliver_all(pks)] * 3) == []
    assert heard(pks) == [["N"] * 5] * 2
    assert Effect.objects.count() == 10


@pytest.mark.control
def test_control_without_effect_rows_actions_happen_twice(
    action: None, no_lease: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receiving, "join", lambda change: None)
    pks = cast(people=2, events=5)
    together(*[lambda: deliver_all(pks)] * 3)
    names = list(User.objects.filter(pk__in=pks).values_list("name", flat=True))
    assert names != ["N-0-1-2-3-4"] * 2


@pytest.mark.control
def test_control_without_a_claim_workers_do_the_same_work(
    action: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempts: Counter[object] = Counter()
    act = receiving.of("user.renamed")[0].function

    def counted(event: OutboxEvent) -> None:
        attempts[event.pk] += 1
        act(event)

    receiving._by_key.clear()
    outbox.receives("user.renamed", key="tests.action", acts=True)(counted)
    monkeypatch.setattr(delivery, "_claim", lambda event: True)
    pks = cast(people=2, events=5)
    together(*[lambda: deliver_all(pks)] * 3)
    assert max(attempts.values()) > 1


def test_two_dispatchers_never_carry_a_subject_twice(books: None, monkeypatch: pytest.MonkeyPatch) -> None:
    pks = cast(people=30, events=2)
    carried: list[dispatch.Subject] = []
    monkeypatch.setattr(dispatch, "_send", lambda subjects: carried.extend(subjects) or len(subjects))
    monkeypatch.setattr(dispatch, "MOST_IN_FLIGHT", 40)

    def pump() -> None:
        for _ in range(10):
            dispatch.dispatch()

    assert together(*[pump] * 3) == []
    assert sorted(carried) == [(SUBJECT, pk) for pk in pks]


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer: nobody holds a row")
def test_dispatch_passes_over_unheard_events_that_another_holds() -> None:
    """A pump that waited for them could meet the other in a deadlock: both update many events at once."""
    cast(people=3, events=1)
    events = list(OutboxEvent.objects.order_by("pk").values_list("pk", flat=True))
    held, settled = Event(), Event()
    unheard: list[int] = []

    def hold() -> None:
        with transaction.atomic():
            OutboxEvent.objects.select_for_update().get(pk=events[0])
            held.set()
            assert settled.wait(30)

    def settle() -> None:
        assert held.wait(30)
        unheard.append(dispatch._settle_unheard(clocks.now()))
        settled.set()

    assert together(hold, settle) == []
    assert unheard == [2]
    assert list(OutboxEvent.objects.waiting().values_list("pk", flat=True)) == [events[0]]


@pytest.mark.control
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer: nothing to remove")
def test_control_without_row_locks_dispatchers_carry_twice(
    books: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from revops.kernel.outbox.models import EventQuerySet

    pks = cast(people=30, events=2)
    carried: list[dispatch.Subject] = []
    monkeypatch.setattr(dispatch, "_send", lambda subjects: carried.extend(subjects) or len(subjects))
    monkeypatch.setattr(EventQuerySet, "select_for_update", lambda self, **kwargs: self)
    waiting = dispatch._waiting_of
    monkeypatch.setattr(dispatch, "_waiting_of", lambda subjects: time.sleep(0.2) or waiting(subjects))
    assert together(*[dispatch.dispatch] * 3) == []
    assert len(carried) > len(pks)


def test_two_beats_run_a_slot_once(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[int] = []
    beat = jobs._jobs[upkeep.HEARTBEAT]
    slow = jobs.Job(beat.key, beat.owner, beat.cadence, beat.doc, beat.limit, lambda: ran.append(1))
    monkeypatch.setitem(jobs._jobs, upkeep.HEARTBEAT, slow)
    now = clocks.now()

    def knock() -> None:
        with clocks.at(now):
            for _ in range(5):
                jobs.run_job(upkeep.HEARTBEAT)

    assert together(*[knock] * 4) == []
    assert (len(ran), JobRun.objects.filter(job_key=upkeep.HEARTBEAT).count()) == (1, 1)


@pytest.mark.control
def test_control_only_the_database_keeps_two_runs_apart() -> None:
    now = clocks.now()
    JobRun.objects.create(job_key="tests.job", slot=now, started_at=now, finished_at=now, state="done")
    with pytest.raises(IntegrityError):
        JobRun.objects.create(job_key="tests.job", slot=now, started_at=now)
    later = now + timedelta(seconds=1)
    JobRun.objects.create(job_key="tests.job", slot=later, started_at=now)
    with pytest.raises(IntegrityError):
        JobRun.objects.create(job_key="tests.job", slot=later + timedelta(seconds=1), started_at=now)


@pytest.mark.parametrize("moment", ["books", "before", "after"])
def test_killed_worker_loses_and_doubles_nothing(
    moment: str, broker: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A Celery worker is killed with -9 inside a receiver, or just before or after its action's commit.

    The message is lost with it. A minute later the subject is carried again and everything is there once.
    """
    from tests.kernel.outbox import worker

    marker = tmp_path / "reached"
    monkeypatch.setenv("TEST_KILL", moment)
    monkeypatch.setenv("TEST_MARKER", str(marker))
    monkeypatch.setenv("TEST_BROKER", str(broker))
    monkeypatch.setenv("TEST_CONTROL", str(tmp_path / "control"))
    pk = scene.person("Ann").pk
    for n in range(3):
        scene.rename(pk, f"N{n}", payload={"name": f"N{n}", "n": n})
    worker.register()
    assert dispatch.dispatch() == dispatch.Pass(carried=1)
    options = "worker --pool solo --loglevel WARNING --without-gossip --without-mingle --without-heartbeat"
    command = [sys.executable, "-m", "celery", "--app", "tests.kernel.outbox.worker", *options.split()]
    process = subprocess.Popen(
        command, cwd=ROOT, env={**environment(), "TEST_WORKER": "1"}, start_new_session=True
    )
    try:
        deadline = time.monotonic() + 40
        while not marker.exists():
            assert time.monotonic() < deadline, "the worker never reached the moment"
            assert process.poll() is None, "the worker ended by itself"
            time.sleep(0.05)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    assert OutboxEvent.objects.waiting().count() == 3
    with clocks.at(clocks.now() + timedelta(seconds=61)):
        assert dispatch.dispatch() == dispatch.Pass(carried=1)
        assert delivery.deliver_subject(SUBJECT, pk) == 3
    assert User.objects.get(pk=pk).name == "N2-0-1-2"
    assert heard([pk]) == [["N0", "N1", "N2"]]
    assert Effect.objects.count() == 6
