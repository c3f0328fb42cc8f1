"""The pump keeps going whatever a step does, and ends when it is told to."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection

from revops.kernel import outbox
from revops.kernel.audit.models import ChangeEvent
from revops.kernel.outbox import pump
from revops.kernel.outbox.models import OutboxEvent
from tests.kernel.outbox import scene
from tests.kernel.outbox.processes import ROOT, environment


def test_failing_step_keeps_no_other_from_its_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    stopping, taken = Event(), []
    monkeypatch.setattr(pump, "LONGEST_PAUSE", 0.01)
    monkeypatch.setattr(pump, "close_old_connections", lambda: None)
    monkeypatch.setattr(pump.connections, "close_all", lambda: taken.append("reconnect"))

    def fails() -> bool:
        taken.append("fails")
        raise OperationalError("server closed the connection unexpectedly")

    def works() -> bool:
        taken.append("works")
        if taken.count("works") == 3:
            stopping.set()
        return False

    pump.run(stopping, steps=(fails, works))
    assert taken == ["fails", "reconnect", "works"] * 3


def test_once_takes_every_step_once() -> None:
    taken: list[str] = []
    pump.run(Event(), once=True, steps=(lambda: bool(taken.append("a")), lambda: bool(taken.append("b"))))
    assert taken == ["a", "b"]


def test_pump_works_without_pause_while_there_is_work() -> None:
    stopping, taken = Event(), []

    def busy() -> bool:
        taken.append(1)
        if len(taken) == 1_000:
            stopping.set()
        return True

    begun = time.monotonic()
    pump.run(stopping, steps=(busy,))
    assert time.monotonic() - begun < 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no server to lose")
def test_pump_reconnects_after_the_database_went_away(receivers: None, broker: Path) -> None:
    outbox.receives("user.renamed", key="tests.ear")(lambda event: None)
    ann = scene.person("Ann")
    pids: list[int] = []

    def look() -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            pids.append(cursor.fetchone()[0])
        return False

    stopping = Event()

    def worker() -> None:
        try:
            pump.run(stopping, steps=(look, pump.dispatch_outbox))
        finally:
            connection.close()

    thread = Thread(target=worker)
    thread.start()
    try:
        wait_for(lambda: bool(pids))
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s)", [pids[0]])
        scene.rename(ann.pk, "A")
        wait_for(lambda: OutboxEvent.objects.filter(carried_at__isnull=False).exists())
    finally:
        stopping.set()
        thread.join(10)
    assert len(set(pids)) == 2


@pytest.mark.django_db(transaction=True)
def test_pump_once_seals_and_dispatches(receivers: None, broker: Path) -> None:
    outbox.receives("user.renamed", key="tests.ear")(lambda event: None)
    scene.rename(scene.person("Ann").pk, "Anna")
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        call_command("pump", "--once")
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    assert ChangeEvent.objects.filter(sealed=False).count() == 0
    assert OutboxEvent.objects.filter(carried_at__isnull=True).count() == 0
    assert len(list(broker.glob("*.msg"))) == 1


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 15
    while not condition():
        assert time.monotonic() < deadline, "waited 15 s in vain"
        time.sleep(0.05)


@pytest.mark.concurrency
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_pump_command_ends_cleanly_on_a_signal(number: int, tmp_path: Path) -> None:
    command = [sys.executable, str(ROOT / "manage.py"), "pump"]
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment(), stderr=log)
        try:
            scene.rename(scene.person("Ann").pk, "A")
            # Nobody hears this type in a process without the tests' receivers, so the pump settles it.
            wait_for(lambda: OutboxEvent.objects.filter(delivered_at__isnull=False).exists())
            os.kill(process.pid, number)
            assert process.wait(10) == 0
        finally:
            process.kill()
            process.wait()
