"""A file on its way to becoming an import: what was uploaded, what was decided about it, what a check found."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class FileFormat(models.TextChoices):
    CSV = "csv", "CSV"
    XLSX = "xlsx", "Excel workbook"


class DraftState(models.TextChoices):
    """Where an import stands. Work in the background: reading, checking, committing, reverting."""

    READING = "reading", "Being read"
    OPEN = "open", "Open"
    CHECKING = "checking", "Being checked"
    CHECKED = "checked", "Checked"
    COMMITTING = "committing", "Being imported"
    DONE = "done", "Imported"
    STOPPED = "stopped", "Stopped, can go on"
    DENIED = "denied", "Denied: the right is missing"
    REFUSED = "refused", "Refused: the file cannot be read"
    REVERTING = "reverting", "Being reverted"
    REVERTED = "reverted", "Reverted"

    @property
    def is_working(self) -> bool:
        """Say whether somebody works on it in the background, so that nothing may be changed meanwhile."""
        return self in WORKING


WORKING = frozenset({DraftState.READING, DraftState.CHECKING, DraftState.COMMITTING, DraftState.REVERTING})
EDITABLE = frozenset(
    {DraftState.OPEN, DraftState.CHECKED, DraftState.STOPPED, DraftState.DENIED, DraftState.REFUSED}
)


class ImportDraft(models.Model):
    """One uploaded file and every decision about it. Bookkeeping: the records come in by an `ImportRun`.

    `path` is relative to IMPORT_DIR and random; it is empty once the file was deleted. `options` is what somebody
    said about the file, `columns` which column fills which field (in order of preference), `constants` what a field
    gets where no column fills it, `values` the words of the file for our choices, `seen` what reading it found,
    `check` what the last check counted. `revision` rises with every decision; `checked_revision` is the one that
    was checked last. `token` fences: only who holds it works on it, with the rights of `asked_by`.
    """

    object = models.CharField(max_length=40)
    record_type = models.CharField(max_length=80, blank=True)
    file_name = models.CharField(max_length=255)
    path = models.CharField(max_length=120)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    format = models.CharField(max_length=4, choices=FileFormat)
    options = models.JSONField(default=dict)
    mapping = models.CharField(max_length=120, blank=True)
    columns = models.JSONField(default=list)
    constants = models.JSONField(default=dict)
    values = models.JSONField(default=dict)
    answers = models.JSONField(default=dict)
    repairs = models.JSONField(default=dict)
    seen = models.JSONField(default=dict)
    check_result = models.JSONField(default=dict)
    revision = models.PositiveIntegerField(default=1)
    checked_revision = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=10, choices=DraftState, default=DraftState.READING)
    trouble = models.JSONField(default=list)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    token = models.UUIDField(null=True)
    work_started_at = models.DateTimeField(null=True)
    heartbeat_at = models.DateTimeField(null=True)
    run = models.ForeignKey("exchange.ImportRun", null=True, on_delete=models.PROTECT, related_name="drafts")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        verbose_name = "import"
        constraints = [
            models.CheckConstraint(
                condition=Q(checked_revision__lte=models.F("revision")),
                name="import_checked_what_was_decided",
            ),
        ]
        indexes = [
            models.Index(fields=["created_by", "-id"], name="import_draft_by_person"),
            models.Index(fields=["state", "heartbeat_at"], name="import_draft_by_state"),
        ]

    def __str__(self) -> str:
        return f"{self.file_name} ({self.get_state_display()})"


class DraftFinding(models.Model):
    """One finding of the last check of a draft. `place` is the column's place in the file, `cell` its whole text."""

    draft = models.ForeignKey(ImportDraft, on_delete=models.CASCADE, related_name="findings")
    line = models.PositiveIntegerField()
    row = models.PositiveIntegerField()
    place = models.IntegerField(null=True)
    code = models.CharField(max_length=20)
    weight = models.CharField(max_length=7)
    column = models.CharField(max_length=200, blank=True)
    field = models.CharField(max_length=80, blank=True)
    message = models.TextField()
    found = models.CharField(max_length=200, blank=True)
    needed = models.TextField(blank=True)
    remedy = models.TextField(blank=True)
    cell = models.TextField(blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["draft", "line", "id"], name="draft_finding_by_line"),
            models.Index(fields=["draft", "code", "line", "id"], name="draft_finding_by_code"),
        ]

    def __str__(self) -> str:
        return f"line {self.line}: {self.code}"


class SavedMapping(models.Model):
    """How somebody reads the files of one object, by the names of their columns; shared with all or one's own."""

    object = models.CharField(max_length=40)
    name = models.CharField(max_length=80)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    is_shared = models.BooleanField(default=False)
    system = models.CharField(max_length=40)
    migration = models.BooleanField(default=False)
    columns = models.JSONField(default=list)
    constants = models.JSONField(default=dict)
    values = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "object", "name"], name="saved_mapping_once_a_person"),
        ]

    def __str__(self) -> str:
        return self.name


class ParkedRow(models.Model):
    """A row of an object that has no importer yet: kept as it came, so that nothing is lost."""

    draft = models.ForeignKey(ImportDraft, on_delete=models.PROTECT, related_name="parked")
    line = models.PositiveIntegerField()
    cells = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["draft", "line"], name="parked_once_a_line")]

    def __str__(self) -> str:
        return f"line {self.line}"
