"""Who decides in whose place: delegates, managers after the deadline, successors of who left."""

from datetime import UTC, datetime, timedelta

import pytest

from revops.kernel import approvals, clocks, sla
from revops.kernel.approvals import queries
from revops.kernel.approvals.actions import delegating, escalating, expiring
from revops.kernel.approvals.models import ApprovalDecision, ApprovalRequest, ApprovalStep, Delegation
from revops.kernel.audit import Blocked
from revops.kernel.identity.models import User
from revops.kernel.people import access
from revops.kernel.people import actions as people
from revops.kernel.people.access import Forbidden
from revops.kernel.sla.models import SlaClock
from tests.cast import Cast
from tests.kernel.approvals.specimens import KEY, create, submit

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("offers")]
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
WEEK = timedelta(days=7)


def request_of(cast: Cast) -> ApprovalStep:
    request = submit(cast.alice, create(cast.alice))
    found: ApprovalStep = request.steps.get()
    return found


def delegated(by: User, to: User, **more: datetime) -> Delegation:
    dates = {"active_from": NOW, "active_to": NOW + WEEK} | more
    return delegating.delegate(by=by, to=to, reason="On holiday", **dates)


def test_delegate_decides_in_the_delegators_place_while_it_lasts(cast: Cast) -> None:
    with clocks.at(NOW):
        step = request_of(cast)
        delegated(cast.mona, cast.marco)
        assert [one.pk for one in queries.inbox(cast.marco)] == [step.pk]
        assert queries.deciders(step) == {cast.mona.pk, cast.marco.pk}
    with clocks.at(NOW + WEEK):
        assert list(queries.inbox(cast.marco)) == []
        with pytest.raises(ApprovalRequest.DoesNotExist):
            approvals.decide(by=cast.marco, step=step, decision="approve")
    with clocks.at(NOW + timedelta(days=1)):
        approvals.decide(by=cast.marco, step=step, decision="approve")
    said = ApprovalDecision.objects.get()
    assert (said.approver, said.delegate_of, said.voice) == (cast.marco, cast.mona, cast.mona)


def test_delegation_is_neither_chained_nor_for_the_submitter(cast: Cast) -> None:
    with clocks.at(NOW):
        step = request_of(cast)
        delegated(cast.mona, cast.marco)
        delegated(cast.marco, cast.bob)
        delegated(cast.dora, cast.alice)
        assert list(queries.inbox(cast.bob)) == []
        with pytest.raises(ApprovalRequest.DoesNotExist):
            approvals.decide(by=cast.bob, step=step, decision="approve")
        escalating.escalate(step=step.pk)
        assert queries.deciders(step) == {cast.mona.pk, cast.marco.pk, cast.dora.pk}
        with pytest.raises(Forbidden, match="You asked for this"):
            approvals.decide(by=cast.alice, step=step, decision="approve")


def test_delegation_is_refused_with_every_finding(cast: Cast) -> None:
    with clocks.at(NOW):
        with pytest.raises(Blocked) as refused:
            delegating.delegate(by=cast.mona, to=cast.mona, active_from=NOW, active_to=NOW - WEEK, reason=" ")
        assert [one.code for one in refused.value.findings] == ["APR-050", "APR-052", "APR-054"]
        with pytest.raises(Blocked, match="90 days"):
            delegated(cast.mona, cast.otto, active_to=NOW + timedelta(days=91))
        delegated(cast.mona, cast.marco)
        with pytest.raises(Blocked, match="Marco decides for Mona"):
            delegated(cast.mona, cast.dora)
        with pytest.raises(Forbidden):
            delegating.delegate(
                by=cast.mona, to=cast.marco, active_from=NOW, active_to=NOW + WEEK, reason="x",
                instead_of=cast.dora,
            )  # fmt: skip
        held = delegating.end_delegation(by=cast.marco, pk=Delegation.objects.get().pk)
        assert held.active_to == NOW
        assert delegated(cast.mona, cast.dora).delegate == cast.dora


def test_clock_of_a_step_runs_24_hours_and_its_breach_asks_the_manager(cast: Cast) -> None:
    with clocks.at(NOW):
        step = request_of(cast)
    assert step.due_at == NOW + timedelta(hours=24)
    with clocks.at(NOW + timedelta(hours=24, seconds=2)):
        sla.poll()
        assert SlaClock.objects.get().breached_at == step.due_at
        assert escalating.escalate(step=step.pk)
        assert not escalating.escalate(step=step.pk)
        step.refresh_from_db()
        assert step.state == "open"
        assert queries.deciders(step) == {cast.mona.pk, cast.dora.pk}
        assert approvals.decide(by=cast.dora, step=step, decision="approve").state == "approved"
    assert SlaClock.objects.get().stopped_at is not None
    assert not escalating.escalate(step=step.pk)


def test_breach_of_a_step_is_received_once(cast: Cast) -> None:
    from revops.kernel.approvals import receivers
    from revops.kernel.outbox import OutboxEvent

    with clocks.at(NOW):
        step = request_of(cast)
    with clocks.at(NOW + timedelta(days=2)):
        sla.poll()
        (event,) = OutboxEvent.objects.filter(type="sla.breached")
        receivers.escalate_overdue(event)
        receivers.escalate_overdue(event)
    assert step.candidates.filter(escalated=True).count() == 1


def test_successor_is_asked_in_the_change_in_which_an_approver_leaves(cast: Cast) -> None:
    step = request_of(cast)
    people.deactivate_user(by=cast.ada, user=cast.mona, reason="She left")
    assert list(step.candidates.order_by("pk").values_list("person__name", "why")) == [
        ("Mona", ""),
        ("Dora", "In place of Mona, who has left"),
    ]
    assert queries.deciders(step) == {cast.dora.pk}
    assert approvals.decide(by=cast.dora, step=step, decision="approve").state == "approved"


def test_approval_lapses_by_the_clock_and_not_by_the_job(cast: Cast) -> None:
    offer = create(cast.alice)
    with clocks.at(NOW):
        request = submit(cast.alice, offer)
        approvals.decide(by=cast.mona, step=request.steps.get(), decision="approve")
        assert approvals.is_current(offer, KEY, NOW + timedelta(days=30) - timedelta(seconds=1))
    late = NOW + timedelta(days=30)
    assert not approvals.is_current(offer, KEY, late)
    with clocks.at(late):
        assert (expiring.expire_due(), expiring.expire_due()) == (1, 0)
    request.refresh_from_db()
    assert (request.state, request.note) == ("expired", "The approval was valid until then.")


def test_request_is_seen_by_those_whom_the_page_names(cast: Cast) -> None:
    with clocks.at(NOW):
        delegated(cast.mona, cast.marco)
        request = request_of(cast).request
        told = {one.person: one.why for one in access.viewers(request)}
        rows = ApprovalRequest.objects
        seen = {user.pk for user in cast.people.values() if rows.visible_to(user).exists()}
    assert set(told) == seen
    assert told[cast.alice.pk] == "Owns it"
    assert told[cast.marco.pk] == "Is asked about it"
    assert not {cast.bob.pk, cast.charlie.pk, cast.fin.pk} & seen
