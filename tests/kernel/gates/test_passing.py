"""A record passes its gates or is refused with every reason; both are kept. Source: M3, architecture §3."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from revops.kernel import audit, clocks, gates
from revops.kernel.audit import Finding, changes
from revops.kernel.audit.models import ChangeEvent
from revops.kernel.gates import attempts, transitions
from revops.kernel.gates.models import GateAttempt
from revops.kernel.gates.models.exceptions import ExceptionUse
from revops.kernel.guard import UngovernedWrite, permit
from revops.kernel.packets.models import Obligation
from revops.kernel.policies import actions, decisions, store
from revops.kernel.policies.models import Decision, PolicyVersion
from tests.cast import Cast
from tests.kernel.gates.conftest import DATED, KEY, MACHINE, NOTED, NOW, WHY, Rules, grant, move

pytestmark = pytest.mark.django_db
Make = Callable[..., Obligation]


@pytest.fixture(autouse=True)
def at_noon() -> Any:
    with clocks.at(NOW):
        yield


def stopped(refusal: pytest.ExceptionInfo[audit.Blocked]) -> list[str]:
    return [finding.criterion or finding.code for finding in refusal.value.findings]


def write_past(cast: Cast, held: Obligation, to: str, *, passing: Obligation | None = None) -> None:
    """Write a state as code would that forgot the gate, or asked it about something else."""
    with audit.change(by=cast.alice, action="task.edit"):
        if passing is not None:
            asked = audit.lock(Obligation.objects.all(), pk=passing.pk)
            gates.pass_through(asked, machine=MACHINE, transition="advance", to="normal")
        locked = audit.lock(Obligation.objects.all(), pk=held.pk)
        locked.priority = to
        audit.write(locked)


def test_refusal_names_every_reason_and_changes_nothing(cast: Cast, task: Make) -> None:
    held = task()
    other = Finding("TSK-900", "Something else speaks against it.")
    with pytest.raises(gates.Refused) as refusal:
        move(by=cast.alice, pk=held.pk, to="high", payload={"findings": [other]})
    assert stopped(refusal) == ["TSK-900", "noted", "dated", "why"]
    told = refusal.value.findings[1].as_json()
    assert told == {
        "code": "GAT-001",
        "field": "note",
        "message": "A note (to leave Low): Note is unknown; needs a value.",
        "found": "",
        "needed": "needs a value",
        "rule": KEY,
        "rule_version": 0,
        "criterion": "noted",
        "excusable_by": ["SALES_MGR", "DIRECTOR", "VP_SALES", "SALES_OPS", "REVOPS"],
        "warning": False,
        "remedies": [
            {
                "label": "Ask for an exception",
                "url": f"/exceptions/add/?policy_key={KEY}&criterion_key=noted"
                f"&subject=packets.obligation:{held.pk}",
            }
        ],
    }
    held = Obligation.objects.get(pk=held.pk)
    assert (held.priority, held.version) == ("low", 1)


def test_refused_attempt_is_kept_after_the_rollback(cast: Cast, task: Make) -> None:
    held = task(note="Known")
    with pytest.raises(gates.Refused):
        move(by=cast.alice, pk=held.pk, to="high")
    (kept,) = GateAttempt.objects.all()
    assert (kept.outcome, kept.transition, kept.from_state, kept.to_state) == (
        "refused",
        "finish",
        "low",
        "high",
    )
    assert [one["criterion"] for one in kept.findings] == ["dated", "why"]
    assert (kept.tried_by, kept.owner, kept.team) == (cast.alice, cast.alice, cast.teams["East"])
    assert kept.decision is not None
    assert kept.decision.outcome == "refuses"
    assert ChangeEvent.objects.filter(action="gate.refused").count() == 1


@pytest.mark.control
def test_without_the_hook_no_refused_attempt_is_kept(
    cast: Cast, task: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "_refused", {})
    with pytest.raises(gates.Refused):
        move(by=cast.alice, pk=task().pk, to="normal")
    assert not GateAttempt.objects.exists()


def test_passing_keeps_the_decision_its_facts_and_its_version(cast: Cast, task: Make) -> None:
    held = move(by=cast.alice, pk=task(note="Known", due_on="2026-07-01").pk, to="normal")
    assert held.priority == "normal"
    (kept,) = GateAttempt.objects.select_related("decision")
    assert (kept.outcome, kept.findings, kept.excused) == ("passed", [], {})
    decision = kept.decision
    assert decision is not None
    assert (decision.ref, decision.outcome) == (f"{KEY}@0", "passes")
    assert decision.facts == {
        "task.text": "Call back",
        "task.note": "Known",
        "task.priority": "low",
        "task.due_on": "2026-07-01",
    }
    assert decision.question["gates"] == ["low"]
    event = ChangeEvent.objects.get(action="task.promote")
    assert event.policy_refs == [f"{KEY}@0"]


def test_skipping_asks_for_the_union_of_what_is_skipped(cast: Cast, task: Make) -> None:
    held = task()
    with pytest.raises(gates.Refused) as refusal:
        move(by=cast.alice, pk=held.pk, to="high")
    assert stopped(refusal) == ["noted", "dated", "why"]


def test_a_condition_that_does_not_hold_asks_nothing(cast: Cast, task: Make, shipped: Rules) -> None:
    shipped.declare({**NOTED, "when": {"f": "task.text", "op": "eq", "v": "Big"}})
    assert move(by=cast.alice, pk=task().pk, to="normal").priority == "normal"
    with pytest.raises(gates.Refused):
        move(by=cast.alice, pk=task(text="Big").pk, to="normal")


def test_what_is_observed_counts_and_does_not_refuse(cast: Cast, task: Make, shipped: Rules) -> None:
    shipped.declare({**NOTED, "mode": "observe"})
    move(by=cast.alice, pk=task().pk, to="normal")
    (kept,) = GateAttempt.objects.all()
    assert (kept.outcome, kept.observed) == ("passed", ["noted"])


def test_a_warning_passes_once_it_is_acknowledged(cast: Cast, task: Make, shipped: Rules) -> None:
    shipped.declare({**NOTED, "mode": "warn"})
    held = task()
    with pytest.raises(gates.Refused) as refusal:
        move(by=cast.alice, pk=held.pk, to="normal")
    assert [(one.warning, one.remedies) for one in refusal.value.findings] == [(True, ())]
    move(by=cast.alice, pk=held.pk, to="normal", payload={"acknowledge": ["noted"]})
    kept = GateAttempt.objects.get(outcome="passed")
    assert (kept.acknowledged, kept.tried_by) == (["noted"], cast.alice)


def test_acknowledging_does_not_pass_what_is_enforced(cast: Cast, task: Make) -> None:
    with pytest.raises(gates.Refused):
        move(by=cast.alice, pk=task().pk, to="normal", payload={"acknowledge": ["noted"]})


def test_an_exception_excuses_and_its_use_is_noted(cast: Cast, task: Make) -> None:
    held = task()
    excuse = grant(cast, held, "noted", until=timedelta(days=5))
    move(by=cast.alice, pk=held.pk, to="normal")
    kept = GateAttempt.objects.select_related("decision").get()
    assert kept.excused == {"noted": excuse.pk}
    assert kept.decision is not None
    assert list(ExceptionUse.objects.values_list("exception", "decision")) == [(excuse.pk, kept.decision.pk)]


@pytest.mark.parametrize("late", [timedelta(0), timedelta(seconds=1)])
def test_hc2_what_an_exception_excused_is_owed_once_it_is_over(
    cast: Cast, task: Make, late: timedelta
) -> None:
    """No job ran: that an exception is over follows from the clock, and forward moves are blocked at once."""
    held = task(due_on="2026-07-01", text="Won")
    grant(cast, held, "noted", until=timedelta(days=5))
    move(by=cast.alice, pk=held.pk, to="normal")
    with clocks.at(NOW + timedelta(days=5) + late), pytest.raises(gates.Refused) as refusal:
        move(by=cast.alice, pk=held.pk, to="high")
    assert stopped(refusal) == ["noted"]
    with clocks.at(NOW + timedelta(days=5) - timedelta(seconds=1)):
        assert move(by=cast.alice, pk=held.pk, to="high").priority == "high"


def test_a_state_does_not_change_past_its_gates(cast: Cast, task: Make) -> None:
    held = task(note="Known")
    with pytest.raises(UngovernedWrite, match="past its gates"):
        write_past(cast, held, "normal")
    assert Obligation.objects.get(pk=held.pk).priority == "low"


def test_a_passage_to_one_state_lets_into_no_other(cast: Cast, task: Make) -> None:
    held = task(note="Known")
    with pytest.raises(UngovernedWrite):
        write_past(cast, held, "high", passing=held)


@pytest.mark.control
def test_without_the_guard_a_state_changes_past_its_gates(
    cast: Cast, task: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(changes._hooks, "gates")
    held = task()
    write_past(cast, held, "high")
    assert Obligation.objects.get(pk=held.pk).priority == "high"


def test_nothing_is_born_past_its_gates(cast: Cast, task: Make) -> None:
    with pytest.raises(UngovernedWrite):
        task(priority="high")


def test_history_from_elsewhere_is_taken_as_found(cast: Cast, task: Make) -> None:
    held = task()
    with audit.change(by=cast.alice, action="task.migrate"):
        locked = audit.lock(Obligation.objects.all(), pk=held.pk)
        locked.priority = "high"
        gates.take_as_found([locked], MACHINE)
        audit.write(locked)
    assert Obligation.objects.get(pk=held.pk).priority == "high"
    assert not GateAttempt.objects.exists()


def test_an_import_that_goes_on_keeps_the_refusal_of_its_row(cast: Cast, task: Make) -> None:
    held = task()
    with audit.change(by=cast.alice, action="task.import"):
        locked = audit.lock(Obligation.objects.all(), pk=held.pk)
        try:
            gates.pass_through(locked, machine=MACHINE, transition="advance", to="normal")
        except gates.Refused as refused:
            attempts.keep_here(refused)
        locked.note = "Known"
        audit.write(locked)
    assert GateAttempt.objects.get().outcome == "refused"
    assert Obligation.objects.get(pk=held.pk).note == "Known"


def test_a_rule_broken_in_the_table_refuses_in_words(cast: Cast, task: Make) -> None:
    """Fail safe, never a 5xx: what cannot be read lets nothing pass."""
    actions.adopt_shipped(by=cast.rita)
    version = PolicyVersion.objects.get(policy__key=KEY)
    broken = {"criteria": [{**NOTED, "rule": {"f": "task.colour", "op": "eq", "v": "red"}}]}
    with permit():
        version.pk, version.n, version._state.adding = None, 2, True
        version.body, version.effective_from = broken, NOW
        PolicyVersion.objects.filter(policy__key=KEY, n=1).update(effective_to=NOW)
        version.save(force_insert=True)
    store.forget()
    held = task(note="Known")
    with pytest.raises(gates.Refused) as refusal:
        move(by=cast.alice, pk=held.pk, to="normal")
    assert stopped(refusal) == ["GAT-003"]
    assert GateAttempt.objects.get().outcome == "refused"


def test_replay_comes_out_the_same(cast: Cast, task: Make) -> None:
    move(by=cast.alice, pk=task(note="Known", due_on="2026-07-01").pk, to="normal")
    with pytest.raises(gates.Refused):
        move(by=cast.alice, pk=task(note="Known").pk, to="high")
    assert [decisions.replay(one).same for one in Decision.objects.all()] == [True, True]


@pytest.mark.control
def test_replay_tells_a_decision_that_was_tampered_with(cast: Cast, task: Make) -> None:
    move(by=cast.alice, pk=task(note="Known").pk, to="normal")
    (decision,) = Decision.objects.all()
    decision.facts = {"task.note": None}
    found = decisions.replay(decision)
    assert (found.same, found.outcome) == (False, "refuses")
    assert found.differences[0] == "The outcome was passes, now it is refuses."


def test_a_transition_asked_for_twice_under_one_key_happens_once(cast: Cast, task: Make) -> None:
    held = task(note="Known")
    for _ in range(2):
        found = transitions.run(
            subject=held, name="advance", by=cast.alice, payload={"to": "normal"}, idem="k1"
        )
        assert found.priority == "normal"
    assert GateAttempt.objects.count() == 1


def test_available_weighs_every_way_on(cast: Cast, task: Make) -> None:
    held = task(note="Known")
    ways = transitions.available(held, cast.alice)
    assert [(one.transition.name, one.to, one.passes) for one in ways] == [
        ("advance", "normal", True),
        ("finish", "high", False),
    ]


@pytest.mark.parametrize("more", [0, 12])
def test_queries_do_not_grow_with_the_criteria(
    cast: Cast,
    task: Make,
    shipped: Rules,
    more: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Exceptions, the decision, the attempt: the versions in force are known to the process."""
    monkeypatch.setattr(store, "CHECK_EVERY", 3_600)
    shipped.declare(NOTED, DATED, WHY, *({**NOTED, "key": f"noted_{n}"} for n in range(more)))
    move(by=cast.alice, pk=task(note="Known").pk, to="normal")
    held = task(note="Known")
    with audit.change(by=cast.alice, action="task.look"):
        locked = audit.lock(Obligation.objects.all(), pk=held.pk)
        with CaptureQueriesContext(connection) as asked:
            gates.pass_through(locked, machine=MACHINE, transition="advance", to="normal")
        locked.priority = "normal"
        audit.write(locked)
    # What a table's columns are called is noted once a process: in a test that is rolled back, each time.
    assert len([one for one in asked if "audit_trackedfields" not in one["sql"]]) == 3


def test_only_passages_of_this_record_count(cast: Cast, task: Make) -> None:
    one, other = task(note="Known"), task(note="Known")
    with pytest.raises(UngovernedWrite):
        write_past(cast, other, "normal", passing=one)
