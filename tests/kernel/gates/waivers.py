"""A policy that only these tests know, whose lines may be excused for tasks; exceptions asked for and granted."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from revops.kernel import audit, clocks
from revops.kernel.gates import debts
from revops.kernel.gates.exceptions import actions, finding, registry
from revops.kernel.gates.exceptions.about import About
from revops.kernel.gates.exceptions.registry import Lapse
from revops.kernel.gates.models import PolicyException
from revops.kernel.packets.models import Obligation
from revops.kernel.policies.models import Decision
from tests.cast import Cast

KEY, TASKS = "packets.trial", "packets.obligation"
NOW = datetime(2026, 6, 10, 12, tzinfo=UTC)  # a Wednesday
WHY = "The buyer's budget owner is on leave until the end of the month."
DAY = timedelta(days=1)


@dataclass
class World:
    """What the trial policy's domain saw, and what it answers."""

    lapses: list[Lapse] = field(default_factory=list)
    holding: set[str] = field(default_factory=set)
    fallen: list[tuple[int, list[str]]] = field(default_factory=list)
    failing: bool = False

    def lapse(self, lapse: Lapse) -> None:
        if self.failing:
            raise RuntimeError("The domain stumbles")
        self.lapses.append(lapse)
        debts.open_debt(lapse)

    def holds(self, record: Any, criterion: str, at: datetime) -> bool:
        return criterion in self.holding

    def regress(self, record: Any, owed: Any, at: datetime) -> None:
        self.fallen.append((record.pk, [debt.criterion_key for debt in owed]))


def declare(monkeypatch: pytest.MonkeyPatch) -> World:
    """Let the trial policy be excusable, with a domain that writes down what it is told."""
    world = World()
    monkeypatch.setattr(registry, "_watchers", {})
    for module, name in ((registry, "_excusable"), (registry, "_never"), (registry, "_handlers")):
        monkeypatch.setattr(module, name, dict(getattr(module, name)))
    monkeypatch.setattr(debts, "_known", {})
    registry.excusable(
        KEY,
        title="Trial",
        record_types=(TASKS,),
        criteria=lambda: {
            "budget_owner": "Budget owner known",
            "price": registry.Line("Price within the floor", approvers=("FINANCE",)),
            "need": "Need stated",
        },
    )
    registry.register_lapse_handler(KEY, world.lapse)
    debts.register(KEY, record_type=TASKS, holds=world.holds, regress=world.regress)
    return world


def about(task: Obligation) -> About:
    return About(TASKS, task.pk, f"TSK-{task.pk:06d}")


def ask(
    cast: Cast, task: Obligation, *, by: str = "alice", owner: str = "", **values: Any
) -> PolicyException:
    """Let somebody ask for an exception of ten days; any value may be another."""
    given = {
        "policy_key": KEY,
        "criterion_key": "budget_owner",
        "justification": WHY,
        "risk": "low",
        "expires_at": clocks.now() + 10 * DAY,
        **values,
    }
    return actions.request_exception(
        by=cast.people[by],
        about=about(task),
        values=given,
        owner=cast.people[owner] if owner else None,
    )


def grant(cast: Cast, task: Obligation, *, by: str = "mona", **values: Any) -> PolicyException:
    """Let an exception be asked for and granted."""
    return actions.approve(by=cast.people[by], pk=ask(cast, task, **values).pk)


def use(cast: Cast, held: PolicyException) -> Decision:
    """Let an exception excuse a decision."""
    with audit.change(by=cast.alice, action="test.use"):
        decision = audit.write(
            Decision(
                policy_key=held.policy_key,
                ref=f"{held.policy_key}@0",
                subject_type=held.subject_type,
                subject_id=held.subject_id,
                outcome="passes",
                decided_at=clocks.now(),
            )
        )
        finding.used([held], decision)
        return decision


def codes(refusal: pytest.ExceptionInfo[audit.Blocked]) -> list[tuple[str, str]]:
    """Return code and field of every finding."""
    return [(one.code, one.field) for one in refusal.value.findings]
