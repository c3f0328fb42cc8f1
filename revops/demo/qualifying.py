"""How well the open deals of the demo company are known: their MEDDICC, their plans, their reviews; some with holes."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from itertools import count
from typing import Any

from opportunities.actions.meddicc import score
from opportunities.actions.milestones import add_milestone
from opportunities.actions.review_statuses import set_review
from opportunities.enums import Element, PlanKind, ReviewKind, ReviewState, Stage
from revops.demo import plan
from revops.demo.diary import Diary
from revops.demo.plan.companies import DAYS
from revops.demo.tasks import open_deals
from revops.kernel import clocks

_BEFORE = timedelta(days=DAYS - 5, hours=-2)
_LINK = "https://files.demo.example/minutes/{}"
# What is known from a stage on, in words, and how well.
_KNOWN: dict[Stage, tuple[tuple[Element, int, str], ...]] = {
    Stage.EVALUATION: (
        (Element.METRICS, 1, "They expect to close their books two days earlier each month"),
        (Element.PAIN, 1, "Their planners copy figures between five sheets every week"),
        (Element.CHAMPION, 2, "Showed our trial to the steering group without being asked"),
        (Element.DECISION_CRITERIA, 2, "Their list: single sign-on, data in the region, live by spring"),
    ),
    Stage.PROPOSAL: (
        (Element.METRICS, 2, "Two days a month are worth 40,000 a year to them, says their controller"),
        (Element.ECONOMIC_BUYER, 2, "Has kept the money for this quarter and signs up to this amount"),
        (Element.DECISION_PROCESS, 2, "The steering group recommends, the finance director decides"),
        (Element.COMPETITION, 1, "One other bidder is left; doing nothing is the second one"),
    ),
    Stage.CONTRACTING: (
        (Element.PAPER_PROCESS, 2, "Counsel, security, then the finance director signs the order form"),
        (Element.RISKS, 1, "Their purchasing wants three bids for everything above this amount"),
    ),
}
_STAGES = tuple(_KNOWN)
_PLANS: dict[Stage, tuple[PlanKind, tuple[tuple[str, str, int], ...]]] = {
    Stage.EVALUATION: (
        PlanKind.EVALUATION,
        (
            ("Their data is loaded into the trial", "us", 3),
            ("The steering group has seen the results of the trial", "buyer", 9),
        ),
    ),
    Stage.CONTRACTING: (
        PlanKind.PAPER,
        (
            ("Their counsel returns the comments on the contract", "buyer", 4),
            ("The order form is signed by the finance director", "buyer", 8),
        ),
    ),
}


def write(diary: Diary) -> None:
    """Write down what is known of the deals from Evaluation on; of every third one no more than half of it."""
    numbers = sorted(number for held in open_deals().values() for number in held)
    late = [number for number in numbers if plan.deals()[number].stage in _STAGES]
    minutes = count()
    for place, number in enumerate(late):
        known = list(_known(plan.deals()[number].stage))
        for element, points, words in known[: len(known) // 2] if place % 3 == 1 else known:
            at = _BEFORE + timedelta(minutes=next(minutes) % 50)
            diary.note(at, partial(_score, diary, number, element, points, words))
        diary.note(_BEFORE, partial(_plan, diary, number))
        if plan.deals()[number].stage != Stage.EVALUATION:
            diary.note(_BEFORE, partial(_review, diary, number, place))


def _known(stage: Stage) -> Iterator[tuple[Element, int, str]]:
    """Yield what is known of a deal in a stage: the latest of each element."""
    found: dict[Element, tuple[Element, int, str]] = {}
    for one in _STAGES[: _STAGES.index(stage) + 1]:
        found |= {element: (element, points, words) for element, points, words in _KNOWN[one]}
    yield from found.values()


def _owner(diary: Diary, number: int) -> Any:
    return diary.people[plan.companies()[plan.deals()[number].company].owner]


def _score(diary: Diary, number: int, element: Element, points: int, words: str) -> None:
    people = diary.contacts[plan.deals()[number].company]
    values: dict[str, Any] = {"element": element, "score": points, "statement": words}
    if points == 2:
        values |= {"stated_by": people[0].pk, "url": _LINK.format(element.replace("_", "-"))}
        values["occurred_at"] = clocks.now() - timedelta(days=1 + number % 9)
    if element in (Element.CHAMPION, Element.ECONOMIC_BUYER):
        values["contact"] = people[element == Element.CHAMPION and len(people) > 1].pk
    if element in (Element.DECISION_PROCESS, Element.PAPER_PROCESS):
        values["on"] = clocks.now().date() + timedelta(days=8)
    if element == Element.RISKS:
        values |= {"mitigation": "Bring their purchasing and the champion to one table"}
        values["mitigation_on"] = clocks.now().date() + timedelta(days=9)
    score(by=_owner(diary, number), pk=diary.deals[number].pk, values=values)


def _plan(diary: Diary, number: int) -> None:
    for stage, (kind, steps) in _PLANS.items():
        if _STAGES.index(plan.deals()[number].stage) < _STAGES.index(stage):
            continue
        for text, side, ahead in steps:
            day = clocks.now().date() + timedelta(days=ahead)
            values = {"plan": kind, "text": text, "side": side, "due_on": day}
            add_milestone(by=_owner(diary, number), pk=diary.deals[number].pk, values=values)


def _review(diary: Diary, number: int, place: int) -> None:
    """Let security look at a deal; of every ninth it blocks, and where a contract lies counsel has approved."""
    by, pk = _owner(diary, number), diary.deals[number].pk
    security: dict[str, Any] = {"kind": ReviewKind.SECURITY}
    set_review(by=by, pk=pk, values=security | {"state": ReviewState.IN_REVIEW})
    if place % 9 == 0:
        note = "They want the report of the last penetration test first"
        set_review(by=by, pk=pk, values=security | {"state": ReviewState.BLOCKED, "note": note})
    if plan.deals()[number].stage == Stage.CONTRACTING:
        legal: dict[str, Any] = {"kind": ReviewKind.LEGAL, "owner": diary.people["lara"].pk}
        for state in (ReviewState.IN_REVIEW, ReviewState.APPROVED):
            set_review(by=by, pk=pk, values=legal | {"state": state})
