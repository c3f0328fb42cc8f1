"""Plans of a deal: dated steps, whose they are, and how the panel shows them."""

from typing import Any

import pytest

from opportunities.actions.milestones import add_milestone
from opportunities.models import Opportunity
from opportunities.queries.plans import plans
from revops.kernel import audit, clocks
from revops.kernel.packets.actions import cancel_task, complete_task
from revops.kernel.people import access
from revops.kernel.policies import facts
from tests.cast import Cast
from tests.evidence import unchanged
from tests.opportunities.conftest import codes, instant

STEP = {"plan": "evaluation", "text": "Proof of concept is decided", "due_on": "2026-06-20"}


@pytest.fixture(autouse=True)
def now() -> Any:
    with clocks.at(instant(2026, 6, 1, 9)):
        yield


def fact(deal: Opportunity, *paths: str) -> list[Any]:
    names = [f"opportunity.{path}" for path in paths]
    held = facts.get("opportunities.opportunity").fetch(Opportunity.objects.filter(pk=deal.pk), names)
    return [held[deal.pk][name] for name in names]


def test_milestone_is_an_obligation_that_gates_count(cast: Cast, deal: Opportunity) -> None:
    assert fact(deal, "evaluation_ends_on", "paper_ends_on", "paper_steps") == [None, None, 0]
    step = add_milestone(by=cast.alice, pk=deal.pk, values=STEP)
    assert (step.kind, step.owner_id, step.counterparty_side, step.subject_id) == (
        "milestone",
        cast.alice.pk,
        "us",
        deal.pk,
    )
    given = {**STEP, "plan": "paper", "side": "buyer", "owner": str(cast.bob.pk), "due_on": "2026-07-01"}
    other = add_milestone(by=cast.alice, pk=deal.pk, values=given)
    assert (other.owner_id, other.counterparty_side) == (cast.bob.pk, "buyer")
    ends = [str(one) for one in fact(deal, "evaluation_ends_on", "paper_ends_on", "paper_steps")]
    assert ends == ["2026-06-20", "2026-07-01", "1"]
    cancel_task(by=cast.alice, pk=other.pk, reason="Their counsel signs at once")
    assert fact(deal, "paper_ends_on", "paper_steps") == [None, 0]


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ({}, [("VAL-003", "plan"), ("VAL-003", "text"), ("VAL-003", "due_on")]),
        ({**STEP, "plan": "holiday"}, [("VAL-002", "plan")]),
        ({**STEP, "due_on": ""}, [("VAL-003", "due_on")]),
        (
            {**STEP, "text": "Sign", "due_on": "2026-05-01", "owner": 999_999},
            [("OPP-141", "owner"), ("OPP-145", "text"), ("TSK-002", "due_on")],
        ),
        ({**STEP, "side": "theirs"}, [("VAL-002", "side")]),
    ],
)
def test_milestone_that_lacks_something_is_refused(
    cast: Cast, deal: Opportunity, values: dict[str, Any], found: list[tuple[str, str]]
) -> None:
    with unchanged(), pytest.raises(audit.Blocked) as refusal:
        add_milestone(by=cast.alice, pk=deal.pk, values=values)
    assert codes(refusal) == found


@pytest.mark.parametrize(
    ("who", "refusal"), [("rita", access.Forbidden), ("marco", Opportunity.DoesNotExist)]
)
def test_only_who_may_qualify_the_deal_plans_it(
    cast: Cast, deal: Opportunity, who: str, refusal: type[Exception]
) -> None:
    with unchanged(), pytest.raises(refusal):
        add_milestone(by=cast.people[who], pk=deal.pk, values=STEP)


def test_panel_shows_what_is_done_and_what_is_late(
    cast: Cast, deal: Opportunity, settled_organisation: None, django_assert_num_queries: Any
) -> None:
    """Three statements besides what tells the reader's rights: steps, whose they are, reviews."""
    late = add_milestone(by=cast.alice, pk=deal.pk, values={**STEP, "due_on": "2026-06-02"})
    for number in range(3):
        if number:
            add_milestone(by=cast.alice, pk=deal.pk, values=STEP)
        with access.remembered(), clocks.at(instant(2026, 6, 5, 9)):
            plans(deal, cast.alice)
            with django_assert_num_queries(3):
                found = plans(deal, cast.alice)
        assert len(found.plans[0].steps) == number + 1
    first = found.plans[0].steps[0]
    assert (first.text, first.late, first.can_complete, found.plans[1].steps) == (
        STEP["text"],
        True,
        True,
        [],
    )
    complete_task(by=cast.alice, pk=late.pk, outcome="", evidence_ref="https://files.example/poc")
    done = plans(deal, cast.alice).plans[0]
    assert (done.done, done.steps[0].late, str(done.ends_on)) == (1, False, "2026-06-20")


def test_step_of_somebody_else_is_there_but_not_told(cast: Cast, deal: Opportunity) -> None:
    add_milestone(by=cast.alice, pk=deal.pk, values=STEP)
    (step,) = plans(deal, cast.bob).plans[0].steps
    assert (step.text, step.url, step.can_complete) == ("", "", False)
    (step,) = plans(deal, cast.mona).plans[0].steps
    assert step.text == STEP["text"]
