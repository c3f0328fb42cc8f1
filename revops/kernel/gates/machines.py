"""State machines: the states of a record type in order, and the transitions between them. The gates are policies."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

from revops.kernel.audit import Remedy
from revops.kernel.gates.criteria import Criterion


class Way(StrEnum):
    """Which gates a transition passes.

    FORWARD: those of every state from the present one up to, and without, the one it leads to (skipping asks for all
    of them); CLOSING: those of the present state and every later one, and its own; OWN: its own alone; FREE: none.
    """

    FORWARD = "forward"
    CLOSING = "closing"
    OWN = "own"
    FREE = "free"


def _anybody(record: Any, user: Any) -> bool:
    return True


@dataclass(frozen=True)
class Transition:
    """One way from state to state: `run(by=, pk=, to=, payload=, version=)` is the app's action.

    `leads(record)` returns the states to which it can lead from where the record stands, none where it does not fit;
    `may(record, user)` says whether somebody may take it.
    """

    name: str
    label: str
    way: Way
    run: Callable[..., Any]
    leads: Callable[[Any], tuple[str, ...]]
    may: Callable[[Any, Any], bool] = _anybody


def _everything(record: Any) -> Mapping[str, Any]:
    return {}


def _nothing(record: Any, criterion: Criterion) -> tuple[Remedy, ...]:
    return ()


@dataclass(frozen=True)
class StateMachine:
    """The states of one record type: `states` are the open ones in order, `ends` those that close.

    `field` holds the state and is guarded: it changes in a transition alone. `policy_key` names the exit criteria,
    `scope(record)` what they differ by, `remedies(record, criterion)` how to supply what is missing.
    """

    key: str
    record_type: str
    field: str
    states: tuple[str, ...]
    ends: tuple[str, ...]
    policy_key: str
    labels: Mapping[str, str]
    transitions: tuple[Transition, ...] = ()
    scope: Callable[[Any], Mapping[str, Any]] = _everything
    remedies: Callable[[Any, Criterion], tuple[Remedy, ...]] = _nothing

    @cached_property
    def by_name(self) -> Mapping[str, Transition]:
        return {one.name: one for one in self.transitions}

    def state_of(self, record: Any) -> str:
        """Return the state in which a record stands."""
        return str(getattr(record, self.field))

    def gates(self, transition: str, state: str, to: str) -> tuple[str, ...]:
        """Return the gates on the way from `state` to `to`, in order. Source: M3, skipping asks for the union."""
        way = self.by_name[transition].way
        if way == Way.FREE or way == Way.OWN:
            return (transition,) if way == Way.OWN else ()
        here = self.states.index(state)
        if way == Way.CLOSING:
            return (*self.states[here:], transition)
        return self.states[here : self.states.index(to)]

    def before(self, state: str) -> tuple[str, ...]:
        """Return the states that lie behind a record in `state`."""
        return self.states[: self.states.index(state)] if state in self.states else ()


_machines: dict[str, StateMachine] = {}


def register(machine: StateMachine) -> StateMachine:
    """Guard the states of a record type. Raises ValueError when another machine guards them."""
    held = _machines.setdefault(machine.record_type, machine)
    if held is not machine:
        raise ValueError(f"{machine.record_type} has the state machine {held.key} already.")
    return machine


def of(record_type: str) -> StateMachine | None:
    """Return the machine of a record type, if it has one."""
    return _machines.get(record_type)


def get(key: str) -> StateMachine:
    """Return the machine called `key`. Raises LookupError for one that nobody registered."""
    found = next((one for one in _machines.values() if one.key == key), None)
    if found is None:
        raise LookupError(f"{key} is no state machine: register it in AppConfig.ready().")
    return found
