"""A person and a company that may become business. Source: d1, a-dictionary."""

from django.db import models
from django.db.models import Q

from accounts.enums import OPEN_LEAD, Industry, LeadStatus, Source
from accounts.models.account import Account
from accounts.models.catalogue import Campaign
from accounts.models.contact import Contact
from revops.kernel.audit.history import RecordHistory
from revops.kernel.money import MoneyField
from revops.kernel.people.models import Owned
from revops.kernel.records.folding import FoldedField


class Lead(Owned):
    """A lead. Among open ones an e-mail address stands once; a converted lead names what it became."""

    PERSONAL = frozenset(
        {
            "salutation",
            "first_name",
            "last_name",
            "name",
            "name_key",
            "email",
            "email_key",
            "phone",
            "mobile_phone",
            "description",
        }
    )

    salutation = models.CharField(max_length=40, blank=True)
    first_name = models.CharField(max_length=80, blank=True)
    last_name = models.CharField(max_length=80)
    name = models.CharField(max_length=161, editable=False)
    name_key = FoldedField(max_length=322, editable=False)
    title = models.CharField(max_length=120, blank=True)
    company = models.CharField(max_length=200)
    company_key = FoldedField(max_length=400, editable=False)
    email = models.CharField(max_length=254, blank=True)
    email_key = FoldedField(max_length=254, blank=True, editable=False)
    email_domain = models.CharField(max_length=253, blank=True, editable=False)
    phone = models.CharField(max_length=40, blank=True)
    mobile_phone = models.CharField(max_length=40, blank=True)
    website = models.CharField(max_length=300, blank=True)
    country = models.CharField(max_length=2, blank=True)
    region = models.CharField(max_length=120, blank=True)
    city = models.CharField(max_length=120, blank=True)
    industry = models.CharField(max_length=24, choices=Industry, blank=True)
    industry_note = models.CharField(max_length=200, blank=True)
    employees = models.PositiveIntegerField(null=True, blank=True)
    annual_revenue = MoneyField(null=True, blank=True)
    currency = models.CharField(max_length=3)
    source_original = models.CharField(max_length=20, choices=Source)
    source_latest = models.CharField(max_length=20, choices=Source)
    source_note = models.CharField(max_length=200, blank=True)
    utm_source = models.CharField(max_length=120, blank=True)
    utm_medium = models.CharField(max_length=120, blank=True)
    utm_campaign = models.CharField(max_length=120, blank=True)
    utm_content = models.CharField(max_length=120, blank=True)
    utm_term = models.CharField(max_length=120, blank=True)
    intent_score = models.PositiveSmallIntegerField(null=True, blank=True)
    icp_score = models.PositiveSmallIntegerField(null=True, blank=True)
    status = models.CharField(max_length=12, choices=LeadStatus, default=LeadStatus.NEW)
    disposition_reason = models.CharField(max_length=40, blank=True)
    disposition_note = models.CharField(max_length=400, blank=True)
    description = models.TextField(blank=True)
    campaign = models.ForeignKey(
        Campaign, null=True, blank=True, on_delete=models.PROTECT, related_name="leads", db_index=False
    )
    matched_account = models.ForeignKey(
        Account, null=True, blank=True, on_delete=models.PROTECT, related_name="leads", db_index=False
    )
    matched_contact = models.ForeignKey(
        Contact, null=True, blank=True, on_delete=models.PROTECT, related_name="leads", db_index=False
    )
    routing_cycle = models.PositiveIntegerField(default=0, editable=False)
    converted_at = models.DateTimeField(null=True, blank=True, editable=False)
    converted_account = models.ForeignKey(
        Account,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        editable=False,
        db_index=False,
    )
    converted_contact = models.ForeignKey(
        Contact,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        editable=False,
        db_index=False,
    )
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
            models.UniqueConstraint(
                fields=["email_key"],
                condition=~Q(email_key="") & Q(status__in=OPEN_LEAD),
                name="email_of_one_open_lead",
            ),
            models.CheckConstraint(
                condition=Q(converted_at__isnull=True) | Q(status=LeadStatus.CONVERTED),
                name="lead_converted_has_its_status",
            ),
            models.CheckConstraint(
                condition=Q(intent_score__isnull=True) | Q(intent_score__lte=100),
                name="lead_intent_score_to_100",
            ),
            models.CheckConstraint(
                condition=Q(icp_score__isnull=True) | Q(icp_score__lte=100), name="lead_icp_score_to_100"
            ),
        ]
        indexes = [
            models.Index(fields=["created_at", "id"], name="lead_by_created"),
            models.Index(fields=["owner", "created_at", "id"], name="lead_by_owner_created"),
            models.Index(fields=["team", "created_at", "id"], name="lead_by_team_created"),
            models.Index(fields=["status", "created_at", "id"], name="lead_by_status_created"),
            models.Index(fields=["name_key", "id"], name="lead_by_name"),
            models.Index(fields=["company_key", "id"], name="lead_by_company"),
            models.Index(fields=["email_key"], condition=~Q(email_key=""), name="lead_by_email"),
            models.Index(fields=["email_domain"], condition=~Q(email_domain=""), name="lead_by_email_domain"),
            models.Index(fields=["queue"], condition=Q(queue__isnull=False), name="lead_by_queue"),
            models.Index(
                fields=["converted_account"],
                condition=Q(converted_account__isnull=False),
                name="lead_by_converted_account",
            ),
            models.Index(
                fields=["converted_contact"],
                condition=Q(converted_contact__isnull=False),
                name="lead_by_converted_contact",
            ),
            models.Index(
                fields=["tombstone_of"], condition=Q(tombstone_of__isnull=False), name="lead_by_survivor"
            ),
            models.Index(
                fields=["matched_account"],
                condition=Q(matched_account__isnull=False),
                name="lead_by_matched_account",
            ),
            models.Index(
                fields=["matched_contact"],
                condition=Q(matched_contact__isnull=False),
                name="lead_by_matched_contact",
            ),
            models.Index(fields=["campaign"], condition=Q(campaign__isnull=False), name="lead_by_campaign"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"/leads/{self.pk}/"
