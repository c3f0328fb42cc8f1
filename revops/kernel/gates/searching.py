"""The gates in SQL: which records would be refused to leave the state they stand in. The same rules as `weighing`."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Case, CharField, Exists, OuterRef, Q, QuerySet, Value, When
from django.db.models.expressions import Combinable

from revops.kernel.gates.criteria import PASSES, REFUSES, GateBody, Parsed
from revops.kernel.gates.exceptions import finding as exceptions
from revops.kernel.gates.machines import StateMachine, Way
from revops.kernel.gates.models.exceptions import PolicyException
from revops.kernel.gates.weighing import body_of, known_before
from revops.kernel.policies import rules
from revops.kernel.policies.enums import Mode
from revops.kernel.policies.resolving import InForce


def failing(machine: StateMachine, policy: InForce, state: str, now: datetime) -> Q:
    """Return the condition of the records that stand in `state` and would be refused to leave it.

    The last open state is left by closing, so that the criteria of the closing transition are asked as well. Records
    with an exception that holds are not refused.
    """
    body = body_of(policy)
    refused = Q(pk__in=[])
    for one in asked_in(machine, body, policy, state):
        if one.insists(policy) == Mode.ENFORCE:
            lacks = rules.to_q_unless_false(one.fails, now)
            refused |= lacks & ~Q(Exists(_excused(machine, policy, one, now)))
    return Q(**{machine.field: state}) & refused


def lacking(machine: StateMachine, policy: InForce, key: str, now: datetime) -> Q:
    """Return the condition of the records that do not meet one criterion, wherever they stand."""
    one = next(one for one in body_of(policy).parsed if one.key == key)
    return rules.to_q_unless_false(one.fails, now)


def outcome(machine: StateMachine, policy: InForce, now: datetime) -> Combinable:
    """Return the expression that says of each record whether its next step would pass or be refused.

    A version that cannot be read refuses every open record, as the gate does.
    """
    if policy.broken is not None:
        open_ones = Q(**{f"{machine.field}__in": machine.states})
        return Case(When(open_ones, then=Value(REFUSES)), default=Value(PASSES), output_field=CharField())
    whens = [When(failing(machine, policy, state, now), then=Value(REFUSES)) for state in machine.states]
    return Case(*whens, default=Value(PASSES), output_field=CharField())


def asked_in(machine: StateMachine, body: GateBody, policy: InForce, state: str) -> Iterator[Parsed]:
    """Yield the criteria that are asked of a record on its way out of `state`."""
    gates = {state}
    if state == machine.states[-1]:
        gates |= {one.name for one in machine.transitions if one.way == Way.CLOSING}
    yield from body.of(gates)
    if policy.migrate:
        known = known_before(policy)
        yield from (one for one in body.of(machine.before(state)) if one.key not in known)


def _excused(machine: StateMachine, policy: InForce, one: Parsed, now: datetime) -> QuerySet[PolicyException]:
    held: QuerySet[PolicyException] = exceptions.holding(machine.record_type, policy.key, one.key, now)
    return held.filter(subject_id=OuterRef("pk"))
