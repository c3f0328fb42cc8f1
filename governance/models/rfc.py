"""Requests for change: what is to change in the rules, why, how it is taken back, who decided. Source: d1 `RFC`, d9."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q

from governance.enums import RfcState, Urgency
from revops.kernel.audit.history import RecordHistory
from revops.kernel.guard import GovernedModel
from revops.kernel.people.access import ScopedQuerySet
from revops.kernel.people.models.organisation import Person
from revops.kernel.policies.models import KeptSimulation, PolicyVersion

_BEGUN = [RfcState.DRAFT, RfcState.WITHDRAWN]
_WENT_LIVE = [RfcState.LIVE, RfcState.ROLLED_BACK]


class ChangeRequest(GovernedModel):
    """A request for change. Its changes are the policy drafts in `RfcChange`; it goes live with all of them or none.

    `touches_*` follow from the policies it changes and say who decides along; `content_digest` follows from the
    drafts themselves, so that an approval covers exactly what goes live. Between `window_from` and `window_to` it may
    go live, by hand or at `planned_at`.
    """

    title = models.CharField(max_length=160)
    problem = models.TextField(blank=True)
    proposal = models.TextField(blank=True)
    impact = models.TextField(blank=True)
    rollback_plan = models.TextField(blank=True)
    training = models.TextField(blank=True)
    urgency = models.CharField(max_length=9, choices=Urgency, default=Urgency.STANDARD)
    migrate = models.BooleanField(default=False)
    window_from = models.DateTimeField(null=True, blank=True)
    window_to = models.DateTimeField(null=True, blank=True)
    planned_at = models.DateTimeField(null=True, blank=True)
    requester = Person(editable=False)
    state = models.CharField(max_length=11, choices=RfcState, default=RfcState.DRAFT, editable=False)
    touches_sales = models.BooleanField(default=False, editable=False)
    touches_marketing = models.BooleanField(default=False, editable=False)
    touches_money = models.BooleanField(default=False, editable=False)
    content_digest = models.CharField(max_length=64, blank=True, editable=False)
    submitted_at = models.DateTimeField(null=True, blank=True, editable=False)
    decided_at = models.DateTimeField(null=True, blank=True, editable=False)
    live_at = models.DateTimeField(null=True, blank=True, editable=False)
    live_by = Person(null=True, blank=True, editable=False, db_index=False)
    check_due_on = models.DateField(null=True, blank=True, editable=False)
    ratified_at = models.DateTimeField(null=True, blank=True, editable=False)
    rollback_asked_at = models.DateTimeField(null=True, blank=True, editable=False)
    rolled_back_at = models.DateTimeField(null=True, blank=True, editable=False)
    rolled_back_by = Person(null=True, blank=True, editable=False, db_index=False)

    objects: ClassVar[Any] = ScopedQuerySet.as_manager()
    history = RecordHistory()

    class Meta(GovernedModel.Meta):
        verbose_name = "request for change"
        verbose_name_plural = "requests for change"
        indexes = [
            models.Index(fields=["state", "planned_at", "id"], name="rfc_by_state"),
            models.Index(fields=["created_at", "id"], name="rfc_by_created"),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(title=""), name="rfc_has_a_title"),
            models.CheckConstraint(
                condition=Q(window_from__isnull=True, window_to__isnull=True)
                | Q(window_from__isnull=False, window_to__gt=F("window_from")),
                name="rfc_window_whole_or_none",
            ),
            models.CheckConstraint(
                condition=Q(state__in=_BEGUN)
                | (~Q(rollback_plan="") & ~Q(content_digest="") & Q(submitted_at__isnull=False)),
                name="rfc_submitted_says_how_it_is_taken_back",
            ),
            models.CheckConstraint(
                condition=~Q(state=RfcState.SCHEDULED) | Q(planned_at__isnull=False),
                name="rfc_scheduled_says_when",
            ),
            models.CheckConstraint(
                condition=Q(state__in=_WENT_LIVE, live_at__isnull=False, live_by__isnull=False)
                | (~Q(state__in=_WENT_LIVE) & Q(live_at__isnull=True, live_by__isnull=True)),
                name="rfc_live_has_who_and_when",
            ),
            models.CheckConstraint(
                condition=Q(
                    state=RfcState.ROLLED_BACK, rolled_back_at__isnull=False, rolled_back_by__isnull=False
                )
                | (
                    ~Q(state=RfcState.ROLLED_BACK)
                    & Q(rolled_back_at__isnull=True, rolled_back_by__isnull=True)
                ),
                name="rfc_rolled_back_has_who_and_when",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return f"/rfcs/{self.pk}/"

    @property
    def number(self) -> str:
        """What people and policy versions call it by."""
        return f"RFC-{self.pk:06d}"


class RfcChange(GovernedModel):
    """One policy draft that a request puts in force. Taken off again it stays, inactive.

    `replaced` is the version that was in force when it went live: the one that a rollback brings back.
    """

    rfc = models.ForeignKey(ChangeRequest, on_delete=models.PROTECT, related_name="changes", db_index=False)
    policy_version = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, related_name="rfc_changes")
    replaced = models.ForeignKey(
        PolicyVersion, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    simulation = models.ForeignKey(
        KeptSimulation, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    is_active = models.BooleanField(default=True)

    objects: ClassVar[Any] = ScopedQuerySet.as_manager()
    history = RecordHistory()

    class Meta(GovernedModel.Meta):
        verbose_name = "change of a request"
        verbose_name_plural = "changes of requests"
        constraints = [
            models.UniqueConstraint(fields=["rfc", "policy_version"], name="rfc_change_once"),
        ]

    def __str__(self) -> str:
        return str(self.policy_version)
