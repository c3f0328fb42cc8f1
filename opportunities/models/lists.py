"""Short lists that deals choose from. Set-up data: rows are added and switched off, never taken away."""

from typing import Any, Self

from django.db import models

from opportunities.enums import ReasonKind
from revops.kernel.people import access


class ListQuerySet(models.QuerySet[Any]):
    """Reads like the records do: who may see a list sees all of it."""

    def visible_to(self, user: Any) -> Self:
        """Return the whole list, or nothing to whom the matrix does not show it."""
        return self if access.rights(user, self.model._meta.label_lower).sees_any else self.none()


class UseCase(models.Model):
    """What a buyer wants to do with the product; its code is a word of the deal's name (GT31)."""

    code = models.CharField(max_length=24, unique=True)
    label = models.CharField(max_length=80)
    is_active = models.BooleanField(default=True)

    objects = ListQuerySet.as_manager()

    def __str__(self) -> str:
        return self.label


class Reason(models.Model):
    """A governed reason: why a deal was lost, moved back, reopened or put off (d2 `Reason`)."""

    kind = models.CharField(max_length=10, choices=ReasonKind)
    code = models.CharField(max_length=40, unique=True)
    label = models.CharField(max_length=120)
    requires_competitor = models.BooleanField(default=False)
    requires_text = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)

    objects = ListQuerySet.as_manager()

    def __str__(self) -> str:
        return self.label
