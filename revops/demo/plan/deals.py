"""Deals, how they move through the stages, and what is said on the way.

Won new business and expansions add up to the ARR of the company, exactly. With the silent deals of the demo company,
twenty-eight in a hundred open ones have not heard from their buyer for more than thirty days (GT22).
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from functools import cache

from opportunities.enums import OPEN, OpportunityType, Stage
from revops.demo.plan.companies import DAYS, Company, companies
from revops.demo.words import LOSS_REASONS, PRODUCTS, SOURCES, TALKS, USE_CASES

ARR = Decimal(15_000_000)
OPENED, WON, LOST, EXPANDED = 95, 90, 150, 20
# Besides them five silent deals stay open (`demo.silence`), one of them idle: 28 in a hundred (GT22).
IDLE = 27
# Days in each stage; in the middle their sum is the cycle of 78 days that the case study begins with.
PACE = {
    Stage.QUALIFICATION: (4, 14),
    Stage.DISCOVERY: (8, 22),
    Stage.EVALUATION: (14, 32),
    Stage.PROPOSAL: (10, 24),
    Stage.CONTRACTING: (6, 22),
}
NOW = timedelta(days=DAYS)


@dataclass(frozen=True, slots=True)
class Step:
    """The deal enters a stage."""

    stage: Stage
    at: timedelta


@dataclass(frozen=True, slots=True)
class Talk:
    """Something that was said or done. `from_buyer` is one that ALG-2.1 counts."""

    kind: str
    subject: str
    at: timedelta
    from_buyer: bool


@dataclass(frozen=True, slots=True)
class Deal:
    """A deal to be. `amount` is in dollars of ARR; `idle` only speaks of open ones."""

    company: int
    type: OpportunityType
    product: str
    use_case: str
    source: str
    amount: Decimal
    opens: timedelta
    steps: tuple[Step, ...]
    closes: timedelta
    talks: tuple[Talk, ...]
    loss_reason: str = ""
    idle: bool = False

    @property
    def stage(self) -> Stage:
        return self.steps[-1].stage if self.steps else Stage.QUALIFICATION


@cache
def deals() -> tuple[Deal, ...]:
    """Return all deals: won ones, expansions of customers, lost ones, open ones."""
    chance = random.Random(78)  # noqa: S311 - the demo is the same every time
    firms = [company for company in companies() if company.spelling_of is None]
    winners = firms[::3][:WON]
    others = [company for company in firms if company not in winners]
    made = [_closed(company, Stage.CLOSED_WON, chance) for company in winners]
    made += [_expansion(deal, chance) for deal in made[:EXPANDED]]
    made = _to_arr(made)
    made += [_closed(company, Stage.CLOSED_LOST, chance) for company in others[:LOST]]
    fresh = (others[-70:] + winners[-30:])[:OPENED]
    made += [_open(company, number < IDLE, chance) for number, company in enumerate(fresh)]
    return tuple(made)


def _worth(company: Company, chance: random.Random) -> Decimal:
    low, high = (
        (150, 420) if company.employees >= 1_000 else (45, 140) if company.employees >= 100 else (8, 40)
    )
    return Decimal(chance.randrange(low, high) * 1_000)


def _steps(opens: timedelta, last: Stage, chance: random.Random) -> Iterator[Step]:
    """Yield the way from qualification to `last`, a stage at a time."""
    at = opens
    for stage, (least, most) in PACE.items():
        if stage != Stage.QUALIFICATION:
            yield Step(stage, at)
        if stage == last:
            return
        at += timedelta(days=chance.randrange(least, most), minutes=chance.randrange(300))
    yield Step(last, at)


def _talks(opens: timedelta, until: timedelta, chance: random.Random, count: int) -> list[Talk]:
    span = (until - opens) / (count + 1)
    made = []
    for number in range(count):
        kind = chance.choice(("call", "call", "meeting", "email", "note"))
        at = opens + span * (number + 1) - timedelta(minutes=chance.randrange(50))
        made.append(Talk(kind, chance.choice(TALKS[kind]), at, kind != "note"))
    return made


def _begin(company: Company, kind: OpportunityType, opens: timedelta, chance: random.Random) -> Deal:
    return Deal(
        company=company.index,
        type=kind,
        product=chance.choice(PRODUCTS)[1],
        use_case=chance.choice(USE_CASES),
        source=chance.choice(SOURCES),
        amount=_worth(company, chance),
        opens=opens,
        steps=(),
        closes=opens + timedelta(days=78),
        talks=(),
    )


def _closed(company: Company, how: Stage, chance: random.Random) -> Deal:
    """Return a deal that was won or lost, at the latest two weeks ago."""
    latest = NOW - timedelta(days=130)
    opens = min(company.begins + timedelta(days=chance.randrange(3, 60)), latest)
    deal = _begin(company, OpportunityType.NEW, opens, chance)
    steps = list(_steps(opens, Stage.CLOSED_WON, chance))
    reason = ""
    if how == Stage.CLOSED_LOST:
        kept = chance.randrange(1, len(steps))
        steps = [*steps[:kept], Step(Stage.CLOSED_LOST, steps[kept].at)]
        reason = chance.choice(LOSS_REASONS)
    ended = steps[-1].at
    talks = _talks(opens, ended, chance, chance.randrange(2, 5))
    return replace(deal, steps=tuple(steps), closes=ended, talks=tuple(talks), loss_reason=reason)


def _expansion(first: Deal, chance: random.Random) -> Deal:
    """Return the further business of a customer, a good while after the first order."""
    opens = min(first.closes + timedelta(days=chance.randrange(60, 200)), NOW - timedelta(days=130))
    steps = tuple(_steps(opens, Stage.CLOSED_WON, chance))
    talks = _talks(opens, steps[-1].at, chance, 2)
    return replace(
        first,
        type=OpportunityType.EXPANSION,
        amount=Decimal(int(first.amount / 3 / 1_000) * 1_000 or 1_000),
        opens=opens,
        steps=steps,
        closes=steps[-1].at,
        talks=tuple(talks),
    )


def _to_arr(won: list[Deal]) -> list[Deal]:
    """Scale the amounts so that they add up to the ARR, exactly; the largest deal takes what rounding leaves."""
    factor = ARR / sum(deal.amount for deal in won)
    scaled = [replace(deal, amount=Decimal(int(deal.amount * factor / 500) * 500)) for deal in won]
    largest = max(range(len(scaled)), key=lambda index: scaled[index].amount)
    rest = ARR - sum(deal.amount for deal in scaled)
    scaled[largest] = replace(scaled[largest], amount=scaled[largest].amount + rest)
    return scaled


def _open(company: Company, idle: bool, chance: random.Random) -> Deal:
    """Return a deal that is still open, with a last word from its buyer that is old enough, or fresh."""
    age = chance.randrange(50, 110) if idle else chance.randrange(12, 95)
    opens = NOW - timedelta(days=age, minutes=chance.randrange(300))
    heard = NOW - timedelta(days=chance.randrange(34, 46) if idle else chance.randrange(2, 27))
    heard = max(heard, opens + timedelta(days=1))
    deal = _begin(company, OpportunityType.NEW, opens, chance)
    steps = [step for step in _steps(opens, chance.choice(OPEN), chance) if step.at < NOW - timedelta(days=1)]
    talks = [*_talks(opens, heard, chance, 2), Talk("meeting", "Demonstration", heard, True)]
    if idle:  # nothing that we say ourselves counts
        at = NOW - timedelta(days=chance.randrange(3, 20))
        talks.append(Talk("note", "Left word again, no answer yet", at, False))
    return replace(
        deal,
        steps=tuple(steps),
        closes=NOW + timedelta(days=chance.randrange(10, 120)),
        talks=tuple(talks),
        idle=idle,
    )
