"""What a resubmission carries over, and what is asked again (HC-4, M6)."""

from typing import Any

import pytest

from revops.kernel import approvals, clocks, policies
from revops.kernel.approvals import simulating
from revops.kernel.approvals.models import ApprovalRequest, ApprovalStep
from tests.cast import Cast
from tests.kernel.approvals.specimens import KEY, POLICY, Offer, create, edit, submit

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("offers")]


def steps(request: ApprovalRequest) -> dict[str, tuple[str, str]]:
    rows = ApprovalStep.objects.filter(request=request)
    return {step.title: (step.state, step.carried_because) for step in rows}


def granted(cast: Cast, **values: Any) -> Any:
    """Return an offer at 15 % with longer terms whose steps are both granted."""
    offer = create(cast.alice, discount="15", terms="net60", **values)
    request = submit(cast.alice, offer)
    for seq, by in ((1, cast.mona), (2, cast.fin)):
        approvals.decide(by=by, step=ApprovalStep.objects.get(request=request, seq=seq), decision="approve")
    return offer


def test_hc4_safe_direction_is_carried_over_and_the_other_rule_asked_again(cast: Cast) -> None:
    offer = granted(cast)
    assert approvals.is_current(offer, KEY)
    edit(cast.alice, offer, discount="12")
    assert not approvals.is_current(offer, KEY)
    ahead = approvals.preview(offer, KEY, cast.alice)
    assert [(step.title, step.carried) for step in ahead.steps] == [
        ("Discount over 10 %", True),
        ("Terms beyond net 30", False),
    ]
    request = submit(cast.alice, offer)
    assert steps(request) == {
        "Discount over 10 %": ("skipped", "Carried over: Discount went from 15 to 12, which is safer."),
        "Terms beyond net 30": ("open", "Asked again: “Terms beyond net 30” tests for a certain value."),
    }
    approvals.decide(by=cast.fin, step=request.steps.get(seq=2), decision="approve")
    assert approvals.is_current(offer, KEY)


def test_unsafe_direction_is_asked_again(cast: Cast) -> None:
    offer = granted(cast)
    edit(cast.alice, offer, discount="16")
    found = steps(submit(cast.alice, offer))
    assert found["Discount over 10 %"] == ("open", "Asked again: Discount went from 15 to 16.")


def test_carried_step_is_carried_on(cast: Cast) -> None:
    offer = granted(cast)
    edit(cast.alice, offer, discount="14")
    first = submit(cast.alice, offer)
    edit(cast.alice, offer, discount="13")
    second = submit(cast.alice, offer)
    origin = ApprovalStep.objects.get(request=first, seq=1).carried_from
    held = ApprovalStep.objects.get(request=second, seq=1)
    assert (held.state, held.carried_from) == ("skipped", origin)


def test_step_of_who_could_not_decide_now_is_asked_again(cast: Cast) -> None:
    offer = granted(cast)
    edit(cast.alice, offer, discount="12", terms="net30")
    found = steps(submit(cast.mona, offer))
    assert found["Discount over 10 %"][0] == "open"


def test_other_rules_are_simulated_on_stored_records(cast: Cast) -> None:
    for discount in ("5", "15", "25"):
        create(cast.alice, discount=discount)
    rows = Offer.objects.annotate(asked=simulating.outcome(policies.get(POLICY), clocks.now()))
    manager = "Discount over 10 % (level 1: the owner's manager). "
    both = "Discount over 20 % (level 2: any Sales director and any Deal desk). "
    assert list(rows.order_by("pk").values_list("asked", flat=True)) == [
        simulating.NOBODY,
        manager,
        manager + both,
    ]
