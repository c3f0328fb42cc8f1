"""The requests that must take effect only once; tokens are the kernel's, their table is kept here."""

from django.conf import settings
from django.db import models

from revops.api.enums import RequestState
from revops.kernel.people.tokens.models import ApiToken

__all__ = ["ApiToken", "IdempotentRequest"]


class IdempotentRequest(models.Model):
    """A POST that came with an `Idempotency-Key`, and what was answered. Bookkeeping, so not governed.

    `attempt` fences: only the attempt that holds the row may complete it, so that a request given up for dead
    cannot take effect beside the one that followed it.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    key = models.CharField(max_length=255)
    address = models.TextField()
    body_hash = models.CharField(max_length=64)
    state = models.CharField(max_length=7, choices=RequestState, default=RequestState.RUNNING)
    attempt = models.PositiveIntegerField(default=1)
    status = models.PositiveSmallIntegerField(null=True)
    body = models.TextField(blank=True)
    record_type = models.CharField(max_length=80, blank=True)
    record_id = models.BigIntegerField(null=True)
    change_id = models.UUIDField(null=True)
    created_at = models.DateTimeField(db_index=True)
    started_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="idempotency_key_once_per_user")]

    def __str__(self) -> str:
        return f"{self.key}: {self.state}"
