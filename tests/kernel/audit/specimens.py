"""Models that only these tests have: a ledger, a column of every kind, and a governed child of a plain parent.

They live in a registry of their own, so that no migration, access row or guard test ever sees them.
"""

import sys
from pathlib import Path
from typing import Any, ClassVar

from django.apps import AppConfig
from django.apps.registry import Apps
from django.db import models

from revops.kernel.guard import GovernedModel
from revops.kernel.money import MoneyField


class Specimens(AppConfig):
    path = str(Path(__file__).parent)


registry = Apps([Specimens("specimens", sys.modules[__name__])])


class Entry(GovernedModel):
    """A ledger: it has no history table, and one of its columns is personal."""

    PERSONAL = frozenset({"payee"})

    account = models.CharField(max_length=20)
    payee = models.CharField(max_length=80, blank=True)
    amount = MoneyField(null=True)

    class Meta(GovernedModel.Meta):
        apps = registry
        app_label = "specimens"


class Specimen(GovernedModel):
    """One column of every kind."""

    UNGOVERNED: ClassVar[frozenset[str]] = frozenset({"seen"})

    text = models.TextField(null=True)
    word = models.CharField(max_length=40, null=True)
    mail = models.EmailField(null=True)
    link = models.URLField(null=True)
    slug = models.SlugField(null=True)
    whole = models.IntegerField(null=True)
    small = models.PositiveSmallIntegerField(null=True)
    big = models.BigIntegerField(null=True)
    yes = models.BooleanField(null=True)
    ratio = models.FloatField(null=True)
    rate = models.DecimalField(max_digits=12, decimal_places=4, null=True)
    money = MoneyField(null=True)
    day = models.DateField(null=True)
    hour = models.TimeField(null=True)
    instant = models.DateTimeField(null=True)
    span = models.DurationField(null=True)
    key = models.UUIDField(null=True)
    address = models.GenericIPAddressField(null=True)
    data = models.JSONField(null=True)
    blob = models.BinaryField(null=True)
    file = models.FileField(null=True)
    seen = models.DateTimeField(null=True)
    doubled = models.GeneratedField(
        expression=models.F("whole") * 2, output_field=models.IntegerField(), db_persist=True
    )

    class Meta(GovernedModel.Meta):
        apps = registry
        app_label = "specimens"


class Parent(models.Model):
    """Not governed: anybody may delete it, and that must not reach a governed row."""

    class Meta:
        apps = registry
        app_label = "specimens"


class Child(GovernedModel):
    """Governed, and tied to a plain row in every way a foreign key can be."""

    cascading: Any = models.ForeignKey(Parent, null=True, on_delete=models.CASCADE, related_name="children")
    nulling: Any = models.ForeignKey(Parent, null=True, on_delete=models.SET_NULL, related_name="wards")

    class Meta(GovernedModel.Meta):
        apps = registry
        app_label = "specimens"


class Grandchild(models.Model):
    """Holds a child, so that Django cannot delete children in one statement."""

    child: Any = models.ForeignKey(Child, on_delete=models.CASCADE)

    class Meta:
        apps = registry
        app_label = "specimens"


MODELS: tuple[type[models.Model], ...] = (Entry, Specimen, Parent, Child, Grandchild)
