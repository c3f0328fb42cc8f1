"""Exceptions to rules, the decisions each excused, and the weekly looks at them. Source: M4."""

from datetime import datetime
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length
from django.db.models.lookups import GreaterThanOrEqual

from revops.kernel.audit.history import RecordHistory
from revops.kernel.gates.exceptions.enums import OPEN, ExceptionState, ReviewDecision, Risk
from revops.kernel.guard import GovernedModel
from revops.kernel.people.access import ScopedQuerySet
from revops.kernel.people.models.organisation import Person
from revops.kernel.policies.models import Decision

JUSTIFIED = 40


class ExceptionQuerySet(ScopedQuerySet):
    """Exceptions, and which of them excuse something at an instant."""

    def active(self, at: datetime) -> Self:
        """Return those that excuse at `at`: granted and within their term, whatever a job has marked so far."""
        return self.filter(state=ExceptionState.APPROVED, starts_at__lte=at, expires_at__gt=at)


class PolicyException(GovernedModel):
    """One record is excused from one line of one policy, by somebody, for a while.

    `subject_type` and `subject_id` name the record and `subject` the number that people call it by. The present term
    began at `term_from` (a renewal begins another) and `ends_by` is the latest instant that the rules (`rules_ref`)
    allow it to last. `approver` is who decided, `closing_note` why it was rejected or revoked, `uses` how many
    decisions it excused. `lapsed_at` says that what follows from its end has been done, `is_settled` that what it had
    excused is owed no more. `review_week` is the Monday of the review that waits for a decision.
    """

    PERSONAL = frozenset({"scope_note", "compensating_control", "closing_note"})

    name = models.CharField(max_length=255)
    policy_key = models.CharField(max_length=80)
    criterion_key = models.CharField(max_length=80)
    subject_type = models.CharField(max_length=80)
    subject_id = models.BigIntegerField()
    subject = models.CharField(max_length=24)
    scope_note = models.CharField(max_length=400, blank=True)
    justification = models.TextField()
    compensating_control = models.TextField(blank=True)
    risk = models.CharField(max_length=4, choices=Risk)
    requested_by = Person(db_index=False)
    owner = Person(db_index=False)
    approver = Person(null=True, blank=True, db_index=False)
    decided_at = models.DateTimeField(null=True, blank=True)
    starts_at = models.DateTimeField()
    term_from = models.DateTimeField()
    expires_at = models.DateTimeField()
    ends_by = models.DateTimeField()
    state = models.CharField(max_length=9, choices=ExceptionState, default=ExceptionState.REQUESTED)
    renewals_used = models.PositiveSmallIntegerField(default=0)
    max_uses = models.PositiveSmallIntegerField(null=True, blank=True)
    uses = models.PositiveIntegerField(default=0)
    rules_ref = models.CharField(max_length=200)
    closing_note = models.CharField(max_length=400, blank=True)
    is_settled = models.BooleanField(default=False)
    lapsed_at = models.DateTimeField(null=True, blank=True)
    review_week = models.DateField(null=True, blank=True)

    objects: ClassVar[Any] = ExceptionQuerySet.as_manager()
    history = RecordHistory()

    class Meta(GovernedModel.Meta):
        verbose_name = "exception"
        constraints = [
            models.UniqueConstraint(
                fields=["subject_type", "subject_id", "policy_key", "criterion_key"],
                condition=Q(state__in=OPEN),
                name="one_open_exception_of_a_criterion",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("starts_at")) & Q(expires_at__gt=F("term_from")),
                name="exception_ends_after_start",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__lte=F("ends_by")), name="exception_within_its_longest_life"
            ),
            models.CheckConstraint(
                condition=GreaterThanOrEqual(Length("justification"), JUSTIFIED),
                name="exception_is_justified",
            ),
            models.CheckConstraint(
                condition=Q(approver__isnull=True)
                | (~Q(approver=F("requested_by")) & ~Q(approver=F("owner"))),
                name="nobody_approves_their_own_exception",
            ),
            models.CheckConstraint(
                condition=Q(approver__isnull=True, decided_at__isnull=True)
                | Q(approver__isnull=False, decided_at__isnull=False),
                name="exception_decided_has_who_and_when",
            ),
            models.CheckConstraint(
                condition=Q(state=ExceptionState.REQUESTED, approver__isnull=True)
                | Q(state=ExceptionState.REVOKED)
                | (
                    ~Q(state__in=[ExceptionState.REQUESTED, ExceptionState.REVOKED])
                    & Q(approver__isnull=False)
                ),
                name="exception_in_force_was_decided",
            ),
            models.CheckConstraint(
                condition=Q(max_uses__isnull=True) | (Q(max_uses__gte=1) & Q(uses__lte=F("max_uses"))),
                name="exception_within_its_uses",
            ),
            models.CheckConstraint(
                condition=~Q(state=ExceptionState.CONSUMED) | Q(uses=F("max_uses")),
                name="exception_used_up_has_no_use_left",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[ExceptionState.REJECTED, ExceptionState.REVOKED])
                | ~Q(closing_note=""),
                name="exception_turned_down_says_why",
            ),
            models.CheckConstraint(
                condition=Q(lapsed_at__isnull=True)
                | Q(
                    state__in=[
                        ExceptionState.EXPIRED,
                        ExceptionState.REVOKED,
                        ExceptionState.CONSUMED,
                    ]
                ),
                name="exception_in_force_has_not_lapsed",
            ),
        ]
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "policy_key"], name="exception_by_subject"),
            models.Index(fields=["state", "expires_at", "id"], name="exception_by_state_expiry"),
            models.Index(fields=["owner", "expires_at", "id"], name="exception_by_owner_expiry"),
            models.Index(fields=["requested_by", "expires_at", "id"], name="exception_by_requester"),
            models.Index(fields=["expires_at", "id"], name="exception_by_expiry"),
            models.Index(fields=["created_at", "id"], name="exception_by_created"),
            models.Index(
                fields=["review_week", "expires_at"],
                condition=Q(review_week__isnull=False),
                name="exception_to_review",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"/exceptions/{self.pk}/"

    def active_at(self, at: datetime) -> bool:
        """Say whether it excuses at `at`: granted and within its term, whatever a job has marked so far."""
        return self.state == ExceptionState.APPROVED and self.starts_at <= at < self.expires_at


class ExceptionUse(GovernedModel):
    """One decision that an exception excused. A ledger."""

    exception = models.ForeignKey(
        PolicyException, on_delete=models.PROTECT, related_name="used_by", db_index=False
    )
    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="exceptions_used")
    used_at = models.DateTimeField()

    objects: ClassVar[Any] = ScopedQuerySet.as_manager()

    class Meta(GovernedModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["exception", "decision"], name="exception_used_once_a_decision"),
        ]


class ExceptionReview(GovernedModel):
    """The look at one exception in one week, and what was decided. A ledger: its row is filled in once."""

    exception = models.ForeignKey(
        PolicyException, on_delete=models.PROTECT, related_name="reviews", db_index=False
    )
    week = models.DateField()
    decision = models.CharField(max_length=6, choices=ReviewDecision, blank=True)
    note = models.CharField(max_length=400, blank=True)
    reviewed_by = Person(null=True, blank=True, db_index=False)
    reviewed_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[Any] = ScopedQuerySet.as_manager()

    class Meta(GovernedModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["exception", "week"], name="exception_reviewed_once_a_week"),
            models.UniqueConstraint(
                fields=["exception"], condition=Q(decision=""), name="exception_with_one_open_review"
            ),
            models.CheckConstraint(
                condition=(
                    Q(decision__in=[ReviewDecision.KEEP, ReviewDecision.REVOKE])
                    & Q(reviewed_by__isnull=False, reviewed_at__isnull=False)
                    & ~Q(note="")
                )
                | (
                    Q(decision__in=["", ReviewDecision.OVER])
                    & Q(reviewed_by__isnull=True, reviewed_at__isnull=True)
                ),
                name="exception_review_has_who_when_and_why",
            ),
        ]
