"""The log of exports: one governed row for each, written before its file exists."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from revops.kernel.audit.history import RecordHistory
from revops.kernel.exchange.exporting.enums import ExportFormat, ExportState, Layout
from revops.kernel.guard import GovernedModel
from revops.kernel.people.access import ScopedQuerySet


class DataExport(GovernedModel):
    """Who took what out of the system, why, with whose consent, and what the file was (DataExportLog, INV-9.3).

    `parameters` and `columns` are the list as its address says it; `content_hash` covers them together with format
    and person: what an approval is bound to. `counted` is how many rows the list had when it was asked for, `rows`
    how many the file has. `standing` stands for the rights the file was written with: who has others now does not
    get it. `claim`, `claimed_at` and `written` are the worker's bookkeeping, `downloads` that of the file.
    """

    PERSONAL = frozenset({"parameters"})
    UNGOVERNED = frozenset({"claim", "claimed_at", "written", "downloads"})

    record_type = models.CharField(max_length=80)
    parameters = models.JSONField(default=dict)
    columns = models.JSONField(default=list)
    format = models.CharField(max_length=4, choices=ExportFormat)
    layout = models.CharField(max_length=7, choices=Layout, default=Layout.READING)
    exact = models.BooleanField(default=False)
    purpose = models.CharField(max_length=500)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    content_hash = models.CharField(max_length=64)
    counted = models.PositiveIntegerField()
    approval_reasons = models.JSONField(default=list)
    state = models.CharField(max_length=8, choices=ExportState)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    decided_at = models.DateTimeField(null=True)
    decision_reason = models.CharField(max_length=500, blank=True)
    covered_by = models.ForeignKey("self", on_delete=models.PROTECT, related_name="+", null=True)
    failure = models.CharField(max_length=500, blank=True)
    rows = models.PositiveIntegerField(null=True)
    size = models.BigIntegerField(null=True)
    sha256 = models.CharField(max_length=64, blank=True)
    stored_name = models.CharField(max_length=80, blank=True)
    standing = models.CharField(max_length=64, blank=True)
    ready_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    claim = models.UUIDField(null=True)
    claimed_at = models.DateTimeField(null=True)
    written = models.PositiveIntegerField(default=0)
    downloads = models.PositiveIntegerField(default=0)

    history = RecordHistory()
    objects: ClassVar[Any] = ScopedQuerySet.as_manager()

    class Meta(GovernedModel.Meta):
        verbose_name = "export"
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True, decided_at__isnull=True)
                | Q(decided_by__isnull=False, decided_at__isnull=False),
                name="export_decision_has_who_and_when",
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("requested_by")),
                name="export_not_decided_by_its_requester",
            ),
            models.CheckConstraint(
                condition=~Q(state="ready")
                | Q(rows__isnull=False, size__isnull=False, ready_at__isnull=False, expires_at__isnull=False),
                name="export_ready_has_its_file",
            ),
        ]
        indexes = [
            models.Index(fields=["requested_by", "-id"], name="export_by_person"),
            models.Index(fields=["state", "-id"], name="export_by_state"),
        ]

    def __str__(self) -> str:
        return f"export {self.pk}"

    @property
    def file_name(self) -> str:
        """What the file is called when it is downloaded."""
        noun = self.record_type.rpartition(".")[2]
        return f"{noun}-export-{self.pk}.{self.format}"
