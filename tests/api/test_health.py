from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from celery import Celery, current_app
from django.test import Client

from revops.api import health
from revops.kernel import clocks
from revops.kernel.audit import sealing
from revops.kernel.audit.models import SealHead
from revops.kernel.outbox.enums import RunState
from revops.kernel.outbox.models import JobRun, OutboxEvent
from revops.kernel.outbox.upkeep import HEARTBEAT


def ask() -> tuple[int, dict[str, dict[str, Any]]]:
    health.forget()
    response = Client().get("/readyz")
    return response.status_code, {check["name"]: check for check in response.json()["checks"]}


@pytest.fixture
def broker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let Celery speak to a broker of this test's own."""
    before = current_app._get_current_object()
    monkeypatch.delenv("CELERY_BROKER_URL", raising=False)
    app = Celery("tests", broker="filesystem://")
    for folder in ("messages", "control"):
        (tmp_path / folder).mkdir()
    app.conf.broker_transport_options = {
        "data_folder_in": str(tmp_path / "messages"),
        "data_folder_out": str(tmp_path / "messages"),
        "control_folder": str(tmp_path / "control"),
    }
    app.set_current()
    yield
    app.close()
    before.set_current()


@pytest.fixture
def healthy(db: None, broker: None) -> None:
    """Let everything be as it is when all processes run."""
    now = clocks.now()
    JobRun.objects.create(job_key=HEARTBEAT, slot=now, started_at=now, finished_at=now, state=RunState.DONE)
    while sealing.seal():
        pass
    OutboxEvent.objects.all()._raw_delete("default")


def test_healthz_answers_anybody_without_the_database() -> None:
    response = Client().get("/healthz")
    assert response.status_code == 200
    assert response.json()["status"] == "ok"


def test_readyz_is_200_when_everything_runs(healthy: None) -> None:
    status, checks = ask()
    assert status == 200, checks
    assert list(checks) == ["database", "migrations", "broker", "heartbeat", "outbox", "audit"]
    assert all(check["ok"] and "remedy" not in check for check in checks.values())


def test_readyz_names_a_silent_beat(healthy: None) -> None:
    with clocks.at(clocks.now() + timedelta(seconds=91)):
        status, checks = ask()
    assert status == 503
    assert not checks["heartbeat"]["ok"]
    assert checks["heartbeat"]["remedy"]


def test_readyz_names_a_backlog_and_an_unsealed_trail(healthy: None, account: Any) -> None:
    account()
    assert ask()[0] == 200
    with clocks.at(clocks.now() + timedelta(seconds=121)):
        status, checks = ask()
    assert status == 503
    assert {name for name, check in checks.items() if not check["ok"]} == {"heartbeat", "outbox", "audit"}


def test_readyz_names_an_alarm_without_telling_what_it_says(healthy: None) -> None:
    SealHead.objects.update_or_create(id=1, defaults={"alarm": "Event ZQ-1 was refused a seal"})
    status, checks = ask()
    assert status == 503
    assert not checks["audit"]["ok"]
    assert "ZQ-1" not in str(checks)


def test_readyz_names_a_broker_that_is_away(healthy: None) -> None:
    Celery("away", broker="redis://:secret@127.0.0.1:1/0").set_current()
    status, checks = ask()
    assert status == 503
    assert not checks["broker"]["ok"]
    assert "secret" not in str(checks)


def test_readyz_names_waiting_migrations(healthy: None) -> None:
    from django.db.migrations.recorder import MigrationRecorder

    health._migrated.clear()
    MigrationRecorder.Migration.objects.filter(app="api", name="0002_idempotent_requests").delete()
    status, checks = ask()
    assert status == 503
    assert checks["migrations"]["remedy"] == "Run: manage.py migrate"


def test_readyz_looks_once_in_two_seconds(healthy: None) -> None:
    assert ask()[0] == 200
    JobRun.objects.all().delete()
    assert Client().get("/readyz").status_code == 200
    assert ask()[0] == 503
