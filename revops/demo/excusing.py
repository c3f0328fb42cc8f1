"""Who in the demo company is excused from which exit criterion: an exception in each state, and one gate debt.

Three deals entered Evaluation after their economic buyer had left: one is excused still, one used its only time, one is
over and owes the criterion. Others were asked for, rejected, revoked.
"""

from datetime import timedelta
from functools import partial

from opportunities.actions import edit_contact_role
from opportunities.enums import BuyingRole, Stage
from opportunities.models import OppContactRole
from revops.demo import plan
from revops.demo.diary import Diary
from revops.demo.plan.companies import DAYS
from revops.kernel import clocks
from revops.kernel.gates.exceptions import actions, lapsing
from revops.kernel.gates.models import PolicyException
from revops.kernel.records.registry import get
from revops.kernel.records.work.exceptions.forms import request

_DEAL, _KEY, _LINE = "opportunities.opportunity", "opportunities.exit_criteria", "budget_owner"
_LEFT = "Their economic buyer left the company; the search for a successor ends this month."
_WATCH = "The champion reports to the new budget owner every week, and we join that call."
_NOW = timedelta(days=DAYS)
_HOUR = timedelta(hours=1)
# Deals that entered Evaluation without an economic buyer: when the term ends, how often it may be used.
_USED: tuple[tuple[timedelta, str], ...] = (
    (_NOW + timedelta(days=6), ""),
    (_NOW + timedelta(days=3), "1"),
    (_NOW - timedelta(days=2), ""),
)


def write(diary: Diary) -> None:
    """Write down what was asked for, granted, used and ended in the last weeks."""
    for number, (ends, uses) in zip(_into_evaluation(), _USED, strict=False):
        entered = _entered(number)
        diary.note(entered - 4 * _HOUR, partial(_leave, diary, number))
        diary.note(entered - 3 * _HOUR, partial(_grant, diary, number, ends, uses))
    diary.note(_NOW - timedelta(days=2) + _HOUR, lambda: lapsing.lapse_due(clocks.now()))
    asked, rejected, revoked = _in_discovery()[:3]
    diary.note(_NOW - 5 * _HOUR, partial(_ask, diary, asked, _NOW + timedelta(days=14), ""))
    diary.note(_NOW - timedelta(days=4), partial(_reject, diary, rejected))
    diary.note(_NOW - timedelta(days=3), partial(_revoke, diary, revoked))
    diary.note(_NOW - _HOUR, lambda: actions.open_reviews(clocks.now()))


def _entered(number: int) -> timedelta:
    return next(step.at for step in plan.deals()[number].steps if step.stage == Stage.EVALUATION)


def _into_evaluation() -> list[int]:
    """Return deals that stand in Evaluation since two to three and a half weeks, one of a company each."""
    since, until = _NOW - timedelta(days=24), _NOW - timedelta(days=10)
    found = {
        deal.company: number
        for number, deal in enumerate(plan.deals())
        if deal.stage == Stage.EVALUATION and since < _entered(number) < until
    }
    return sorted(found.values())


def _in_discovery() -> list[int]:
    """Return deals that stand in Discovery since a week at least."""
    return [
        number
        for number, deal in enumerate(plan.deals())
        if deal.stage == Stage.DISCOVERY and deal.opens < _NOW - timedelta(days=40)
        if max(step.at for step in deal.steps) < _NOW - timedelta(days=7)
    ]


def _owner(number: int) -> str:
    return plan.companies()[plan.deals()[number].company].owner


def _leave(diary: Diary, number: int) -> None:
    """Take the economic buyer out of a deal."""
    rows = OppContactRole.objects.filter(opportunity=diary.deals[number], role=BuyingRole.ECONOMIC_BUYER)
    for one in rows.order_by("pk"):
        edit_contact_role(by=diary.people[_owner(number)], pk=one.pk, changes={"is_active": False})


def _ask(diary: Diary, number: int, ends: timedelta, uses: str) -> PolicyException:
    values = {
        "policy_key": _KEY,
        "criterion_key": _LINE,
        "subject": get(_DEAL).number(diary.deals[number].pk),
        "justification": _LEFT,
        "compensating_control": _WATCH,
        "risk": "med",
        "expires_at": diary.instant(ends).isoformat(),
        "max_uses": uses,
    }
    return request(by=diary.people[_owner(number)], values=values)


def _grant(diary: Diary, number: int, ends: timedelta, uses: str) -> PolicyException:
    return actions.approve(by=diary.people["rita"], pk=_ask(diary, number, ends, uses).pk)


def _reject(diary: Diary, number: int) -> None:
    held = _ask(diary, number, _NOW + timedelta(days=10), "")
    why = "The budget owner is known: add them to the deal instead."
    actions.reject(by=diary.people["rita"], pk=held.pk, reason=why)


def _revoke(diary: Diary, number: int) -> None:
    held = _grant(diary, number, _NOW + timedelta(days=10), "")
    why = "Their new budget owner has started; nothing needs excusing any more."
    actions.revoke(by=diary.people["rita"], pk=held.pk, reason=why)
