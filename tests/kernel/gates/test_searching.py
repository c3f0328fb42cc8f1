"""The gates in SQL refuse exactly the records that a transition would refuse. Property 2 for gates."""

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from revops.kernel import clocks, policies
from revops.kernel.gates import searching
from revops.kernel.gates.criteria import REFUSES
from revops.kernel.gates.weighing import weigh
from revops.kernel.packets.models import Obligation
from tests.cast import Cast
from tests.kernel.gates.conftest import DATED, KEY, MACHINE, NOTED, NOW, WHY, Rules, grant

pytestmark = pytest.mark.django_db
Make = Callable[..., Obligation]


@pytest.fixture(autouse=True)
def at_noon() -> Any:
    with clocks.at(NOW):
        yield


def refused_by_weighing(held: Obligation) -> bool:
    name, to = ("advance", "normal") if held.priority == "low" else ("finish", "high")
    weighing = weigh(held, machine=MACHINE, transition=name, to=to)
    return any(one.insists == "enforce" for one in weighing.standing)


@pytest.mark.parametrize("seed", range(4))
def test_both_readings_refuse_the_same_records(
    cast: Cast, task: Make, shipped: Rules, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """Random values, conditions, modes and exceptions; nulls included."""
    chance = random.Random(seed)
    when = {"f": "task.note", "op": "eq", "v": "Big"}
    shipped.declare(
        {**NOTED, "mode": chance.choice(["observe", "warn", "enforce"])},
        {**DATED, "gate": "low", "when": when},
        {**WHY, "gate": "normal"},
        {**DATED, "key": "dated_too", "mode": chance.choice(["warn", "enforce"])},
        {**WHY, "key": "why_too"},
    )
    made = []
    for _ in range(12):
        values = {
            "note": chance.choice(["", "Big", "Small"]),
            "due_on": chance.choice([None, "2026-07-01"]),
            "text": chance.choice(["Won", "Lost"]),
        }
        made.append(task(**{name: value for name, value in values.items() if value}))
    for held in chance.sample(made, 5):
        until = timedelta(days=chance.choice([-1, 1]), hours=12)
        grant(cast, held, chance.choice(["noted", "dated"]), until=max(until, timedelta(hours=-1)))
    policy = policies.get(KEY)
    rows = Obligation.objects.annotate(said=searching.outcome(MACHINE, policy, NOW))
    told = {held.pk for held in rows if held.said == REFUSES}
    assert told == {held.pk for held in made if refused_by_weighing(held)}
    assert 0 < len(told) < len(made)
