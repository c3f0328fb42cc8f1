"""Deals looked at by their managers: inspections, and the weekly review of a team's pipeline. Source: 10.3, addenda."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from opportunities.enums import ForecastCategory, InspectionOutcome, Stage
from opportunities.models.opportunity import Opportunity
from revops.kernel.audit.history import RecordHistory
from revops.kernel.guard import GovernedModel
from revops.kernel.people.access import ScopedQuerySet
from revops.kernel.people.models import Owned, Team
from revops.kernel.people.models.organisation import Person


class InspectionRecord(GovernedModel):
    """One inspection of a deal: the five questions as the records answered them, and what came of it. A ledger.

    `answers` holds a row a question: key, whether it failed, the facts found, what was needed, and a note. `week` is
    the Monday of its week in the organisation's time zone.
    """

    PERSONAL = frozenset({"dissent", "note"})

    opportunity = models.ForeignKey(
        Opportunity, on_delete=models.PROTECT, related_name="inspections", db_index=False
    )
    week = models.DateField()
    inspected_at = models.DateTimeField()
    inspector = Person(db_index=False)
    deal_owner = Person(null=True, db_index=False)
    stage = models.CharField(max_length=13, choices=Stage)
    answers = models.JSONField(default=list)
    fails = models.JSONField(default=list)
    excused = models.JSONField(default=dict)
    outcome = models.CharField(max_length=9, choices=InspectionOutcome)
    category_before = models.CharField(max_length=9, choices=ForecastCategory)
    category_after = models.CharField(max_length=9, choices=ForecastCategory)
    minutes = models.PositiveSmallIntegerField(null=True)
    note = models.CharField(max_length=400, blank=True)
    dissent = models.CharField(max_length=400, blank=True)

    objects: ClassVar[Any] = ScopedQuerySet.as_manager()

    class Meta(GovernedModel.Meta):
        verbose_name = "inspection"
        indexes = [
            models.Index(fields=["opportunity", "inspected_at"], name="inspection_by_deal"),
            models.Index(fields=["week", "inspector"], name="inspection_by_week"),
        ]

    def __str__(self) -> str:
        return f"{self.opportunity_id} in the week of {self.week}"

    def get_absolute_url(self) -> str:
        return f"/inspection-records/{self.pk}/"


class PipelineRun(GovernedModel):
    """A team's pipeline as it stood at one instant, frozen: rows, columns and checksum. Written once, never changed."""

    week = models.DateField()
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+", db_index=False)
    as_of = models.DateTimeField()
    row_count = models.PositiveIntegerField()
    columns = models.JSONField(default=list)
    rows = models.JSONField(default=list)
    checksum = models.CharField(max_length=64)
    previous = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+")

    objects: ClassVar[Any] = ScopedQuerySet.as_manager()

    class Meta(GovernedModel.Meta):
        verbose_name = "frozen pipeline"
        constraints = [
            models.UniqueConstraint(fields=["team", "week"], name="one_frozen_pipeline_a_team_and_week")
        ]

    def __str__(self) -> str:
        return f"{self.team} in the week of {self.week}"


class PipelineReview(Owned):
    """The weekly review of a team's pipeline: over which frozen rows, who was there, what was agreed. Source: addenda.

    Its actions are obligations of kind “decision action” about this review.
    """

    PERSONAL = frozenset({"notes"})

    week = models.DateField()
    reviewed_team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+", db_index=False)
    run = models.ForeignKey(PipelineRun, null=True, on_delete=models.PROTECT, related_name="+")
    attendees = models.JSONField(default=list)
    notes = models.TextField(blank=True)
    held_at = models.DateTimeField(null=True, blank=True)

    history = RecordHistory()

    class Meta(Owned.Meta):
        verbose_name = "pipeline review"
        constraints = [
            *Owned.Meta.constraints,
            models.UniqueConstraint(
                fields=["reviewed_team", "week"], name="one_pipeline_review_a_team_and_week"
            ),
            models.CheckConstraint(
                condition=Q(held_at__isnull=True) | Q(run__isnull=False), name="held_review_has_its_rows"
            ),
        ]
        indexes = [models.Index(fields=["week", "id"], name="pipeline_review_by_week")]

    def __str__(self) -> str:
        return f"{self.reviewed_team} in the week of {self.week}"

    def get_absolute_url(self) -> str:
        return f"/pipeline-reviews/{self.pk}/"
