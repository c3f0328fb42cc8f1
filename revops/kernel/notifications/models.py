"""Notifications: bookkeeping addressed to one person. They are no records, have no history and decide nothing."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from revops.kernel.notifications.enums import Mail


class NotificationQuerySet(models.QuerySet["Notification"]):
    """Notifications by what became of them."""

    def unread(self) -> "NotificationQuerySet":
        """Return what has not been read."""
        return self.filter(read_at__isnull=True)

    def in_bell(self) -> "NotificationQuerySet":
        """Return what its recipient wants to see in the bell and on the page."""
        return self.filter(in_bell=True)

    def undigested(self) -> "NotificationQuerySet":
        """Return what is unread and waits for a digest."""
        return self.unread().filter(mail=Mail.DIGEST, digested_at__isnull=True)

    def unsent(self) -> "NotificationQuerySet":
        """Return what is unread and is to go out at once."""
        return self.unread().filter(mail=Mail.ONCE, mailed_at__isnull=True)


class Notification(models.Model):
    """One thing one person should know, once: `dedupe_key` names the cause.

    The subject says which record it speaks of, so that it is shown only while its recipient may see that record.
    `in_bell` and `mail` are what its recipient had chosen when it was written; `detail` is what its writer needs to
    say more of the same cause later.
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
    in_bell = models.BooleanField(default=True)
    mail = models.CharField(max_length=8, choices=Mail.choices, default=Mail.DIGEST)
    mail_from = models.DateTimeField(null=True)
    mail_attempts = models.PositiveSmallIntegerField(default=0)
    mailed_at = models.DateTimeField(null=True)
    detail = models.JSONField(default=dict)

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
            models.Index(fields=["recipient", "-created_at", "-id"], name="notification_newest"),
            models.Index(
                fields=["mail_from"],
                condition=Q(mail="once", mailed_at__isnull=True, read_at__isnull=True),
                name="notification_to_mail",
            ),
            models.Index(
                fields=["recipient"],
                condition=Q(mail="digest", digested_at__isnull=True, read_at__isnull=True),
                name="notification_to_digest",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class NotificationChoice(models.Model):
    """How one kind of notification comes to one person who wants it otherwise than it comes by itself."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    kind = models.CharField(max_length=80)
    in_bell = models.BooleanField()
    mail = models.CharField(max_length=8, choices=Mail.choices)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "kind"], name="one_choice_a_kind")]


class DigestTime(models.Model):
    """At which hour of their own day somebody wants the digest."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", primary_key=True
    )
    hour = models.PositiveSmallIntegerField(default=8)
    weekdays_only = models.BooleanField(default=False)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(hour__lte=23), name="digest_hour_of_a_day")]
