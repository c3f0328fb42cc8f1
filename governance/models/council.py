"""What the council decides: a topic, its options, a vote a seat, the outcome. Source: d9 `DecisionItem`, INV-9.2."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from governance.enums import DecisionState, Seat, Urgency
from governance.models.rfc import ChangeRequest
from revops.kernel.audit.history import RecordHistory
from revops.kernel.guard import GovernedModel
from revops.kernel.people.access import ScopedQuerySet
from revops.kernel.people.models.organisation import Person

_URGENCIES = [(one.value, one.label) for one in (Urgency.STANDARD, Urgency.URGENT)]


class DecisionItem(GovernedModel):
    """One thing for the council to decide. `owner` answers for it; `proposer` brought it; `options` hold one a line.

    With `rfc` it says whether a request for change may go live: it may where the outcome is the first option.
    """

    topic = models.CharField(max_length=160)
    options = models.TextField(default="Approve\nReject")
    impact = models.TextField(blank=True)
    evidence = models.TextField(blank=True)
    urgency = models.CharField(max_length=9, choices=_URGENCIES, default=Urgency.STANDARD)
    owner = Person()
    meets_on = models.DateField(null=True, blank=True)
    rfc = models.ForeignKey(
        ChangeRequest, null=True, blank=True, on_delete=models.PROTECT, related_name="decision_items"
    )
    proposer = Person(editable=False, db_index=False)
    state = models.CharField(
        max_length=9, choices=DecisionState, default=DecisionState.PROPOSED, editable=False
    )
    outcome = models.CharField(max_length=160, blank=True, editable=False)
    decided_at = models.DateTimeField(null=True, blank=True, editable=False)
    decided_under = models.CharField(max_length=200, blank=True, editable=False)

    objects: ClassVar[Any] = ScopedQuerySet.as_manager()
    history = RecordHistory()

    class Meta(GovernedModel.Meta):
        verbose_name = "council decision"
        indexes = [
            models.Index(fields=["state", "meets_on", "id"], name="decision_item_by_state"),
            models.Index(fields=["created_at", "id"], name="decision_item_by_created"),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(topic=""), name="decision_item_has_a_topic"),
            models.CheckConstraint(
                condition=~Q(state=DecisionState.DECIDED)
                | (~Q(evidence="") & ~Q(outcome="") & Q(decided_at__isnull=False) & ~Q(decided_under="")),
                name="decision_has_date_and_evidence",
            ),
            models.UniqueConstraint(
                fields=["rfc"],
                condition=Q(rfc__isnull=False)
                & ~Q(state__in=[DecisionState.DECIDED, DecisionState.WITHDRAWN]),
                name="one_open_decision_per_rfc",
            ),
        ]

    def __str__(self) -> str:
        return self.topic

    def get_absolute_url(self) -> str:
        return f"/council/{self.pk}/"

    @property
    def number(self) -> str:
        """What people call it by."""
        return f"DEC-{self.pk:06d}"

    @property
    def choices(self) -> list[str]:
        """The options, in their order."""
        return [line.strip() for line in self.options.splitlines() if line.strip()]


class DecisionVote(GovernedModel):
    """The vote of one seat. Until the decision it may be changed; `dissent` says why somebody disagrees."""

    item = models.ForeignKey(DecisionItem, on_delete=models.PROTECT, related_name="votes", db_index=False)
    seat = models.CharField(max_length=9, choices=Seat)
    voter = Person(db_index=False)
    choice = models.CharField(max_length=160)
    dissent = models.CharField(max_length=500, blank=True)
    cast_at = models.DateTimeField()

    objects: ClassVar[Any] = ScopedQuerySet.as_manager()
    history = RecordHistory()

    class Meta(GovernedModel.Meta):
        verbose_name = "vote"
        constraints = [
            models.UniqueConstraint(fields=["item", "seat"], name="decision_vote_one_a_seat"),
            models.UniqueConstraint(fields=["item", "voter"], name="decision_vote_one_a_person"),
        ]

    def __str__(self) -> str:
        return f"{self.get_seat_display()}: {self.choice}"
