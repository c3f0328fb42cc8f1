from datetime import timedelta
from typing import Any

import pytest

from opportunities.actions import edit_opportunity
from opportunities.actions.inspecting import inspecting
from opportunities.models import InspectionRecord, Opportunity, SlipEvent
from opportunities.policies import inspections as policy
from opportunities.queries import inspections as queries
from opportunities.weeks import begins_at, week_of
from revops.kernel import audit, clocks
from revops.kernel.gates.exceptions import actions as exceptions
from revops.kernel.gates.exceptions import lapsing
from revops.kernel.identity.models import User
from revops.kernel.outbox.models import OutboxEvent
from revops.kernel.people import access, ownership
from revops.kernel.people.enums import AssignReason
from revops.kernel.policies import decisions
from revops.kernel.policies.models import Decision
from revops.kernel.records.work.exceptions.forms import request
from tests.cast import Cast
from tests.opportunities.conftest import brought_to, codes, instant, open_deal
from tests.opportunities.inspected import committed, inspected, without_buyer, without_risk

UNSAID = {"changed": "yes"}


def fails(deal: Opportunity, user: User, **later: int) -> list[str]:
    found = queries.answers(deal, user, clocks.now() + timedelta(**later))
    return [one.key for one in found.answers if one.fails]


def category(deal: Opportunity) -> str:
    deal.refresh_from_db()
    return deal.forecast_category


def slip(deal: Opportunity, by: User, *, answered: bool) -> None:
    """Let a deal have slipped out of Commit, with or without coming down the same day."""
    with audit.change(by=by, action="test.slip") as change:
        audit.write(
            SlipEvent(
                opportunity=deal,
                kind="slip",
                from_date=deal.close_date,
                to_date=deal.close_date + timedelta(days=90),
                days=90,
                category_before="commit",
                category_after="best_case" if answered else "commit",
                same_day_downgrade=answered,
                reason_code="buyer_delayed",
                occurred_at=change.occurred_at,
                said_by=by,
            )
        )


def test_answers_of_a_deal_with_everything_fail_nothing_and_age(cast: Cast) -> None:
    deal = brought_to(cast, "proposal")
    assert fails(deal, cast.mona) == []
    assert fails(deal, cast.mona, days=15) == ["q3"]  # the next step has passed; outside Commit 30 days do
    assert fails(deal, cast.mona, days=31) == ["q2", "q3"]
    without_buyer(cast, deal)
    without_risk(cast, deal)
    assert fails(deal, cast.mona) == ["q2", "q5"]


def test_answers_of_commit_ask_for_an_economic_buyer_within_14_days(cast: Cast) -> None:
    deal = committed(cast)
    assert (fails(deal, cast.mona, days=13), fails(deal, cast.mona, days=15)) == ([], ["q2", "q3"])


def test_answers_fail_on_a_slip_that_kept_its_category_until_it_was_inspected(cast: Cast) -> None:
    deal = brought_to(cast, "proposal")
    slip(deal, cast.alice, answered=True)
    assert fails(deal, cast.mona) == []
    slip(deal, cast.alice, answered=False)
    assert fails(deal, cast.mona) == ["q4"]
    assert inspected(cast, deal).fails == ["q4"]
    assert fails(deal, cast.mona) == []


def test_first_answer_names_the_fields_that_changed_since_the_last_inspection(cast: Cast) -> None:
    deal = brought_to(cast, "proposal")
    with clocks.at(clocks.now() + timedelta(hours=1)):
        inspected(cast, deal)
    with clocks.at(clocks.now() + timedelta(hours=2)):
        edit_opportunity(by=cast.alice, pk=deal.pk, changes={"amount": "60000"})
        deal.refresh_from_db()
        (first, *_) = queries.answers(deal, cast.mona, clocks.now()).answers
        assert [(one.path, one.old, one.new) for one in first.suggested] == [
            ("opportunity.amount", "50000.00", "60000.00")
        ]
        row = inspected(cast, deal, changed="yes", field_path="opportunity.amount")
    kept = row.answers[0]
    assert (kept["changed"], kept["field"], kept["old"], kept["new"]) == (
        True,
        "opportunity.amount",
        "50000.00",
        "60000.00",
    )


def test_an_inspection_keeps_no_name(cast: Cast) -> None:
    row = inspected(cast, brought_to(cast, "proposal"))
    assert "Buyer" not in str([one["facts"] for one in row.answers[1:3]]).replace("Buyer's owner", "")


def test_inv_any_fail_on_commit_brings_it_down_on_save(cast: Cast) -> None:
    deal = committed(cast)
    row = inspected(cast, deal, outcome="downgrade", dissent="They will sign", **UNSAID)
    assert (row.fails, row.category_before, row.category_after) == (["q1"], "commit", "best_case")
    assert (category(deal), row.dissent, row.week) == (
        "best_case",
        "They will sign",
        week_of(row.inspected_at),
    )
    (change,) = deal.category_changes.filter(why="inspection")
    assert (change.before, change.after) == ("commit", "best_case")


def test_inv_any_fail_on_commit_brings_it_down_though_it_is_escalated(cast: Cast) -> None:
    deal = committed(cast)
    row = inspected(cast, deal, outcome="escalate", **UNSAID)
    assert (row.outcome, category(deal)) == ("escalate", "best_case")


@pytest.mark.control
def test_a_fail_on_commit_stays_there_once_bringing_down_is_unwired(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inspecting.categories, "bring_down", lambda deals, to, **more: [])
    deal = committed(cast)
    inspected(cast, deal, outcome="escalate", **UNSAID)
    assert category(deal) == "commit"


def test_keeping_a_commit_that_fails_is_refused_with_every_question(cast: Cast) -> None:
    deal = committed(cast)
    with clocks.at(clocks.now() + timedelta(days=15)), pytest.raises(audit.Blocked) as refusal:
        inspected(cast, deal, **UNSAID)
    asked = [one.criterion for one in refusal.value.findings if one.code == "INS-003"]
    assert asked == ["q1", "q2", "q3"]
    assert all(one.remedies for one in refusal.value.findings)
    assert category(deal) == "commit"
    assert deal.inspections.count() == 1


def test_nobody_inspects_their_own_deal_nor_a_closed_one(cast: Cast) -> None:
    deal = open_deal(cast, owner=None)
    own = Opportunity.objects.get(pk=deal.pk)
    with pytest.raises(access.Forbidden):
        inspected(cast, own, by="alice")
    with audit.change(by=cast.rita, action="test.own"):
        held: Any = audit.lock(Opportunity.objects.all(), pk=deal.pk)
        ownership.assign(held, to=ownership.holder(owner=cast.mona), reason=AssignReason.MANUAL, note="Test")
        audit.write(held)
    with pytest.raises(audit.Blocked) as refusal:
        inspected(cast, own)
    assert codes(refusal) == [("INS-001", "")]
    assert InspectionRecord.objects.count() == 0


def test_a_manager_of_others_does_not_find_the_deal(cast: Cast) -> None:
    deal = open_deal(cast)
    with pytest.raises(Opportunity.DoesNotExist):
        inspected(cast, deal, by="marco")


def test_removing_takes_the_deal_out_of_the_forecast_and_lowering_steps_down(cast: Cast) -> None:
    deal = committed(cast)
    assert inspected(cast, deal, outcome="downgrade").category_after == "best_case"
    assert inspected(cast, deal, outcome="downgrade").category_after == "pipeline"
    with pytest.raises(audit.Blocked) as refusal:
        inspected(cast, deal, outcome="downgrade")
    assert codes(refusal) == [("INS-004", "outcome")]
    assert inspected(cast, deal, outcome="remove").category_after == "omitted"


def test_contradictions_are_told_at_once(cast: Cast) -> None:
    deal = committed(cast)
    slip(deal, cast.alice, answered=False)
    with pytest.raises(audit.Blocked) as refusal:
        inspected(cast, deal, field_path="opportunity.amount", minutes=900)
    assert [one.code for one in refusal.value.findings] == ["INS-005", "INS-006", "INS-003"]


def test_an_inspection_tells_what_it_decided_and_can_be_decided_again(cast: Cast) -> None:
    deal = committed(cast)
    row = inspected(cast, deal, outcome="downgrade", **UNSAID)
    (event,) = OutboxEvent.objects.filter(type="opportunity.inspected", subject_id=row.pk)
    assert (event.payload["fails"], event.payload["to"]) == (["q1"], "best_case")
    decision = Decision.objects.filter(policy_key=policy.KEY).order_by("-pk")[0]
    assert (decision.outcome, decisions.replay(decision).same) == ("fails", True)


def test_keep_is_what_commit_asks_for_within_seven_days(cast: Cast) -> None:
    deal = brought_to(cast, "proposal")
    with pytest.raises(audit.Blocked):
        edit_opportunity(by=cast.alice, pk=deal.pk, changes={"forecast_category": "commit"})
    inspected(cast, deal)
    edit_opportunity(by=cast.alice, pk=deal.pk, changes={"forecast_category": "commit"})
    assert category(deal) == "commit"


def test_due_are_late_deals_of_others_once_a_week(cast: Cast) -> None:
    deal, early = brought_to(cast, "proposal"), open_deal(cast, by="bob")
    now = clocks.now()
    assert list(queries.due(cast.mona, now)) == [deal]
    assert [list(queries.due(user, now)) for user in (cast.marco, cast.alice, cast.rita)] == [[], [], []]
    before = queries.coverage(cast.mona, now)
    inspected(cast, deal)
    after = queries.coverage(cast.mona, now)
    assert [(one.asked, one.done) for one in (before, after)] == [(1, 0), (1, 1)]
    assert list(queries.due(cast.mona, now)) == []
    assert list(queries.due(cast.mona, now + timedelta(days=7))) == [deal]
    assert early.stage == "qualification"


@pytest.mark.parametrize(
    ("at", "monday"),
    [
        (
            instant(2026, 3, 9, 3, 59),
            "2026-03-02",
        ),  # Sunday evening in New York, the day its summer time begins
        (instant(2026, 3, 9, 4), "2026-03-09"),
        (instant(2026, 11, 2, 4, 59), "2026-10-26"),  # and the day it ends
        (instant(2026, 11, 2, 5), "2026-11-02"),
    ],
)
def test_the_week_begins_on_monday_by_the_organisations_clock(at: Any, monday: str) -> None:
    assert (week_of(at).isoformat(), begins_at(week_of(at)) <= at) == (monday, True)


def test_answers_cost_the_same_for_one_deal_and_three(
    cast: Cast, settled_organisation: None, django_assert_num_queries: Any
) -> None:
    deals = [brought_to(cast, "proposal") for _ in range(3)]
    now = clocks.now()
    queries.answers_of(deals, cast.mona, now)
    for some in (deals[:1], deals):
        with django_assert_num_queries(14):
            assert len(queries.answers_of(some, cast.mona, now)) == len(some)


def excused(cast: Cast, deal: Opportunity, key: str) -> None:
    """Excuse a deal from one question for a week."""
    values = {
        "policy_key": policy.KEY,
        "criterion_key": key,
        "subject": f"OPP-{deal.pk:06d}",
        "justification": "The buyer moved its fiscal year; their order was released in writing last week.",
        "compensating_control": "The director joins the call with the economic buyer every Monday until it is signed.",
        "risk": "med",
        "expires_at": (clocks.now() + timedelta(days=7)).isoformat(),
        "max_uses": "",
    }
    asked = request(by=cast.alice, values=values)
    exceptions.approve(by=cast.rita, pk=asked.pk)


def test_an_exception_is_the_only_way_round_and_commit_goes_when_it_is_over(cast: Cast) -> None:
    deal = committed(cast)
    slip(deal, cast.alice, answered=False)
    with pytest.raises(audit.Blocked):
        inspected(cast, deal)
    excused(cast, deal, "q4")
    row = inspected(cast, deal)
    assert (row.fails, list(row.excused), row.category_after, category(deal)) == (
        ["q4"],
        ["q4"],
        "commit",
        "commit",
    )
    with clocks.at(clocks.now() + timedelta(days=8)):
        lapsing.lapse_due(clocks.now())
    assert category(deal) == "best_case"
