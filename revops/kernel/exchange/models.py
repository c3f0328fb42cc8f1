"""External ids (a ledger), and the bookkeeping of import runs."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from revops.kernel.exchange.bulk.models import BulkRun  # noqa: F401  its tables are the app's
from revops.kernel.exchange.drafts.models import ImportDraft  # noqa: F401  its tables are the app's
from revops.kernel.exchange.exporting.models import DataExport  # noqa: F401  its table is the app's
from revops.kernel.guard import GovernedModel


class ExternalLink(GovernedModel):
    """What a record of ours is called in another system. Unique per system, record type and external id.

    `payload` holds, by field, a keyed hash of the value that came from there last: it tells what changed over
    there from what changed here, and gives no value away. A ledger: no history table of its own.
    """

    system = models.CharField(max_length=40)
    record_type = models.CharField(max_length=80)
    external_id = models.CharField(max_length=200)
    record_id = models.BigIntegerField()
    first_seen_at = models.DateTimeField()
    payload = models.JSONField(default=dict)

    class Meta(GovernedModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["system", "record_type", "external_id"], name="external_id_once_a_system"
            ),
        ]
        indexes = [models.Index(fields=["record_type", "record_id"], name="external_link_by_record")]

    def __str__(self) -> str:
        return f"{self.system}:{self.external_id}"


class RunState(models.TextChoices):
    RUNNING = "running", "Running"
    STOPPED = "stopped", "Stopped, can go on"
    FAILED = "failed", "Failed, can go on"
    DONE = "done", "Done"
    REVERTING = "reverting", "Being reverted"
    REVERTED = "reverted", "Reverted"


UNFINISHED = [RunState.RUNNING, RunState.STOPPED, RunState.FAILED]
REVERTIBLE = [RunState.DONE, RunState.STOPPED, RunState.FAILED, RunState.REVERTING, RunState.REVERTED]


class ImportRun(models.Model):
    """One file on its way in. Bookkeeping, written in the same transactions as the records.

    `fingerprint` covers the file's content, mapping, options and person: the same import, begun again, goes on
    after the last committed chunk. `claim` fences: whoever holds it works, anybody else's next chunk fails.
    Rows are taken level by level (a parent before its children), so progress is `done_level` and `done_to_line`.
    A revert goes back through the run's changes, newest first: `reverted_to` is the last one it dealt with;
    `removed`, `restored` and `kept` count records with what belongs to them.
    """

    record_type = models.CharField(max_length=80)
    mapping = models.CharField(max_length=40)
    file_name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField()
    encoding = models.CharField(max_length=20)
    delimiter = models.CharField(max_length=1)
    options = models.JSONField(default=dict)
    fingerprint = models.CharField(max_length=64)
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=9, choices=RunState, default=RunState.RUNNING)
    claim = models.UUIDField()
    total_rows = models.PositiveIntegerField()
    done_level = models.PositiveSmallIntegerField(default=0)
    done_to_line = models.PositiveIntegerField(default=0)
    created = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)
    skipped = models.PositiveIntegerField(default=0)
    findings = models.JSONField(default=list)
    started_at = models.DateTimeField()
    heartbeat_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    removed = models.PositiveIntegerField(default=0)
    restored = models.PositiveIntegerField(default=0)
    kept = models.PositiveIntegerField(default=0)
    reverted_to = models.UUIDField(null=True)
    reverted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    reverted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["fingerprint"],
                condition=Q(state__in=UNFINISHED),
                name="one_unfinished_import_of_a_file",
            ),
            models.CheckConstraint(
                condition=Q(state="done", finished_at__isnull=False)
                | Q(state__in=UNFINISHED, finished_at__isnull=True)
                | Q(state__in=["reverting", "reverted"], reverted_by__isnull=False),
                name="import_done_has_its_time",
            ),
            models.CheckConstraint(
                condition=Q(state="reverted", reverted_at__isnull=False)
                | (~Q(state="reverted") & Q(reverted_at__isnull=True)),
                name="import_reverted_has_its_time",
            ),
        ]
        indexes = [models.Index(fields=["started_by", "-started_at"], name="import_by_person")]

    def __str__(self) -> str:
        return f"{self.file_name} ({self.get_state_display()})"


class RowOutcome(models.TextChoices):
    CREATED = "created", "Created"
    UPDATED = "updated", "Updated"
    UNCHANGED = "unchanged", "Unchanged"
    REJECTED = "rejected", "Rejected"
    SKIPPED = "skipped", "Skipped"


class ImportRowOutcome(models.Model):
    """What became of one row of a file; `record_version` is the version this import left behind."""

    run = models.ForeignKey(ImportRun, on_delete=models.PROTECT, related_name="outcomes")
    line = models.PositiveIntegerField()
    row = models.PositiveIntegerField()
    outcome = models.CharField(max_length=9, choices=RowOutcome)
    record_type = models.CharField(max_length=80)
    record_id = models.BigIntegerField(null=True)
    record_version = models.PositiveIntegerField(null=True)
    findings = models.JSONField(default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "line"], name="one_outcome_a_row")]

    def __str__(self) -> str:
        return f"line {self.line}: {self.outcome}"


class ImportUndo(models.Model):
    """What one version of a ledger row replaced when an import wrote it: the values before, by column.

    A ledger keeps no history of its own (ADR 0006), so a revert would not know what to bring back. Records with a
    history table have no rows here.
    """

    run = models.ForeignKey(ImportRun, on_delete=models.PROTECT, related_name="undo", db_index=False)
    record_type = models.CharField(max_length=80)
    record_id = models.BigIntegerField()
    record_version = models.PositiveIntegerField()
    before = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["record_type", "record_id", "record_version"], name="one_undo_a_version"
            )
        ]

    def __str__(self) -> str:
        return f"{self.record_type} {self.record_id} before version {self.record_version}"


class ImportKept(models.Model):
    """A record that a revert left as it is, with what belongs to it, and every reason why."""

    run = models.ForeignKey(ImportRun, on_delete=models.PROTECT, related_name="kept_records", db_index=False)
    record_type = models.CharField(max_length=80)
    record_id = models.BigIntegerField()
    label = models.CharField(max_length=200)
    findings = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["run", "record_type", "record_id"], name="one_kept_record_a_revert"
            )
        ]

    def __str__(self) -> str:
        return f"{self.label} was kept"
