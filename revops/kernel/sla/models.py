"""Clocks and their ledgers: what each was told, how long it ran and was paused, what happened to it (M5, ADR 0020)."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q

from revops.kernel.audit.history import RecordHistory
from revops.kernel.guard import GovernedModel
from revops.kernel.people.access import ScopedQuerySet
from revops.kernel.people.models.organisation import Person, Team
from revops.kernel.policies.models import PolicyVersion
from revops.kernel.sla.enums import ClockState, EventKind, Measure, SegmentKind, SignalKind


class SlaClock(GovernedModel):
    """One target that runs for one record, one cycle of it. What moved it stands in its signals.

    `terms` is the body of the policy version that it was started under: a later version never touches it. `used_s`
    are the seconds of the runs that are over, `running_since` begins the one that is not. `next_at` is when somebody
    has to look at it next, `fired` names the thresholds that are behind it. `owner` answers for it: who was named
    when it started (`is_named`), else the owner of the record, and the next one after them.
    """

    policy_key = models.CharField(max_length=80)
    policy_ref = models.CharField(max_length=200)
    policy_version = models.ForeignKey(
        PolicyVersion, null=True, on_delete=models.PROTECT, related_name="clocks", db_index=False
    )
    title = models.CharField(max_length=120)
    terms = models.JSONField()
    subject_type = models.CharField(max_length=80)
    subject_id = models.BigIntegerField()
    subject = models.CharField(max_length=40)
    cycle = models.PositiveIntegerField(default=1)
    state = models.CharField(max_length=9, choices=ClockState, default=ClockState.RUNNING)
    measure = models.CharField(max_length=8, choices=Measure)
    target_s = models.PositiveIntegerField()
    calendar_key = models.CharField(max_length=64, blank=True)
    calendar_version = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField()
    running_since = models.DateTimeField(null=True)
    used_s = models.PositiveIntegerField(default=0)
    due_at = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True)
    breached_at = models.DateTimeField(null=True)
    next_at = models.DateTimeField(null=True)
    fired = models.JSONField(default=list)
    generation = models.PositiveIntegerField(default=1)
    owner = Person(null=True, db_index=False)
    team = models.ForeignKey(Team, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    is_named = models.BooleanField(default=False)

    objects: ClassVar[Any] = ScopedQuerySet.as_manager()
    history = RecordHistory()

    class Meta(GovernedModel.Meta):
        verbose_name = "clock"
        constraints = [
            models.UniqueConstraint(
                fields=["policy_key", "subject_type", "subject_id", "cycle"], name="clock_cycle_unique"
            ),
            models.UniqueConstraint(
                fields=["policy_key", "subject_type", "subject_id"],
                condition=Q(stopped_at__isnull=True),
                name="one_open_clock_per_policy_and_record",
            ),
            models.CheckConstraint(condition=Q(target_s__gte=1), name="clock_has_a_target"),
            models.CheckConstraint(
                condition=~Q(state__in=["met", "cancelled"]) | Q(stopped_at__isnull=False),
                name="clock_that_is_over_says_when",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["running", "paused"]) | Q(stopped_at__isnull=True),
                name="clock_that_is_open_has_not_stopped",
            ),
            models.CheckConstraint(
                condition=~Q(state="breached") | Q(breached_at__isnull=False), name="breach_says_when"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["breached", "cancelled"]) | Q(breached_at__isnull=True),
                name="what_is_met_or_runs_did_not_breach",
            ),
            models.CheckConstraint(
                condition=~Q(state="running") | Q(running_since__isnull=False, due_at__isnull=False),
                name="running_clock_is_due",
            ),
            models.CheckConstraint(
                condition=~Q(state="paused") | Q(running_since__isnull=True, due_at__isnull=True),
                name="paused_clock_is_not_due",
            ),
            models.CheckConstraint(
                condition=Q(stopped_at__isnull=True) | Q(running_since__isnull=True, next_at__isnull=True),
                name="stopped_clock_does_not_run",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_at", "id"], condition=Q(next_at__isnull=False), name="clock_to_look_at"
            ),
            models.Index(fields=["subject_type", "subject_id"], name="clock_by_subject"),
            models.Index(fields=["state", "due_at", "id"], name="clock_by_state_due"),
            models.Index(fields=["owner", "state", "due_at", "id"], name="clock_by_owner_due"),
            models.Index(fields=["team", "due_at", "id"], name="clock_by_team_due"),
            models.Index(fields=["due_at", "id"], name="clock_by_due"),
            models.Index(fields=["created_at", "id"], name="clock_by_created"),
            models.Index(
                fields=["calendar_key", "calendar_version", "id"],
                condition=Q(running_since__isnull=False),
                name="clock_by_calendar",
            ),
            models.Index(
                fields=["policy_version"],
                condition=Q(policy_version__isnull=False),
                name="clock_by_policy_version",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title}: {self.subject}"

    def get_absolute_url(self) -> str:
        return f"/clocks/{self.pk}/"


class Clocked(GovernedModel):
    """Base of what is kept about a clock, each row for good."""

    clock = models.ForeignKey(SlaClock, on_delete=models.PROTECT, related_name="%(class)ss")

    class Meta(GovernedModel.Meta):
        abstract = True


class SlaSignal(Clocked):
    """Something a clock was told: `at` is when it happened, `created_at` when it became known.

    One that does not `count` was evidence that does not qualify (an automatic reply is no first touch).
    """

    kind = models.CharField(max_length=6, choices=SignalKind)
    event = models.CharField(max_length=80)
    at = models.DateTimeField()
    counts = models.BooleanField(default=True)
    evidence = models.JSONField(default=dict)

    class Meta(Clocked.Meta):
        pass


class SlaSegment(Clocked):
    """Time in which a clock ran or was paused, with the version of the calendar that measured it.

    It ends and is not rewritten. When a signal became known late the segments are laid out anew under the next
    `generation`; those of the clock's own generation count.
    """

    generation = models.PositiveIntegerField()
    kind = models.CharField(max_length=5, choices=SegmentKind)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)
    reason = models.CharField(max_length=120, blank=True)
    calendar_ref = models.CharField(max_length=80, blank=True)
    seconds = models.PositiveIntegerField(default=0)

    class Meta(Clocked.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gt=F("since")), name="segment_takes_time"
            ),
            models.UniqueConstraint(
                fields=["clock", "generation"],
                condition=Q(until__isnull=True),
                name="one_open_segment_per_generation",
            ),
        ]


class SlaEvent(Clocked):
    """A threshold that a clock passed, or an end it came to; each threshold once. `at` is when that was so."""

    threshold = models.CharField(max_length=40)
    kind = models.CharField(max_length=9, choices=EventKind)
    at = models.DateTimeField()
    percent = models.PositiveIntegerField(null=True)
    to = models.CharField(max_length=40, blank=True)
    detail = models.JSONField(default=dict)

    class Meta(Clocked.Meta):
        constraints = [models.UniqueConstraint(fields=["clock", "threshold"], name="clock_threshold_once")]
