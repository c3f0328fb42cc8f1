"""Events exist if and only if their change commits, each with its own place in its subject's order."""

import math
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from revops.kernel import audit, clocks, outbox
from revops.kernel.audit import changes
from revops.kernel.audit.models import ChangeEvent
from revops.kernel.identity.models import User
from revops.kernel.outbox.models import OutboxEvent
from tests.kernel.outbox import scene

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def columns(event: OutboxEvent) -> dict[str, Any]:
    return {f.attname: getattr(event, f.attname) for f in OutboxEvent._meta.concrete_fields if f.name != "id"}


def rename_and_emit(
    user: User,
    *,
    type_: str = "user.renamed",
    subject: Any = None,
    payload: dict[str, Any] | None = None,
    and_then: Exception | None = None,
) -> None:
    """Rename `user` and emit one event in the same change, which then may fail."""
    with audit.change(by=scene.actor(), action="test.rename"):
        locked = audit.lock(User.objects.all(), pk=user.pk)
        locked.name = "Anna"
        audit.write(locked)
        outbox.emit(type_, subject or locked, payload or {})
        if and_then is not None:
            raise and_then


def test_emit_writes_the_event_with_its_change() -> None:
    ann = scene.person("Ann")
    with (
        clocks.at(NOON),
        audit.change(by=scene.actor(), action="test.rename", at=NOON.replace(hour=9)) as change,
    ):
        user = audit.lock(User.objects.all(), pk=ann.pk)
        user.name = "Anna"
        audit.write(user)
        outbox.emit("user.renamed", user, {"name": "Anna"}, payload_version=3)
    assert columns(OutboxEvent.objects.get()) == {
        "type": "user.renamed",
        "payload_version": 3,
        "subject_type": "identity.user",
        "subject_id": ann.pk,
        "subject_seq": 2 * 1_024,
        "occurred_at": NOON.replace(hour=9),
        "payload": {"name": "Anna"},
        "change_id": change.id,
        "created_at": NOON,
        "delivered_at": None,
        "attempts": 0,
        "next_attempt_at": NOON,
        "dead": False,
        "last_error": "",
        "carried_at": None,
    }


def test_emit_numbers_events_by_version_and_place() -> None:
    ann = scene.person("Ann")
    first, second = scene.rename(ann.pk, "Anna", events=2), scene.rename(ann.pk, "Anne", events=2)
    assert [event.subject_seq for event in first + second] == [2_048, 2_049, 3_072, 3_073]


def test_emit_before_the_write_counts_for_the_version_written() -> None:
    ann = scene.person("Ann")
    with audit.change(by=scene.actor(), action="test.rename"):
        user = audit.lock(User.objects.all(), pk=ann.pk)
        outbox.emit("user.renamed", user, {})
        user.name = "Anna"
        audit.write(user)
    assert OutboxEvent.objects.get().subject_seq == 2_048


def test_emit_outside_a_change_is_a_type_error() -> None:
    ann = scene.person("Ann")
    with pytest.raises(TypeError, match="No change is open"):
        outbox.emit("user.renamed", ann, {})
    assert OutboxEvent.objects.count() == 0


def test_emit_about_a_record_the_change_did_not_write_rolls_back() -> None:
    ann, ben = scene.person("Ann"), scene.person("Ben")
    with pytest.raises(TypeError, match=rf"identity.user {ben.pk}, which this change did not write"):
        rename_and_emit(ann, subject=ben)
    assert (OutboxEvent.objects.count(), User.objects.get(pk=ann.pk).name) == (0, "Ann")


def test_emit_in_a_change_that_writes_nothing_leaves_nothing() -> None:
    ann = scene.person("Ann")
    with audit.change(by=scene.actor(), action="test.rename"):
        user = audit.lock(User.objects.all(), pk=ann.pk)
        audit.write(user)
        outbox.emit("user.renamed", user, {})
    assert OutboxEvent.objects.count() == 0


def test_rollback_leaves_no_event() -> None:
    ann = scene.person("Ann")
    with pytest.raises(RuntimeError, match="changed my mind"):
        rename_and_emit(ann, and_then=RuntimeError("changed my mind"))
    assert (OutboxEvent.objects.count(), User.objects.get(pk=ann.pk).name) == (0, "Ann")


def test_failing_audit_insert_leaves_no_event(monkeypatch: pytest.MonkeyPatch) -> None:
    ann = scene.person("Ann")

    def broken(*args: Any, **kwargs: Any) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(ChangeEvent, "save", broken)
    with pytest.raises(OSError, match="the disk is full"):
        scene.rename(ann.pk, "Anna")
    assert (OutboxEvent.objects.count(), User.objects.get(pk=ann.pk).name) == (0, "Ann")


def test_emit_after_the_events_left_is_a_type_error(monkeypatch: pytest.MonkeyPatch) -> None:
    ann = scene.person("Ann")
    late = lambda change: outbox.emit("user.late", change.changed[User][0][0], {})  # noqa: E731
    monkeypatch.setitem(changes._hooks, "late", late)
    with pytest.raises(TypeError, match=r"user.late: the events of this change have already left"):
        scene.rename(ann.pk, "Anna")
    assert OutboxEvent.objects.count() == 0


def test_payload_is_stored_as_it_was() -> None:
    ann = scene.person("Ann")
    payload = {"names": ["Ann"]}
    with audit.change(by=scene.actor(), action="test.rename"):
        user = audit.lock(User.objects.all(), pk=ann.pk)
        user.name = "Anna"
        audit.write(user)
        outbox.emit("user.renamed", user, payload)
        payload["names"].append("later")
    assert OutboxEvent.objects.get().payload == {"names": ["Ann"]}


@pytest.mark.parametrize(
    ("type_", "payload", "error"),
    [
        ("Renamed", {}, ValueError),
        ("renamed", {}, ValueError),
        ("user.renamed ", {}, ValueError),
        ("user.renamed", {"at": NOON}, TypeError),
        ("user.renamed", {"share": float("nan")}, ValueError),
    ],
)
def test_emit_refuses_what_cannot_be_stored(
    type_: str, payload: dict[str, Any], error: type[Exception]
) -> None:
    ann = scene.person("Ann")
    with pytest.raises(error):
        rename_and_emit(ann, type_=type_, payload=payload)
    assert (OutboxEvent.objects.count(), User.objects.get(pk=ann.pk).name) == (0, "Ann")


def test_emit_refuses_a_subject_that_is_no_governed_record() -> None:
    ann = scene.person("Ann")
    with pytest.raises(TypeError, match="the subject of an event is a governed record"):
        rename_and_emit(ann, subject=OutboxEvent())


def test_emit_refuses_more_events_than_a_version_has_places() -> None:
    ann = scene.person("Ann")
    assert len(scene.rename(ann.pk, "Anna", events=1_024)) == 1_024
    with pytest.raises(ValueError, match="more than 1024 events"):
        scene.rename(ann.pk, "Anne", events=1_025)
    assert OutboxEvent.objects.count() == 1_024


def test_thousand_events_take_as_many_statements_as_three() -> None:
    """On SQLite, which takes 999 parameters at a time, Django cuts an insert into chunks of 62 rows."""
    ann = scene.person("Ann")
    with CaptureQueriesContext(connection) as few:
        scene.rename(ann.pk, "Anna", events=3)
    with CaptureQueriesContext(connection) as many:
        scene.rename(ann.pk, "Anne", events=1_000)
    chunks = 0 if connection.vendor == "postgresql" else math.ceil(1_000 / 62) - 1
    assert len(many.captured_queries) <= len(few.captured_queries) + chunks
    assert OutboxEvent.objects.count() == 1_003
