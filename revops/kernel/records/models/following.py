"""What somebody follows. Personal rows: neither governed nor audited, and nobody else's affair."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class Follow(models.Model):
    """One person wants to hear when one record changes. `by_itself` says that it came with becoming its owner."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    record_type = models.CharField(max_length=80)
    record_id = models.BigIntegerField()
    by_itself = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["record_type", "record_id", "user"], name="follow_once"),
        ]
        indexes = [models.Index(fields=["user", "record_type", "record_id"], name="followed_by")]


class FollowingChoice(models.Model):
    """What somebody follows by itself: the records that become theirs `since` then, or nothing (the default)."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", primary_key=True
    )
    owned = models.BooleanField(default=False)
    since = models.DateTimeField()


class FollowReading(models.Model):
    """How far the trail has been read for followers: the last seal. One row."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    seal = models.BigIntegerField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="follow_reading_is_single")]
