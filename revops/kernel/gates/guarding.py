"""The guard of states: a change whose record moved to a state without a passage is refused, whoever wrote it.

It joins every change before it commits, so that no door can forget the gate: a form, an import, a task, a command or a
merge that sets the field itself is a programmer's mistake and raises UngovernedWrite.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from revops.kernel import audit
from revops.kernel.audit import Change
from revops.kernel.gates import machines
from revops.kernel.gates.machines import StateMachine
from revops.kernel.guard import UngovernedWrite

NOTE = "gates"


def allow(records: Iterable[Any], machine: StateMachine, to: str) -> None:
    """Note that the gates let these records move to `to` in the open change. Only `passing` calls this."""
    audit.current().notes.setdefault(NOTE, []).extend((record, machine.key, to) for record in records)


def take_as_found(records: Iterable[Any], machine: StateMachine) -> None:
    """Note that the states of these records are what was found elsewhere, or stood before: no gate was passed.

    A migration brings history in, a revert puts back what stood before an import. Nothing else may say so.
    """
    audit.current().notes.setdefault(NOTE, []).extend(
        (record, machine.key, machine.state_of(record)) for record in records
    )


def watch(change: Change) -> None:
    """Refuse a change in which a guarded state moved without a passage. Joins every change."""
    passed = {(key, held.pk, to) for held, key, to in change.notes.get(NOTE, ())}
    for record, machine in _moved(change):
        state = machine.state_of(record)
        if (machine.key, record.pk, state) not in passed:
            raise UngovernedWrite(
                f"{change.action}: {machine.record_type} {record.pk} came into {state!r} past its gates: "
                "a state changes in a transition, through gates.pass_through."
            )


def _moved(change: Change) -> Iterator[tuple[Any, StateMachine]]:
    for model, rows in change.changed.items():
        machine = machines.of(model._meta.label_lower)
        if machine is not None:
            yield from ((record, machine) for record, before in rows if machine.field in before)
    for model, records in change.created.items():
        machine = machines.of(model._meta.label_lower)
        if machine is not None:
            begins = machine.states[0]
            yield from ((record, machine) for record in records if machine.state_of(record) != begins)
