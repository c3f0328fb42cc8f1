"""Obligations: who has to do what about which record until when. One table (ADR 0017). Source: M8."""

from django.db import models
from django.db.models import Q

from revops.kernel.audit.history import RecordHistory
from revops.kernel.packets.enums import ObligationKind, ObligationState, Priority, Side
from revops.kernel.packets.kinds import PROVEN
from revops.kernel.people.models import Owned
from revops.kernel.people.models.organisation import Person


class Obligation(Owned):
    """One thing somebody has to do. `creator` asked for it; `owner` does it.

    It may be about one record: `subject_type` and `subject_id` name it, `subject` is the number that people call it
    by, kept so that lists show and filter it. With `due_at` it falls due at that instant, and `due_on` is its day.
    `outcome` says what came of it, or why it was cancelled. `source_ref` names what brought it, where no person did.
    `evidence_ref` is where it can be looked up that it was done: its kind says whether it must be (`kinds`).
    `overdue_told` counts to whom it was told that it is overdue: 1 its owner, 2 the manager as well.
    """

    PERSONAL = frozenset({"text", "note", "outcome", "evidence_ref"})

    kind = models.CharField(max_length=16, choices=ObligationKind, default=ObligationKind.TASK)
    text = models.CharField(max_length=255)
    note = models.TextField(blank=True)
    subject_type = models.CharField(max_length=80, blank=True, editable=False)
    subject_id = models.BigIntegerField(null=True, editable=False)
    subject = models.CharField(max_length=24, blank=True, editable=False)
    creator = Person(db_index=False, editable=False)
    counterparty_side = models.CharField(max_length=5, choices=Side, default=Side.US)
    due_on = models.DateField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    priority = models.CharField(max_length=6, choices=Priority, default=Priority.NORMAL)
    state = models.CharField(max_length=9, choices=ObligationState, default=ObligationState.OPEN)
    outcome = models.CharField(max_length=400, blank=True)
    evidence_ref = models.CharField(max_length=300, blank=True, editable=False, db_default="", default="")
    done_at = models.DateTimeField(null=True, blank=True, editable=False)
    done_by = Person(null=True, blank=True, db_index=False, editable=False)
    source_ref = models.CharField(max_length=80, blank=True, editable=False)
    overdue_told = models.PositiveSmallIntegerField(default=0, db_default=0, editable=False)

    history = RecordHistory()

    class Meta(Owned.Meta):
        verbose_name = "task"
        constraints = [
            *Owned.Meta.constraints,
            models.CheckConstraint(
                condition=Q(state="done", done_at__isnull=False, done_by__isnull=False)
                | (~Q(state="done") & Q(done_at__isnull=True, done_by__isnull=True)),
                name="obligation_done_has_who_and_when",
            ),
            models.CheckConstraint(
                condition=~Q(state="done", kind__in=PROVEN) | ~Q(evidence_ref=""),
                name="obligation_done_has_its_evidence",
            ),
            models.CheckConstraint(
                condition=Q(due_at__isnull=True) | Q(due_on__isnull=False),
                name="obligation_due_at_has_its_day",
            ),
            models.CheckConstraint(
                condition=Q(subject_type="", subject_id__isnull=True, subject="")
                | (~Q(subject_type="") & Q(subject_id__isnull=False) & ~Q(subject="")),
                name="obligation_subject_whole_or_none",
            ),
            models.UniqueConstraint(
                fields=["subject_type", "subject_id"],
                condition=Q(kind=ObligationKind.NEXT_STEP, state=ObligationState.OPEN),
                name="one_open_next_step_a_record",
            ),
        ]
        indexes = [
            models.Index(fields=["owner", "state", "due_on", "id"], name="obligation_by_owner_due"),
            models.Index(fields=["owner", "due_on", "id"], name="obligation_by_owner_day"),
            models.Index(fields=["team", "due_on", "id"], name="obligation_by_team_day"),
            models.Index(fields=["due_on", "id"], name="obligation_by_day"),
            models.Index(fields=["creator", "due_on", "id"], name="obligation_by_creator_day"),
            models.Index(fields=["created_at", "id"], name="obligation_by_created"),
            models.Index(
                fields=["subject_type", "subject_id"],
                condition=Q(subject_id__isnull=False),
                name="obligation_by_subject",
            ),
            models.Index(fields=["queue"], condition=Q(queue__isnull=False), name="obligation_by_queue"),
        ]

    def __str__(self) -> str:
        return self.text

    def get_absolute_url(self) -> str:
        return f"/tasks/{self.pk}/"
