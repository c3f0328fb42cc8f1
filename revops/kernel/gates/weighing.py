"""Weigh a record against its gates: every criterion on the way, met or not, excused or not. Reads, writes nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from revops.kernel import clocks, policies
from revops.kernel.audit import Finding, Remedy
from revops.kernel.gates.criteria import PASSES, REFUSES, GateBody, Parsed
from revops.kernel.gates.exceptions import finding as exceptions
from revops.kernel.gates.machines import StateMachine
from revops.kernel.policies import facts, store
from revops.kernel.policies.answers import Answer
from revops.kernel.policies.enums import Mode
from revops.kernel.policies.facts import FactSchema
from revops.kernel.policies.resolving import InForce
from revops.kernel.policies.rules import Outcome, RuleError, Verdict


@dataclass(frozen=True, slots=True)
class Weighed:
    """One criterion and what it says about a record; `excuse` is the exception that waives it now."""

    parsed: Parsed
    verdict: Verdict
    insists: Mode
    excuse: Any
    owed: bool
    finding: Finding

    @property
    def met(self) -> bool:
        return self.verdict.outcome == Outcome.TRUE

    @property
    def stands(self) -> bool:
        """Whether it stands in the way, or warns: not met, not excused, and more than observed."""
        return not self.met and self.excuse is None and self.insists != Mode.OBSERVE


@dataclass(frozen=True, slots=True)
class Weighing:
    """A record weighed for one way: the policy, the question, the facts, and every criterion in order."""

    policy: InForce
    gates: tuple[str, ...]
    values: Mapping[str, Any]
    at: datetime
    weighed: tuple[Weighed, ...] = ()
    broken: tuple[Finding, ...] = ()
    owed: tuple[str, ...] = field(default=())

    @property
    def standing(self) -> list[Weighed]:
        return [one for one in self.weighed if one.stands]

    def answer(self, waived: Sequence[str]) -> Answer:
        """Return what a decision stores."""
        stops = self.broken or [one for one in self.standing if one.parsed.key not in waived]
        return Answer(REFUSES if stops else PASSES, tuple(one.verdict for one in self.weighed))


def weigh(record: Any, *, machine: StateMachine, transition: str, to: str) -> Weighing:
    """Weigh a record for the way to `to`. At most one query for facts, one a collection, one for exceptions.

    A policy that cannot be read refuses (a gate fails safe), and says so.
    """
    now, state = clocks.now(), machine.state_of(record)
    policy = policies.get(machine.policy_key, machine.scope(record), now)
    gates = machine.gates(transition, state, to)
    if not gates:
        return Weighing(policy, gates, {}, now)
    if policy.broken is not None:
        return Weighing(policy, gates, {}, now, broken=(_broken(policy, policy.broken),))
    body = body_of(policy)
    excuses = exceptions.excuses(machine.record_type, record.pk, policy.key, now)
    owed = _owed(machine, body, policy, state, gates, excuses.lapsed)
    asked = body.asked(gates, owed)
    values = _values(record, facts.get(machine.record_type), asked)
    weighed = []
    for one in asked:
        verdict = one.verdict(values, now, policy)
        excuse = None if verdict.outcome == Outcome.TRUE else excuses.active.get(one.key)
        told = finding(record, machine, policy, one, verdict)
        weighed.append(Weighed(one, verdict, one.insists(policy), excuse, one.key in owed, told))
    return Weighing(policy, gates, values, now, tuple(weighed), owed=owed)


def body_of(policy: InForce) -> GateBody:
    """Return the exit criteria of a version. Raises RuleError for one that cannot be read."""
    if not isinstance(policy.body, GateBody):
        raise TypeError(f"{policy.key} holds no exit criteria.")
    return policy.body


def _owed(
    machine: StateMachine,
    body: GateBody,
    policy: InForce,
    state: str,
    gates: Sequence[str],
    lapsed: frozenset[str],
) -> tuple[str, ...]:
    """Return the criteria of gates that lie behind and are asked again before the next step forward.

    Those whose exception is over; and, where the version says that it migrates, those that are new with it (HC-2).
    """
    if not any(gate in machine.states for gate in gates):
        return ()
    behind = body.of(machine.before(state))
    fresh = frozenset[str]()
    if policy.migrate:
        known = known_before(policy)
        fresh = frozenset(one.key for one in behind if one.key not in known)
    return tuple(one.key for one in behind if one.key in lapsed or one.key in fresh)


def known_before(policy: InForce) -> frozenset[str]:
    """Return the keys of the criteria of the version that was in force before this one, in the same scope."""
    earlier = [
        entry.policy
        for entry in store.entries(policy.key)
        if entry.policy.scope == policy.scope and entry.policy.n < policy.n
    ]
    if not earlier:
        return frozenset()
    return frozenset(one.key for one in body_of(max(earlier, key=lambda held: held.n)).criteria)


def _values(record: Any, schema: FactSchema, asked: Sequence[Parsed]) -> dict[str, Any]:
    """Return the facts that the criteria read, and every other one that the record carries.

    Those cost nothing and stay with the decision, so that a draft that asks for one of them can take it again.
    """
    values = schema.of(record, [path for path in schema.by_path if _carried(schema, path)])
    others = [path for one in asked for path in one.whole.paths if path not in values]
    if others:
        values |= schema.about(record.pk, others)
    return values


def _carried(schema: FactSchema, path: str) -> bool:
    fact = schema.by_path[path]
    return fact.in_hand and not (isinstance(fact.at, str) and "__" in fact.at)


def finding(record: Any, machine: StateMachine, policy: InForce, one: Parsed, verdict: Verdict) -> Finding:
    """Say what is missing, what was found and needed, by which rule, who may excuse it, and how to supply it."""
    criterion = one.criterion
    failing = [leaf for leaf in verdict.leaves if leaf.outcome != Outcome.TRUE] or list(verdict.leaves)
    told = "; ".join(dict.fromkeys(leaf.sentence for leaf in failing))
    gate = body_of(policy).gates[criterion.gate]
    note = f" {criterion.note}" if criterion.note else ""
    message = f"{criterion.title} ({gate[0].lower()}{gate[1:]}): {told or 'not shown yet'}.{note}"
    field = criterion.supplied_by or (failing[0].path.rpartition(".")[2] if failing else "")
    warns = one.insists(policy) == Mode.WARN
    ways = machine.remedies(record, criterion)
    if criterion.excusable_by and not warns:
        ways = (*ways, _exception(record, policy, criterion.key))
    return Finding(
        "GAT-001",
        message,
        field=field,
        found=_said(failing[0].actual if failing else None),
        needed=failing[0].sentence.partition("; ")[2] if failing else "",
        rule=policy.key,
        rule_version=policy.n,
        criterion=criterion.key,
        excusable_by=criterion.excusable_by,
        warning=warns,
        remedies=ways,
    )


def _exception(record: Any, policy: InForce, criterion: str) -> Remedy:
    subject = f"{record._meta.label_lower}:{record.pk}"
    address = f"/exceptions/add/?policy_key={policy.key}&criterion_key={criterion}&subject={subject}"
    return Remedy("Ask for an exception", address)


def _said(actual: Any) -> str:
    return "" if actual is None else str(actual)[:80]


def _broken(policy: InForce, error: RuleError) -> Finding:
    message = (
        f"The rule {policy.ref} cannot be read ({error.problems[0]}), so nothing passes. Revenue operations "
        "mends it or puts the version before in force again."
    )
    return Finding("GAT-003", message, rule=policy.key, rule_version=policy.n, needed="a rule that fits")
