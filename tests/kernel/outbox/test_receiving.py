"""What a receiver writes commits together with its effect row, once."""

from typing import Any

import pytest

from revops.kernel import audit, outbox
from revops.kernel.audit.models import ChangeEvent
from revops.kernel.identity.models import User
from revops.kernel.outbox import delivery, receiving
from revops.kernel.outbox.models import Effect, OutboxEvent
from tests.kernel.outbox import scene

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("receivers")]
SUBJECT = "identity.user"


def effects() -> list[tuple[Any, str]]:
    return sorted(Effect.objects.values_list("event_id", "receiver_key"))


def add_dot(pk: int) -> None:
    """Rename by an action without an event: one more dot for every time it ran."""
    with audit.change(by=scene.actor(), action="test.dot"):
        user = audit.lock(User.objects.all(), pk=pk)
        user.name += "."
        audit.write(user)


def name(pk: int) -> str:
    return User.objects.get(pk=pk).name


def test_receives_refuses_a_second_function_for_a_key() -> None:
    def hear(event: OutboxEvent) -> None: ...
    def hear_too(event: OutboxEvent) -> None: ...

    outbox.receives("user.renamed", key="tests.hear")(hear)
    outbox.receives("user.renamed", key="tests.hear")(hear)
    with pytest.raises(ValueError, match=r"'tests.hear' already receives user.renamed with .*hear"):
        outbox.receives("user.renamed", key="tests.hear")(hear_too)
    with pytest.raises(ValueError, match=r"'tests.hear' already receives"):
        outbox.receives("user.created", key="tests.hear")(hear)
    assert [known.key for known in receiving.of("user.renamed")] == ["tests.hear"]
    assert receiving.types() == ["user.renamed"]


def test_bookkeeping_receiver_gets_the_event_and_leaves_its_effect() -> None:
    heard: list[OutboxEvent] = []
    outbox.receives("user.renamed", key="tests.hear")(heard.append)
    ann = scene.person("Ann")
    (event,) = scene.rename(ann.pk, "Anna")
    assert delivery.deliver_subject(SUBJECT, ann.pk) == 1
    assert delivery.deliver_subject(SUBJECT, ann.pk) == 0
    assert heard == [event]
    assert effects() == [(event.pk, "tests.hear")]


def test_bookkeeping_receiver_cannot_open_a_change() -> None:
    ann = scene.person("Ann")

    @outbox.receives("user.renamed", key="tests.dot")
    def dot(event: OutboxEvent) -> None:
        add_dot(event.subject_id)

    scene.rename(ann.pk, "Anna")
    delivery.deliver_subject(SUBJECT, ann.pk)
    event = OutboxEvent.objects.get()
    assert (event.delivered_at, event.attempts, name(ann.pk), effects()) == (None, 1, "Anna", [])
    assert event.last_error.startswith("tests.dot: RuntimeError: A durable atomic block cannot be nested")


def test_acting_receiver_carries_its_effect_into_the_change() -> None:
    ann = scene.person("Ann")

    @outbox.receives("user.renamed", key="tests.dot", acts=True)
    def dot(event: OutboxEvent) -> None:
        add_dot(event.subject_id)
        raise RuntimeError("the worker dies after the action's commit")

    (event,) = scene.rename(ann.pk, "Anna")
    delivery.deliver_subject(SUBJECT, ann.pk)
    assert (name(ann.pk), effects()) == ("Anna.", [(event.pk, "tests.dot")])
    OutboxEvent.objects.update(next_attempt_at=event.created_at)
    assert delivery.deliver_subject(SUBJECT, ann.pk) == 1
    assert (name(ann.pk), effects()) == ("Anna.", [(event.pk, "tests.dot")])


def test_acting_receiver_names_job_and_event_as_the_door() -> None:
    ann = scene.person("Ann")
    outbox.receives("user.renamed", key="tests.dot", acts=True)(lambda event: add_dot(event.subject_id))
    (event,) = scene.rename(ann.pk, "Anna")
    delivery.deliver_subject(SUBJECT, ann.pk)
    change = ChangeEvent.objects.get(action="test.dot")
    assert (change.source, change.request_id) == (audit.Source.JOB, f"event:{event.pk}")


def test_acting_receiver_that_is_refused_leaves_no_effect() -> None:
    ann = scene.person("Ann")

    @outbox.receives("user.renamed", key="tests.dot", acts=True)
    def dot(event: OutboxEvent) -> None:
        with audit.change(by=scene.actor(), action="test.dot"):
            raise audit.Blocked([audit.Finding(code="USR-001", message="not today")])

    scene.rename(ann.pk, "Anna")
    delivery.deliver_subject(SUBJECT, ann.pk)
    event = OutboxEvent.objects.get()
    assert (event.delivered_at, event.last_error, effects()) == (None, "tests.dot: Blocked: not today", [])


def test_acting_receiver_that_writes_nothing_gets_its_effect_on_delivery() -> None:
    ann = scene.person("Ann")
    outbox.receives("user.renamed", key="tests.look", acts=True)(lambda event: None)
    (event,) = scene.rename(ann.pk, "Anna")
    assert delivery.deliver_subject(SUBJECT, ann.pk) == 1
    assert effects() == [(event.pk, "tests.look")]


def test_acting_receiver_may_not_act_twice() -> None:
    ann, ben = scene.person("Ann"), scene.person("Ben")

    @outbox.receives("user.renamed", key="tests.dot", acts=True)
    def dot(event: OutboxEvent) -> None:
        add_dot(event.subject_id)
        add_dot(ben.pk)

    scene.rename(ann.pk, "Anna")
    delivery.deliver_subject(SUBJECT, ann.pk)
    assert (name(ann.pk), name(ben.pk)) == ("Anna.", "Ben")
    assert OutboxEvent.objects.get().last_error == (
        "tests.dot: TypeError: test.dot: tests.dot has already acted; one receiver makes one action call."
    )


def test_acting_receiver_is_rolled_back_when_a_twin_was_faster() -> None:
    ann = scene.person("Ann")

    @outbox.receives("user.renamed", key="tests.dot", acts=True)
    def dot(event: OutboxEvent) -> None:
        # What another worker, whose lease had run out, commits between our look and our change.
        Effect.objects.create(event=event, receiver_key="tests.dot", created_at=event.created_at)
        add_dot(event.subject_id)

    scene.rename(ann.pk, "Anna")
    assert delivery.deliver_subject(SUBJECT, ann.pk) == 1
    assert name(ann.pk) == "Anna"


def test_failing_receiver_leaves_its_siblings_alone() -> None:
    heard: list[str] = []

    @outbox.receives("user.renamed", key="tests.a_fails")
    def fails(event: OutboxEvent) -> None:
        User.objects.filter(pk=event.subject_id).update(last_login=event.created_at)
        raise ValueError("no")

    outbox.receives("user.renamed", key="tests.b_books")(lambda event: heard.append("books"))
    outbox.receives("user.renamed", key="tests.c_acts", acts=True)(lambda event: add_dot(event.subject_id))
    ann = scene.person("Ann")
    (event,) = scene.rename(ann.pk, "Anna")
    delivery.deliver_subject(SUBJECT, ann.pk)
    assert (heard, name(ann.pk)) == (["books"], "Anna.")
    assert User.objects.get(pk=ann.pk).last_login is None
    assert effects() == [(event.pk, "tests.b_books"), (event.pk, "tests.c_acts")]
    assert OutboxEvent.objects.get().last_error == "tests.a_fails: ValueError: no"
