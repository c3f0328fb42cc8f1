"""What makes the difference between two versions of exit criteria, record by record."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from revops.kernel import clocks
from revops.kernel.gates import machines
from revops.kernel.gates.machines import StateMachine
from revops.kernel.gates.searching import asked_in
from revops.kernel.gates.weighing import body_of
from revops.kernel.policies import facts
from revops.kernel.policies.enums import Mode
from revops.kernel.policies.resolving import InForce
from revops.kernel.policies.rules import Outcome

Why = Callable[[InForce, InForce, Sequence[int]], Mapping[int, str]]


def of(machine_key: str) -> Why:
    """Return what tells, for a page of records, which criteria hold them back under one version and not the other.

    One statement for the states, one for the facts and one a collection that the criteria count.
    """

    def why(before: InForce, after: InForce, pks: Sequence[int]) -> Mapping[int, str]:
        machine, now = machines.get(machine_key), clocks.now()
        schema = facts.get(machine.record_type)
        rows: Any = schema.model._default_manager.filter(pk__in=pks)
        states = dict(rows.order_by("pk").values_list("pk", machine.field))
        paths = [path for one in (before, after) for held in body_of(one).parsed for path in held.whole.paths]
        told = {}
        for pk, values in schema.fetch(rows, paths).items():
            old, new = (_stops(machine, one, states[pk], values, now) for one in (before, after))
            more = [f"{title} is asked for" for key, title in new.items() if key not in old]
            less = [f"{title} is not asked for any more" for key, title in old.items() if key not in new]
            told[pk] = "; ".join([*more, *less])
        return told

    return why


def _stops(
    machine: StateMachine, policy: InForce, state: str, values: Mapping[str, Any], now: datetime
) -> dict[str, str]:
    """Return the criteria that hold a record back in its state, by key: their titles."""
    return {
        one.key: one.criterion.title
        for one in asked_in(machine, body_of(policy), policy, state)
        if one.insists(policy) == Mode.ENFORCE and one.verdict(values, now, policy).outcome != Outcome.TRUE
    }
