"""Moving a deal through its stages: what is written, what is refused, and that nothing else moves it."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from opportunities import policies
from opportunities.actions import (
    close_lost,
    close_won,
    edit_opportunity,
    move_stage,
    moving,
    reopen,
)
from opportunities.enums import OPEN, Stage
from opportunities.models import Opportunity, StageInterval
from revops.kernel import audit, clocks
from revops.kernel.audit.models import ChangeEvent
from revops.kernel.outbox.models import OutboxEvent
from revops.kernel.people import access
from revops.kernel.people import actions as people_actions
from revops.kernel.policies.documents import get as document
from revops.kernel.policies.rules import RuleError
from tests.cast import Cast
from tests.evidence import only_attempted, rolled_back, unchanged
from tests.opportunities.conftest import ADVANCE, ENDED, brought_to, codes, make_committable, ready_deal
from tests.opportunities.intervals import interval_faults


def stays() -> list[tuple[str, str, str]]:
    rows = StageInterval.objects.in_order()
    return [(row.stage, row.via, row.reason_code) for row in rows]


def test_move_forward_writes_interval_copies_and_event(cast: Cast) -> None:
    start = clocks.now()
    deal = ready_deal(cast, at=start - timedelta(days=20))
    at = start - timedelta(days=10)
    moved = move_stage(by=cast.alice, pk=deal.pk, to="proposal", reason_code=ADVANCE, at=at)
    assert (moved.stage, moved.stage_since, moved.probability) == ("proposal", at, Decimal("0.60"))
    assert stays() == [("qualification", "created", ""), ("proposal", "moved", ADVANCE)]
    assert interval_faults() == []
    told = OutboxEvent.objects.get(type="opportunity.stage_moved")
    assert told.payload == {
        "stage": "proposal",
        "from": "qualification",
        "back": False,
        "owner": cast.alice.pk,
        "category": "pipeline",
        "by": cast.alice.pk,
    }


def test_move_back_needs_its_reason_and_clamps_the_category(cast: Cast) -> None:
    deal = make_committable(cast, brought_to(cast, "proposal"))
    edit_opportunity(by=cast.alice, pk=deal.pk, changes={"forecast_category": "commit"})
    for code in ("", "price", "nonsense"):
        with only_attempted(), pytest.raises(audit.Blocked) as refusal:
            move_stage(by=cast.alice, pk=deal.pk, to="discovery", reason_code=code)
        assert codes(refusal) == [("OPP-033", "reason_code")]
    moved = move_stage(by=cast.alice, pk=deal.pk, to="discovery", reason_code="champion_lost")
    assert (moved.stage, moved.forecast_category) == ("discovery", "best_case")
    assert stays()[-1] == ("discovery", "regressed", "champion_lost")
    event = ChangeEvent.objects.get(action="opportunity.move_stage", reason="Champion lost")
    assert event.actor == cast.alice


def test_reason_that_needs_words_gets_them(cast: Cast) -> None:
    deal = brought_to(cast, "discovery")
    with pytest.raises(audit.Blocked) as refusal:
        move_stage(by=cast.alice, pk=deal.pk, to="qualification", reason_code="regress_other")
    assert codes(refusal) == [("OPP-033", "reason")]
    move_stage(
        by=cast.alice, pk=deal.pk, to="qualification", reason_code="regress_other", reason="They merged"
    )
    assert StageInterval.objects.order_by("pk").last().note == "They merged"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("to", "found"),
    [
        ("closed_won", "OPP-030"),
        ("closed_lost", "OPP-030"),
        ("nowhere", "OPP-030"),
        ("qualification", "OPP-032"),
    ],
)
def test_move_to_no_other_open_stage_is_refused(cast: Cast, deal: Opportunity, to: str, found: str) -> None:
    with unchanged(), pytest.raises(audit.Blocked) as refusal:
        move_stage(by=cast.alice, pk=deal.pk, to=to, reason_code=ADVANCE)
    assert codes(refusal) == [(found, "to")]


def test_amount_is_needed_from_evaluation_on(cast: Cast) -> None:
    deal = ready_deal(cast, amount=None)
    move_stage(by=cast.alice, pk=deal.pk, to="discovery", reason_code=ADVANCE)
    for to in ("evaluation", "proposal", "contracting"):
        with pytest.raises(audit.Blocked) as refusal:
            move_stage(by=cast.alice, pk=deal.pk, to=to, reason_code=ADVANCE)
        assert codes(refusal) == [("OPP-020", "amount")]
    with pytest.raises(audit.Blocked) as refusal:
        close_won(by=cast.alice, pk=deal.pk)
    assert codes(refusal) == [("OPP-020", "amount")]
    edit_opportunity(by=cast.alice, pk=deal.pk, changes={"amount": "10"})
    assert move_stage(by=cast.alice, pk=deal.pk, to="evaluation", reason_code=ADVANCE).stage == "evaluation"


def test_move_before_the_present_stage_or_ahead_of_time_is_refused(cast: Cast) -> None:
    deal = ready_deal(cast, at=clocks.now() - timedelta(days=5))
    for at, found in (
        (clocks.now() - timedelta(days=6), "OPP-034"),
        (clocks.now() + timedelta(minutes=5), "OPP-035"),
    ):
        with only_attempted(), pytest.raises(audit.Blocked) as refusal:
            move_stage(by=cast.alice, pk=deal.pk, to="discovery", reason_code=ADVANCE, at=at)
        assert codes(refusal) == [(found, "at")]
    same = move_stage(by=cast.alice, pk=deal.pk, to="discovery", reason_code=ADVANCE, at=deal.opened_at)
    assert (same.stage_since, interval_faults()) == (deal.opened_at, [])


def test_overdue_next_step_is_brought_up_to_date_first(cast: Cast) -> None:
    now = clocks.now()
    deal = ready_deal(cast, next_step="Call the buyer", next_step_on=str((now + timedelta(days=2)).date()))
    with clocks.at(now + timedelta(days=5)):
        for act in (
            lambda: move_stage(by=cast.alice, pk=deal.pk, to="discovery", reason_code=ADVANCE),
            lambda: edit_opportunity(by=cast.alice, pk=deal.pk, changes={"amount": "1"}),
        ):
            with pytest.raises(audit.Blocked) as refusal:
                act()
            assert codes(refusal) == [("OPP-014", "next_step_on")]
        edit_opportunity(by=cast.alice, pk=deal.pk, changes={"competitor": "Globex"})
        later = str((now + timedelta(days=9)).date())
        edit_opportunity(by=cast.alice, pk=deal.pk, changes={"amount": "1", "next_step_on": later})
        assert move_stage(by=cast.alice, pk=deal.pk, to="discovery", reason_code=ADVANCE).stage == "discovery"


def test_win_books_the_deal_and_closes_its_category(cast: Cast) -> None:
    deal = brought_to(cast, "contracting")
    won = close_won(by=cast.alice, pk=deal.pk)
    assert (won.stage, won.forecast_category, won.probability) == ("closed_won", "closed", 1)
    assert won.booked_at == won.closed_at == won.stage_since
    assert OutboxEvent.objects.get(type="opportunity.won").payload["amount"] == "50000.00"
    for act in (
        lambda: move_stage(by=cast.alice, pk=deal.pk, to="proposal", reason_code=ADVANCE),
        lambda: close_won(by=cast.alice, pk=deal.pk),
        lambda: close_lost(by=cast.alice, pk=deal.pk, reason_code="price", **ENDED),
    ):
        with unchanged(), pytest.raises(audit.Blocked) as refusal:
            act()
        assert codes(refusal) == [("OPP-031", "stage")]
    assert interval_faults() == []


def test_loss_names_its_reason_and_the_competitor_where_it_asks(cast: Cast, deal: Opportunity) -> None:
    for how, found in (
        ({"reason_code": ""}, [("GAT-001", "reason_code")]),
        ({"reason_code": "champion_lost"}, [("OPP-041", "reason_code"), ("GAT-001", "reason_code")]),
        ({"reason_code": "lost_to_competitor"}, [("OPP-042", "competitor")]),
        ({"reason_code": "loss_other"}, [("OPP-041", "reason")]),
        ({"reason_code": "price", "competitor": " "}, [("GAT-001", "competitor")]),
        ({"reason_code": "price", "last_buyer_contact_on": None}, [("GAT-001", "last_buyer_contact_on")]),
        (
            {"reason_code": "price", "last_buyer_contact_on": date(2099, 1, 1)},
            [("OPP-045", "last_buyer_contact_on")],
        ),
    ):
        with only_attempted(), pytest.raises(audit.Blocked) as refusal:
            close_lost(by=cast.alice, pk=deal.pk, **(ENDED | how))
        assert codes(refusal) == found
    lost = close_lost(
        by=cast.alice,
        pk=deal.pk,
        reason_code="lost_to_competitor",
        competitor="Globex",
        last_buyer_contact_on=ENDED["last_buyer_contact_on"],
        reason="Cheaper",
    )
    assert (lost.stage, lost.forecast_category, lost.probability) == ("closed_lost", "omitted", 0)
    assert (lost.loss_reason.code, lost.competitor, lost.loss_note) == (
        "lost_to_competitor",
        "Globex",
        "Cheaper",
    )
    assert (lost.lost_source, lost.booked_at, interval_faults()) == ("buyer_declined", None, [])


def test_lost_deal_is_reopened_by_its_owner_within_thirty_days(cast: Cast) -> None:
    now = clocks.now()
    deal = brought_to(cast, "evaluation", at=now - timedelta(hours=1))
    close_lost(by=cast.alice, pk=deal.pk, reason_code="price", **ENDED)
    with clocks.at(now + timedelta(days=32)):
        with pytest.raises(audit.Blocked) as refusal:
            reopen(by=cast.alice, pk=deal.pk, reason_code="buyer_returned")
        assert codes(refusal) == [("OPP-040", "stage")]
        with rolled_back():
            assert reopen(by=cast.mona, pk=deal.pk, reason_code="buyer_returned").stage == "evaluation"
    with clocks.at(now + timedelta(days=29)):
        again = reopen(by=cast.alice, pk=deal.pk, reason_code="buyer_returned")
    assert (again.stage, again.forecast_category, again.closed_at) == ("evaluation", "pipeline", None)
    assert (again.loss_reason, again.loss_note, again.lost_source) == (None, "", "")
    assert [stay[:2] for stay in stays()][-2:] == [("closed_lost", "lost"), ("evaluation", "reopened")]
    assert interval_faults() == []


def test_reopening_needs_a_closed_deal_and_a_reason(cast: Cast, deal: Opportunity) -> None:
    with pytest.raises(audit.Blocked) as refusal:
        reopen(by=cast.alice, pk=deal.pk, reason_code="price")
    assert codes(refusal) == [("OPP-044", "stage"), ("OPP-043", "reason_code")]


def test_won_deal_is_reopened_by_finance_alone(cast: Cast) -> None:
    deal = brought_to(cast, "proposal")
    close_won(by=cast.alice, pk=deal.pk)
    for name in ("alice", "mona"):
        with unchanged(), pytest.raises(access.Forbidden):
            reopen(by=cast.people[name], pk=deal.pk, reason_code="buyer_returned")
    with pytest.raises(Opportunity.DoesNotExist):
        reopen(by=cast.fin, pk=deal.pk, reason_code="buyer_returned")
    people_actions.grant_role(by=cast.ada, user=cast.fin, role="EXEC")
    again = reopen(by=cast.fin, pk=deal.pk, reason_code="buyer_returned")
    assert (again.stage, again.booked_at, again.closed_at) == ("proposal", None, None)
    assert interval_faults() == []


def test_only_who_may_move_a_deal_moves_it(cast: Cast) -> None:
    deal = ready_deal(cast)
    for name in ("bob", "rita", "olga", "otto", "cleo", "mark", "dan"):
        with unchanged(), pytest.raises(access.Forbidden):
            move_stage(by=cast.people[name], pk=deal.pk, to="discovery", reason_code=ADVANCE)
    for name in ("charlie", "sam", "carla", "fin", "marco", "prue"):
        with unchanged(), pytest.raises(Opportunity.DoesNotExist):
            move_stage(by=cast.people[name], pk=deal.pk, to="discovery", reason_code=ADVANCE)
    assert move_stage(by=cast.mona, pk=deal.pk, to="discovery", reason_code=ADVANCE).stage == "discovery"


def test_stale_move_is_a_conflict(cast: Cast) -> None:
    deal = ready_deal(cast)
    move_stage(by=cast.alice, pk=deal.pk, to="discovery", reason_code=ADVANCE, version=deal.version)
    with unchanged(), pytest.raises(audit.Conflict):
        move_stage(by=cast.alice, pk=deal.pk, to="evaluation", reason_code=ADVANCE, version=deal.version)


def test_move_that_the_trail_refuses_leaves_nothing(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    deal = ready_deal(cast)

    def fail(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("no trail")

    monkeypatch.setattr("revops.kernel.audit.changes._record", fail)
    with unchanged(), pytest.raises(RuntimeError):
        move_stage(by=cast.alice, pk=deal.pk, to="discovery", reason_code=ADVANCE)


def test_required_fields_are_asked_of_the_policy(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    deal = ready_deal(cast)
    asked: list[str] = []
    monkeypatch.setattr(moving, "lacking", lambda deal, to, **how: asked.append(to) or [])
    move_stage(by=cast.alice, pk=deal.pk, to="discovery", reason_code=ADVANCE)
    close_won(by=cast.alice, pk=deal.pk)
    assert asked == ["discovery", "closed_won"]


def test_what_is_missing_in_a_stage_is_told_however_hard_it_is_meant(cast: Cast) -> None:
    deal = brought_to(cast, "proposal")
    found = moving.lacking(deal, deal.stage, mode=None)
    assert [(one.code, one.field) for one in found] == [
        ("OPP-021", "territory"),
    ]


def test_shipped_stages_say_what_the_specification_says(db: None) -> None:
    stages = policies.stages("ENT")
    assert [(one.stage, one.share, one.max_category) for one in stages.stages] == [
        ("qualification", Decimal("0.10"), "pipeline"),
        ("discovery", Decimal("0.20"), "best_case"),
        ("evaluation", Decimal("0.40"), "upside"),
        ("proposal", Decimal("0.60"), "commit"),
        ("contracting", Decimal("0.80"), "commit"),
        ("closed_won", Decimal(1), "closed"),
        ("closed_lost", Decimal(0), "omitted"),
    ]


@pytest.mark.parametrize(
    ("place", "name", "value"),
    [
        (0, "probability", "1.5"),
        (0, "max_category", "closed"),
        (5, "probability", "0.9"),
        (6, "max_category", "pipeline"),
        (0, "stage", "discovery"),
    ],
)
def test_stages_that_contradict_themselves_are_refused(place: int, name: str, value: str) -> None:
    shipped = document(policies.STAGES)
    stages = [dict(one) for one in shipped.default["stages"]]
    stages[place][name] = value
    with pytest.raises(RuleError):
        shipped.read({"stages": stages})


STEPS = st.one_of(
    st.tuples(st.just("move"), st.sampled_from(OPEN)),
    st.tuples(st.just("win"), st.none()),
    st.tuples(st.just("lose"), st.none()),
    st.tuples(st.just("reopen"), st.none()),
    st.tuples(st.just("close_date"), st.sampled_from(["2027-03-01", "2027-05-01", "2027-11-01"])),
    st.tuples(st.just("amount"), st.sampled_from(["1", ""])),
)


@settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(script=st.lists(st.tuples(STEPS, st.integers(0, 3)), max_size=10))
def test_any_script_of_moves_and_edits_keeps_intervals_contiguous_and_names_right(
    cast: Cast, script: list[Any]
) -> None:
    with rolled_back():
        now = clocks.now()
        deal = ready_deal(cast, at=now - timedelta(days=100))
        at = deal.opened_at
        for (deed, value), days in script:
            at += timedelta(days=days)
            try:
                _play(cast, deal.pk, deed, value, at)
            except (audit.Blocked, access.Forbidden):
                continue
        assert interval_faults() == []
        stored = Opportunity.objects.get(pk=deal.pk)
        quarter = {3: "Q1", 5: "Q2", 8: "Q3", 11: "Q4"}[stored.close_date.month]
        assert stored.name == f"ENT-NA-Platform-IntelQQL-{quarter}"


def _play(cast: Cast, pk: int, deed: str, value: Any, at: Any) -> None:
    match deed:
        case "move":
            move_stage(by=cast.alice, pk=pk, to=value, reason_code="champion_lost", at=at)
        case "win":
            close_won(by=cast.alice, pk=pk, at=at)
        case "lose":
            close_lost(by=cast.alice, pk=pk, reason_code="price", at=at, **ENDED)
        case "reopen":
            reopen(by=cast.alice, pk=pk, reason_code="buyer_returned", at=at)
        case "close_date":
            before = Opportunity.objects.get(pk=pk).close_date
            slip = {"slip_reason": "buyer_delayed"} if value > str(before) else {}
            edit_opportunity(by=cast.alice, pk=pk, changes={"close_date": value, **slip})
        case "amount":
            edit_opportunity(by=cast.alice, pk=pk, changes={"amount": value})


def test_every_open_stage_has_a_place_on_the_path() -> None:
    assert [*OPEN, Stage.CLOSED_WON, Stage.CLOSED_LOST] == list(Stage)
