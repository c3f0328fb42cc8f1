"""Teams, memberships, reporting lines, roles, queues, availability, territories: all of them dated or governed."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from revops.kernel.audit.history import RecordHistory
from revops.kernel.guard import GovernedModel
from revops.kernel.people.access.scoping import ScopedQuerySet
from revops.kernel.people.enums import AbsenceKind, AbsenceSource


def _half_open(name: str) -> models.CheckConstraint:
    """Return the constraint that an interval does not end before it begins (equal: it never held)."""
    return models.CheckConstraint(
        condition=Q(active_to__isnull=True) | Q(active_to__gte=F("active_from")),
        name=f"{name}_ends_after_start",
    )


class Person(models.ForeignKey):  # type: ignore[type-arg]
    """A foreign key to a user: nobody's deletion may take a record with it."""

    def __init__(self, **kwargs: object) -> None:
        kwargs.setdefault("to", settings.AUTH_USER_MODEL)
        kwargs.setdefault("on_delete", models.PROTECT)
        kwargs.setdefault("related_name", "+")
        super().__init__(**kwargs)  # type: ignore[arg-type]


class Team(GovernedModel):
    """A node of the team tree."""

    name = models.CharField(max_length=120)
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )
    manager = Person(null=True, blank=True)
    is_active = models.BooleanField(default=True)

    objects: ClassVar[Any] = ScopedQuerySet.as_manager()
    history = RecordHistory()

    class Meta(GovernedModel.Meta):
        constraints = [models.UniqueConstraint(fields=["name"], name="team_name_unique")]

    def __str__(self) -> str:
        return self.name


class Interval(GovernedModel):
    """Base of the dated rows: half-open, open-ended while `active_to` is null; a ledger without own history."""

    active_from = models.DateTimeField()
    active_to = models.DateTimeField(null=True, blank=True)

    class Meta(GovernedModel.Meta):
        abstract = True


class TeamMembership(Interval):
    """Who belongs to a team, and whether it is their home team (records they own carry that team)."""

    user = Person()
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="memberships")
    is_home = models.BooleanField(default=True)

    class Meta(Interval.Meta):
        constraints = [
            _half_open("team_membership"),
            models.UniqueConstraint(
                fields=["user"], condition=Q(active_to__isnull=True, is_home=True), name="one_open_home_team"
            ),
        ]


class ReportingLine(Interval):
    """To whom somebody reports."""

    user = Person()
    manager = Person()

    class Meta(Interval.Meta):
        constraints = [
            _half_open("reporting_line"),
            models.UniqueConstraint(
                fields=["user"], condition=Q(active_to__isnull=True), name="one_open_reporting_line"
            ),
            models.CheckConstraint(condition=~Q(user=F("manager")), name="nobody_reports_to_themselves"),
        ]


class RoleAssignment(Interval):
    """Which role somebody holds; `role` is a shipped role or the code of a custom one."""

    user = Person()
    role = models.CharField(max_length=40)
    granted_by = Person()

    class Meta(Interval.Meta):
        constraints = [
            _half_open("role_assignment"),
            models.UniqueConstraint(
                fields=["user", "role"], condition=Q(active_to__isnull=True), name="one_open_grant_of_a_role"
            ),
        ]


class CustomRole(GovernedModel):
    """A role kept as data: the same grants as the shipped matrix, checked when stored."""

    code = models.CharField(max_length=40)
    name = models.CharField(max_length=120)
    grants = models.JSONField()
    is_active = models.BooleanField(default=True)

    history = RecordHistory()

    class Meta(GovernedModel.Meta):
        constraints = [models.UniqueConstraint(fields=["code"], name="custom_role_code_unique")]

    def __str__(self) -> str:
        return self.name


class Queue(GovernedModel):
    """A holder of records without a person; staffed while it has an active member."""

    name = models.CharField(max_length=120)
    key = models.SlugField(max_length=60)
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.PROTECT, related_name="queues")
    is_active = models.BooleanField(default=True)

    objects: ClassVar[Any] = ScopedQuerySet.as_manager()
    history = RecordHistory()

    class Meta(GovernedModel.Meta):
        constraints = [models.UniqueConstraint(fields=["key"], name="queue_key_unique")]

    def __str__(self) -> str:
        return self.name


class QueueMembership(Interval):
    """Who staffs a queue."""

    user = Person()
    queue = models.ForeignKey(Queue, on_delete=models.PROTECT, related_name="memberships")

    class Meta(Interval.Meta):
        constraints = [
            _half_open("queue_membership"),
            models.UniqueConstraint(
                fields=["user", "queue"],
                condition=Q(active_to__isnull=True),
                name="one_open_queue_membership",
            ),
        ]


class Availability(Interval):
    """When somebody is away. It concerns people, never the clocks of a customer."""

    user = Person()
    kind = models.CharField(max_length=10, choices=AbsenceKind)
    source = models.CharField(max_length=10, choices=AbsenceSource, default=AbsenceSource.MANUAL)
    all_day = models.BooleanField(default=True)

    objects: ClassVar[Any] = ScopedQuerySet.as_manager()

    class Meta(Interval.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(active_to__isnull=False) & Q(active_to__gte=F("active_from")),
                name="absence_has_an_end",
            )
        ]


class Territory(GovernedModel):
    """A part of the market, with who gets a record of it that nobody owns."""

    code = models.CharField(max_length=60)
    name = models.CharField(max_length=120)
    default_owner = Person(null=True, blank=True)
    default_queue = models.ForeignKey(
        Queue, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    is_active = models.BooleanField(default=True)

    objects: ClassVar[Any] = ScopedQuerySet.as_manager()
    history = RecordHistory()

    class Meta(GovernedModel.Meta):
        verbose_name_plural = "territories"
        constraints = [
            models.UniqueConstraint(fields=["code"], name="territory_code_unique"),
            models.CheckConstraint(
                condition=Q(default_owner__isnull=True) | Q(default_queue__isnull=True),
                name="territory_has_one_default",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Preference(models.Model):
    """How somebody likes the pages; their own affair, so neither governed nor audited."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="preference")
    time_zone = models.CharField(max_length=60, blank=True)
    theme = models.CharField(
        max_length=6,
        choices=[("auto", "As the system"), ("light", "Light"), ("dark", "Dark")],
        default="auto",
    )
    density = models.CharField(
        max_length=11, choices=[("compact", "Compact"), ("comfortable", "Comfortable")], default="compact"
    )
    locale = models.CharField(max_length=5, default="en_US", db_default="en_US")
    page_size = models.PositiveSmallIntegerField(default=50, db_default=50)
    single_keys = models.BooleanField(default=True, db_default=True)


class OrganisationStamp(models.Model):
    """Counts the changes to the organisation, so that every process knows when its copy is old. One row."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    stamp = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="organisation_stamp_is_single")]
