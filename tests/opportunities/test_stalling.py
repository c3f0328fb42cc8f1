"""Why a deal stalls: its clock starts with the escalation, stops with the reason, ends with the silence. Addenda."""

import pytest

from opportunities.actions import sweeping
from opportunities.actions.sweeping import stalling
from opportunities.models import IdleStep, Opportunity
from revops.kernel import audit, clocks
from revops.kernel.people import access
from revops.kernel.sla.models import SlaClock
from tests.cast import Cast
from tests.opportunities.conftest import codes
from tests.opportunities.silent import change, on, run, small

__all__ = ["small"]


def test_escalation_asks_why_it_stalls(cast: Cast, small: Opportunity) -> None:
    """A clock of two business days runs until it is said, by a reason of the kind “stall”, once."""
    run(on(14))
    clock = SlaClock.objects.get(policy_key=stalling.CLOCK)
    assert (clock.subject_id, clock.owner_id, clock.target_s) == (small.pk, cast.alice.pk, 2 * 8 * 3_600)
    with clocks.at(on(14, 15)):
        assert [one.name for one in (stalling.STALL,) if one.fits(small)] == ["give_stall_reason"]
        with pytest.raises(audit.Blocked) as refusal:
            sweeping.give_stall_reason(by=cast.alice, pk=small.pk, reason_code="price")
        assert codes(refusal) == [("OPP-091", "reason_code")]
        sweeping.give_stall_reason(by=cast.alice, pk=small.pk, reason_code="waiting_for_budget")
        step = IdleStep.objects.get(step="escalate")
        assert (step.reason_code, step.said_by, step.said_at) == (
            "waiting_for_budget",
            cast.alice,
            on(14, 15),
        )
        assert not stalling.STALL.fits(small)
        with pytest.raises(audit.Blocked) as refusal:
            sweeping.give_stall_reason(by=cast.alice, pk=small.pk, reason_code="waiting_for_budget")
        assert codes(refusal) == [("OPP-093", "reason_code")]
    clock.refresh_from_db()
    assert (clock.state, clock.stopped_at) == ("met", on(14, 15))


def test_stall_reason_of_a_deal_that_was_not_escalated_is_refused(cast: Cast, small: Opportunity) -> None:
    run(on(7))
    with clocks.at(on(8)), pytest.raises(audit.Blocked) as refusal:
        sweeping.give_stall_reason(by=cast.alice, pk=small.pk, reason_code="waiting_for_budget")
    assert codes(refusal) == [("OPP-092", "reason_code")]
    with clocks.at(on(8)), pytest.raises(access.Forbidden):
        sweeping.give_stall_reason(by=cast.bob, pk=small.pk, reason_code="waiting_for_budget")


def test_stall_clock_ends_when_the_buyer_is_heard_or_the_deal_is_closed(small: Opportunity) -> None:
    run(on(14))
    change(small, last_buyer_activity_at=on(15))
    run(on(16))
    assert list(SlaClock.objects.values_list("state", flat=True)) == ["cancelled"]
    run(on(30))
    assert list(SlaClock.objects.order_by("pk").values_list("state", "cycle")) == [
        ("cancelled", 1),
        ("running", 2),
    ]
