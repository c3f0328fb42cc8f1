"""A state machine over the priority of tasks, with three criteria that only these tests have."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from revops.kernel import audit, gates
from revops.kernel.gates import criteria, machines
from revops.kernel.gates.machines import StateMachine, Transition, Way
from revops.kernel.gates.models.exceptions import PolicyException
from revops.kernel.identity.models import User
from revops.kernel.packets.models import Obligation
from revops.kernel.policies import documents as registry
from revops.kernel.policies import facts
from revops.kernel.policies.facts import Fact, FactSchema
from revops.kernel.policies.kinds import FactKind
from revops.kernel.records.work.tasks.forms import create_task
from tests.cast import Cast, cast, cast_of_module, committed_cast, organisation_at_once, settled_organisation

__all__ = ["cast", "cast_of_module", "committed_cast", "organisation_at_once", "settled_organisation"]

KEY = "packets.exit_criteria"
NOW = datetime(2026, 6, 10, 12, tzinfo=UTC)
SCHEMA = FactSchema(
    "packets.obligation",
    facts=(
        Fact("task.text", "Text"),
        Fact("task.note", "Note"),
        Fact("task.priority", "Priority"),
        Fact("task.due_on", "Due on", FactKind.DATE),
    ),
)
NOTED = {"key": "noted", "title": "A note", "gate": "low", "rule": {"f": "task.note", "op": "not_null"}}
DATED = {"key": "dated", "title": "A day", "gate": "normal", "rule": {"f": "task.due_on", "op": "not_null"}}
WHY = {
    "key": "why",
    "title": "The right text",
    "gate": "finish",
    "rule": {"f": "task.text", "op": "eq", "v": "Won"},
}
GATES = {"low": "To leave Low", "normal": "To leave Normal", "finish": "To finish"}


def move(
    *,
    by: User,
    pk: int,
    to: str = "",
    payload: Mapping[str, Any] | None = None,
    version: int | None = None,
    idem: str = "",
) -> Obligation:
    """Bring a task to another priority, as an app's action does."""
    given = dict(payload or {})
    to = given.pop("to", to)
    with audit.change(by=by, action="task.promote"):
        task: Obligation = audit.lock(Obligation.objects.visible_to(by), pk=pk, version=version)
        name = "finish" if to == "high" else "advance"
        known = given.pop("acknowledge", ())
        others = given.pop("findings", ())
        gates.pass_through(
            task, machine=MACHINE, transition=name, to=to, findings=others, acknowledge=known, idem=idem
        )
        task.priority = to
        return audit.write(task)


def _later(task: Obligation) -> tuple[str, ...]:
    return ("normal",) if task.priority == "low" else ()


MACHINE = StateMachine(
    key="packets.priority",
    record_type="packets.obligation",
    field="priority",
    states=("low", "normal"),
    ends=("high",),
    policy_key=KEY,
    labels={"low": "Low", "normal": "Normal", "high": "High"},
    transitions=(
        Transition("advance", "Advance", Way.FORWARD, move, _later),
        Transition("finish", "Finish", Way.CLOSING, move, lambda task: ("high",)),
        Transition("fall", "Fall back", Way.FREE, move, lambda task: ()),
    ),
)


@dataclass(frozen=True)
class Rules:
    """What a test says about the criteria that are shipped: any of them may be changed in a field."""

    declare: Callable[..., None]


@pytest.fixture
def shipped(monkeypatch: pytest.MonkeyPatch) -> Rules:
    """Guard priorities by the shipped criteria; `declare(…)` ships others instead."""
    monkeypatch.setattr(registry, "_documents", dict(registry._documents))
    monkeypatch.setattr(machines, "_machines", {**machines._machines, MACHINE.record_type: MACHINE})
    monkeypatch.setitem(facts._schemas, SCHEMA.record_type, SCHEMA)

    def declare(*held: Mapping[str, Any]) -> None:
        registry._documents.pop(KEY, None)
        criteria.document(
            key=KEY,
            title="Priorities",
            record_type="packets.obligation",
            gates=GATES,
            criteria=held,
            source="Test",
        )

    declare(NOTED, DATED, WHY)
    return Rules(declare)


@pytest.fixture
def task(cast: Cast, shipped: Rules) -> Callable[..., Obligation]:
    def make(**values: Any) -> Obligation:
        return create_task(by=cast.alice, values={"text": "Call back", "priority": "low", **values})

    return make


def grant(
    cast: Cast, task: Obligation, criterion: str, *, until: timedelta, uses: int = 0
) -> PolicyException:
    """Write an exception that Mona granted Alice, as it stands in the table."""
    begins = NOW - timedelta(days=1)
    with audit.change(by=cast.mona, action="test.grant"):
        return audit.write(
            PolicyException(
                name=f"{criterion} of {task.pk}",
                rules_ref="test@1",
                term_from=begins,
                ends_by=NOW + timedelta(days=30),
                policy_key=KEY,
                criterion_key=criterion,
                subject_type="packets.obligation",
                subject_id=task.pk,
                subject=f"TSK-{task.pk:06d}",
                justification="The buyer asked for more time; we know them well.",
                requested_by=cast.alice,
                owner=cast.alice,
                approver=cast.mona,
                decided_at=begins,
                risk="low",
                starts_at=begins,
                expires_at=NOW + until,
                state="approved",
                uses=uses,
            )
        )
