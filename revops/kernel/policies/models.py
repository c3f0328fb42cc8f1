"""Policies as records: what was decided, version by version. A version that has been active never changes (M2)."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q

from revops.kernel.audit.history import RecordHistory
from revops.kernel.guard import GovernedModel
from revops.kernel.people.access import ScopedQuerySet
from revops.kernel.people.models.organisation import Person
from revops.kernel.policies.enums import Mode, Status


class Policy(GovernedModel):
    """One policy document for one scope; an empty scope is for everything the more specific ones leave."""

    key = models.CharField(max_length=80)
    domain = models.CharField(max_length=40)
    scope = models.JSONField(default=dict)
    scope_key = models.CharField(max_length=400, blank=True)
    priority = models.IntegerField(default=0)

    objects: ClassVar[Any] = ScopedQuerySet.as_manager()
    history = RecordHistory()

    class Meta(GovernedModel.Meta):
        verbose_name_plural = "policies"
        constraints = [
            models.UniqueConstraint(fields=["key", "scope_key"], name="policy_of_one_scope"),
        ]

    def __str__(self) -> str:
        return f"{self.key} [{self.scope_key}]" if self.scope_key else self.key


class PolicyVersion(GovernedModel):
    """What a policy says from an instant on. The document's schema reads its body when it is written and run.

    `migrate` says that it holds for what is in flight as well (M2); `applied_at` when the tables that follow the policy
    were brought in line with it.
    """

    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="versions")
    n = models.PositiveIntegerField()
    body = models.JSONField()
    status = models.CharField(max_length=8, choices=Status, default=Status.DRAFT)
    mode = models.CharField(max_length=7, choices=Mode)
    effective_from = models.DateTimeField(null=True, blank=True)
    effective_to = models.DateTimeField(null=True, blank=True)
    authority = models.CharField(max_length=80, blank=True)
    source_note = models.CharField(max_length=500)
    migrate = models.BooleanField(default=False)
    applied_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects: ClassVar[Any] = ScopedQuerySet.as_manager()
    history = RecordHistory()

    class Meta(GovernedModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["policy", "n"], name="policy_version_number_unique"),
            models.CheckConstraint(condition=Q(n__gte=1), name="policy_version_from_one"),
            models.UniqueConstraint(
                fields=["policy"],
                condition=Q(status=Status.ACTIVE, effective_to__isnull=True),
                name="one_open_active_version_per_policy",
            ),
            models.CheckConstraint(
                condition=~Q(status=Status.ACTIVE) | Q(effective_from__isnull=False),
                name="policy_version_in_force_says_from_when",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=[Status.APPROVED, Status.ACTIVE]) | ~Q(authority=""),
                name="policy_version_past_its_draft_has_an_authority",
            ),
            models.CheckConstraint(
                condition=Q(effective_to__isnull=True) | Q(effective_to__gte=F("effective_from")),
                name="policy_version_ends_after_start",
            ),
            models.CheckConstraint(condition=~Q(source_note=""), name="policy_version_names_its_source"),
        ]

    def __str__(self) -> str:
        return f"{self.policy} version {self.n}"


class SetUpMode(GovernedModel):
    """The end of set-up mode: while this table is empty, policies go live without an approved request for change."""

    single = models.PositiveSmallIntegerField(default=1, editable=False)
    ended_at = models.DateTimeField()
    ended_by = Person()

    objects: ClassVar[Any] = ScopedQuerySet.as_manager()

    class Meta(GovernedModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["single"], name="set_up_mode_ends_once"),
            models.CheckConstraint(condition=Q(single=1), name="set_up_mode_is_single"),
        ]


class KeptSimulation(GovernedModel):
    """What a draft would have changed, as it was worked out once: attached to the request that asks for it. A ledger.

    `digest` binds it to one key, scope, mode and body. `counts` holds [before, after, number] and `changed` the first
    changed records as [id, before, after], both cut where there are too many; `total` and `moved` are of all.
    """

    policy_key = models.CharField(max_length=80)
    scope = models.JSONField(default=dict)
    mode = models.CharField(max_length=7, choices=Mode)
    digest = models.CharField(max_length=64)
    record_type = models.CharField(max_length=80, blank=True)
    total = models.PositiveIntegerField(default=0)
    moved = models.PositiveIntegerField(default=0)
    counts = models.JSONField(default=list)
    changed = models.JSONField(default=list)
    past = models.JSONField(default=dict)
    simulated_at = models.DateTimeField()
    simulated_by = Person()

    objects: ClassVar[Any] = ScopedQuerySet.as_manager()

    class Meta(GovernedModel.Meta):
        indexes = [models.Index(fields=["digest"], name="simulation_by_digest")]

    def __str__(self) -> str:
        return f"{self.policy_key}: {self.moved} of {self.total} change"


class BrokenVersion(GovernedModel):
    """A version in force that today's schema refuses, found on a day: what it asks does not run. A ledger."""

    policy_version = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, related_name="breakages")
    found_on = models.DateField()
    problems = models.TextField()

    objects: ClassVar[Any] = ScopedQuerySet.as_manager()

    class Meta(GovernedModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["policy_version", "found_on"], name="broken_version_once_a_day"),
        ]

    def __str__(self) -> str:
        return f"{self.policy_version} is broken"


class PolicyStamp(models.Model):
    """The last change to any policy, so that every process knows when its copy is old. One row."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    stamp = models.CharField(max_length=36)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="policy_stamp_is_single")]


class Decision(GovernedModel):
    """What a policy decided about one record, with the facts it saw: enough to decide again and compare. A ledger.

    `question` is what was asked beside the facts (from which stage to which, say); `verdicts` holds a verdict a line of
    the policy. `ref` names the version, and `policy_version` its row; the shipped default of the code is version 0.
    """

    PERSONAL = frozenset({"facts", "verdicts"})

    policy_key = models.CharField(max_length=80)
    policy_version = models.ForeignKey(
        PolicyVersion, null=True, on_delete=models.PROTECT, related_name="decisions", db_index=False
    )
    ref = models.CharField(max_length=200)
    subject_type = models.CharField(max_length=80)
    subject_id = models.BigIntegerField()
    question = models.JSONField(default=dict)
    facts = models.JSONField(default=dict)
    verdicts = models.JSONField(default=list)
    outcome = models.CharField(max_length=40)
    decided_at = models.DateTimeField()

    objects: ClassVar[Any] = ScopedQuerySet.as_manager()

    class Meta(GovernedModel.Meta):
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "decided_at"], name="decision_by_subject"),
            models.Index(fields=["policy_key", "decided_at"], name="decision_by_policy"),
            models.Index(
                fields=["policy_version"],
                condition=Q(policy_version__isnull=False),
                name="decision_by_version",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ref}: {self.outcome}"
