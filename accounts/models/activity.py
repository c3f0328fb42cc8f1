"""What happened between us and a buyer: calls, meetings, e-mails, notes. Source: d6, ALG-2.1."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from accounts.enums import ActivityKind, ActivityOutcome, AttendeeResponse, Direction
from accounts.models.account import Account
from accounts.models.contact import Contact
from accounts.models.lead import Lead
from revops.kernel.audit.history import RecordHistory
from revops.kernel.guard import GovernedModel
from revops.kernel.people.access import ScopedQuerySet
from revops.kernel.people.models import Team
from revops.kernel.people.models.organisation import Person


class Activity(GovernedModel):
    """One activity of `owner`, at an account, with a lead, or both. `qualifies_buyer` is computed (ALG-2.1)."""

    PERSONAL = frozenset({"subject", "body"})

    kind = models.CharField(max_length=9, choices=ActivityKind)
    direction = models.CharField(max_length=8, choices=Direction, default=Direction.NONE)
    outcome = models.CharField(max_length=12, choices=ActivityOutcome)
    subject = models.CharField(max_length=255)
    body = models.TextField(blank=True)
    occurred_at = models.DateTimeField()
    duration_s = models.PositiveIntegerField(null=True, blank=True)
    qualifies_buyer = models.BooleanField(default=False, editable=False)
    owner = Person(db_index=False)
    team = models.ForeignKey(
        Team,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        editable=False,
    )
    account = models.ForeignKey(
        Account, null=True, blank=True, on_delete=models.PROTECT, related_name="activities", db_index=False
    )
    lead = models.ForeignKey(
        Lead, null=True, blank=True, on_delete=models.PROTECT, related_name="activities", db_index=False
    )

    objects: ClassVar[Any] = ScopedQuerySet.as_manager()
    history = RecordHistory()

    class Meta(GovernedModel.Meta):
        indexes = [
            models.Index(fields=["occurred_at", "id"], name="activity_by_time"),
            models.Index(fields=["owner", "occurred_at", "id"], name="activity_by_owner_time"),
            models.Index(fields=["team", "occurred_at", "id"], name="activity_by_team_time"),
            models.Index(
                fields=["owner", "occurred_at", "id"],
                condition=Q(outcome=ActivityOutcome.PLANNED),
                name="activity_planned_by_owner",
            ),
            models.Index(
                fields=["account", "occurred_at", "id"],
                condition=Q(account__isnull=False),
                name="activity_by_account_time",
            ),
            models.Index(
                fields=["lead", "occurred_at", "id"],
                condition=Q(lead__isnull=False),
                name="activity_by_lead_time",
            ),
        ]

    def __str__(self) -> str:
        return self.subject

    def get_absolute_url(self) -> str:
        return f"/activities/{self.pk}/"


class ActivityAttendee(GovernedModel):
    """A contact on the buyer's side who took part, or is asked to."""

    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="attendees", db_index=False)
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="attendances")
    response = models.CharField(max_length=8, choices=AttendeeResponse, default=AttendeeResponse.UNKNOWN)
    is_active = models.BooleanField(default=True)

    objects: ClassVar[Any] = ScopedQuerySet.as_manager()
    history = RecordHistory()

    class Meta(GovernedModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["activity", "contact"], name="attendee_once_an_activity")
        ]

    def __str__(self) -> str:
        return f"{self.contact_id} at {self.activity_id}"
