"""Bulk runs: what was asked for many records at once, and what became of each of them."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class BulkState(models.TextChoices):
    """Where a bulk run stands; only a running one is in the hands of a worker."""

    OPEN = "open", "To be confirmed"
    RUNNING = "running", "Being done"
    DONE = "done", "Done"
    STOPPED = "stopped", "Stopped, can go on"
    DENIED = "denied", "Denied: the right is missing"


class Outcome(models.TextChoices):
    """What became of one record."""

    WAITING = "waiting", "Waiting"
    CHANGED = "changed", "Changed"
    UNCHANGED = "unchanged", "Unchanged"
    REFUSED = "refused", "Refused"
    DENIED = "denied", "Denied"


COUNTED = (Outcome.CHANGED, Outcome.UNCHANGED, Outcome.REFUSED, Outcome.DENIED)


class BulkRun(models.Model):
    """One deed for many records. Bookkeeping, written in the same transactions as the records.

    `deed` is “edit” or the name of an action, `values` what somebody typed for it. `parameters` is the list that the
    records were chosen from as its address says it, empty for a choice by hand; `repeated` counts ids named twice.
    `token` fences: only who holds it works on it, with the rights of `asked_by`. `undoes` is the run that this one
    takes back: then every record goes to its own former values.
    """

    record_type = models.CharField(max_length=80)
    deed = models.CharField(max_length=40)
    values = models.JSONField(default=dict)
    reason = models.CharField(max_length=500, blank=True)
    parameters = models.JSONField(default=dict)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    undoes = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="undone_by")
    state = models.CharField(max_length=8, choices=BulkState, default=BulkState.OPEN)
    total = models.PositiveIntegerField(default=0)
    repeated = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    denied = models.PositiveIntegerField(default=0)
    trouble = models.JSONField(default=list)
    token = models.UUIDField(null=True)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    heartbeat_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "bulk change"
        constraints = [
            models.CheckConstraint(
                condition=Q(state="running", token__isnull=False)
                | (~Q(state="running") & Q(token__isnull=True)),
                name="bulk_run_is_held_while_it_runs",
            ),
            models.CheckConstraint(
                condition=Q(state="open", started_at__isnull=True)
                | (~Q(state="open") & Q(started_at__isnull=False)),
                name="bulk_run_started_has_its_time",
            ),
            models.UniqueConstraint(
                fields=["undoes"],
                condition=Q(undoes__isnull=False) & ~Q(state="open"),
                name="bulk_run_undone_once",
            ),
        ]
        indexes = [
            models.Index(fields=["asked_by", "-id"], name="bulk_run_by_person"),
            models.Index(fields=["state", "heartbeat_at"], name="bulk_run_by_state"),
        ]

    def __str__(self) -> str:
        return f"bulk change {self.pk}"

    @property
    def done(self) -> int:
        """How many records are dealt with."""
        return self.changed + self.unchanged + self.refused + self.denied


class BulkItem(models.Model):
    """One record of a bulk run. `given` is what was named where that is the id of none.

    `expects` is the version that an undo goes back from, `version` the one that this run wrote.
    """

    run = models.ForeignKey(BulkRun, on_delete=models.CASCADE, related_name="items", db_index=False)
    record_id = models.BigIntegerField(null=True)
    given = models.CharField(max_length=80, blank=True)
    expects = models.PositiveIntegerField(null=True)
    outcome = models.CharField(max_length=9, choices=Outcome, default=Outcome.WAITING)
    version = models.PositiveIntegerField(null=True)
    findings = models.JSONField(default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "record_id"], name="bulk_item_once_a_record")]
        indexes = [models.Index(fields=["run", "outcome", "id"], name="bulk_item_by_outcome")]

    def __str__(self) -> str:
        return f"{self.given or self.record_id}: {self.outcome}"
