"""What open deals lack, each thing with since when, and what happened to them by itself: the list below hygiene."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import F

from opportunities.enums import CategoryWhy, ForecastCategory, Stage, SweepStep
from opportunities.metrics import conditions
from opportunities.metrics import hygiene as numbers
from opportunities.models import CategoryChange, IdleStep, Opportunity
from opportunities.policies import aging, days, next_steps
from opportunities.policies.aging import Usual
from opportunities.policies.required import REQUIRED
from revops.kernel import metrics, policies
from revops.kernel.gates import debts
from revops.kernel.policies import facts, required
from revops.kernel.policies.resolving import InForce
from revops.kernel.records import listing, registry

DEAL, MOST = numbers.DEAL, 50
_BY_HAND = (CategoryWhy.SET, CategoryWhy.CLOSED)


@dataclass(frozen=True, slots=True)
class Lack:
    """One thing that a deal lacks, and since when it does, where that is known."""

    what: str
    since: date | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """What happened to a deal by itself, and when."""

    what: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """One deal with what it lacks and what was done about it."""

    deal: Opportunity
    stage: str
    category: str
    lacks: Sequence[Lack]
    done: Sequence[Done]


@dataclass(frozen=True, slots=True)
class Found:
    """The first deals with something amiss, and whether there are more."""

    entries: Sequence[Entry]
    more: bool


def amiss(user: Any, now: datetime, given: Mapping[str, str]) -> Found:
    """Return the open deals of a list that lack something, the largest first: the records behind `clean_deals_pct`.

    Raises Blocked for a filter that does not fit. Eight statements, whatever the number of deals.
    """
    query = listing.parse(registry.get(DEAL), user, given)
    rows = metrics.behind(numbers.CLEAN, listing.matching(query, user), "out", now)
    found = list(rows.order_by(F("amount").desc(nulls_last=True), "pk")[: MOST + 1])
    shown = found[:MOST]
    return Found(_entries(shown, now), len(found) > MOST)


def _entries(deals: Sequence[Opportunity], now: datetime) -> list[Entry]:
    pks = [one.pk for one in deals]
    if not pks:
        return []
    asks = policies.get_sound(REQUIRED.key, None, now)
    rows = Opportunity.objects.filter(pk__in=pks)
    known = facts.get(DEAL).fetch(rows, required.paths(asks))
    usual = aging.usual(aging.in_force(now))
    done, owed = _done(pks), debts.owing(DEAL, pks)
    return [
        Entry(
            one,
            str(Stage(one.stage).label),
            str(ForecastCategory(one.forecast_category).label),
            [
                *_step(one, now),
                *_dates(one, now),
                *_fields(one, asks, known[one.pk], now),
                *_age(one, usual, now),
                *(Lack(debt.name, _day(debt.opened_at)) for debt in owed.get(one.pk, [])),
            ],
            done.get(one.pk, []),
        )
        for one in deals
    ]


def _step(deal: Opportunity, now: datetime) -> list[Lack]:
    """Return what is wrong with the next step of a deal."""
    today = conditions.today(now)
    if not deal.next_step:
        return [Lack("No next step", _day(deal.opened_at))]
    if deal.next_step_on is None:
        return [Lack("The next step has no date", _day(deal.opened_at))]
    if deal.next_step_on < today:
        return [Lack("The next step is overdue", deal.next_step_on + timedelta(days=1))]
    ahead = next_steps.horizon(deal.segment)
    if deal.next_step_on > today + timedelta(days=ahead):
        return [Lack(f"The next step lies more than {ahead} days ahead")]
    return []


def _dates(deal: Opportunity, now: datetime) -> list[Lack]:
    """Return whether the close date is past, and whether the buyer has been silent for too long."""
    today, found = conditions.today(now), []
    if deal.close_date < today:
        found.append(Lack("The close date is past", deal.close_date + timedelta(days=1)))
    heard = _day(deal.last_buyer_activity_at or deal.opened_at)
    if (today - heard).days > conditions.IDLE_AFTER:
        what = (
            "The buyer was last heard" if deal.last_buyer_activity_at else "The buyer was never heard; opened"
        )
        found.append(Lack(what, heard))
    return found


def _fields(deal: Opportunity, asks: InForce, values: Mapping[str, Any], now: datetime) -> list[Lack]:
    """Return the required fields that are empty: since the stage that asks for them, or since the opening."""
    labels = {one.required.field: one for one, _ in required.insisting(asks)}
    steps = ("opportunity.next_step", "opportunity.next_step_on")
    found = []
    for one in required.missing(asks, values, now):
        if one.field not in steps:
            criterion = labels[one.field]
            since = deal.opened_at if criterion.when is None else deal.stage_since
            found.append(Lack(f"{criterion.label} is empty", _day(since)))
    return found


def _age(deal: Opportunity, usual: Mapping[aging.Key, Usual], now: datetime) -> list[Lack]:
    """Return whether a deal is too long in its stage (ALG-2.3, red)."""
    red = usual[deal.segment, deal.stage].red_after
    if days.between(deal.stage_since, now) <= red:
        return []
    return [
        Lack(f"More than {red:.0f} days in its stage, twice the usual time: there", _day(deal.stage_since))
    ]


def _done(pks: Sequence[int]) -> dict[int, list[Done]]:
    """Return what happened to deals by itself: the last automatic change of category, the last step of the sweep."""
    found: dict[int, list[Done]] = {}
    changes = CategoryChange.objects.filter(opportunity__in=pks).exclude(why__in=_BY_HAND)
    for one in changes.order_by("opportunity_id", "-occurred_at", "-pk"):
        if one.opportunity_id not in found:
            before, after = (ForecastCategory(held).label for held in (one.before, one.after))
            why = CategoryWhy(one.why).label
            found[one.opportunity_id] = [
                Done(f"{before} → {after}: {why[0].lower()}{why[1:]}", one.occurred_at)
            ]
    told: set[int] = set()
    for step in IdleStep.objects.filter(opportunity__in=pks).order_by("opportunity_id", "-taken_at", "-pk"):
        if step.opportunity_id not in told:
            told.add(step.opportunity_id)
            words = str(SweepStep(step.step).label)
            found.setdefault(step.opportunity_id, []).append(Done(words, step.taken_at))
    return found


def _day(moment: datetime) -> date:
    return days.today(moment)
