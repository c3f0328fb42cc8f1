"""The deal itself. Source: d1, d2, a-dictionary."""

from django.db import models
from django.db.models import Q

from accounts.enums import Segment, Source
from accounts.models import Account, Campaign, Contact, Product
from opportunities.enums import (
    AmountBasis,
    ForecastCategory,
    Geo,
    LostSource,
    OpportunityType,
    Stage,
    StepKind,
)
from opportunities.models.lists import Reason, UseCase
from revops.kernel.audit.history import RecordHistory
from revops.kernel.money import MoneyField
from revops.kernel.packets.enums import Side
from revops.kernel.packets.models import Obligation
from revops.kernel.people.models import Owned, Territory
from revops.kernel.records.folding import FoldedField


class Opportunity(Owned):
    """A deal with one account. Its name is computed (INV-1.8), its stage moves by actions alone.

    `probability`, `stage_since` and `last_buyer_activity_at` are copies of what the stage intervals and the
    activities say, kept so that lists and rules compare columns. The fields of the next step are copies of the one open
    obligation, `next_step_task` (INV-2.3).
    """

    account = models.ForeignKey(
        Account, on_delete=models.PROTECT, related_name="opportunities", db_index=False
    )
    name = models.CharField(max_length=160, editable=False)
    name_key = FoldedField(max_length=320, editable=False)
    type = models.CharField(max_length=9, choices=OpportunityType, default=OpportunityType.NEW)
    segment = models.CharField(max_length=5, choices=Segment)
    territory = models.ForeignKey(
        Territory, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    geo = models.CharField(max_length=5, choices=Geo, blank=True)
    primary_product = models.ForeignKey(
        Product, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    use_case = models.ForeignKey(
        UseCase, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    source = models.CharField(max_length=20, choices=Source, blank=True)
    source_note = models.CharField(max_length=200, blank=True)
    campaign = models.ForeignKey(
        Campaign,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="opportunities",
        db_index=False,
    )
    stage = models.CharField(max_length=13, choices=Stage, default=Stage.QUALIFICATION)
    stage_since = models.DateTimeField(editable=False)
    probability = models.DecimalField(max_digits=5, decimal_places=4, editable=False)
    forecast_category = models.CharField(
        max_length=9, choices=ForecastCategory, default=ForecastCategory.PIPELINE
    )
    amount = MoneyField(null=True, blank=True)
    currency = models.CharField(max_length=3)
    amount_basis = models.CharField(max_length=3, choices=AmountBasis, default=AmountBasis.ARR)
    close_date = models.DateField()
    start_date = models.DateField(null=True, blank=True)
    push_count = models.PositiveSmallIntegerField(default=0, editable=False)
    next_step = models.CharField(max_length=255, blank=True)
    next_step_on = models.DateField(null=True, blank=True)
    next_step_kind = models.CharField(max_length=9, choices=StepKind, default=StepKind.STEP)
    next_step_side = models.CharField(max_length=5, choices=Side, default=Side.US)
    next_step_contact = models.ForeignKey(
        Contact, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    next_step_task = models.ForeignKey(
        Obligation,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        editable=False,
        db_index=False,
    )
    competitor = models.CharField(max_length=120, blank=True)
    booked_at = models.DateTimeField(null=True, blank=True, editable=False)
    closed_at = models.DateTimeField(null=True, blank=True, editable=False)
    loss_reason = models.ForeignKey(
        Reason, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    loss_note = models.CharField(max_length=400, blank=True)
    lost_source = models.CharField(max_length=16, choices=LostSource, blank=True, editable=False)
    description = models.TextField(blank=True)
    technical_note = models.TextField(blank=True)
    last_buyer_contact_on = models.DateField(null=True, blank=True, editable=False)
    opened_at = models.DateTimeField(editable=False)
    last_buyer_activity_at = models.DateTimeField(null=True, blank=True, editable=False)
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
            models.CheckConstraint(
                condition=Q(stage=Stage.CLOSED_WON, booked_at__isnull=False)
                | (~Q(stage=Stage.CLOSED_WON) & Q(booked_at__isnull=True)),
                name="opportunity_won_is_booked",
            ),
            models.CheckConstraint(
                condition=Q(stage__in=(Stage.CLOSED_WON, Stage.CLOSED_LOST), closed_at__isnull=False)
                | (~Q(stage__in=(Stage.CLOSED_WON, Stage.CLOSED_LOST)) & Q(closed_at__isnull=True)),
                name="opportunity_closed_has_its_time",
            ),
        ]
        indexes = [
            models.Index(fields=["owner", "stage", "amount", "id"], name="deal_by_owner_stage_amount"),
            models.Index(fields=["owner", "amount", "id"], name="deal_by_owner_amount"),
            models.Index(fields=["team", "amount", "id"], name="deal_by_team_amount"),
            models.Index(fields=["stage", "amount", "id"], name="deal_by_stage_amount"),
            models.Index(fields=["amount", "id"], name="deal_by_amount"),
            models.Index(fields=["close_date", "id"], name="deal_by_close_date"),
            models.Index(fields=["owner", "close_date", "id"], name="deal_by_owner_close_date"),
            models.Index(fields=["team", "close_date", "id"], name="deal_by_team_close_date"),
            models.Index(fields=["name_key", "id"], name="deal_by_name"),
            models.Index(fields=["created_at", "id"], name="deal_by_created"),
            models.Index(fields=["account", "close_date", "id"], name="deal_by_account"),
            models.Index(fields=["queue"], condition=Q(queue__isnull=False), name="deal_by_queue"),
            models.Index(
                fields=["next_step_task"],
                condition=Q(next_step_task__isnull=False),
                name="deal_by_next_step_task",
            ),
            models.Index(
                fields=["next_step_contact"],
                condition=Q(next_step_contact__isnull=False),
                name="deal_by_next_step_contact",
            ),
            models.Index(
                fields=["primary_product"],
                condition=Q(primary_product__isnull=False),
                name="deal_by_primary_product",
            ),
            models.Index(fields=["campaign"], condition=Q(campaign__isnull=False), name="deal_by_campaign"),
            models.Index(
                fields=["tombstone_of"], condition=Q(tombstone_of__isnull=False), name="deal_by_survivor"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"/opportunities/{self.pk}/"
