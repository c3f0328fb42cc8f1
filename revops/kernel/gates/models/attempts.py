"""Every attempt to bring a record past its gates: those that passed and those that were refused. Source: M3."""

from typing import Any, ClassVar

from django.db import models

from revops.kernel.gates.enums import Outcome
from revops.kernel.guard import GovernedModel
from revops.kernel.people.access import ScopedQuerySet
from revops.kernel.people.models.organisation import Person, Team
from revops.kernel.policies.models import Decision


class GateAttempt(GovernedModel):
    """Somebody tried a transition. A ledger.

    `findings` holds every reason against it as the person was told, `observed` the criteria that do not insist yet,
    `excused` the exceptions that were used, by criterion, `acknowledged` the warnings that were passed knowingly. A
    transition that is asked for twice under one `idem` happens once.
    `owner` and `team` are those of the record when it was tried: who answers for it sees the attempt.
    """

    PERSONAL = frozenset({"findings"})

    machine = models.CharField(max_length=80)
    transition = models.CharField(max_length=40)
    subject_type = models.CharField(max_length=80)
    subject_id = models.BigIntegerField()
    from_state = models.CharField(max_length=40)
    to_state = models.CharField(max_length=40)
    outcome = models.CharField(max_length=7, choices=Outcome)
    findings = models.JSONField(default=list)
    observed = models.JSONField(default=list)
    excused = models.JSONField(default=dict)
    acknowledged = models.JSONField(default=list)
    decision = models.OneToOneField(Decision, null=True, on_delete=models.PROTECT, related_name="attempt")
    idem = models.CharField(max_length=80, blank=True)
    source = models.CharField(max_length=10)
    tried_by = Person(db_index=False)
    tried_at = models.DateTimeField()
    owner = Person(null=True, db_index=False)
    team = models.ForeignKey(Team, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)

    objects: ClassVar[Any] = ScopedQuerySet.as_manager()

    class Meta(GovernedModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["machine", "subject_id", "idem"],
                condition=~models.Q(idem=""),
                name="attempt_once_per_key",
            ),
        ]
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "tried_at"], name="attempt_by_subject"),
            models.Index(fields=["machine", "outcome", "tried_at"], name="attempt_by_machine"),
            models.Index(fields=["owner", "tried_at"], name="attempt_by_owner"),
            models.Index(fields=["team", "tried_at"], name="attempt_by_team"),
        ]

    def __str__(self) -> str:
        return f"{self.transition} of {self.subject_type} {self.subject_id}: {self.get_outcome_display()}"
