"""A table with a fact of every kind, its rows and the items that belong to them, nulls included.

The models live in a registry of their own, so that no migration, access row or guard test ever sees them.
"""

import random
import sys
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.apps import AppConfig
from django.apps.registry import Apps
from django.db import models
from django.db.models import Count, F, OuterRef, Subquery

from revops.kernel.folding import FoldedField, fold
from revops.kernel.money import MoneyField
from revops.kernel.policies.facts import Collection, Fact, FactSchema
from revops.kernel.policies.kinds import FactKind

NOW = datetime(2026, 3, 9, 2, 30, tzinfo=UTC)  # Sunday evening in New York


class Specimens(AppConfig):
    path = str(Path(__file__).parent)


registry = Apps([Specimens("policy_specimens", sys.modules[__name__])])


class Subject(models.Model):
    """One column of every kind, all of them nullable."""

    name = models.CharField(max_length=80, null=True)
    name_key = FoldedField(max_length=200, null=True)
    other_name = models.CharField(max_length=80, null=True)
    other_key = FoldedField(max_length=200, null=True)
    code = models.CharField(max_length=20, null=True)
    number = models.IntegerField(null=True)
    big = models.BigIntegerField(null=True)
    rate = models.DecimalField(max_digits=12, decimal_places=4, null=True)
    amount = MoneyField(null=True)
    floor = MoneyField(null=True)
    day = models.DateField(null=True)
    other_day = models.DateField(null=True)
    moment = models.DateTimeField(null=True)
    flag = models.BooleanField(null=True)
    size = models.CharField(max_length=5, null=True)
    parent: Any = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="children")

    class Meta:
        apps = registry
        app_label = "policy_specimens"


class Item(models.Model):
    subject: Any = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="items")
    kind = models.CharField(max_length=5, null=True)
    weight = models.IntegerField(null=True)
    label = models.CharField(max_length=80, null=True)
    label_key = FoldedField(max_length=200, null=True)

    class Meta:
        apps = registry
        app_label = "policy_specimens"


MODELS: tuple[type[models.Model], ...] = (Subject, Item)
SIZES = (("SMB", "Small"), ("MM", "Middle"), ("ENT", "Large"))
TEXTS = (
    "Acme",
    "ACME Ltd",
    "Société Générale",
    "100% a_b\\c",
    "acme*",
    "Straße 5",
    "Łódź",
    "東京",
    "x",
    "a b  c",
)
CODES = ("us", "US", "de", "100%", "a_b")
NUMBERS = (-3, 0, 1, 2, 5, 100, 101, 2_147_483_647)
BIGS = (-1, 0, 5, 2**62)
RATES = ("0", "0.1", "0.3", "2.5", "99999999.9999", "-0.5")
AMOUNTS = ("0", "0.1", "99.99", "100", "100.0001", "99999999999999.99", "-5")
DAYS = tuple(date(2026, 3, 8) + timedelta(days=n) for n in (-400, -31, -30, -14, -1, 0, 1, 2, 30))
MOMENTS = tuple(
    NOW + timedelta(**{unit: n})
    for unit, n in (
        ("days", -400), ("days", -30), ("hours", -25), ("seconds", -1), ("microseconds", -1), ("seconds", 0),
        ("microseconds", 1), ("hours", 3), ("days", 40),
    )
)  # fmt: skip

SUBJECT = FactSchema(
    "policy_specimens.subject",
    facts=(
        Fact("s.name", "Name", folded="name_key"),
        Fact("s.other_name", "Other name", folded="other_key"),
        Fact("s.code", "Code"),
        Fact("s.number", "Number", FactKind.INTEGER, unit="pieces"),
        Fact("s.big", "Big number", FactKind.INTEGER),
        Fact("s.rate", "Rate", FactKind.DECIMAL),
        Fact("s.amount", "Amount", FactKind.MONEY),
        Fact("s.floor", "Floor", FactKind.MONEY),
        Fact("s.day", "Day", FactKind.DATE),
        Fact("s.other_day", "Other day", FactKind.DATE),
        Fact("s.moment", "Moment", FactKind.INSTANT),
        Fact("s.flag", "Flag", FactKind.BOOLEAN),
        Fact("s.size", "Size", FactKind.CHOICE, choices=SIZES),
        Fact("s.parent", "Parent", FactKind.REFERENCE),
        Fact("s.parent_number", "Number of the parent", FactKind.INTEGER, column="parent__number"),
        Fact("s.parent_size", "Size of the parent", FactKind.CHOICE, column="parent__size", choices=SIZES),
        Fact("s.doubled", "Doubled", FactKind.INTEGER, column=F("number") + F("number")),
        Fact(
            "s.children",
            "Children",
            FactKind.INTEGER,
            column=Subquery(
                Subject.objects.filter(parent=OuterRef("pk"))
                .order_by()
                .values("parent")
                .annotate(n=Count("pk"))
                .values("n")
            ),
        ),
    ),
    collections=(
        Collection(
            "s.items",
            "Items",
            rows=Item.objects.all,
            link="subject_id",
            facts=(
                Fact("kind", "Kind", FactKind.CHOICE, choices=SIZES),
                Fact("weight", "Weight", FactKind.INTEGER),
                Fact("label", "Label", folded="label_key"),
            ),
        ),
    ),
)


def fill(rows: int = 120) -> None:
    """Write the same rows every time; a fifth of all values is missing, some texts are empty."""
    chance = random.Random(7)

    def maybe(pool: Any) -> Any:
        return None if chance.random() < 0.2 else chance.choice(pool)

    texts = (*TEXTS, "")
    made: list[Subject] = []
    for number in range(rows):
        name, other = maybe(texts), maybe(texts)
        made.append(
            Subject(
                pk=number + 1,
                name=name,
                name_key=None if name is None else fold(name),
                other_name=other,
                other_key=None if other is None else fold(other),
                code=maybe((*CODES, "")),
                number=maybe(NUMBERS[:-1]),
                big=maybe(BIGS),
                rate=maybe([Decimal(rate) for rate in RATES]),
                amount=maybe([Decimal(amount) for amount in AMOUNTS]),
                floor=maybe([Decimal(amount) for amount in AMOUNTS]),
                day=maybe(DAYS),
                other_day=maybe(DAYS),
                moment=maybe(MOMENTS),
                flag=maybe((True, False)),
                size=maybe(("SMB", "MM", "ENT", "")),
                parent_id=chance.randrange(1, number + 1) if number and chance.random() < 0.6 else None,
            )
        )
    Subject.objects.bulk_create(made)
    items = []
    for subject in made:
        for _ in range(chance.choice((0, 0, 1, 2, 3))):
            label = maybe(texts)
            items.append(
                Item(
                    subject=subject,
                    kind=maybe(("SMB", "MM", "")),
                    weight=maybe((0, 1, 2)),
                    label=label,
                    label_key=None if label is None else fold(label),
                )
            )
    Item.objects.bulk_create(items)
