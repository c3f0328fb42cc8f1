"""Delivery of one subject's events: strictly in order, each receiver's effect exactly once.

An attempt is claimed first, by a conditional UPDATE that counts it and leases the event for a minute. So an
event that kills its worker is counted too, and two deliverers do not work at the same event. A lease may be
outlived by a slow receiver; then the row lock and the effect rows (see `receiving.py`) keep the promise.

A failing event is tried again after 1 s, 4 s, 16 s ... at most an hour, give or take a fifth; after eight
attempts it is parked as dead, visible and replayable. The later events of the same subject wait until it is
delivered or dead; other subjects never wait.
"""

import logging
import random
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import F

from revops.kernel import audit, clocks
from revops.kernel.outbox import receiving
from revops.kernel.outbox.models import Effect, OutboxEvent
from revops.kernel.outbox.receiving import Receiver

LEASE = timedelta(seconds=60)
MOST_ATTEMPTS = 8
LONGEST_PAUSE = 3_600.0
EVENTS_PER_TASK = 200
LOST = "The worker that delivered this event died, the last of {} times."

logger = logging.getLogger(__name__)


def deliver_subject(subject_type: str, subject_id: int) -> int:
    """Deliver the due events of one subject in order; return how many were delivered.

    Stops at the first event that is not due, is leased by another deliverer, or fails. A parked event is passed.
    """
    delivered = 0
    for _ in range(EVENTS_PER_TASK):
        head = OutboxEvent.objects.about(subject_type, subject_id).waiting().first()
        if head is None or head.next_attempt_at > clocks.now():
            return delivered
        state = deliver(head)
        if state is None:
            return delivered
        delivered += state
    # More is waiting: let the next dispatch carry it at once, so that one long queue does not hold a worker.
    OutboxEvent.objects.about(subject_type, subject_id).waiting().order_by().update(carried_at=None)
    return delivered


def deliver(event: OutboxEvent) -> bool | None:
    """Attempt one event, the head of its subject.

    Return True when it is delivered, False when it is parked, None when the subject has to wait (it failed and
    will be tried again, or another deliverer has it).
    """
    if event.attempts >= MOST_ATTEMPTS:
        return _park_lost(event)
    if not _claim(event):
        return None
    with audit.door(audit.Source.JOB, request_id=f"event:{event.pk}"):
        receivers = receiving.of(event.type)
        acting = [receiver for receiver in receivers if receiver.acts]
        done = _effects(event) if acting else set()
        undone = [receiver for receiver in acting if receiver.key not in done]
        failures = {receiver.key: error for receiver in undone if (error := _act(receiver, event))}
        return _settle(event, receivers, failures)


def backoff(attempts: int) -> timedelta:
    """Return how long to wait after so many attempts: 4^(n-1) seconds, at most an hour, give or take a fifth."""
    seconds = min(4.0 ** (attempts - 1), LONGEST_PAUSE)
    return timedelta(seconds=seconds * random.uniform(0.8, 1.2))  # noqa: S311 - spreads load, keeps no secret


def _claim(event: OutboxEvent) -> bool:
    now = clocks.now()
    claimed = OutboxEvent.objects.due(now).filter(pk=event.pk)
    return claimed.update(attempts=F("attempts") + 1, next_attempt_at=now + LEASE, carried_at=now) == 1


def _park_lost(event: OutboxEvent) -> bool | None:
    error = LOST.format(MOST_ATTEMPTS)
    lost = OutboxEvent.objects.due(clocks.now()).filter(pk=event.pk, attempts__gte=MOST_ATTEMPTS)
    if not lost.update(dead=True, last_error=error):
        return None
    logger.error("Event %s (%s) is parked: %s", event.pk, event.type, error)
    return False


def _effects(event: OutboxEvent) -> set[str]:
    return set(Effect.objects.filter(event=event).values_list("receiver_key", flat=True))


def _act(receiver: Receiver, event: OutboxEvent) -> str:
    """Run a receiver that calls an action, with no transaction open; return its error, or nothing."""
    try:
        with receiving.acting(event, receiver.key):
            receiver.function(event)
    except receiving.EffectTaken:
        return ""
    except IntegrityError as error:
        # The effect row was taken between our look and our commit: what this receiver wrote was rolled back.
        return "" if receiver.key in _effects(event) else _note(receiver, event, error)
    except Exception as error:  # noqa: BLE001 - whatever a receiver raises is that event's failure, not ours
        return _note(receiver, event, error)
    return ""


def _settle(event: OutboxEvent, receivers: list[Receiver], failures: dict[str, str]) -> bool | None:
    """In one transaction: run the bookkeeping receivers, add what effects are missing, mark the outcome."""
    with transaction.atomic():
        waiting = OutboxEvent.objects.select_for_update(skip_locked=True).waiting()
        held = waiting.filter(pk=event.pk).first()
        if held is None:
            return None
        done = _effects(held)
        for receiver in receivers:
            if receiver.key in done or receiver.key in failures:
                continue
            error = "" if receiver.acts else _keep_books(receiver, held)
            if receiver.acts:
                Effect.objects.create(event=held, receiver_key=receiver.key, created_at=clocks.now())
            elif error:
                failures[receiver.key] = error
        return _mark(held, failures)


def _keep_books(receiver: Receiver, event: OutboxEvent) -> str:
    """Run a bookkeeping receiver with its effect row in a savepoint; return its error, or nothing."""
    try:
        with transaction.atomic():
            Effect.objects.create(event=event, receiver_key=receiver.key, created_at=clocks.now())
            receiver.function(event)
    except Exception as error:  # noqa: BLE001 - its savepoint is rolled back, the other receivers stand
        return _note(receiver, event, error)
    return ""


def _mark(event: OutboxEvent, failures: dict[str, str]) -> bool | None:
    now = clocks.now()
    mine = OutboxEvent.objects.filter(pk=event.pk)
    if not failures:
        mine.update(delivered_at=now, last_error="")
        return True
    error = "\n".join(failures.values())[:4_000]
    if event.attempts >= MOST_ATTEMPTS:
        mine.update(dead=True, last_error=error)
        logger.error("Event %s (%s) is parked after %s attempts.", event.pk, event.type, event.attempts)
        return False
    mine.update(next_attempt_at=now + backoff(event.attempts), carried_at=None, last_error=error)
    return None


def _note(receiver: Receiver, event: OutboxEvent, error: Exception) -> str:
    logger.warning("Receiver %s failed on event %s (%s).", receiver.key, event.pk, event.type, exc_info=error)
    return f"{receiver.key}: {type(error).__name__}: {error}"
