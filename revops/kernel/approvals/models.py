"""Requests for approval, their steps, who is asked, what they decided, and who stands in for whom. Source: M6."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q

from revops.kernel.approvals.enums import RequestState, StepMode, StepState, Verdict
from revops.kernel.audit.history import RecordHistory
from revops.kernel.guard import GovernedModel
from revops.kernel.people.access import ScopedQuerySet
from revops.kernel.people.models.organisation import Person, Team
from revops.kernel.policies.models import Decision


class ApprovalRequest(GovernedModel):
    """Somebody asks that the content of one record be approved for one purpose.

    `snapshot` is that content and `content_hash` its fingerprint: an approval holds for it and for nothing else.
    `subject_owner` is who owns the record: they decide nothing about it. `valid_until` is when the request lapses,
    while it waits or once it is approved. `note` says in words what ended it.
    """

    purpose = models.CharField(max_length=60)
    title = models.CharField(max_length=200)
    subject_type = models.CharField(max_length=80)
    subject_id = models.BigIntegerField()
    subject_owner = Person(null=True, db_index=False)
    content_hash = models.CharField(max_length=64)
    snapshot = models.JSONField(default=dict)
    state = models.CharField(max_length=8, choices=RequestState, default=RequestState.PENDING)
    policy_ref = models.CharField(max_length=200)
    decision = models.OneToOneField(Decision, null=True, on_delete=models.PROTECT, related_name="approval")
    previous = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="next")
    submitter = Person(db_index=False)
    team = models.ForeignKey(Team, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    submitted_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    valid_until = models.DateTimeField(null=True)
    note = models.CharField(max_length=400, blank=True)

    objects: ClassVar[Any] = ScopedQuerySet.as_manager()
    history = RecordHistory()

    class Meta(GovernedModel.Meta):
        verbose_name = "approval"
        constraints = [
            models.UniqueConstraint(
                fields=["subject_type", "subject_id", "purpose"],
                condition=Q(state="pending"),
                name="one_pending_approval_per_purpose",
            ),
            models.CheckConstraint(
                condition=Q(state="pending", decided_at__isnull=True)
                | (~Q(state="pending") & Q(decided_at__isnull=False)),
                name="approval_decided_says_when",
            ),
        ]
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "purpose", "id"], name="approval_by_subject"),
            models.Index(fields=["submitter", "submitted_at", "id"], name="approval_by_submitter"),
            models.Index(fields=["team", "submitted_at", "id"], name="approval_by_team"),
            models.Index(fields=["submitted_at", "id"], name="approval_by_submitted"),
            models.Index(fields=["state", "valid_until"], name="approval_by_validity"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return f"/approvals/{self.pk}/"


class ApprovalStep(GovernedModel):
    """One demand of a request: who must say yes, and which rules ask for it. A ledger.

    Steps of one level are open together; the next level opens when all of them are granted. `rules` holds for each
    rule its key, title, reasons, fingerprint and the values that it tested. A `second_pair` wants somebody who has
    granted nothing else of the request. `due_at` is that of its clock. `carried_from` is the earlier step that holds.
    """

    request = models.ForeignKey(ApprovalRequest, on_delete=models.PROTECT, related_name="steps")
    seq = models.PositiveSmallIntegerField()
    level = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=200)
    rules = models.JSONField(default=list)
    mode = models.CharField(max_length=6, choices=StepMode)
    needed = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(max_length=9, choices=StepState, default=StepState.WAITING)
    second_pair = models.BooleanField(default=False)
    opened_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    escalated_at = models.DateTimeField(null=True)
    carried_from = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="carried_to", db_index=False
    )
    carried_because = models.CharField(max_length=400, blank=True)

    objects: ClassVar[Any] = ScopedQuerySet.as_manager()

    class Meta(GovernedModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["request", "seq"], name="approval_step_number_unique"),
            models.CheckConstraint(
                condition=~Q(state="skipped") | Q(carried_from__isnull=False),
                name="approval_step_skipped_says_why",
            ),
        ]
        indexes = [models.Index(fields=["state", "opened_at"], name="approval_step_by_state")]

    def __str__(self) -> str:
        return self.title

    @property
    def number(self) -> str:
        """What people call it by: the number of its request."""
        return f"APR-{self.request_id:06d}"

    def get_absolute_url(self) -> str:
        return f"/approvals/{self.request_id}/"


class ApprovalCandidate(GovernedModel):
    """Somebody who is asked by a step: a person, or whoever holds a role when they decide. A ledger.

    Candidates of one `slot` speak for each other; `needed` of them must. `why` says why they are asked.
    """

    step = models.ForeignKey(ApprovalStep, on_delete=models.PROTECT, related_name="candidates")
    slot = models.PositiveSmallIntegerField(default=0)
    needed = models.PositiveSmallIntegerField(default=1)
    person = Person(null=True, db_index=False)
    role = models.CharField(max_length=40, blank=True)
    why = models.CharField(max_length=200, blank=True)
    escalated = models.BooleanField(default=False)

    objects: ClassVar[Any] = ScopedQuerySet.as_manager()

    class Meta(GovernedModel.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(person__isnull=False, role="") | (Q(person__isnull=True) & ~Q(role="")),
                name="approval_candidate_person_or_role",
            ),
            models.UniqueConstraint(
                fields=["step", "slot", "person"],
                condition=Q(person__isnull=False),
                name="approval_person_asked_once",
            ),
            models.UniqueConstraint(
                fields=["step", "slot", "role"], condition=~Q(role=""), name="approval_role_asked_once"
            ),
        ]
        indexes = [
            models.Index(
                fields=["person", "step"], condition=Q(person__isnull=False), name="approval_asked_person"
            ),
            models.Index(fields=["role", "step"], condition=~Q(role=""), name="approval_asked_role"),
        ]


class ApprovalDecision(GovernedModel):
    """What one person said to one step; never rewritten. `voice` is whose say it was, their own or a delegator's."""

    step = models.ForeignKey(ApprovalStep, on_delete=models.PROTECT, related_name="decisions")
    approver = Person(db_index=False)
    delegate_of = Person(null=True, db_index=False)
    voice = Person(db_index=False)
    slots = models.JSONField(default=list)
    decision = models.CharField(max_length=7, choices=Verdict)
    comment = models.CharField(max_length=2000, blank=True)
    at = models.DateTimeField()

    objects: ClassVar[Any] = ScopedQuerySet.as_manager()

    class Meta(GovernedModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["step", "approver"], name="approval_decided_once_a_person"),
            models.UniqueConstraint(fields=["step", "voice"], name="approval_decided_once_a_voice"),
            models.CheckConstraint(
                condition=~Q(decision="reject") | ~Q(comment=""), name="approval_rejection_says_why"
            ),
            models.CheckConstraint(
                condition=Q(delegate_of__isnull=True) | Q(voice=F("delegate_of")),
                name="approval_delegate_speaks_for_one",
            ),
        ]


class Delegation(GovernedModel):
    """From when until when somebody decides in another person's place. It is never passed on."""

    delegator = Person(db_index=False)
    delegate = Person(db_index=False)
    active_from = models.DateTimeField()
    active_to = models.DateTimeField()
    reason = models.CharField(max_length=400)

    objects: ClassVar[Any] = ScopedQuerySet.as_manager()
    history = RecordHistory()

    class Meta(GovernedModel.Meta):
        constraints = [
            models.CheckConstraint(
                condition=~Q(delegator=F("delegate")), name="nobody_delegates_to_themselves"
            ),
            models.CheckConstraint(
                condition=Q(active_to__gte=F("active_from")), name="delegation_ends_after_start"
            ),
        ]
        indexes = [
            models.Index(fields=["delegate", "active_to"], name="delegation_by_delegate"),
            models.Index(fields=["delegator", "active_to"], name="delegation_by_delegator"),
        ]

    def __str__(self) -> str:
        return f"{self.delegate} for {self.delegator}"
