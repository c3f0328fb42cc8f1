"""What belongs to a deal: people in it, its stages over time, its former names, its activities, where it came from."""

from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import F, Q

from accounts.models import Activity, Contact, Lead
from opportunities.enums import BuyingRole, NameSource, Stage, Via
from opportunities.models.opportunity import Opportunity
from revops.kernel.audit.history import RecordHistory
from revops.kernel.guard import GovernedModel
from revops.kernel.people.access import ScopedQuerySet
from revops.kernel.people.models.organisation import Interval, Person
from revops.kernel.records.folding import FoldedField


class OppContactRole(GovernedModel):
    """A contact in a deal, in a role. `raw_label` is what another system called a role that is not ours."""

    opportunity = models.ForeignKey(
        Opportunity, on_delete=models.PROTECT, related_name="contact_roles", db_index=False
    )
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="opportunity_roles")
    role = models.CharField(max_length=14, choices=BuyingRole)
    raw_label = models.CharField(max_length=80, blank=True)
    influence = models.PositiveSmallIntegerField(null=True, blank=True)
    is_primary = models.BooleanField(default=False)
    engaged_at = models.DateTimeField(null=True, blank=True, editable=False)
    is_active = models.BooleanField(default=True)

    objects: ClassVar[Any] = ScopedQuerySet.as_manager()
    history = RecordHistory()

    class Meta(GovernedModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["opportunity", "contact", "role", "raw_label"],
                condition=Q(is_active=True),
                name="contact_once_in_a_role",
            ),
            models.UniqueConstraint(
                fields=["opportunity"],
                condition=Q(is_active=True, is_primary=True),
                name="one_primary_contact_per_deal",
            ),
            models.CheckConstraint(
                condition=Q(influence__isnull=True) | Q(influence__range=(1, 3)), name="influence_from_1_to_3"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()}: {self.contact_id}"


class StageIntervalQuerySet(ScopedQuerySet):
    """The stages of deals over time; what lasted no time comes before what began at the same instant."""

    def in_order(self) -> Self:
        """Return them as they followed each other."""
        return self.order_by("active_from", F("active_to").asc(nulls_last=True), "pk")

    def latest_first(self) -> Self:
        """Return them from the present one backwards."""
        return self.order_by("-active_from", F("active_to").desc(nulls_first=True), "-pk")


class StageInterval(Interval):
    """From when until when a deal stood in a stage (valid time). Contiguous from its opening (INV-2.2). A ledger.

    `aged_at` is when the manager was told that it lasts far longer than usual (ALG-2.3).
    """

    opportunity = models.ForeignKey(
        Opportunity, on_delete=models.PROTECT, related_name="stage_intervals", db_index=False
    )
    stage = models.CharField(max_length=13, choices=Stage)
    entered_by = Person(db_index=False)
    via = models.CharField(max_length=9, choices=Via)
    reason_code = models.CharField(max_length=40, blank=True)
    note = models.TextField(blank=True)
    probability = models.DecimalField(max_digits=5, decimal_places=4)
    aged_at = models.DateTimeField(null=True)

    objects: ClassVar[Any] = StageIntervalQuerySet.as_manager()

    class Meta(Interval.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["opportunity"],
                condition=Q(active_to__isnull=True),
                name="one_open_stage_per_deal",
            ),
            models.CheckConstraint(
                condition=Q(active_to__isnull=True) | Q(active_to__gte=F("active_from")),
                name="stage_ends_after_start",
            ),
        ]
        indexes = [
            models.Index(fields=["opportunity", "active_from"], name="stage_interval_by_deal"),
            models.Index(fields=["stage", "active_from"], name="stage_interval_by_stage"),
        ]

    def __str__(self) -> str:
        return f"{self.opportunity_id}: {self.stage}"


class NameHistory(GovernedModel):
    """A former name of a deal, or its name in the system it came from; search finds the deal by it (GT31). A ledger."""

    opportunity = models.ForeignKey(
        Opportunity, on_delete=models.PROTECT, related_name="former_names", db_index=False
    )
    name = models.CharField(max_length=255)
    name_key = FoldedField(max_length=510, editable=False)
    source = models.CharField(max_length=8, choices=NameSource)
    used_until = models.DateTimeField()

    objects: ClassVar[Any] = ScopedQuerySet.as_manager()

    class Meta(GovernedModel.Meta):
        indexes = [models.Index(fields=["opportunity", "used_until"], name="former_name_by_deal")]

    def __str__(self) -> str:
        return self.name


class OpportunityActivity(GovernedModel):
    """An activity that was about a deal. A ledger: links are added, and taken back with `is_active`."""

    opportunity = models.ForeignKey(
        Opportunity, on_delete=models.PROTECT, related_name="activity_links", db_index=False
    )
    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="opportunity_links")
    occurred_at = models.DateTimeField()
    is_active = models.BooleanField(default=True)

    objects: ClassVar[Any] = ScopedQuerySet.as_manager()

    class Meta(GovernedModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["opportunity", "activity"], name="activity_once_a_deal")
        ]
        indexes = [models.Index(fields=["opportunity", "occurred_at"], name="activity_link_by_time")]

    def __str__(self) -> str:
        return f"{self.activity_id} for {self.opportunity_id}"


class LeadConversion(GovernedModel):
    """What became of a converted lead: its account, its contact and, where there was business, its deal."""

    lead = models.OneToOneField(Lead, on_delete=models.PROTECT, related_name="conversion")
    opportunity = models.ForeignKey(
        Opportunity, null=True, blank=True, on_delete=models.PROTECT, related_name="conversions"
    )
    converted_at = models.DateTimeField()

    objects: ClassVar[Any] = ScopedQuerySet.as_manager()

    class Meta(GovernedModel.Meta):
        pass

    def __str__(self) -> str:
        return f"lead {self.lead_id}"
