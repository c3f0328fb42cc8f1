"""How the demo company forecasts: some deals truly in Commit, others as far as they go; some came down since."""

from contextlib import suppress
from datetime import timedelta
from functools import partial
from itertools import count
from typing import Any

from accounts.enums import ActivityOutcome
from opportunities import actions as deals
from opportunities.actions import categories
from opportunities.actions.inspecting import inspect
from opportunities.actions.meddicc import score
from opportunities.actions.milestones import add_milestone
from opportunities.actions.review_statuses import set_review
from opportunities.enums import (
    OPEN,
    Element,
    ForecastCategory,
    InspectionOutcome,
    PlanKind,
    ReviewKind,
    ReviewState,
    Stage,
)
from opportunities.models import Opportunity
from revops.demo import plan
from revops.demo.diary import Diary
from revops.demo.plan.companies import DAYS
from revops.kernel import clocks
from revops.kernel.audit import Blocked
from revops.kernel.identity.models import User
from revops.kernel.packets.enums import Side
from revops.kernel.people.access import organisation

_LATE = (Stage.EVALUATION, Stage.PROPOSAL, Stage.CONTRACTING)
# Deals that are brought to Commit; of those that get there the first stay, the next slip, a review stops the others.
COMMITTED, STAYING, SLIPPED, STOPPED = 10, 3, 2, 2
_DOCUMENT = "https://files.example/last-round"
# What the buyer says before they sign, by element.
_SAID = (
    (Element.METRICS, "They save two days a month in finance, says their controller"),
    (Element.ECONOMIC_BUYER, "Has kept the money for this quarter and signs up to this amount"),
    (Element.PAPER_PROCESS, "Legal reads it this week, the finance director signs after that"),
)
_TO_CLOSE, _SLIPS_BY, _READS = timedelta(days=20), timedelta(days=120), timedelta(days=7)
_READY, _SEEN = timedelta(days=DAYS, hours=-23), timedelta(days=DAYS, hours=-21)
_SET, _SINCE = timedelta(days=DAYS, hours=-20), timedelta(days=DAYS, hours=-3)


def write(diary: Diary) -> None:
    """Write down what is forecast as what on the last day, and what came down again."""
    open_ones = [number for number, deal in enumerate(plan.deals()) if deal.stage in _LATE]
    signing = [number for number in open_ones if plan.deals()[number].stage == Stage.CONTRACTING][:COMMITTED]
    minutes = count()
    for number in signing:
        diary.note(_READY + timedelta(minutes=next(minutes)), partial(_make_ready, diary, number))
        diary.note(_SEEN + timedelta(minutes=next(minutes)), partial(_inspect, diary, number))
    for number in open_ones:
        diary.note(_SET, partial(_set, diary, number))
    diary.note(_SINCE, partial(_since, diary, signing))


def _owner(diary: Diary, number: int) -> User:
    return diary.people[plan.companies()[plan.deals()[number].company].owner]


def _held(diary: Diary, number: int) -> Opportunity:
    found: Opportunity = Opportunity.objects.get(pk=diary.deals[number].pk)
    return found


def _make_ready(diary: Diary, number: int) -> None:
    """Talk to those who decide, agree on the next step, name the risk, and bring the close date up to date."""
    by, deal, today = _owner(diary, number), _held(diary, number), clocks.now().date()
    people = [contact.pk for contact in diary.contacts[plan.deals()[number].company][:2]]
    if deal.stage not in OPEN:
        return
    step: dict[str, Any] = {
        "next_step": "The finance director signs the order form",
        "next_step_on": today + timedelta(days=9),
        "next_step_kind": "signature",
        "next_step_side": Side.BUYER,
        "next_step_contact": people[0],
    }
    deals.set_next_step(by=by, pk=deal.pk, values=step)
    closes = today + _TO_CLOSE
    if deal.close_date < closes:
        dates = {"close_date": closes, "slip_reason": "procurement_slow"}
        deals.edit_opportunity(by=by, pk=deal.pk, changes=dates)
    met = {"kind": "meeting", "subject": "Last questions before the signature", "contacts": people}
    told = {"outcome": ActivityOutcome.HELD, "duration_s": 2_700}
    deals.log_activity(by=by, pk=deal.pk, values=met | told)
    _hear(diary, number, by, people[0])
    risk: dict[str, Any] = {
        "element": Element.RISKS,
        "score": 1,
        "statement": "Their purchasing wants three bids for everything above this amount",
        "mitigation": "Bring their purchasing and the champion to one table",
        "mitigation_on": today + timedelta(days=6),
    }
    with suppress(Blocked):  # it may be named already, with its mitigation
        score(by=by, pk=deal.pk, values=risk)


def _hear(diary: Diary, number: int, by: User, buyer: int) -> None:
    """Keep what the buyer said about what it is worth, who pays and how it is signed, and the last step to it."""
    pk, today = _held(diary, number).pk, clocks.now().date()
    shown: dict[str, Any] = {"score": 2, "contact": buyer, "stated_by": buyer, "url": _DOCUMENT}
    for element, statement in _SAID:
        score(by=by, pk=pk, values=shown | {"element": element, "statement": statement})
    step = {"plan": PlanKind.PAPER, "text": "Their legal reads the contract", "due_on": today + _READS}
    add_milestone(by=by, pk=pk, values=step | {"side": Side.BUYER})


def _inspect(diary: Diary, number: int) -> None:
    """Let the manager of the owner look at the deal, and keep it."""
    deal, manager = _held(diary, number), organisation.current().manager_of.get(_owner(diary, number).pk)
    if manager is None or deal.stage not in OPEN:
        return
    values = {"outcome": InspectionOutcome.KEEP, "changed": "no", "minutes": 6}
    with suppress(Blocked):
        inspect(by=User.objects.get(pk=manager), pk=deal.pk, values=values)


def _set(diary: Diary, number: int) -> None:
    """Forecast a deal as far as its evidence carries it; of an overdue next step nothing is said."""
    deal = _held(diary, number)
    to = categories.highest([deal], clocks.now())[deal.pk]
    if deal.stage in OPEN and to != ForecastCategory.PIPELINE:
        with suppress(Blocked):
            changes = {"forecast_category": to}
            deals.edit_opportunity(by=_owner(diary, number), pk=deal.pk, changes=changes)


def _since(diary: Diary, signing: list[int]) -> None:
    """Let two deals slip out of Commit, and a review stop two others: they come down by rule, the same minute."""
    committed = [
        number for number in signing if _held(diary, number).forecast_category == ForecastCategory.COMMIT
    ]
    changing = committed[STAYING:]
    for number in changing[:SLIPPED]:
        deal = _held(diary, number)
        dates = {"close_date": deal.close_date + _SLIPS_BY, "slip_reason": "budget_cycle"}
        deals.edit_opportunity(by=_owner(diary, number), pk=deal.pk, changes=dates)
    for number in changing[SLIPPED : SLIPPED + STOPPED]:
        by, pk = _owner(diary, number), _held(diary, number).pk
        review: dict[str, Any] = {"kind": ReviewKind.PROCUREMENT, "state": ReviewState.IN_REVIEW}
        set_review(by=by, pk=pk, values=review)
        note = "Purchasing asks for a second bid before it goes on"
        set_review(by=by, pk=pk, values=review | {"state": ReviewState.BLOCKED, "note": note})
