"""The words of an export."""

from django.db import models


class ExportState(models.TextChoices):
    """Where an export stands; only `ready` has a file."""

    WAITING = "waiting", "Waits for approval"
    QUEUED = "queued", "Being written"
    READY = "ready", "Ready"
    REJECTED = "rejected", "Rejected"
    DENIED = "denied", "Denied"
    FAILED = "failed", "Failed"
    EXPIRED = "expired", "Expired"


class ExportFormat(models.TextChoices):
    CSV = "csv", "CSV"
    XLSX = "xlsx", "Excel workbook"


class Layout(models.TextChoices):
    """For whom the file is: people who read it, or an import that takes it in again."""

    READING = "reading", "To read: headings and values as on the page"
    IMPORT = "import", "To import again: field names, codes and record numbers"
