"""The invariants of the funnel, each held by a wire: with it the law holds, with the wire cut the same deed breaks it.

What an invariant means in detail is tested beside the code; here stands that none of them is held by chance. INV-2.7
has its own wires, one an exclusion, in `tests/opportunities/test_sweeping.py`.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from accounts.actions.activities import writing
from opportunities.actions import (
    close_lost,
    close_won,
    delays,
    edit_opportunity,
    gating,
    intervals,
    log_activity,
    move_stage,
    next_steps,
    reopen,
)
from opportunities.actions.categories import holding
from opportunities.models import Opportunity, SlipEvent, StageEvidence, StageInterval
from revops.kernel import audit, clocks, gates
from revops.kernel.audit import changes
from revops.kernel.gates import machines
from revops.kernel.packets.models import Obligation
from tests.cast import Cast
from tests.opportunities.conftest import (
    ADVANCE,
    ENDED,
    brought_to,
    make_committable,
    open_deal,
    ready_deal,
    without_people,
)
from tests.opportunities.intervals import interval_faults
from tests.opportunities.test_gates import in_force

pytestmark = pytest.mark.django_db
NOW = datetime(2027, 3, 3, 14, tzinfo=UTC)  # a Wednesday
Holds = Callable[[Cast], bool]
Cut = Callable[[pytest.MonkeyPatch, Cast], None]


@dataclass(frozen=True)
class Law:
    """A deed after which the law holds, and what is cut for it not to."""

    holds: Holds
    cut: Cut


def refused(act: Callable[[], Any]) -> bool:
    try:
        act()
    except audit.Blocked:
        return True
    return False


def stage_of(deal: Opportunity) -> str:
    return str(Opportunity.objects.get(pk=deal.pk).stage)


def let_pass(monkeypatch: pytest.MonkeyPatch, cast: Cast) -> None:
    """Let everybody through the gates unasked."""

    def unasked(deal: Opportunity, transition: str, to: str, **options: Any) -> None:
        with suppress(TypeError):
            held, deal.stage = deal.stage, to
            gates.take_as_found([deal], machines.get(gating.MACHINE))
            deal.stage = held

    monkeypatch.setattr(gating, "pass_through", unasked)


def only_with_criteria(cast: Cast) -> bool:
    deal = without_people(cast)
    move = lambda: move_stage(by=cast.alice, pk=deal.pk, to="discovery", reason_code=ADVANCE)  # noqa: E731
    return refused(move) and stage_of(deal) == "qualification"


def contiguous(cast: Cast) -> bool:
    deal = brought_to(cast, "proposal")
    move_stage(by=cast.alice, pk=deal.pk, to="discovery", reason_code="champion_lost")
    return interval_faults() == []


def late_beginning(monkeypatch: pytest.MonkeyPatch, cast: Cast) -> None:
    begin = intervals.begin

    def later(deals: Any, via: Any, **options: Any) -> Any:
        for deal in deals:
            deal.opened_at -= timedelta(hours=1)
        rows = begin(deals, via, **options)
        for deal in deals:
            deal.opened_at += timedelta(hours=1)
        return rows

    monkeypatch.setattr(intervals, "begin", later)


def one_step(cast: Cast) -> bool:
    deal = open_deal(cast)
    rows = Obligation.objects.filter(subject_id=deal.pk, kind="next_step", state="open")
    return [row.pk for row in rows] == [Opportunity.objects.get(pk=deal.pk).next_step_task_id]


def no_keeper(monkeypatch: pytest.MonkeyPatch, cast: Cast) -> None:
    monkeypatch.setattr(next_steps.keeping, "begin", lambda deals: None)  # type: ignore[attr-defined]
    monkeypatch.setattr(next_steps, "begin", lambda deals: None, raising=False)
    monkeypatch.setitem(changes._first, "opportunities.next_steps", lambda change: None)


def fresh_step(cast: Cast) -> bool:
    deal = ready_deal(cast)
    late = clocks.now() + timedelta(days=40)
    with clocks.at(late):
        return refused(lambda: edit_opportunity(by=cast.alice, pk=deal.pk, changes={"amount": "1"}))


def counted(cast: Cast) -> bool:
    deal = open_deal(cast)
    date = str(deal.close_date + timedelta(days=1))
    silent = refused(lambda: edit_opportunity(by=cast.alice, pk=deal.pk, changes={"close_date": date}))
    with suppress(audit.Blocked):
        changed = {"close_date": date, "slip_reason": "buyer_delayed"}
        edit_opportunity(by=cast.alice, pk=deal.pk, changes=changed)
    count = Opportunity.objects.get(pk=deal.pk).push_count
    return silent and (count, SlipEvent.objects.filter(opportunity=deal).count()) == (1, 1)


def slipped(cast: Cast) -> bool:
    deal = make_committable(cast, brought_to(cast, "proposal", close_date="2027-03-20"))
    edit_opportunity(by=cast.alice, pk=deal.pk, changes={"forecast_category": "commit"})
    changed = {"close_date": "2027-04-20", "slip_reason": "buyer_delayed"}
    held = edit_opportunity(by=cast.alice, pk=deal.pk, changes=changed)
    first = deal.history.filter(close_date="2027-04-20").earliest("version")
    return (held.forecast_category, first.forecast_category) == ("best_case", "best_case")


def no_lowering(monkeypatch: pytest.MonkeyPatch, cast: Cast) -> None:
    monkeypatch.setattr(delays.categories, "lower", lambda *args, **options: False)
    monkeypatch.setattr(holding, "lower", lambda *args, **options: False)


def won_by_the_gate(cast: Cast) -> bool:
    deal = ready_deal(cast, start_date=None)
    by_deed = refused(lambda: close_won(by=cast.alice, pk=deal.pk))
    edit = {"stage": "closed_won"}
    by_edit = refused(lambda: edit_opportunity(by=cast.alice, pk=deal.pk, changes=edit))
    return by_deed and by_edit and stage_of(deal) == "qualification"


def kept_closed(cast: Cast) -> bool:
    deal = open_deal(cast)
    close_lost(by=cast.alice, pk=deal.pk, reason_code="price", **ENDED)
    reopen(by=cast.alice, pk=deal.pk, reason_code="buyer_returned")
    stays = StageInterval.objects.filter(opportunity=deal).in_order()
    return [(one.stage, one.active_to is None) for one in stays] == [
        ("qualification", False),
        ("closed_lost", False),
        ("qualification", True),
    ]


def overwritten(monkeypatch: pytest.MonkeyPatch, cast: Cast) -> None:
    """Let every turn write over the present interval instead of beginning another."""

    def turn(turns: Any) -> None:
        for one in turns:
            one.present.stage = one.deal.stage = one.to
            one.deal.closed_at = audit.current().occurred_at if one.to == "closed_lost" else None
        audit.write_many([one.present for one in turns])

    monkeypatch.setattr(intervals, "turn", turn)


def not_too_old(cast: Cast) -> bool:
    with clocks.at(NOW):
        deal = ready_deal(cast)
        said = StageEvidence.objects.get(opportunity=deal, kind="need_statement").occurred_at
    with clocks.at(said + timedelta(days=90, seconds=1)):
        edit_opportunity(by=cast.alice, pk=deal.pk, changes=_step(said + timedelta(days=92)))
        return refused(lambda: move_stage(by=cast.alice, pk=deal.pk, to="discovery", reason_code=ADVANCE))


def _step(on: datetime) -> dict[str, str]:
    return {"next_step": "Go through the offer again", "next_step_on": on.date().isoformat()}


def any_age(monkeypatch: pytest.MonkeyPatch, cast: Cast) -> None:
    in_force(cast, need_stated={"rule": {"f": "opportunity.need_statement_at", "op": "not_null"}})


def not_by_us(cast: Cast) -> bool:
    deal = open_deal(cast)
    ours = (
        {"kind": "email", "direction": "outbound", "outcome": "done", "subject": "Reminder"},
        {"kind": "note", "outcome": "done", "subject": "Left word again"},
    )
    for values in ours:
        log_activity(by=cast.alice, pk=deal.pk, values=values)
    return Opportunity.objects.get(pk=deal.pk).last_buyer_activity_at is None


LAWS = {
    "2.1 no forward move without its criteria": Law(only_with_criteria, let_pass),
    "2.2 stage intervals are contiguous": Law(contiguous, late_beginning),
    "2.3 exactly one open next step": Law(one_step, no_keeper),
    "2.3 no save over an overdue step": Law(
        fresh_step,
        lambda patch, cast: patch.setattr("opportunities.actions.drafts.overdue_step", lambda draft: []),
    ),
    "2.4 a later date has its reason and counts": Law(
        counted, lambda patch, cast: patch.setattr(delays, "put_off", lambda later: [])
    ),
    "2.5 a slip out of Commit is Best case at once": Law(slipped, no_lowering),
    "2.6 won by the won gate alone": Law(won_by_the_gate, let_pass),
    "2.8 reopening keeps the closed interval": Law(kept_closed, overwritten),
    "2.9 evidence past its age does not satisfy": Law(not_too_old, any_age),
    "2.10 what we do ourselves is no word of the buyer's": Law(
        not_by_us, lambda patch, cast: patch.setattr(writing, "qualifies", lambda *args, **options: True)
    ),
}


@pytest.mark.parametrize("name", LAWS)
def test_inv_2_each_law_of_the_funnel_holds(cast: Cast, name: str) -> None:
    assert LAWS[name].holds(cast)


@pytest.mark.control
@pytest.mark.parametrize("name", LAWS)
def test_inv_2_each_law_is_broken_once_its_wire_is_cut(
    cast: Cast, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    LAWS[name].cut(monkeypatch, cast)
    assert not LAWS[name].holds(cast)
