"""What was done about deals whose buyer is silent, and how long won deals stood in each stage. Source: ALG-2.2, 2.3."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from accounts.enums import Segment
from opportunities.enums import Stage, SweepStep
from opportunities.models.opportunity import Opportunity
from revops.kernel.guard import GovernedModel
from revops.kernel.people.access import ScopedQuerySet
from revops.kernel.people.models.organisation import Person


class IdleStep(GovernedModel):
    """One step of the stale sweep, taken once in an idle episode, which begins on `silent_since`. A ledger.

    On the row of an escalation stands why the deal stalls, once somebody has said it.
    """

    opportunity = models.ForeignKey(
        Opportunity, on_delete=models.PROTECT, related_name="idle_steps", db_index=False
    )
    silent_since = models.DateField()
    step = models.CharField(max_length=8, choices=SweepStep)
    idle_days = models.PositiveIntegerField()
    taken_at = models.DateTimeField()
    closes_on = models.DateField(null=True)
    told = Person(null=True, db_index=False)
    rule = models.CharField(max_length=80)
    reason_code = models.CharField(max_length=40, blank=True)
    note = models.CharField(max_length=400, blank=True)
    said_by = Person(null=True, db_index=False)
    said_at = models.DateTimeField(null=True)

    objects: ClassVar[Any] = ScopedQuerySet.as_manager()

    class Meta(GovernedModel.Meta):
        verbose_name = "step about a silent deal"
        verbose_name_plural = "steps about silent deals"
        constraints = [
            models.UniqueConstraint(
                fields=["opportunity", "silent_since", "step"], name="idle_step_once_an_episode"
            ),
            models.CheckConstraint(
                condition=Q(reason_code="", said_by__isnull=True, said_at__isnull=True)
                | (~Q(reason_code="") & Q(said_by__isnull=False, said_at__isnull=False)),
                name="stall_reason_has_who_and_when",
            ),
        ]
        indexes = [models.Index(fields=["taken_at", "step"], name="idle_step_by_time")]

    def __str__(self) -> str:
        return f"{self.opportunity_id}: {self.step}"


class StageBaseline(GovernedModel):
    """For how long won deals of a segment stood in a stage: what the age of open ones is measured by. Source: ALG-2.3.

    Where fewer than 30 deals were won it holds the defaults of the policy, and `measured` says so.
    """

    segment = models.CharField(max_length=5, choices=Segment)
    stage = models.CharField(max_length=13, choices=Stage)
    wins = models.PositiveIntegerField()
    p75_days = models.DecimalField(max_digits=8, decimal_places=2)
    median_days = models.DecimalField(max_digits=8, decimal_places=2)
    measured = models.BooleanField()
    as_of = models.DateTimeField()

    objects: ClassVar[Any] = ScopedQuerySet.as_manager()

    class Meta(GovernedModel.Meta):
        verbose_name = "usual time in a stage"
        verbose_name_plural = "usual times in stages"
        constraints = [
            models.UniqueConstraint(fields=["segment", "stage"], name="one_baseline_a_segment_and_stage")
        ]

    def __str__(self) -> str:
        return f"{self.segment} {self.stage}: {self.p75_days} days"
