"""How a deal is forecast: what the next category asks of it, and what became of its category and its close date."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from opportunities.actions.categories import Scales, refusing
from opportunities.actions.categories.weighing import Shown, rank
from opportunities.enums import OPEN, CategoryWhy, DelayKind, ForecastCategory
from opportunities.models import CategoryChange, Opportunity, Reason, SlipEvent
from opportunities.policies.categories import GATED
from opportunities.queries import blocking
from opportunities.queries.gates import EXCUSED, MET, MISSING, OBSERVED, WARNS, Line
from revops.kernel.policies.enums import Mode

LATEST = 20


@dataclass(frozen=True, slots=True)
class Moved:
    """A category that changed: from what to what, why, by whom, and which criteria were not met."""

    before: str
    after: str
    why: str
    down: bool
    by_rule: bool
    who: str
    at: datetime
    missing: list[dict[str, Any]]
    rule: str
    note: str


@dataclass(frozen=True, slots=True)
class Delayed:
    """A later close date: a push or a slip, from when to when, its reason, and whether the deal came down with it."""

    label: str
    slip: bool
    before: date
    after: date
    period: str
    reason: str
    who: str
    at: datetime
    downgraded: bool | None


@dataclass(frozen=True, slots=True)
class Forecast:
    """How a deal is forecast: `asked` is the category that the lines speak of, `carries` how far its evidence goes."""

    present: str
    carries: str
    asked: str
    holds: bool
    policy: str
    lines: list[Line]
    observed: list[Line]
    moved: list[Moved]
    delays: list[Delayed]
    push_count: int


def forecast(deal: Opportunity, user: Any) -> Forecast:
    """Return how a deal is forecast; for a closed one only what became of it.

    Two queries for what became of it, one for the labels of its reasons; of an open one at most five more.
    """
    scales = Scales([deal.pk])
    is_open = deal.stage in OPEN
    asked = _asked(deal) if is_open else ""
    lines = _lines(deal, user, scales, asked) if asked else []
    firm = [one for one in lines if one.state != OBSERVED]
    return Forecast(
        present=_label(deal.forecast_category),
        carries=_label(scales.within(deal, GATED[-1])) if is_open else "",
        asked=_label(asked),
        holds=not any(one.state == MISSING for one in firm),
        policy=scales.policy(deal.segment).ref if asked else "",
        lines=firm,
        observed=[one for one in lines if one.state == OBSERVED],
        moved=_moved(deal),
        delays=_delays(deal),
        push_count=deal.push_count,
    )


def _asked(deal: Opportunity) -> str:
    """Return the category above the present one; the highest of all is asked whether it still holds."""
    above = [str(one) for one in GATED if rank(one) > rank(deal.forecast_category)]
    return above[0] if above else str(GATED[-1])


def _lines(deal: Opportunity, user: Any, scales: Scales, category: str) -> list[Line]:
    supply = blocking.supplier(deal, user)
    found = [_stage(deal, scales, category)]
    for one in scales.weigh(deal, category):
        told = refusing.finding(scales, deal, one)
        found.append(_line(one, told.message, supply([told])[0], _ask(told)))
    return found


def _stage(deal: Opportunity, scales: Scales, category: str) -> Line:
    """Return whether the stage allows a category, as a line: the policy of the stages says so."""
    allowed = scales.stages(deal.segment).clamp(deal.stage, category) == category
    title = f"A stage that allows {ForecastCategory(category).label}"
    return Line(title, MET) if allowed else Line(title, MISSING, "Move the deal forward first.")


def _ask(told: Any) -> str:
    return next((way.url for way in told.remedies if way.url.startswith("/exceptions/")), "")


def _line(one: Shown, message: str, need: blocking.Need, ask: str) -> Line:
    title = one.parsed.criterion.title
    if one.met:
        return Line(title, MET)
    if one.excuse is not None:
        held = one.excuse
        return Line(title, EXCUSED, message, held.expires_at, str(held.approver or ""), held.pk)
    if one.insists == Mode.OBSERVE:
        return Line(title, OBSERVED, one.parsed.criterion.note or message)
    return Line(title, WARNS if one.insists == Mode.WARN else MISSING, message, need=need, ask=ask)


def _moved(deal: Opportunity) -> list[Moved]:
    rows = CategoryChange.objects.filter(opportunity=deal).select_related("changed_by")
    return [
        Moved(
            before=_label(row.before),
            after=_label(row.after),
            why=str(CategoryWhy(row.why).label),
            down=rank(row.after) < rank(row.before),
            by_rule=row.why not in (CategoryWhy.SET, CategoryWhy.CLOSED),
            who=str(row.changed_by),
            at=row.occurred_at,
            missing=row.criteria,
            rule=row.rule,
            note=row.note,
        )
        for row in rows.order_by("-occurred_at", "-pk")[:LATEST]
    ]


def _delays(deal: Opportunity) -> list[Delayed]:
    rows = list(
        SlipEvent.objects.filter(opportunity=deal)
        .select_related("said_by")
        .order_by("-occurred_at", "-pk")[:LATEST]
    )
    codes = {row.reason_code for row in rows}
    labels = dict(Reason.objects.filter(code__in=codes).values_list("code", "label")) if codes else {}
    return [
        Delayed(
            label=str(DelayKind(row.kind).label),
            slip=row.kind == DelayKind.SLIP,
            before=row.from_date,
            after=row.to_date,
            period=row.to_period,
            reason=labels.get(row.reason_code, row.reason_code),
            who=str(row.said_by),
            at=row.occurred_at,
            downgraded=row.same_day_downgrade,
        )
        for row in rows
    ]


def _label(category: str) -> str:
    return str(ForecastCategory(category).label) if category else ""
