"""The company we sell to, and the internet domains that belong to it. Source: d1, INV-1.1 to 1.3."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q

from accounts.enums import AccountKind, AccountStatus, CreditStatus, DomainKind, Industry, Segment
from revops.kernel.audit.history import RecordHistory
from revops.kernel.folding import FoldedField
from revops.kernel.guard import GovernedModel
from revops.kernel.money import MoneyField
from revops.kernel.people.access import ScopedQuerySet
from revops.kernel.people.models import Owned, Territory


class Account(Owned):
    """A company: a legal entity or a commercial subsidiary, somewhere in a tree of companies."""

    name = models.CharField(max_length=200)
    name_key = FoldedField(max_length=400, editable=False)
    legal_name = models.CharField(max_length=200, blank=True)
    kind = models.CharField(max_length=24, choices=AccountKind, default=AccountKind.LEGAL_ENTITY)
    status = models.CharField(max_length=12, choices=AccountStatus, default=AccountStatus.PROSPECT)
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="children", db_index=False
    )
    ultimate_parent = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        editable=False,
        db_index=False,
    )
    inherit_ownership = models.BooleanField(default=True)
    primary_domain = models.CharField(max_length=253, blank=True, editable=False)
    shared_domain_of = models.ForeignKey(
        "accounts.AccountDomain",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="sharers",
    )
    country = models.CharField(max_length=2, blank=True)
    region = models.CharField(max_length=120, blank=True)
    city = models.CharField(max_length=120, blank=True)
    industry = models.CharField(max_length=24, choices=Industry, blank=True)
    industry_note = models.CharField(max_length=200, blank=True)
    employees = models.PositiveIntegerField(null=True, blank=True)
    annual_revenue = MoneyField(null=True, blank=True)
    currency = models.CharField(max_length=3)
    segment = models.CharField(max_length=5, choices=Segment)
    territory = models.ForeignKey(
        Territory, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    website = models.CharField(max_length=300, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    description = models.TextField(blank=True)
    customer_since = models.DateField(null=True, blank=True)
    success_note = models.TextField(blank=True)
    billing_street = models.CharField(max_length=255, blank=True)
    billing_city = models.CharField(max_length=120, blank=True)
    billing_state = models.CharField(max_length=120, blank=True)
    billing_postal_code = models.CharField(max_length=20, blank=True)
    billing_country = models.CharField(max_length=2, blank=True)
    billing_account_ext = models.CharField(max_length=80, blank=True)
    clm_party_ext = models.CharField(max_length=80, blank=True)
    tax_id = models.CharField(max_length=40, blank=True)
    credit_status = models.CharField(max_length=8, choices=CreditStatus, default=CreditStatus.UNKNOWN)
    source_original = models.CharField(max_length=60, blank=True)
    tombstone_of = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        editable=False,
        db_index=False,
    )

    history = RecordHistory()

    class Meta(Owned.Meta):
        constraints = [
            *Owned.Meta.constraints,
            models.CheckConstraint(condition=~Q(parent=F("id")), name="account_is_not_its_own_parent"),
            models.UniqueConstraint(
                fields=["country", "tax_id"], condition=~Q(tax_id=""), name="account_tax_id_unique_in_country"
            ),
            models.UniqueConstraint(
                fields=["billing_account_ext"],
                condition=~Q(billing_account_ext=""),
                name="billing_account_unique",
            ),
            models.UniqueConstraint(
                fields=["clm_party_ext"], condition=~Q(clm_party_ext=""), name="clm_party_unique"
            ),
            models.CheckConstraint(
                condition=Q(annual_revenue__isnull=True) | Q(annual_revenue__gte=0),
                name="account_revenue_not_negative",
            ),
        ]
        indexes = [
            models.Index(fields=["name_key", "id"], name="account_by_name"),
            models.Index(fields=["owner", "name_key", "id"], name="account_by_owner_name"),
            models.Index(fields=["status", "name_key", "id"], name="account_by_status_name"),
            models.Index(fields=["annual_revenue", "id"], name="account_by_revenue"),
            models.Index(fields=["created_at", "id"], name="account_by_created"),
            models.Index(fields=["team", "name_key", "id"], name="account_by_team_name"),
            models.Index(fields=["queue"], condition=Q(queue__isnull=False), name="account_by_queue"),
            models.Index(fields=["parent"], condition=Q(parent__isnull=False), name="account_by_parent"),
            models.Index(
                fields=["ultimate_parent"],
                condition=Q(ultimate_parent__isnull=False),
                name="account_by_ultimate_parent",
            ),
            models.Index(
                fields=["tombstone_of"], condition=Q(tombstone_of__isnull=False), name="account_by_survivor"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"/accounts/{self.pk}/"


class AccountDomain(GovernedModel):
    """A registrable internet domain of an account. A domain belongs to exactly one account (INV-1.1)."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="domains")
    domain = models.CharField(max_length=253)
    kind = models.CharField(max_length=8, choices=DomainKind, default=DomainKind.PRIMARY)
    verified_at = models.DateTimeField(null=True, blank=True)
    source = models.CharField(max_length=40, blank=True)
    is_active = models.BooleanField(default=True)

    objects: ClassVar[Any] = ScopedQuerySet.as_manager()
    history = RecordHistory()

    class Meta(GovernedModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["domain"], condition=Q(is_active=True), name="domain_of_one_account"
            ),
            models.UniqueConstraint(
                fields=["account"],
                condition=Q(is_active=True, kind="primary"),
                name="one_primary_domain_per_account",
            ),
        ]

    def __str__(self) -> str:
        return self.domain
