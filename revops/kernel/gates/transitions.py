"""The one door to every transition, and what stands open: for pages, the API and tasks alike. Source: M3."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from revops.kernel.gates import machines
from revops.kernel.gates.machines import StateMachine, Transition
from revops.kernel.gates.models import GateAttempt
from revops.kernel.gates.weighing import Weighing, weigh
from revops.kernel.identity.models import User


@dataclass(frozen=True, slots=True)
class Available:
    """One transition that somebody may try now, where it leads, and what it is weighed by."""

    transition: Transition
    to: str
    weighing: Weighing

    @property
    def passes(self) -> bool:
        return not self.weighing.broken and not self.weighing.standing


def machine_of(subject: Any) -> StateMachine:
    """Return the machine that guards a record. Raises LookupError for a record without one."""
    found = machines.of(subject._meta.label_lower)
    if found is None:
        raise LookupError(f"{subject._meta.label} has no state machine.")
    return found


def available(subject: Any, by: User) -> list[Available]:
    """Return every transition that `by` may try with a record where it stands, each weighed."""
    machine = machine_of(subject)
    return [
        Available(one, to, weigh(subject, machine=machine, transition=one.name, to=to))
        for one in machine.transitions
        if one.may(subject, by)
        for to in one.leads(subject)
    ]


def run(
    *,
    subject: Any,
    name: str,
    by: User,
    payload: Mapping[str, Any] | None = None,
    expected_version: int | None = None,
    idem: str = "",
) -> Any:
    """Bring a record through the transition `name`; `payload` holds what it asks for, `to` among it.

    The same `idem` a second time returns the record as it is and does nothing. Raises Blocked with every finding,
    Conflict when somebody was faster, LookupError for a transition that the machine does not know.
    """
    machine = machine_of(subject)
    transition = machine.by_name.get(name)
    if transition is None:
        raise LookupError(
            f"{name!r} is no transition of {machine.key}; there are {', '.join(machine.by_name)}."
        )
    if idem and GateAttempt.objects.filter(machine=machine.key, subject_id=subject.pk, idem=idem).exists():
        return type(subject).objects.visible_to(by).get(pk=subject.pk)
    return transition.run(
        by=by, pk=subject.pk, payload=dict(payload or {}), version=expected_version, idem=idem
    )
