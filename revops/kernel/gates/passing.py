"""Pass a record through its gates inside the open change, or refuse with every reason. Source: M3, architecture §3."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from revops.kernel import audit
from revops.kernel.audit import Blocked, Finding
from revops.kernel.gates import guarding
from revops.kernel.gates.enums import Outcome
from revops.kernel.gates.exceptions import finding as exceptions
from revops.kernel.gates.machines import StateMachine
from revops.kernel.gates.models import GateAttempt
from revops.kernel.gates.weighing import Weighed, Weighing, weigh
from revops.kernel.policies import decisions
from revops.kernel.policies.enums import Mode


@dataclass(frozen=True, slots=True)
class Attempt:
    """Somebody tries to bring a record to another state; what it was weighed by, and what was told."""

    record: Any
    machine: StateMachine
    transition: str
    state: str
    to: str
    weighing: Weighing
    findings: tuple[Finding, ...]
    acknowledged: tuple[str, ...]
    idem: str = ""

    @property
    def excused(self) -> dict[str, Any]:
        """Return the exceptions that are used, by criterion."""
        return {one.parsed.key: one.excuse for one in self.weighing.weighed if one.excuse is not None}


class Refused(Blocked):
    """The gates, or what else speaks against the transition, refused it; the attempt is kept."""

    def __init__(self, attempt: Attempt) -> None:
        super().__init__(attempt.findings)
        self.attempt = attempt


def pass_through(
    record: Any,
    *,
    machine: StateMachine,
    transition: str,
    to: str,
    findings: Sequence[Finding] = (),
    acknowledge: Collection[str] = (),
    idem: str = "",
) -> GateAttempt:
    """Let a locked record change its state to `to` in the open change, or raise Refused with every finding.

    `findings` is what else speaks against it: it is told and kept together with the criteria that are not met.
    `acknowledge` names criteria that only warn. What passes is written: the decision with its facts, the attempt, the
    exceptions that were used. What is refused is written after the change was rolled back.
    """
    weighing = weigh(record, machine=machine, transition=transition, to=to)
    told = [*findings, *weighing.broken]
    acknowledged = tuple(
        one.parsed.key
        for one in weighing.standing
        if one.insists == Mode.WARN and one.parsed.key in acknowledge
    )
    told += [one.finding for one in weighing.standing if one.parsed.key not in acknowledged]
    state = machine.state_of(record)
    attempt = Attempt(record, machine, transition, state, to, weighing, tuple(told), acknowledged, idem)
    if told:
        raise Refused(attempt)
    guarding.allow([record], machine, to)
    return write(attempt, Outcome.PASSED)


def write(attempt: Attempt, outcome: Outcome) -> GateAttempt:
    """Write an attempt and the decision behind it, inside the open change."""
    weighing, change, record = attempt.weighing, audit.current(), attempt.record
    excused = attempt.excused
    waived = (*excused, *attempt.acknowledged)
    decision = None
    if weighing.weighed:
        question = {
            "transition": attempt.transition,
            "from": attempt.state,
            "to": attempt.to,
            "gates": list(weighing.gates),
            "owed": list(weighing.owed),
            "excused": sorted(excused),
            "acknowledged": list(attempt.acknowledged),
        }
        answer = weighing.answer(waived)
        decision = decisions.record(
            weighing.policy, record, answer, question=question, values=weighing.values, at=weighing.at
        )
    if decision is not None and excused and outcome == Outcome.PASSED:
        exceptions.used(list(excused.values()), decision)
    return audit.write(
        GateAttempt(
            machine=attempt.machine.key,
            transition=attempt.transition,
            subject_type=attempt.machine.record_type,
            subject_id=record.pk,
            from_state=attempt.state,
            to_state=attempt.to,
            outcome=outcome,
            findings=[finding.as_json() for finding in attempt.findings],
            observed=[one.parsed.key for one in weighing.weighed if _only_observed(one)],
            excused={key: held.pk for key, held in excused.items()},
            acknowledged=list(attempt.acknowledged),
            decision=decision,
            idem=attempt.idem if outcome == Outcome.PASSED else "",
            source=change.source,
            tried_by=change.by,
            tried_at=change.occurred_at,
            owner_id=getattr(record, "owner_id", None),
            team_id=getattr(record, "team_id", None),
        )
    )


def _only_observed(one: Weighed) -> bool:
    return not one.met and one.insists == Mode.OBSERVE
