"""The record of a token: its text is shown once, its digest is kept."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from revops.kernel.guard import GovernedModel
from revops.kernel.people.access import ScopedQuerySet
from revops.kernel.people.tokens.enums import TokenScope


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
        # The table, its migrations and its place in the access matrix are the API's.
        app_label = "api"
        verbose_name = "API token"
        constraints = [
            models.UniqueConstraint(fields=["digest"], name="api_token_digest_unique"),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")), name="api_token_expires_after_creation"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"
