"""The kernel's own jobs: what they delete, what they leave, what they send again."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from revops.kernel import clocks, outbox
from revops.kernel.audit import sealing
from revops.kernel.outbox import delivery, jobs, upkeep
from revops.kernel.outbox.cadence import Every
from revops.kernel.outbox.models import Effect, JobRun, OutboxEvent
from tests.kernel.outbox import scene

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def aged(event: OutboxEvent, born: datetime, **changes: Any) -> UUID:
    """Give an event another age: its id begins with its time of birth."""
    pk = UUID(int=(int(born.timestamp() * 1_000) << 80) + event.pk.int % 2**62)
    Effect.objects.filter(event=event).delete()
    OutboxEvent.objects.filter(pk=event.pk).update(id=pk, created_at=born, **changes)
    Effect.objects.create(event_id=pk, receiver_key="tests.ear", created_at=born)
    return pk


def test_purge_deletes_what_was_delivered_thirty_days_ago(
    receivers: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "BATCH", 1)
    ann = scene.person("Ann")
    events = scene.rename(ann.pk, "A", events=5)
    old, young = NOON - timedelta(days=30, seconds=1), NOON - timedelta(days=29)
    aged(events[0], old, delivered_at=old)
    aged(events[1], old, delivered_at=old)
    kept = {
        aged(events[2], old, delivered_at=young),
        aged(events[3], old, dead=True),
        aged(events[4], old),
    }
    with clocks.at(NOON):
        assert upkeep.purge_events() == 2
    assert set(OutboxEvent.objects.values_list("pk", flat=True)) == kept
    assert set(Effect.objects.values_list("event_id", flat=True)) == kept


def test_purge_keeps_the_run_of_the_current_slot() -> None:
    def run(key: str, days: float) -> None:
        at = NOON - timedelta(days=days)
        JobRun.objects.create(job_key=key, slot=at, started_at=at, finished_at=at, state="done")

    for days in (89, 91):
        run("audit.anchor", days)
    for days in (0.5, 2):
        run(upkeep.HEARTBEAT, days)
    with clocks.at(NOON):
        assert upkeep.purge_runs() == 2
    assert set(JobRun.objects.values_list("job_key", "slot")) == {
        ("audit.anchor", NOON - timedelta(days=89)),
        (upkeep.HEARTBEAT, NOON - timedelta(days=0.5)),
    }


def test_heartbeat_slot_is_unique() -> None:
    with clocks.at(NOON):
        assert jobs.run_job(upkeep.HEARTBEAT) is not None
        assert jobs.run_job(upkeep.HEARTBEAT) is None
    assert JobRun.objects.filter(job_key=upkeep.HEARTBEAT, slot=NOON).count() == 1


def test_heartbeat_sends_the_nightly_ticks_again(sent: Callable[[], list[tuple[str, list[Any]]]]) -> None:
    nightly = sorted(known.key for known in jobs.registered() if not isinstance(known.cadence, Every))
    with clocks.at(NOON + timedelta(minutes=5)):
        assert upkeep.beat() == f"sent again: {', '.join(nightly)}"
        assert sent() == [("outbox.run_job", [key]) for key in nightly]
        for key in nightly:
            JobRun.objects.create(
                job_key=key, slot=jobs._jobs[key].cadence.slot(clocks.now()), started_at=NOON
            )
        assert upkeep.beat() == "alive"
    assert sent() == []


def test_sessions_purge_deletes_expired_sessions() -> None:
    from django.contrib.sessions.models import Session

    Session.objects.create(session_key="old", session_data="", expire_date=NOON - timedelta(days=900))
    Session.objects.create(session_key="new", session_data="", expire_date=NOON + timedelta(days=90_000))
    jobs.run_job("sessions.purge")
    assert list(Session.objects.values_list("session_key", flat=True)) == ["new"]


def test_delivered_events_outlive_the_purge_for_a_month(receivers: None) -> None:
    outbox.receives("user.renamed", key="tests.ear")(lambda event: None)
    ann = scene.person("Ann")
    scene.rename(ann.pk, "A")
    delivery.deliver_subject("identity.user", ann.pk)
    now = clocks.now()
    with clocks.at(now + timedelta(days=29)):
        assert upkeep.purge_events() == 0
    with clocks.at(now + timedelta(days=31)):
        assert upkeep.purge_events() == 1
    assert Effect.objects.count() == 0


def test_audit_verify_records_what_it_found() -> None:
    scene.rename(scene.person("Ann").pk, "Anna")
    with clocks.at(NOON):
        run = jobs.run_job("audit.verify")
    assert run is not None
    assert (run.state, run.error) == ("done", "")
    assert "events" in run.result


def test_audit_verify_fails_and_names_the_row_that_was_forged() -> None:
    ann = scene.person("Ann")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE identity_user SET name = 'Forged' WHERE id = %s", [ann.pk])
    run = jobs.run_job("audit.verify")
    assert run is not None
    assert run.state == "failed"
    assert f"identity.user {ann.pk}, version 1: written past the one door" in run.error.splitlines()[-1]


def test_audit_anchor_tells_what_it_anchored(settings: Any, tmp_path: Path) -> None:
    settings.AUDIT_ANCHOR_FILE = str(tmp_path / "anchors.jsonl")
    scene.rename(scene.person("Ann").pk, "Anna")
    sealing.seal()
    results = []
    for minutes in (0, 10):
        with clocks.at(NOON + timedelta(minutes=minutes)):
            run = jobs.run_job("audit.anchor")
            assert run is not None
            results.append(run.result)
    assert results == ["anchored at seal 2", "the head has not moved"]
    assert len((tmp_path / "anchors.jsonl").read_text().splitlines()) == 1
