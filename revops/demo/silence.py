"""Deals of the demo company whose buyers are silent: one in each step of the sweep, one closed by it, one kept open.

They belong to the smallest companies, so that the days of small businesses count. The sweep runs at given instants and
looks at these deals alone; every other one meets the sweep of the next morning.
"""

from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from opportunities.actions import create_opportunity, sweeping
from opportunities.enums import OPEN, OpportunityType
from opportunities.models import IdleStep, Opportunity
from revops.demo import plan
from revops.demo.diary import Diary
from revops.demo.plan.companies import DAYS
from revops.kernel import clocks

_NOW = timedelta(days=DAYS)
_DAY = timedelta(days=1)
_CLOSES = timedelta(days=40)


@dataclass(frozen=True, slots=True)
class Silent:
    """A deal that was opened so many days ago and never heard of."""

    days: int
    type: str = OpportunityType.NEW
    reason: str = ""


DEALS = (
    Silent(9),
    Silent(17),
    Silent(19, reason="waiting_for_budget"),
    Silent(33),
    Silent(52),
    Silent(52, OpportunityType.RENEWAL),
)


def write(diary: Diary) -> None:
    """Write down the silent deals, what the sweep did about them, and why one of them stalls."""
    made: list[Opportunity] = []
    small = sorted(plan.companies(), key=lambda one: (one.employees, one.index))[: len(DEALS)]
    for silent, company in zip(DEALS, small, strict=True):
        opens = max(_NOW - silent.days * _DAY, company.begins + _DAY)
        diary.note(opens, partial(_open, diary, made, silent, company))
    for ago in (45, 38, 22, 12, 6, 4, 2, 1):
        diary.note(_NOW - ago * _DAY, partial(_sweep, made))
    stalled = DEALS.index(next(one for one in DEALS if one.reason))
    diary.note(_NOW - timedelta(hours=20), partial(_explain, diary, small[stalled], DEALS[stalled].reason))


def _open(diary: Diary, made: list[Opportunity], silent: Silent, company: plan.Company) -> None:
    values = {
        "account": diary.accounts[company.index].pk,
        "type": silent.type,
        "primary_product": next(iter(diary.products.values())).pk,
        "use_case": next(iter(diary.use_cases.values())),
        "source": "web",
        "amount": 400 * company.employees,
        "close_date": (clocks.now() + timedelta(days=silent.days) + _CLOSES).date(),
    }
    made.append(create_opportunity(by=diary.people[company.owner], values=values))


def _sweep(made: list[Opportunity]) -> None:
    sweeping.sweep(clocks.now(), among=[deal.pk for deal in made])


def _explain(diary: Diary, company: plan.Company, reason: str) -> None:
    """Say why a deal stalls that was escalated, if it was."""
    owner = diary.people[company.owner]
    for step in IdleStep.objects.filter(
        opportunity__account=diary.accounts[company.index], step="escalate", reason_code=""
    ):
        deal = step.opportunity
        if deal.owner_id == owner.pk and deal.stage in OPEN and deal.last_buyer_activity_at is None:
            sweeping.give_stall_reason(by=owner, pk=deal.pk, reason_code=reason)
