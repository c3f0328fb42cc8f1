"""Products and campaigns as plain catalogues: deals and leads name them, later domains govern them."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q

from accounts.enums import Channel
from revops.kernel.audit.history import RecordHistory
from revops.kernel.guard import GovernedModel
from revops.kernel.people.access import ScopedQuerySet
from revops.kernel.records.folding import FoldedField


class Product(GovernedModel):
    """Something we sell. `code` is its SKU; `family` groups products, and the first word of a deal's name."""

    name = models.CharField(max_length=120)
    name_key = FoldedField(max_length=240, editable=False)
    code = models.CharField(max_length=60)
    family = models.CharField(max_length=60, blank=True)
    description = models.TextField(blank=True)
    is_active = models.BooleanField(default=True)

    objects: ClassVar[Any] = ScopedQuerySet.as_manager()
    history = RecordHistory()

    class Meta(GovernedModel.Meta):
        constraints = [models.UniqueConstraint(fields=["code"], name="product_code_unique")]
        indexes = [models.Index(fields=["name_key", "id"], name="product_by_name")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"/products/{self.pk}/"


class Campaign(GovernedModel):
    """A marketing campaign that leads and deals came from."""

    name = models.CharField(max_length=160)
    name_key = FoldedField(max_length=320, editable=False)
    channel = models.CharField(max_length=12, choices=Channel, default=Channel.OTHER)
    theme = models.CharField(max_length=60, blank=True)
    audience = models.CharField(max_length=60, blank=True)
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    description = models.TextField(blank=True)
    is_active = models.BooleanField(default=True)

    objects: ClassVar[Any] = ScopedQuerySet.as_manager()
    history = RecordHistory()

    class Meta(GovernedModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["name_key"], name="campaign_name_unique"),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True)
                | Q(starts_on__isnull=True)
                | Q(ends_on__gte=F("starts_on")),
                name="campaign_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"/campaigns/{self.pk}/"
