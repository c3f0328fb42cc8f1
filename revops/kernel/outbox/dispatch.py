"""Dispatch: hand what waits to Celery, one task a subject. The rows are the truth, Celery only carries.

Whatever a broker loses comes back: a subject that was carried a minute ago and still waits is carried again, and
the message carried before has expired by then. A broker that refuses changes nothing in the outbox.
"""

import logging
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from kombu.exceptions import ChannelError, KombuError
from kombu.exceptions import ConnectionError as BrokerConnectionError

from revops.kernel import clocks
from revops.kernel.outbox import receiving
from revops.kernel.outbox.models import EventQuerySet, OutboxEvent

CARRY_SECONDS = 60
# As many subjects as two cores surely deliver in a minute; more would only expire in the broker's queue.
MOST_IN_FLIGHT = 1_000
UNHEARD_PER_PASS = 5_000
BROKER_ERRORS = (KombuError, ChannelError, BrokerConnectionError, OSError)

Subject = tuple[str, int]
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Pass:
    """What one dispatch did: events nobody receives, subjects carried, subjects the broker refused."""

    unheard: int = 0
    carried: int = 0
    refused: int = 0

    @property
    def worked(self) -> bool:
        return bool(self.unheard or self.carried) and not self.refused


def dispatch() -> Pass:
    """Carry every subject whose first waiting event is due; mark as delivered what nobody receives.

    Looks first and opens a transaction only for work. Any number may run: two never carry the same subject
    within a minute. Never raises for a broker's sake: the rows stay, and the next dispatch tries again.
    """
    now = clocks.now()
    unheard = _settle_unheard(now)
    if not _uncarried(now).exists():
        return Pass(unheard)
    subjects = _mark_carried(now)
    refused = subjects[_send(subjects) :]
    if refused:
        _release(refused, now)
    return Pass(unheard, len(subjects) - len(refused), len(refused))


def _uncarried(now: datetime) -> EventQuerySet:
    carried_before = now - timedelta(seconds=CARRY_SECONDS)
    return OutboxEvent.objects.due(now).filter(Q(carried_at__isnull=True) | Q(carried_at__lte=carried_before))


def _settle_unheard(now: datetime) -> int:
    """Mark events of types that have no receiver as delivered, in bulk; return how many."""
    unheard = OutboxEvent.objects.waiting().exclude(type__in=receiving.types())
    if not unheard.exists():
        return 0
    with transaction.atomic():
        batch = _locked(unheard.order_by("next_attempt_at")[:UNHEARD_PER_PASS])
        return OutboxEvent.objects.filter(pk__in=batch).update(delivered_at=now)


def _locked(events: EventQuerySet) -> list[UUID]:
    """Lock these events and return their ids, without those that somebody else holds.

    Never waits, so that two dispatchers that meet the same events in another order cannot deadlock.
    """
    return list(events.select_for_update(skip_locked=True).values_list("pk", flat=True))


def _mark_carried(now: datetime) -> list[Subject]:
    """Mark the subjects that this dispatch will carry, and return them: the longest overdue first."""
    in_flight = OutboxEvent.objects.waiting().filter(carried_at__gt=now - timedelta(seconds=CARRY_SECONDS))
    room = MOST_IN_FLIGHT - in_flight.values("subject_type", "subject_id").distinct().count()
    if room <= 0:
        return []
    with transaction.atomic():
        heads = OutboxEvent.objects.heads() & _uncarried(now)
        locked = heads.select_for_update(skip_locked=True).order_by("next_attempt_at", "id")[:room]
        subjects = [
            (head.subject_type, head.subject_id) for head in locked.only("subject_type", "subject_id")
        ]
        OutboxEvent.objects.filter(pk__in=_locked(_waiting_of(subjects))).update(carried_at=now)
    return subjects


def _waiting_of(subjects: list[Subject]) -> EventQuerySet:
    """Return all waiting events of these subjects."""
    ids: defaultdict[str, list[int]] = defaultdict(list)
    for subject_type, subject_id in subjects:
        ids[subject_type].append(subject_id)
    wanted = Q(pk__in=[])
    for subject_type, of_type in ids.items():
        wanted |= Q(subject_type=subject_type, subject_id__in=of_type)
    return OutboxEvent.objects.waiting().filter(wanted)


def _send(subjects: list[Subject]) -> int:
    """Send one task a subject; return how many the broker took before it refused."""
    from revops.kernel.outbox.tasks import deliver_subject

    for sent, subject in enumerate(subjects):
        try:
            deliver_subject.apply_async(args=subject, expires=CARRY_SECONDS, retry=False)
        except BROKER_ERRORS as error:
            logger.warning("The broker refused %s subjects: %s", len(subjects) - sent, error)
            return sent
    return len(subjects)


def _release(subjects: list[Subject], carried_at: datetime) -> None:
    """Forget that these subjects were carried, so that the next dispatch tries them again."""
    with transaction.atomic():
        taken = _waiting_of(subjects).filter(carried_at=carried_at)
        OutboxEvent.objects.filter(pk__in=_locked(taken)).update(carried_at=None)
