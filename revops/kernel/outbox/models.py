"""The outbox: what happened and is still to be told, which receivers have heard it, which jobs have run.

These tables are bookkeeping, not governed records: they have no history and are purged.
"""

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import Exists, OuterRef, Q

from revops.kernel.outbox.enums import RunState

WAITING = Q(delivered_at__isnull=True, dead=False)


class EventQuerySet(models.QuerySet["OutboxEvent"]):
    """Events by where they are on their way."""

    def waiting(self) -> "EventQuerySet":
        """Return the events that are neither delivered nor parked."""
        return self.filter(WAITING)

    def due(self, now: datetime) -> "EventQuerySet":
        """Return the waiting events whose next attempt may begin."""
        return self.waiting().filter(next_attempt_at__lte=now)

    def heads(self) -> "EventQuerySet":
        """Return the first waiting event of every subject: the only one that may be delivered."""
        earlier = OutboxEvent.objects.waiting().filter(
            subject_type=OuterRef("subject_type"),
            subject_id=OuterRef("subject_id"),
            subject_seq__lt=OuterRef("subject_seq"),
        )
        return self.waiting().filter(~Exists(earlier))

    def about(self, subject_type: str, subject_id: int) -> "EventQuerySet":
        """Return the events of one subject, in the order they happened."""
        return self.filter(subject_type=subject_type, subject_id=subject_id).order_by("subject_seq")


class OutboxEvent(models.Model):
    """One thing that happened to one record, written in the same transaction as the change itself.

    `subject_seq` is the record's version times 1,024 plus the place of the event in its change: unique and rising
    per subject, never gapless. `carried_at` says when Celery was last asked to deliver it; it is a hint that
    expires, never proof of anything.
    """

    id = models.UUIDField(primary_key=True)
    type = models.CharField(max_length=80)
    payload_version = models.PositiveSmallIntegerField(default=1)
    subject_type = models.CharField(max_length=80)
    subject_id = models.BigIntegerField()
    subject_seq = models.BigIntegerField()
    occurred_at = models.DateTimeField()
    payload = models.JSONField(default=dict)
    change_id = models.UUIDField()
    created_at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    dead = models.BooleanField(default=False)
    last_error = models.TextField(blank=True)
    carried_at = models.DateTimeField(null=True)

    objects: ClassVar[EventQuerySet] = EventQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["subject_type", "subject_id", "subject_seq"], name="event_once_per_place_of_subject"
            ),
            models.CheckConstraint(
                condition=Q(dead=False) | Q(delivered_at__isnull=True), name="event_dead_or_delivered"
            ),
        ]
        indexes = [
            models.Index(
                fields=["subject_type", "subject_id", "subject_seq"],
                condition=WAITING,
                name="event_waiting_by_subject",
            ),
            models.Index(fields=["next_attempt_at"], condition=WAITING, name="event_waiting_by_due"),
            models.Index(fields=["id"], condition=Q(dead=True), name="event_dead"),
        ]

    def __str__(self) -> str:
        return f"{self.type} of {self.subject_type} {self.subject_id}"


class Effect(models.Model):
    """Proof that one receiver has dealt with one event; it commits together with what the receiver wrote."""

    event = models.ForeignKey(OutboxEvent, on_delete=models.CASCADE, related_name="effects", db_index=False)
    receiver_key = models.CharField(max_length=120)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["event", "receiver_key"], name="effect_once_per_event_and_receiver"
            )
        ]

    def __str__(self) -> str:
        return f"{self.receiver_key} ({self.event_id})"


class JobRun(models.Model):
    """One run of a job for one slot of its cadence. Two beats meet here: the second finds the slot taken."""

    job_key = models.CharField(max_length=80)
    slot = models.DateTimeField()
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=9, choices=RunState, default=RunState.RUNNING)
    result = models.TextField(blank=True)
    error = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["job_key", "slot"], name="job_run_once_per_slot"),
            models.UniqueConstraint(
                fields=["job_key"], condition=Q(state=RunState.RUNNING), name="job_run_never_overlaps"
            ),
            models.CheckConstraint(
                condition=Q(state=RunState.RUNNING, finished_at__isnull=True)
                | (~Q(state=RunState.RUNNING) & Q(finished_at__isnull=False)),
                name="job_run_finished_with_state",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.job_key} at {self.slot:%Y-%m-%d %H:%M:%S}: {self.state}"
