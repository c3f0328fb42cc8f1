"""The figures of /readyz and the commands that print them."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command

from revops.kernel import clocks, outbox
from revops.kernel.outbox import delivery, jobs, upkeep
from revops.kernel.outbox.models import OutboxEvent
from revops.kernel.outbox.status import Status, status
from tests.kernel.outbox import scene

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("receivers")]
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def after(seconds: float) -> Any:
    return clocks.at(NOON + timedelta(seconds=seconds))


def test_status_of_an_empty_outbox() -> None:
    assert status() == Status(depth=0, oldest_age=None, lag=None, dead=0, carried=0, heartbeat_age=None)


def test_status_counts_what_waits() -> None:
    ann, ben = scene.person("Ann"), scene.person("Ben")
    with after(0):
        scene.rename(ann.pk, "A")
        scene.rename(ann.pk, "B")
        parked, *_ = scene.rename(ben.pk, "C", events=2)
        OutboxEvent.objects.filter(pk=parked.pk).update(dead=True)
        jobs.run_job(upkeep.HEARTBEAT)
    with after(40):
        OutboxEvent.objects.about("identity.user", ann.pk).update(carried_at=clocks.now())
    with after(50):
        assert status() == Status(depth=3, oldest_age=50, lag=50, dead=1, carried=2, heartbeat_age=50)


def test_lag_leaves_out_what_waits_for_a_later_attempt() -> None:
    @outbox.receives("user.renamed", key="tests.fails")
    def fails(event: OutboxEvent) -> None:
        raise ValueError("no")

    ann = scene.person("Ann")
    with after(0):
        scene.rename(ann.pk, "A")
        scene.rename(ann.pk, "B")
        delivery.deliver_subject("identity.user", ann.pk)
        OutboxEvent.objects.filter(attempts=1).update(next_attempt_at=NOON + timedelta(seconds=600))
    with after(500):
        assert (status().oldest_age, status().lag) == (500, None)
    with after(630):
        assert (status().oldest_age, status().lag) == (630, 30)


def test_outbox_status_prints(capsys: pytest.CaptureFixture[str]) -> None:
    with after(0):
        scene.rename(scene.person("Ann").pk, "A")
    with after(50):
        call_command("outbox_status", "--json")
        assert json.loads(capsys.readouterr().out) == {
            "depth": 1,
            "oldest_age": 50.0,
            "lag": 50.0,
            "dead": 0,
            "carried": 0,
            "heartbeat_age": None,
        }
        call_command("outbox_status")
    assert capsys.readouterr().out.splitlines() == [
        "depth          1",
        "oldest age     50 s",
        "lag            50 s",
        "dead           0",
        "carried        0",
        "heartbeat age  none",
    ]


def test_outbox_replay_brings_back_one_or_all(capsys: pytest.CaptureFixture[str]) -> None:
    first, *_ = scene.rename(scene.person("Ann").pk, "A", events=3)
    OutboxEvent.objects.update(dead=True, attempts=8)
    call_command("outbox_replay", str(first.pk))
    assert list(OutboxEvent.objects.filter(dead=False).values_list("pk", "attempts")) == [(first.pk, 0)]
    with pytest.raises(CommandError, match=f"There is no dead event {first.pk}"):
        call_command("outbox_replay", str(first.pk))
    with pytest.raises(CommandError, match="There is no dead event"):
        call_command("outbox_replay", str(uuid4()))
    call_command("outbox_replay", "--dead")
    assert OutboxEvent.objects.filter(dead=True).count() == 0
    assert capsys.readouterr().out.splitlines() == [
        "1 events will be delivered again.",
        "2 events will be delivered again.",
    ]


def test_jobs_prints_the_register(capsys: pytest.CaptureFixture[str]) -> None:
    with after(0):
        jobs.run_job(upkeep.HEARTBEAT)
        call_command("jobs", "--json")
        told = {entry["key"]: entry for entry in json.loads(capsys.readouterr().out)}
        call_command("jobs")
    assert set(told) == {known.key for known in jobs.registered()}
    assert (told[upkeep.HEARTBEAT]["state"], told["audit.anchor"]["state"]) == ("done", "")
    line = next(line for line in capsys.readouterr().out.splitlines() if line.startswith(upkeep.HEARTBEAT))
    assert line.split(maxsplit=5)[1:5] == ["every", "30", "seconds", "REVOPS"]
    assert line.split(maxsplit=5)[5].startswith("2026-03-02 12:00:00 UTC done")
