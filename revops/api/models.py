"""Tokens that open the API, and the requests that must take effect only once."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from revops.api.enums import RequestState, TokenScope
from revops.kernel.guard import GovernedModel
from revops.kernel.people.access import ScopedQuerySet


class ApiToken(GovernedModel):
    """A credential of one person or service. Its text is shown once; only its digest is kept.

    Minting and revoking are changes like any other and stand in the audit trail. `prefix` is the beginning of
    the text, so that its owner knows it again in a list.
    """

    UNGOVERNED = frozenset({"last_used_on"})

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="api_tokens")
    name = models.CharField(max_length=80)
    scope = models.CharField(max_length=5, choices=TokenScope)
    prefix = models.CharField(max_length=8)
    digest = models.CharField(max_length=128)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    last_used_on = models.DateField(null=True)

    objects: ClassVar[Any] = ScopedQuerySet.as_manager()

    class Meta(GovernedModel.Meta):
        verbose_name = "API token"
        constraints = [
            models.UniqueConstraint(fields=["digest"], name="api_token_digest_unique"),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")), name="api_token_expires_after_creation"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"


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
