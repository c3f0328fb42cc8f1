"""Who was named in which text. Bookkeeping beside the text, which is the truth; neither governed nor audited."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class Mention(models.Model):
    """Somebody was named in a field of one row; `record_*` is the record that row is about."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    record_type = models.CharField(max_length=80)
    record_id = models.BigIntegerField()
    entry_type = models.CharField(max_length=80)
    entry_id = models.BigIntegerField()
    field = models.CharField(max_length=60)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["entry_type", "entry_id", "field", "user"], name="mention_once_a_text"
            ),
        ]
        indexes = [
            models.Index(
                fields=["user", "-created_at", "-id"],
                condition=Q(read_at__isnull=True),
                name="mention_unread",
            ),
        ]
