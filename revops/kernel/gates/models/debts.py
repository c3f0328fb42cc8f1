"""Gate debts: a record stands past a gate that an exception had opened, and the exception is over. Source: M4."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from revops.kernel.audit.history import RecordHistory
from revops.kernel.gates.exceptions.enums import DebtState
from revops.kernel.gates.models.exceptions import PolicyException
from revops.kernel.guard import GovernedModel
from revops.kernel.people.access import ScopedQuerySet
from revops.kernel.people.models.organisation import Person


class GateDebt(GovernedModel):
    """One criterion that a record owes since its exception lapsed; a clock of its own runs until it is supplied.

    `owner` is who answered for the exception. While it is open the record does not move on; supplied, it is cleared;
    when its clock breaches, the record falls back.
    """

    name = models.CharField(max_length=255)
    policy_key = models.CharField(max_length=80)
    criterion_key = models.CharField(max_length=80)
    subject_type = models.CharField(max_length=80)
    subject_id = models.BigIntegerField()
    subject = models.CharField(max_length=24)
    exception = models.OneToOneField(PolicyException, on_delete=models.PROTECT, related_name="debt")
    owner = Person(db_index=False)
    state = models.CharField(max_length=9, choices=DebtState, default=DebtState.OPEN)
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[Any] = ScopedQuerySet.as_manager()
    history = RecordHistory()

    class Meta(GovernedModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["subject_type", "subject_id", "policy_key", "criterion_key"],
                condition=Q(state=DebtState.OPEN),
                name="one_open_debt_of_a_criterion",
            ),
            models.CheckConstraint(
                condition=Q(state=DebtState.OPEN, closed_at__isnull=True)
                | (~Q(state=DebtState.OPEN) & Q(closed_at__isnull=False)),
                name="gate_debt_closed_says_when",
            ),
        ]
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "state"], name="gate_debt_by_subject"),
            models.Index(fields=["state", "due_at", "id"], name="gate_debt_by_state_due"),
            models.Index(fields=["owner", "due_at", "id"], name="gate_debt_by_owner_due"),
            models.Index(fields=["due_at", "id"], name="gate_debt_by_due"),
        ]

    def __str__(self) -> str:
        return self.name
