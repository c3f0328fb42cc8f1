"""Notifications: bookkeeping addressed to one person. They are no records, have no history and decide nothing."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q


class NotificationQuerySet(models.QuerySet["Notification"]):
    """Notifications by what became of them."""

    def unread(self) -> "NotificationQuerySet":
        """Return what has not been read."""
        return self.filter(read_at__isnull=True)

    def undigested(self) -> "NotificationQuerySet":
        """Return what is unread and has not been in an e-mail."""
        return self.unread().filter(digested_at__isnull=True)


class Notification(models.Model):
    """One thing one person should know, once: `dedupe_key` names the cause.

    The subject says which record it speaks of, so that it is shown only while its recipient may see that record.
    """

    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    kind = models.CharField(max_length=80)
    title = models.CharField(max_length=200)
    text = models.TextField(blank=True)
    url = models.CharField(max_length=400, blank=True)
    subject_type = models.CharField(max_length=80, blank=True)
    subject_id = models.BigIntegerField(null=True)
    dedupe_key = models.CharField(max_length=120)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    digested_at = models.DateTimeField(null=True)

    objects: ClassVar[NotificationQuerySet] = NotificationQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["recipient", "dedupe_key"], name="notification_once_per_cause"),
            models.CheckConstraint(
                condition=Q(subject_type="", subject_id__isnull=True)
                | (~Q(subject_type="") & Q(subject_id__isnull=False)),
                name="notification_subject_whole_or_none",
            ),
        ]
        indexes = [
            models.Index(
                fields=["recipient", "-created_at", "-id"],
                condition=Q(read_at__isnull=True),
                name="notification_unread",
            ),
        ]

    def __str__(self) -> str:
        return self.title
