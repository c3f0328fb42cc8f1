"""Strictly in order per subject; a failing event waits, then is parked; nobody else waits for it."""

from datetime import UTC, datetime, timedelta

import pytest

from revops.kernel import clocks, outbox
from revops.kernel.outbox import delivery, replaying
from revops.kernel.outbox.models import OutboxEvent
from tests.kernel.outbox import scene

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("receivers")]
SUBJECT = "identity.user"
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


class Ear:
    """Writes down what it hears, and fails on the names it is told to."""

    def __init__(self, *poison: str) -> None:
        self.poison = set(poison)
        self.heard: list[str] = []
        outbox.receives("user.renamed", key="tests.ear")(self.hear)

    def hear(self, event: OutboxEvent) -> None:
        if event.payload["name"] in self.poison:
            raise ValueError(f"{event.payload['name']} is poison")
        self.heard.append(event.payload["name"])


def events(pk: int) -> list[OutboxEvent]:
    return list(OutboxEvent.objects.about(SUBJECT, pk))


def test_deliver_subject_keeps_the_order() -> None:
    ear, ann = Ear(), scene.person("Ann")
    with clocks.at(NOON):
        for name in ("A", "B", "C"):
            scene.rename(ann.pk, name)
        assert delivery.deliver_subject(SUBJECT, ann.pk) == 3
    assert ear.heard == ["A", "B", "C"]
    assert [(event.delivered_at, event.attempts) for event in events(ann.pk)] == [(NOON, 1)] * 3


def test_failing_event_holds_back_its_subject_and_no_other() -> None:
    ear, ann, ben = Ear("B"), scene.person("Ann"), scene.person("Ben")
    with clocks.at(NOON):
        for name in ("A", "B", "C"):
            scene.rename(ann.pk, name)
        scene.rename(ben.pk, "D")
        assert [delivery.deliver_subject(SUBJECT, pk) for pk in (ann.pk, ben.pk)] == [1, 1]
    assert ear.heard == ["A", "D"]
    failed = events(ann.pk)[1]
    assert (failed.attempts, failed.dead, failed.carried_at) == (1, False, None)
    assert failed.last_error == "tests.ear: ValueError: B is poison"
    assert NOON + timedelta(seconds=0.8) <= failed.next_attempt_at <= NOON + timedelta(seconds=1.2)
    with clocks.at(NOON + timedelta(seconds=0.7)):
        assert delivery.deliver_subject(SUBJECT, ann.pk) == 0
    ear.poison.clear()
    with clocks.at(NOON + timedelta(seconds=2)):
        assert delivery.deliver_subject(SUBJECT, ann.pk) == 2
    assert ear.heard == ["A", "D", "B", "C"]
    assert events(ann.pk)[1].last_error == ""


def test_poison_event_is_parked_after_eight_attempts_and_replayed() -> None:
    ear, ann = Ear("A"), scene.person("Ann")
    now = NOON
    with clocks.at(now):
        scene.rename(ann.pk, "A")
        scene.rename(ann.pk, "B")
    for attempt in range(1, 8):
        with clocks.at(now):
            assert delivery.deliver_subject(SUBJECT, ann.pk) == 0
        poison = events(ann.pk)[0]
        assert (poison.attempts, poison.dead, ear.heard) == (attempt, False, [])
        now = poison.next_attempt_at
    with clocks.at(now):
        assert delivery.deliver_subject(SUBJECT, ann.pk) == 1
    poison, after = events(ann.pk)
    assert (poison.attempts, poison.dead, poison.delivered_at) == (8, True, None)
    assert poison.last_error == "tests.ear: ValueError: A is poison"
    assert (after.delivered_at, ear.heard) == (now, ["B"])
    assert now - NOON < timedelta(hours=3)
    ear.poison.clear()
    with clocks.at(now):
        assert delivery.deliver_subject(SUBJECT, ann.pk) == 0
        assert (replaying.replay(poison.pk), replaying.replay(poison.pk)) == (1, 0)
        assert delivery.deliver_subject(SUBJECT, ann.pk) == 1
    assert ear.heard == ["B", "A"]


@pytest.mark.parametrize(
    ("attempts", "seconds"), [(1, 1), (2, 4), (4, 64), (6, 1_024), (7, 3_600), (8, 3_600)]
)
def test_backoff_grows_fourfold_to_an_hour(attempts: int, seconds: int) -> None:
    pauses = {delivery.backoff(attempts).total_seconds() for _ in range(50)}
    assert 0.8 * seconds <= min(pauses) < max(pauses) <= 1.2 * seconds


def test_attempt_of_a_worker_that_died_is_counted_and_leased() -> None:
    ear, ann = Ear(), scene.person("Ann")
    with clocks.at(NOON):
        (event,) = scene.rename(ann.pk, "A")
        assert delivery._claim(event)  # and then the worker died
        assert delivery.deliver_subject(SUBJECT, ann.pk) == 0
    with clocks.at(NOON + timedelta(seconds=59)):
        assert delivery.deliver_subject(SUBJECT, ann.pk) == 0
    with clocks.at(NOON + timedelta(seconds=60)):
        assert delivery.deliver_subject(SUBJECT, ann.pk) == 1
    assert (ear.heard, events(ann.pk)[0].attempts) == (["A"], 2)


def test_event_that_kills_its_worker_is_parked_after_eight_attempts() -> None:
    ear, ann = Ear(), scene.person("Ann")
    with clocks.at(NOON):
        scene.rename(ann.pk, "A")
        scene.rename(ann.pk, "B")
    for minute in range(8):
        with clocks.at(NOON + timedelta(minutes=minute)):
            assert delivery._claim(events(ann.pk)[0])
    with clocks.at(NOON + timedelta(minutes=8)):
        assert delivery.deliver_subject(SUBJECT, ann.pk) == 1
    killer = events(ann.pk)[0]
    assert (killer.dead, killer.last_error, ear.heard) == (
        True,
        "The worker that delivered this event died, the last of 8 times.",
        ["B"],
    )


def test_long_queue_is_handed_back(monkeypatch: pytest.MonkeyPatch) -> None:
    ear, ann = Ear(), scene.person("Ann")
    for name in ("A", "B", "C"):
        scene.rename(ann.pk, name)
    OutboxEvent.objects.update(carried_at=NOON)
    monkeypatch.setattr(delivery, "EVENTS_PER_TASK", 2)
    assert delivery.deliver_subject(SUBJECT, ann.pk) == 2
    assert (ear.heard, events(ann.pk)[2].carried_at) == (["A", "B"], None)


def test_events_of_one_change_keep_their_order() -> None:
    heard: list[int] = []
    outbox.receives("user.renamed", key="tests.ear")(lambda event: heard.append(event.payload["n"]))
    ann = scene.person("Ann")
    scene.rename(ann.pk, "A", events=12)
    assert delivery.deliver_subject(SUBJECT, ann.pk) == 12
    assert heard == list(range(12))
