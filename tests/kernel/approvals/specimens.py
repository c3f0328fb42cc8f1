"""A record that only these tests have approved: an offer with lines, its rules, and what follows a decision.

The models live in a registry of their own, so that no migration, access row or guard test ever sees them.
"""

import sys
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.apps import AppConfig
from django.apps.registry import Apps
from django.db import models

from revops.kernel import approvals, audit
from revops.kernel.approvals.models import ApprovalRequest
from revops.kernel.approvals.purposes import Purpose
from revops.kernel.guard import GovernedModel
from revops.kernel.identity.models import User
from revops.kernel.policies.facts import Fact, FactSchema
from revops.kernel.policies.kinds import FactKind

KEY, POLICY = "specimens.offer", "specimens.offer_approval"


class Specimens(AppConfig):
    path = str(Path(__file__).parent)


registry = Apps([Specimens("approval_specimens", sys.modules[__name__])])


class Offer(GovernedModel):
    """What somebody asks approval for. `outcome` counts what followed the approvals of it."""

    owner_key = models.BigIntegerField(null=True)
    discount = models.DecimalField(max_digits=6, decimal_places=2, null=True)
    terms = models.CharField(max_length=20, default="net30")
    name = models.CharField(max_length=40, default="Offer")
    state = models.CharField(max_length=12, default="draft")
    granted = models.IntegerField(default=0)

    class Meta(GovernedModel.Meta):
        apps = registry
        app_label = "approval_specimens"

    def __str__(self) -> str:
        return self.name


class Line(GovernedModel):
    """A part of an offer's content."""

    offer_key = models.BigIntegerField()
    quantity = models.IntegerField(default=1)

    class Meta(GovernedModel.Meta):
        apps = registry
        app_label = "approval_specimens"


MODELS: tuple[type[models.Model], ...] = (Offer, Line)
FACTS = FactSchema(
    "approval_specimens.offer",
    facts=(
        Fact("offer.discount", "Discount", FactKind.DECIMAL, unit="%"),
        Fact("offer.name", "Name"),
        Fact("offer.terms", "Terms", FactKind.CHOICE, choices=(("net30", "Net 30"), ("net60", "Net 60"))),
    ),
)
DISCOUNT: Mapping[str, Any] = {"f": "offer.discount", "op": "gt"}
SAFER = {"offer.discount": "lower_is_safer"}


def over(limit: str) -> dict[str, Any]:
    return {**DISCOUNT, "v": limit}


RULES: tuple[dict[str, Any], ...] = (
    {
        "key": "manager",
        "title": "Discount over 10 %",
        "when": over("10"),
        "level": 1,
        "approvers": [{"manager_of_owner": 1}],
        "monotone": SAFER,
    },
    {
        "key": "director",
        "title": "Discount over 20 %",
        "when": over("20"),
        "level": 2,
        "approvers": [{"role": "DIRECTOR"}, {"role": "DEAL_DESK"}],
        "mode": "all",
        "monotone": SAFER,
    },
    {
        "key": "terms",
        "title": "Terms beyond net 30",
        "when": {"f": "offer.terms", "op": "ne", "v": "net30"},
        "level": 1,
        "approvers": [{"role": "FINANCE"}, {"role": "LEGAL"}],
    },
    {
        "key": "pair",
        "title": "Offers for two",
        "when": {"f": "offer.name", "op": "eq", "v": "Pair"},
        "level": 1,
        "approvers": [{"role": "FINANCE"}, {"role": "LEGAL"}, {"role": "DEAL_DESK"}],
        "mode": "k_of_n",
        "k": 2,
    },
    {
        "key": "board",
        "title": "Offers for the board",
        "when": {"f": "offer.name", "op": "eq", "v": "Board"},
        "level": 4,
        "approvers": [{"role": "CFO"}],
    },
    {
        "key": "executive",
        "title": "Discount over 40 %",
        "when": over("40"),
        "level": 3,
        "approvers": [{"role": "CRO"}],
        "monotone": SAFER,
    },
)


def content(offer: Any) -> dict[str, Any]:
    lines = Line.objects.filter(offer_key=offer.pk).order_by("pk").values_list("quantity", flat=True)
    return {"discount": offer.discount, "terms": offer.terms, "quantities": list(lines)}


def granted(offer: Any, request: ApprovalRequest) -> None:
    offer.state, offer.granted = "approved", offer.granted + 1
    audit.write(offer)


def rejected(offer: Any, request: ApprovalRequest) -> None:
    offer.state = "rejected"
    audit.write(offer)


def stale(offer: Any, request: ApprovalRequest) -> None:
    offer.state = "draft"
    audit.write(offer)


PURPOSE = Purpose(
    KEY,
    "approval_specimens.offer",
    "Terms of the offer",
    content,
    POLICY,
    granted=granted,
    rejected=rejected,
    stale=stale,
    owner_of=lambda offer: offer.owner_key,
    parts={"approval_specimens.line": lambda line: line.offer_key},
    labels={"discount": "Discount", "terms": "Terms", "quantities": "Quantities"},
)


def create(by: User, *, owner: User | None = None, discount: str | None = "15", **values: Any) -> Offer:
    """Write an offer that waits for nothing yet."""
    with audit.change(by=by, action="offer.create"):
        amount = None if discount is None else Decimal(discount)
        offer = Offer(owner_key=(owner or by).pk, discount=amount, **values)
        return audit.write(offer)


def submit(by: User, offer: Offer) -> ApprovalRequest:
    """Submit an offer as it is."""
    with audit.change(by=by, action="offer.submit"):
        held = audit.lock(Offer.objects.all(), pk=offer.pk)
        held.state = "waiting"
        audit.write(held)
        return approvals.submit(held, KEY, by)


def edit(by: User, offer: Offer, **values: Any) -> Offer:
    """Change an offer."""
    with audit.change(by=by, action="offer.edit"):
        held: Offer = audit.lock(Offer.objects.all(), pk=offer.pk)
        for name, value in values.items():
            setattr(held, name, Decimal(value) if name == "discount" and value is not None else value)
        return audit.write(held)
