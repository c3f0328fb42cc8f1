"""The end of exceptions: by time, whoever looks when; what follows is done once, debts included. Source: M4."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from revops.kernel import audit, clocks
from revops.kernel.audit.models import ChangeEvent
from revops.kernel.gates import debts
from revops.kernel.gates.exceptions import actions, finding, lapsing
from revops.kernel.gates.models import ExceptionReview, GateDebt, PolicyException
from revops.kernel.outbox import delivery, receiving
from revops.kernel.outbox.models import OutboxEvent
from revops.kernel.packets.models import Obligation
from revops.kernel.people.access import Forbidden
from revops.kernel.records.work.tasks.forms import create_task, edit_task
from revops.kernel.sla.models import SlaClock
from tests.cast import Cast
from tests.kernel.gates.waivers import DAY, KEY, NOW, TASKS, World, ask, codes, declare, grant, use

pytestmark = pytest.mark.django_db
END = NOW + 10 * DAY  # a Saturday
SECOND = timedelta(seconds=1)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch, cast: Cast) -> Any:
    with clocks.at(NOW):
        yield declare(monkeypatch)


@pytest.fixture
def task(world: World, cast: Cast) -> Obligation:
    return create_task(by=cast.alice, values={"text": "Call back"})


def lapse(at: datetime) -> int:
    with clocks.at(at):
        return lapsing.lapse_due(at)


def sweep(at: datetime) -> tuple[int, int]:
    with clocks.at(at):
        return debts.sweep(at)


def told(kind: str) -> list[Any]:
    return list(OutboxEvent.objects.filter(type=kind).order_by("pk").values_list("payload", flat=True))


def test_inv_9_12_activity_is_a_matter_of_time_and_not_of_a_job(cast: Cast, task: Obligation) -> None:
    held = grant(cast, task)
    use(cast, held)
    seen = [
        (sorted(found.active), sorted(found.lapsed))
        for found in (finding.excuses(TASKS, task.pk, KEY, at) for at in (NOW, END - SECOND, END))
    ]
    assert seen == [(["budget_owner"], []), (["budget_owner"], []), ([], ["budget_owner"])]
    held.refresh_from_db()
    assert held.state == "approved"


def test_hc9_lapse_happens_once_however_late_and_often(cast: Cast, task: Obligation, world: World) -> None:
    held = grant(cast, task)
    decisions = [use(cast, held).pk, use(cast, held).pk]
    assert [lapse(END - SECOND), lapse(END + 3 * DAY), lapse(END + 3 * DAY), lapse(END + 4 * DAY)] == [
        0,
        1,
        0,
        0,
    ]
    held.refresh_from_db()
    assert (held.state, held.lapsed_at) == ("expired", END + 3 * DAY)
    assert [(one.decisions, one.at, one.revoked) for one in world.lapses] == [(tuple(decisions), END, False)]
    assert [(one["decisions"], one["at"]) for one in told("exception.expired")] == [
        (decisions, END.isoformat())
    ]
    assert ChangeEvent.objects.filter(action="exception.lapse").count() == 1


def test_used_up_exception_lapses_with_its_term(cast: Cast, task: Obligation, world: World) -> None:
    held = grant(cast, task, max_uses=1)
    use(cast, held)
    assert (lapse(END), lapse(END + DAY)) == (1, 0)
    held.refresh_from_db()
    assert (held.state, len(world.lapses)) == ("consumed", 1)
    assert finding.excuses(TASKS, task.pk, KEY, END).lapsed == {"budget_owner"}


def test_revocation_is_a_lapse_before_its_time(cast: Cast, task: Obligation, world: World) -> None:
    held = grant(cast, task)
    decision = use(cast, held)
    with pytest.raises(Forbidden):
        actions.revoke(by=cast.mona, pk=held.pk, reason="Not needed")
    with clocks.at(NOW + DAY):
        revoked = actions.revoke(by=cast.rita, pk=held.pk, reason="The owner is back")
        with pytest.raises(audit.Blocked) as again:
            actions.revoke(by=cast.rita, pk=held.pk, reason="Twice")
    assert codes(again) == [("EXC-014", "state")]
    assert (revoked.state, revoked.closing_note) == ("revoked", "The owner is back")
    assert [(one.decisions, one.at, one.revoked) for one in world.lapses] == [
        ((decision.pk,), NOW + DAY, True)
    ]
    assert (finding.excuses(TASKS, task.pk, KEY, NOW + DAY).active, lapse(END)) == ({}, 0)


def test_failing_domain_keeps_its_exception_for_the_next_run(
    cast: Cast, task: Obligation, world: World
) -> None:
    held = grant(cast, task)
    world.failing = True
    with pytest.raises(RuntimeError, match="stumbles"):
        lapse(END)
    held.refresh_from_db()
    assert (held.state, held.lapsed_at) == ("approved", None)
    assert finding.excuses(TASKS, task.pk, KEY, END).active == {}
    world.failing = False
    assert (lapse(END + SECOND), len(world.lapses)) == (1, 1)


def owe(cast: Cast, task: Obligation, criterion: str = "budget_owner") -> GateDebt:
    """Let an exception that was used lapse; return the debt it leaves."""
    use(cast, grant(cast, task, criterion_key=criterion))
    lapse(END)
    return GateDebt.objects.get(criterion_key=criterion)


def test_hc2_lapse_leaves_a_debt_with_a_clock_of_five_business_days(
    cast: Cast, task: Obligation, world: World
) -> None:
    debt = owe(cast, task)
    clock = SlaClock.objects.get(policy_key=debts.GRACE)
    assert (debt.state, debt.opened_at, debt.owner, debt.due_at) == ("open", END, cast.alice, clock.due_at)
    assert (clock.subject_type, clock.subject_id, clock.target_s) == (debts.LABEL, debt.pk, 5 * 8 * 3600)
    assert debts.owing(TASKS, [task.pk]) == {task.pk: [debt]}
    assert clock.due_at is not None
    assert END + 6 * DAY <= clock.due_at <= END + 7 * DAY


def test_hc2_evidence_in_time_clears_the_debt(cast: Cast, task: Obligation, world: World) -> None:
    debt = owe(cast, task)
    assert sweep(END + 4 * DAY) == (0, 0)
    world.holding.add("budget_owner")
    assert (sweep(END + 4 * DAY), sweep(END + 9 * DAY)) == ((1, 0), (0, 0))
    debt.refresh_from_db()
    assert (debt.state, debt.closed_at, world.fallen) == ("cleared", END + 4 * DAY, [])
    assert finding.excuses(TASKS, task.pk, KEY, END + 4 * DAY).lapsed == frozenset()
    assert SlaClock.objects.get(policy_key=debts.GRACE).state == "met"


def test_hc2_breach_lets_the_record_fall_back_once(cast: Cast, task: Obligation, world: World) -> None:
    debt = owe(cast, task)
    assert debt.due_at is not None
    assert (sweep(debt.due_at), world.fallen) == ((0, 0), [])
    late = debt.due_at + 3 * DAY
    assert (sweep(late), sweep(late + DAY)) == ((0, 1), (0, 0))
    debt.refresh_from_db()
    assert (debt.state, debt.closed_at) == ("regressed", late)
    assert world.fallen == [(task.pk, ["budget_owner"])]
    clock = SlaClock.objects.get(policy_key=debts.GRACE)
    assert (clock.state, clock.breached_at) == ("breached", debt.due_at)


def test_nothing_is_owed_where_nothing_was_excused_or_the_criterion_holds(
    cast: Cast, task: Obligation, world: World
) -> None:
    grant(cast, task)
    use(cast, grant(cast, task, criterion_key="need"))
    world.holding.add("need")
    assert (lapse(END), GateDebt.objects.count()) == (2, 0)
    assert finding.excuses(TASKS, task.pk, KEY, END).lapsed == frozenset()


def test_look_at_a_record_without_debts_costs_one_query(
    cast: Cast, task: Obligation, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(1):
        assert debts.look(TASKS, task.pk, NOW) == ""


def test_news_about_the_record_clears_at_once(
    cast: Cast, task: Obligation, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receiving, "_by_key", dict(receiving._by_key))
    monkeypatch.setattr(debts, "_known", {})
    told_of = {"record_type": TASKS, "holds": world.holds, "regress": world.regress}
    debts.register(KEY, **told_of, news=("task.edited",))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="already"):
        debts.register(KEY, **told_of)  # type: ignore[arg-type]
    debt = owe(cast, task)
    world.holding.add("budget_owner")
    with clocks.at(END + DAY):
        edit_task(by=cast.alice, pk=task.pk, changes={"text": "Call them back"})
        for event in OutboxEvent.objects.filter(subject_type=TASKS).order_by("created_at", "subject_seq"):
            delivery.deliver(event)
    debt.refresh_from_db()
    assert (debt.state, debt.closed_at) == ("cleared", END + DAY)


def test_own_change_of_the_record_may_clear_as_well(cast: Cast, task: Obligation, world: World) -> None:
    debt = owe(cast, task)
    with clocks.at(END + DAY):
        for holding, left in ((set[str](), [debt]), ({"budget_owner"}, [])):
            world.holding = holding
            with audit.change(by=cast.alice, action="test.supply"):
                debts.settle(audit.lock(Obligation.objects.all(), pk=task.pk))
            assert debts.owing(TASKS, [task.pk]).get(task.pk, []) == left


def test_failing_domain_keeps_its_debts_for_the_next_run(
    cast: Cast, task: Obligation, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    debt = owe(cast, task)
    assert debt.due_at is not None
    late = debt.due_at + 3 * DAY
    known = debts._known[KEY]
    monkeypatch.setitem(debts._known, KEY, replace(known, regress=lambda record, owed, at: 1 / 0))
    with pytest.raises(ZeroDivisionError):
        sweep(late)
    debt.refresh_from_db()
    assert debt.state == "open"
    monkeypatch.setitem(debts._known, KEY, known)
    assert sweep(late) == (0, 1)


def test_week_of_reviews_is_opened_once(cast: Cast, task: Obligation) -> None:
    held, other = grant(cast, task), grant(cast, task, criterion_key="need")
    ask(cast, create_task(by=cast.bob, values={"text": "His"}), by="bob")
    assert (actions.open_reviews(NOW), actions.open_reviews(NOW)) == (2, 0)
    rows = ExceptionReview.objects.order_by("pk").values_list("exception", "week", "decision")
    monday = datetime(2026, 6, 8).date()
    assert list(rows) == [(held.pk, monday, ""), (other.pk, monday, "")]
    actions.review(by=cast.rita, pk=held.pk, decision="keep", note="Still on leave")
    with clocks.at(NOW + 7 * DAY):
        assert (actions.open_reviews(NOW + 7 * DAY), actions.open_reviews(NOW + 7 * DAY)) == (1, 0)
    waiting = PolicyException.objects.filter(review_week__isnull=False).order_by("pk")
    assert [(one.pk, one.review_week) for one in waiting] == [
        (held.pk, monday + timedelta(days=7)),
        (other.pk, monday),
    ]


def test_review_keeps_or_revokes_and_says_why(cast: Cast, task: Obligation, world: World) -> None:
    held = grant(cast, task)
    with pytest.raises(audit.Blocked) as nothing:
        actions.review(by=cast.rita, pk=held.pk, decision="drop", note=" ")
    assert codes(nothing) == [("EXC-017", "review_week"), ("EXC-015", "note"), ("EXC-018", "decision")]
    actions.open_reviews(NOW)
    with pytest.raises(Forbidden):
        actions.review(by=cast.mona, pk=held.pk, decision="keep", note="Mine to keep")
    with pytest.raises(Forbidden):
        actions.review(by=cast.olga, pk=held.pk, decision="revoke", note="Not hers to revoke")
    revoked = actions.review(by=cast.rita, pk=held.pk, decision="revoke", note="No longer needed")
    assert (revoked.state, revoked.review_week, len(world.lapses)) == ("revoked", None, 1)
    rows = ExceptionReview.objects.values_list("decision", "note", "reviewed_by", "reviewed_at")
    assert list(rows) == [("revoke", "No longer needed", cast.rita.pk, NOW)]


def test_review_of_ones_own_is_for_somebody_else(cast: Cast, task: Obligation) -> None:
    held = actions.approve(by=cast.olga, pk=ask(cast, task, by="rita").pk)
    actions.open_reviews(NOW)
    with pytest.raises(audit.Blocked) as refusal:
        actions.review(by=cast.rita, pk=held.pk, decision="keep", note="It is fine")
    assert codes(refusal) == [("EXC-012", "reviewed_by")]


def test_end_closes_the_review_nobody_came_to(cast: Cast, task: Obligation) -> None:
    grant(cast, task)
    actions.open_reviews(NOW)
    lapse(END)
    assert list(ExceptionReview.objects.values_list("decision", "reviewed_by")) == [("over", None)]
    assert PolicyException.objects.filter(review_week__isnull=False).count() == 0
