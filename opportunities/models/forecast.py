"""What became of a deal's forecast: its later close dates and its categories over time. Source: d2, addenda."""

from typing import Any, ClassVar

from django.db import models

from opportunities.enums import CategoryWhy, DelayKind, ForecastCategory
from opportunities.models.opportunity import Opportunity
from revops.kernel.guard import GovernedModel
from revops.kernel.people.access import ScopedQuerySet
from revops.kernel.people.models.organisation import Person


class SlipEvent(GovernedModel):
    """A later close date: in its fiscal quarter a push, out of it a slip. A ledger. Source: addenda, INV-2.4."""

    opportunity = models.ForeignKey(
        Opportunity, on_delete=models.PROTECT, related_name="delays", db_index=False
    )
    kind = models.CharField(max_length=4, choices=DelayKind)
    from_date = models.DateField()
    to_date = models.DateField()
    from_period = models.CharField(max_length=24, blank=True)
    to_period = models.CharField(max_length=24, blank=True)
    days = models.PositiveIntegerField()
    category_before = models.CharField(max_length=9, choices=ForecastCategory)
    category_after = models.CharField(max_length=9, choices=ForecastCategory)
    same_day_downgrade = models.BooleanField(null=True)
    reason_code = models.CharField(max_length=40)
    occurred_at = models.DateTimeField()
    said_by = Person(db_index=False)

    objects: ClassVar[Any] = ScopedQuerySet.as_manager()

    class Meta(GovernedModel.Meta):
        verbose_name = "later close date"
        indexes = [models.Index(fields=["opportunity", "occurred_at"], name="delay_by_deal")]

    def __str__(self) -> str:
        return f"{self.from_date} → {self.to_date}"


class CategoryChange(GovernedModel):
    """The forecast category of a deal changed: from what to what, by whom or by which rule, and why."""

    opportunity = models.ForeignKey(
        Opportunity, on_delete=models.PROTECT, related_name="category_changes", db_index=False
    )
    before = models.CharField(max_length=9, choices=ForecastCategory)
    after = models.CharField(max_length=9, choices=ForecastCategory)
    why = models.CharField(max_length=10, choices=CategoryWhy)
    criteria = models.JSONField(default=list)
    rule = models.CharField(max_length=80, blank=True)
    note = models.CharField(max_length=400, blank=True)
    occurred_at = models.DateTimeField()
    changed_by = Person(db_index=False)

    objects: ClassVar[Any] = ScopedQuerySet.as_manager()

    class Meta(GovernedModel.Meta):
        verbose_name = "change of category"
        verbose_name_plural = "changes of category"
        indexes = [
            models.Index(fields=["opportunity", "occurred_at"], name="category_change_by_deal"),
            models.Index(fields=["occurred_at", "why"], name="category_change_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.before} → {self.after}"
