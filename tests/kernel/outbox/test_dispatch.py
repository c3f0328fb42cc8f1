"""Dispatch carries each waiting subject once a minute; what a broker loses or refuses comes back."""

import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from revops.kernel import clocks, outbox
from revops.kernel.outbox import delivery, dispatch
from revops.kernel.outbox.dispatch import Pass
from revops.kernel.outbox.models import OutboxEvent
from tests.kernel.outbox import scene

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("receivers", "broker")]
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
Sent = Callable[[], list[tuple[str, list[Any]]]]


def after(seconds: float) -> Any:
    return clocks.at(NOON + timedelta(seconds=seconds))


def task(pk: int) -> tuple[str, list[Any]]:
    return ("outbox.deliver_subject", ["identity.user", pk])


@pytest.fixture
def ear() -> list[str]:
    heard: list[str] = []
    outbox.receives("user.renamed", key="tests.ear")(lambda event: heard.append(event.payload["name"]))
    return heard


def people(*names: str) -> list[int]:
    return [scene.person(name).pk for name in names]


def test_dispatch_carries_each_subject_once_a_minute(ear: list[str], sent: Sent) -> None:
    ann, ben = people("Ann", "Ben")
    with after(0):
        scene.rename(ann, "A")
        scene.rename(ann, "B")
        scene.rename(ben, "C")
        assert dispatch.dispatch() == Pass(carried=2)
    assert sent() == [task(ann), task(ben)]
    assert {event.carried_at for event in OutboxEvent.objects.all()} == {NOON}
    with after(59):
        assert dispatch.dispatch() == Pass()
    assert sent() == []
    with after(60):
        assert dispatch.dispatch() == Pass(carried=2)
    assert sent() == [task(ann), task(ben)]
    assert ear == []


def test_dispatch_looks_first(ear: list[str]) -> None:
    (ann,) = people("Ann")
    with after(0):
        scene.rename(ann, "A")
        delivery.deliver_subject("identity.user", ann)
        with CaptureQueriesContext(connection) as queries:
            assert dispatch.dispatch() == Pass()
    assert [query["sql"].partition(" ")[0] for query in queries.captured_queries] == ["SELECT", "SELECT"]


@pytest.mark.parametrize("subjects", [1, 3])
def test_dispatch_takes_a_constant_number_of_statements(ear: list[str], subjects: int) -> None:
    with after(0):
        for pk in people(*"ABC"[:subjects]):
            scene.rename(pk, "X")
        with CaptureQueriesContext(connection) as queries:
            assert dispatch.dispatch() == Pass(carried=subjects)
    assert len(queries.captured_queries) == 8


def test_dispatch_settles_in_bulk_what_nobody_hears(sent: Sent) -> None:
    ann, ben = people("Ann", "Ben")
    with after(0):
        scene.rename(ann, "A", events=3)
        scene.rename(ben, "B")
        assert dispatch.dispatch() == Pass(unheard=4)
    assert sent() == []
    assert {(event.delivered_at, event.attempts) for event in OutboxEvent.objects.all()} == {(NOON, 0)}


def test_dispatch_leaves_a_failed_event_until_it_is_due(sent: Sent) -> None:
    @outbox.receives("user.renamed", key="tests.fails")
    def fails(event: OutboxEvent) -> None:
        raise ValueError("no")

    (ann,) = people("Ann")
    with after(0):
        scene.rename(ann, "A")
        scene.rename(ann, "B")
        dispatch.dispatch()
        delivery.deliver_subject("identity.user", ann)
        sent()
        assert dispatch.dispatch() == Pass()
    with after(2):
        assert dispatch.dispatch() == Pass(carried=1)
    assert sent() == [task(ann)]


def test_dispatch_survives_a_broker_that_refuses(ear: list[str], sent: Sent, broker: Path) -> None:
    ann, ben = people("Ann", "Ben")
    shutil.rmtree(broker)
    with after(0):
        scene.rename(ann, "A")
        scene.rename(ben, "B")
        assert dispatch.dispatch() == Pass(refused=2)
        assert {event.carried_at for event in OutboxEvent.objects.all()} == {None}
        broker.mkdir()
        assert dispatch.dispatch() == Pass(carried=2)
    assert sent() == [task(ann), task(ben)]


def test_dispatch_keeps_the_number_in_flight_bounded(
    ear: list[str], sent: Sent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatch, "MOST_IN_FLIGHT", 2)
    ann, ben, cat = people("Ann", "Ben", "Cat")
    for second, pk in enumerate((cat, ben, ann)):
        with after(second):
            scene.rename(pk, "X", events=3)
    with after(5):
        assert dispatch.dispatch() == Pass(carried=2)
        assert sent() == [task(ben), task(cat)]
        assert dispatch.dispatch() == Pass()
        delivery.deliver_subject("identity.user", cat)
        assert dispatch.dispatch() == Pass(carried=1)
        assert sent() == [task(ann)]


def test_message_expires_when_the_subject_is_carried_again(ear: list[str], broker: Path) -> None:
    import json

    (ann,) = people("Ann")
    scene.rename(ann, "A")
    dispatch.dispatch()
    (message,) = broker.glob("*.msg")
    headers = json.loads(message.read_text())["headers"]
    left = datetime.fromisoformat(headers["expires"]) - clocks.now()
    assert timedelta(seconds=50) < left <= timedelta(seconds=60)


def test_task_delivers_the_subject(ear: list[str], sent: Sent) -> None:
    from celery import current_app

    (ann,) = people("Ann")
    scene.rename(ann, "A")
    dispatch.dispatch()
    ((name, arguments),) = sent()
    current_app.tasks[name](*arguments)
    assert ear == ["A"]
