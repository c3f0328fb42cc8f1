"""What shows that a deal is where it is said to be: evidence, MEDDICC, reviews by others. Source: d2."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q

from accounts.models import Activity, Contact
from opportunities.enums import Element, EvidenceKind, EvidenceState, ReviewKind, ReviewState
from opportunities.models.opportunity import Opportunity
from opportunities.models.parts import OppContactRole
from revops.kernel.audit.history import RecordHistory
from revops.kernel.guard import GovernedModel
from revops.kernel.packets.models import Obligation
from revops.kernel.people.access import ScopedQuerySet
from revops.kernel.people.models.organisation import Person


class StageEvidence(GovernedModel):
    """One piece of evidence about a deal: what was said or done, by whom, and where it can be looked up.

    The artifact is one of an activity, a contact in a role, an address of a document, or a field with the value that it
    held. `occurred_at` is when the buyer said it: by that it ages. `expires_at` follows from the policy in force when
    it was submitted; what a criterion accepts follows from the criterion.
    """

    PERSONAL = frozenset({"statement", "verdict_note"})

    opportunity = models.ForeignKey(
        Opportunity, on_delete=models.PROTECT, related_name="evidence", db_index=False
    )
    kind = models.CharField(max_length=20, choices=EvidenceKind)
    statement = models.CharField(max_length=400)
    stated_by = models.ForeignKey(
        Contact, null=True, blank=True, on_delete=models.PROTECT, related_name="stated_evidence"
    )
    occurred_at = models.DateTimeField()
    activity = models.ForeignKey(
        Activity, null=True, blank=True, on_delete=models.PROTECT, related_name="evidence"
    )
    contact_role = models.ForeignKey(
        OppContactRole, null=True, blank=True, on_delete=models.PROTECT, related_name="evidence"
    )
    url = models.URLField(max_length=400, blank=True)
    field_path = models.CharField(max_length=60, blank=True)
    field_value = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=9, choices=EvidenceState, default=EvidenceState.SUBMITTED)
    submitted_by = Person(db_index=False, editable=False)
    submitted_at = models.DateTimeField(editable=False)
    verifier = Person(null=True, blank=True, db_index=False, editable=False)
    decided_at = models.DateTimeField(null=True, blank=True, editable=False)
    verdict_note = models.CharField(max_length=400, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects: ClassVar[Any] = ScopedQuerySet.as_manager()
    history = RecordHistory()

    class Meta(GovernedModel.Meta):
        verbose_name = "evidence"
        verbose_name_plural = "evidence"
        constraints = [
            models.CheckConstraint(
                condition=Q(state=EvidenceState.SUBMITTED, verifier__isnull=True, decided_at__isnull=True)
                | (~Q(state=EvidenceState.SUBMITTED) & Q(verifier__isnull=False, decided_at__isnull=False)),
                name="evidence_decided_has_who_and_when",
            ),
            models.CheckConstraint(
                condition=Q(verifier__isnull=True) | ~Q(verifier=F("submitted_by")),
                name="evidence_verified_by_another",
            ),
        ]
        indexes = [
            models.Index(fields=["opportunity", "kind", "occurred_at"], name="evidence_by_deal_kind"),
            models.Index(
                fields=["submitted_at"],
                condition=Q(state=EvidenceState.SUBMITTED),
                name="evidence_to_be_decided",
            ),
        ]

    def __str__(self) -> str:
        return self.statement

    def get_absolute_url(self) -> str:
        return f"/evidence/{self.pk}/"


class Meddicc(GovernedModel):
    """How well one element of MEDDICC is known about a deal. A score of 2 rests on evidence. Source: d2.

    `on` is the day that goes with the element: of the decision, of the signature. `mitigation` is the obligation that
    answers a risk.
    """

    PERSONAL = frozenset({"statement"})

    opportunity = models.ForeignKey(
        Opportunity, on_delete=models.PROTECT, related_name="meddicc", db_index=False
    )
    element = models.CharField(max_length=20, choices=Element)
    score = models.PositiveSmallIntegerField(default=0)
    statement = models.CharField(max_length=400, blank=True)
    evidence = models.ForeignKey(
        StageEvidence, null=True, blank=True, on_delete=models.PROTECT, related_name="scores"
    )
    contact = models.ForeignKey(
        Contact, null=True, blank=True, on_delete=models.PROTECT, related_name="meddicc"
    )
    on = models.DateField(null=True, blank=True)
    mitigation = models.ForeignKey(
        Obligation, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    objects: ClassVar[Any] = ScopedQuerySet.as_manager()
    history = RecordHistory()

    class Meta(GovernedModel.Meta):
        verbose_name = "MEDDICC element"
        constraints = [
            models.UniqueConstraint(fields=["opportunity", "element"], name="meddicc_element_once_a_deal"),
            models.CheckConstraint(condition=Q(score__range=(0, 2)), name="meddicc_score_from_0_to_2"),
            models.CheckConstraint(
                condition=~Q(score=2) | Q(evidence__isnull=False), name="meddicc_two_rests_on_evidence"
            ),
            models.CheckConstraint(
                condition=Q(score=0) | ~Q(statement=""), name="meddicc_claim_has_its_statement"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_element_display()}: {self.score}"


class DealReviewStatus(GovernedModel):
    """How far the legal, security or procurement review of a deal has come: what gates and risks read."""

    opportunity = models.ForeignKey(
        Opportunity, on_delete=models.PROTECT, related_name="reviews", db_index=False
    )
    kind = models.CharField(max_length=11, choices=ReviewKind)
    state = models.CharField(max_length=11, choices=ReviewState, default=ReviewState.NOT_STARTED)
    owner = Person(null=True, blank=True, db_index=False)
    note = models.CharField(max_length=400, blank=True)
    state_since = models.DateTimeField(editable=False)

    objects: ClassVar[Any] = ScopedQuerySet.as_manager()
    history = RecordHistory()

    class Meta(GovernedModel.Meta):
        verbose_name = "review of a deal"
        verbose_name_plural = "reviews of deals"
        constraints = [
            models.UniqueConstraint(fields=["opportunity", "kind"], name="review_of_a_kind_once_a_deal")
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.get_state_display()}"
