"""A new version of the criteria: who is asked for what is new, and what keeps its version. HC-2."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from revops.kernel import audit, clocks, gates, policies
from revops.kernel.gates import searching
from revops.kernel.gates.criteria import PASSES, REFUSES
from revops.kernel.gates.models import GateAttempt
from revops.kernel.packets.models import Obligation
from revops.kernel.policies import actions, decisions, store
from revops.kernel.policies.models import PolicyVersion
from tests.cast import Cast
from tests.kernel.gates.conftest import DATED, KEY, MACHINE, NOTED, NOW, move

pytestmark = pytest.mark.django_db
Make = Callable[..., Obligation]
LATER = NOW + timedelta(hours=1)
NEW = {
    "key": "named",
    "title": "Its name",
    "gate": "low",
    "rule": {"f": "task.text", "op": "eq", "v": "Won"},
}


@pytest.fixture(autouse=True)
def at_noon() -> Any:
    with clocks.at(NOW):
        yield


def put(cast: Cast, *criteria: Any, migrate: bool = False) -> PolicyVersion:
    """Draft a version and put it in force, as an approved request for change does."""
    draft = actions.draft_version(
        by=cast.rita, key=KEY, body={"criteria": list(criteria)}, source_note="A test"
    )
    with audit.change(by=cast.rita, action="test.go_live"):
        (held,) = actions.hold([draft.pk])
        actions.put_in_force(held, at=None, authority="RFC-000001", migrate=migrate)
    store.forget()
    return held


@pytest.mark.parametrize(("migrate", "asked"), [(False, []), (True, ["named"])])
def test_hc2_a_new_criterion_is_owed_by_records_past_it_only_if_the_version_migrates(
    cast: Cast, task: Make, migrate: bool, asked: list[str]
) -> None:
    past = move(by=cast.alice, pk=task(note="Known", due_on="2026-07-01").pk, to="normal")
    with clocks.at(LATER):
        policy = put(cast, NOTED, DATED, NEW, migrate=migrate)
        assert Obligation.objects.get(pk=past.pk).priority == "normal"
        refused = Obligation.objects.filter(searching.failing(MACHINE, policies.get(KEY), "normal", LATER))
        assert [held.pk for held in refused] == ([past.pk] if asked else [])
        if not asked:
            assert move(by=cast.alice, pk=past.pk, to="high").priority == "high"
            return
        with pytest.raises(gates.Refused) as refusal:
            move(by=cast.alice, pk=past.pk, to="high")
    assert [(one.criterion, one.rule_version) for one in refusal.value.findings] == [("named", policy.n)]


def test_hc2_a_record_still_before_the_gate_is_asked_by_the_version_in_force(cast: Cast, task: Make) -> None:
    before = task(note="Known")
    with clocks.at(LATER):
        put(cast, NOTED, DATED, NEW)
        with pytest.raises(gates.Refused) as refusal:
            move(by=cast.alice, pk=before.pk, to="normal")
    assert [one.criterion for one in refusal.value.findings] == ["named"]


def test_hc1_decisions_keep_their_version_through_a_rollback(cast: Cast, task: Make) -> None:
    """Before, in between, after: three decisions, each with the version of its instant, each replayed the same."""
    put(cast, NOTED, DATED)
    move(by=cast.alice, pk=task(note="Known").pk, to="normal")
    with clocks.at(LATER):
        second = put(cast, NOTED, DATED, NEW)
        held = task(note="Known")
        with pytest.raises(gates.Refused):
            move(by=cast.alice, pk=held.pk, to="normal")
    with clocks.at(LATER + timedelta(hours=1)):
        with audit.change(by=cast.rita, action="test.roll_back"):
            (locked,) = actions.hold([second.pk])
            restored = actions.roll_back(locked, authority="RFC-000001")
        store.forget()
        assert move(by=cast.alice, pk=held.pk, to="normal").priority == "normal"
    taken = [one.decision for one in GateAttempt.objects.order_by("pk").select_related("decision")]
    assert [(one.ref, one.outcome) for one in taken if one] == [
        (f"{KEY}@2", PASSES),
        (f"{KEY}@{second.n}", REFUSES),
        (f"{KEY}@{restored.n}", PASSES),
    ]
    assert [decisions.replay(one).same for one in taken if one] == [True, True, True]
