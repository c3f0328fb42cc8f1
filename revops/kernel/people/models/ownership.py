"""Who holds a record: the keys a row carries, and the ledger they come from."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q

from revops.kernel.guard import GovernedModel
from revops.kernel.people.access.scoping import ScopedQuerySet
from revops.kernel.people.enums import AssignReason, OwnerRole
from revops.kernel.people.models.organisation import Interval, Person, Queue, Team


class Owned(GovernedModel):
    """Base of the records that somebody owns. The three keys are written by `ownership.assign` alone.

    `team` is the home team of the owner, or the team of the queue: the key that team and subtree scopes compare.
    """

    owner = Person(null=True, blank=True, db_index=False)
    queue = models.ForeignKey(
        Queue, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    team = models.ForeignKey(
        Team, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    objects: ClassVar[Any] = ScopedQuerySet.as_manager()

    class Meta(GovernedModel.Meta):
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(owner__isnull=False, queue__isnull=True)
                | Q(owner__isnull=True, queue__isnull=False),
                name="%(app_label)s_%(class)s_one_holder",
            )
        ]


class OwnershipInterval(Interval):
    """From when until when somebody held a record in a role, and why. No gap and no overlap per role."""

    record_type = models.CharField(max_length=80)
    record_id = models.BigIntegerField()
    role = models.CharField(max_length=10, choices=OwnerRole, default=OwnerRole.PRIMARY)
    owner = Person(null=True, db_index=False)
    queue = models.ForeignKey(Queue, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    explicit = models.BooleanField(default=True)
    reason_code = models.CharField(max_length=12, choices=AssignReason)
    note = models.TextField(blank=True)
    rule_ref = models.CharField(max_length=80, blank=True)

    class Meta(Interval.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(active_to__isnull=True) | Q(active_to__gt=F("active_from")),
                name="holding_takes_time",
            ),
            models.CheckConstraint(
                condition=Q(owner__isnull=False, queue__isnull=True)
                | Q(owner__isnull=True, queue__isnull=False),
                name="holding_has_one_holder",
            ),
            models.UniqueConstraint(
                fields=["record_type", "record_id", "role"],
                condition=Q(active_to__isnull=True),
                name="one_open_holding_per_role",
            ),
        ]
        indexes = [
            models.Index(
                fields=["record_type", "record_id", "role", "active_from"], name="holding_by_record"
            ),
            models.Index(
                fields=["owner", "record_type", "role"],
                condition=Q(active_to__isnull=True),
                name="holding_by_owner",
            ),
            models.Index(
                fields=["owner", "record_type"],
                condition=Q(active_to__isnull=True) & ~Q(role=OwnerRole.PRIMARY),
                name="holding_in_other_role",
            ),
            models.Index(
                fields=["queue", "record_type"],
                condition=Q(active_to__isnull=True, queue__isnull=False),
                name="holding_by_queue",
            ),
        ]
