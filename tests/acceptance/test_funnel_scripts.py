"""Property 3 of the funnel: whatever is done to a deal, in whatever order, its histories and promises hold together.

The laws are written down here once more, in plain Python over the stored rows; nothing of the product is asked.
"""

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from opportunities.actions import (
    add_contact_role,
    close_lost,
    close_won,
    edit_opportunity,
    evidence,
    inspecting,
    meddicc,
    move_stage,
    next_steps,
    remove_contact_role,
    reopen,
    review_statuses,
    sweeping,
)
from opportunities.actions.categories import clamping
from opportunities.enums import CLOSED, FORECAST_ORDER, OPEN, Element, Stage
from opportunities.models import CategoryChange, OppContactRole, Opportunity, SlipEvent, StageEvidence
from revops.kernel import audit, clocks
from revops.kernel.audit import changes
from revops.kernel.packets.models import Obligation
from revops.kernel.people import access
from tests.acceptance.promises import carried
from tests.cast import Cast
from tests.evidence import rolled_back
from tests.opportunities.conftest import ADVANCE, ENDED, brought_to
from tests.opportunities.intervals import interval_faults

pytestmark = pytest.mark.django_db
NOW = datetime(2027, 3, 3, 14, tzinfo=clocks.now().tzinfo)  # a Wednesday
DEEDS = st.one_of(
    st.tuples(st.just("move"), st.sampled_from(OPEN)),
    st.tuples(st.just("advance"), st.none()),
    st.tuples(st.just("win"), st.none()),
    st.tuples(st.just("lose"), st.none()),
    st.tuples(st.just("reopen"), st.none()),
    st.tuples(st.just("category"), st.sampled_from(FORECAST_ORDER)),
    st.tuples(st.just("date"), st.sampled_from([-40, -1, 1, 20, 95])),
    st.tuples(st.just("step"), st.sampled_from([-1, 3, 13, 25, 80])),
    st.tuples(st.just("done"), st.sampled_from([2, 10])),
    st.tuples(st.just("reject"), st.sampled_from(["champion", "economic_buyer", "metrics"])),
    st.tuples(st.just("score"), st.sampled_from([(Element.CHAMPION, 0), (Element.RISKS, 0), (Element.METRICS, 1)])),
    st.tuples(st.just("review"), st.sampled_from(["blocked", "approved"])),
    st.tuples(st.just("leave"), st.none()),
    st.tuples(st.just("join"), st.none()),
    st.tuples(st.just("inspect"), st.sampled_from(["keep", "downgrade"])),
    st.tuples(st.just("wait"), st.sampled_from([1, 4, 12, 33])),
)  # fmt: skip


@settings(
    max_examples=200 if os.environ.get("SOAK") == "1" else 6,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],  # a script is read in a minute; making it shorter takes many
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    begins=st.sampled_from(["qualification", "evaluation", "contracting"]),
    script=st.lists(DEEDS, min_size=4, max_size=9),
)
def test_property_3_no_script_of_edits_breaks_what_a_deal_says_of_itself(
    cast: Cast, begins: str, script: list[tuple[str, Any]]
) -> None:
    now = NOW
    with rolled_back():
        with clocks.at(now):
            deal = brought_to(cast, begins, close_date="2027-05-14")
        for deed, value in [("inspect", "keep"), ("category", "commit"), *script, ("wait", 1)]:
            now += timedelta(hours=1)
            if deed == "wait":
                now += timedelta(days=value)
            with clocks.at(now), suppress(audit.Blocked, access.Forbidden):
                _play(cast, deal.pk, deed, value, now)
            assert faults(deal.pk, now) == [], (deed, value)


@pytest.mark.control
def test_a_promise_that_nothing_holds_down_is_seen(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """The scripts reach Commit, and the laws tell a category that stays there without its evidence."""
    with clocks.at(NOW):
        deal = brought_to(cast, "contracting", close_date="2027-05-14")
        for deed, value in (("inspect", "keep"), ("category", "commit")):
            _play(cast, deal.pk, deed, value, NOW)
        assert Opportunity.objects.get(pk=deal.pk).forecast_category == "commit"
        assert faults(deal.pk, NOW) == []
        monkeypatch.setitem(changes._first, "opportunities.categories", lambda change: None)
        _play(cast, deal.pk, "reject", "economic_buyer", NOW)
    assert faults(deal.pk, NOW) == ["commit beyond ['best_case', 'omitted', 'pipeline', 'upside']"]


@dataclass(frozen=True)
class Play:
    """One deed of a script: what is done to which deal, with which value, when."""

    cast: Cast
    deal: Opportunity
    value: Any
    now: datetime

    @property
    def whom(self) -> dict[str, Any]:
        return {"by": self.cast.alice, "pk": self.deal.pk}


def _play(cast: Cast, pk: int, deed: str, value: Any, now: datetime) -> None:
    PLAYS[deed](Play(cast, Opportunity.objects.get(pk=pk), value, now))


def _move(one: Play) -> None:
    back = one.deal.stage in CLOSED or OPEN.index(one.value) < OPEN.index(Stage(one.deal.stage))
    move_stage(**one.whom, to=one.value, reason_code="champion_lost" if back else ADVANCE)


def _advance(one: Play) -> None:
    stage = one.deal.stage
    to = OPEN[OPEN.index(Stage(stage)) + 1] if stage in OPEN[:-1] else OPEN[-1]
    move_stage(**one.whom, to=to, reason_code=ADVANCE)


def _date(one: Play) -> None:
    to = one.deal.close_date + timedelta(days=one.value)
    later = {"slip_reason": "buyer_delayed"} if one.value > 0 else {}
    edit_opportunity(**one.whom, changes={"close_date": str(to), **later})


def _step(one: Play, **more: str) -> None:
    on = one.now.date() + timedelta(days=one.value)
    given = {"next_step": f"Go through the offer again, {one.value}", "next_step_on": on}
    next_steps.set_next_step(**one.whom, values=given | more)


def _reject(one: Play) -> None:
    held = StageEvidence.objects.filter(opportunity=one.deal, kind=one.value).first()
    if held is not None:
        evidence.reject_evidence(by=one.cast.mona, pk=held.pk, note="They said something else to me")


def _score(one: Play) -> None:
    element, score = one.value
    said = {"element": str(element), "score": score, "statement": "Heard it from somebody"}
    meddicc.score(**one.whom, values=said)


def _review(one: Play) -> None:
    given = {"kind": "security", "state": one.value, "note": "As they told us"}
    review_statuses.set_review(**one.whom, values=given)


def _leave(one: Play) -> None:
    role = OppContactRole.objects.filter(opportunity=one.deal, is_active=True).first()
    if role is not None:
        remove_contact_role(by=one.cast.alice, pk=role.pk)


def _join(one: Play) -> None:
    gone = OppContactRole.objects.filter(opportunity=one.deal, is_active=False).first()
    if gone is not None:
        values = {"opportunity": one.deal.pk, "contact": gone.contact_id, "role": gone.role}
        add_contact_role(by=one.cast.alice, values=values)


def _night(one: Play) -> None:
    clamping.clamp(one.now)
    sweeping.sweep(one.now)


PLAYS: dict[str, Callable[[Play], object]] = {
    "move": _move,
    "advance": _advance,
    "win": lambda one: close_won(**one.whom),
    "lose": lambda one: close_lost(**one.whom, reason_code="price", **ENDED),
    "reopen": lambda one: reopen(**one.whom, reason_code="buyer_returned"),
    "category": lambda one: edit_opportunity(**one.whom, changes={"forecast_category": str(one.value)}),
    "date": _date,
    "step": _step,
    "done": lambda one: _step(one, done="They agreed to what we offered"),
    "reject": _reject,
    "score": _score,
    "review": _review,
    "leave": _leave,
    "join": _join,
    "inspect": lambda one: inspecting.inspect(
        by=one.cast.mona, pk=one.deal.pk, values={"outcome": one.value, "changed": "no"}
    ),
    "wait": _night,
}


def faults(pk: int, now: datetime) -> list[str]:
    """Return every law that a deal breaks."""
    deal = Opportunity.objects.get(pk=pk)
    return [
        *interval_faults(),
        *_steps(deal),
        *_category(deal, now),
        *_delays(deal),
        *_name(deal),
        *_history(deal),
    ]


def _steps(deal: Opportunity) -> list[str]:
    rows = Obligation.objects.filter(
        subject_type="opportunities.opportunity", subject_id=deal.pk, kind="next_step", state="open"
    )
    wanted = [] if deal.stage in CLOSED else [deal.next_step_task_id]
    found = [row.pk for row in rows]
    told = [] if found == wanted else [f"next steps {found}, not {wanted}"]
    said = [row for row in rows if row.source_ref != "opening"]
    return told + [f"the step is on {row.due_on}" for row in said if row.due_on != deal.next_step_on]


def _category(deal: Opportunity, now: datetime) -> list[str]:
    if deal.stage in CLOSED:
        return []
    most = carried(deal, now)
    return [] if deal.forecast_category in most else [f"{deal.forecast_category} beyond {sorted(most)}"]


def _delays(deal: Opportunity) -> list[str]:
    rows = deal.history.order_by("version").values_list("close_date", flat=True)
    later = [(before, after) for before, after in pairwise(rows) if after > before]
    events = SlipEvent.objects.filter(opportunity=deal).order_by("pk")
    kept = [(one.from_date, one.to_date) for one in events]
    told = [] if kept == later else [f"delays {kept}, not {later}"]
    told += [] if deal.push_count == len(later) else [f"counted {deal.push_count} of {len(later)}"]
    return told + [
        f"{one.kind} from {one.from_date} to {one.to_date}"
        for one in events
        if (one.kind == "slip") != (_quarter(one.from_date) != _quarter(one.to_date))
    ]


def _quarter(on: date) -> tuple[int, int]:
    return on.year, (on.month + 2) // 3


def _name(deal: Opportunity) -> list[str]:
    wanted = f"ENT-NA-Platform-IntelQQL-Q{_quarter(deal.close_date)[1]}"
    return [] if deal.name == wanted else [f"named {deal.name}, not {wanted}"]


def _history(deal: Opportunity) -> list[str]:
    rows = list(deal.history.order_by("version"))
    told = [] if [row.version for row in rows] == [*range(1, deal.version + 1)] else ["versions are missing"]
    moved = [(a.forecast_category, b.forecast_category) for a, b in pairwise(rows)]
    kept = CategoryChange.objects.filter(opportunity=deal).order_by("pk").values_list("before", "after")
    wanted = [pair for pair in moved if pair[0] != pair[1]]
    return told + ([] if list(kept) == wanted else [f"categories {list(kept)}, not {wanted}"])
