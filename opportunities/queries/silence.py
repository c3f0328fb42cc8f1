"""How silent a buyer is and how old a deal is in its stage, as its page tells it. Source: ALG-2.1 to ALG-2.3."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import BooleanField, ExpressionWrapper, OuterRef, Subquery

from opportunities.enums import OPEN, SweepStep
from opportunities.models import IdleStep, Opportunity, Reason, StageBaseline
from opportunities.policies import aging as ages
from opportunities.policies import days, silence, stale
from opportunities.policies.aging import Tone
from revops.kernel import clocks


@dataclass(frozen=True, slots=True)
class Aging:
    """For how many days a deal has stood in its stage, what is usual there, and how that is to be taken."""

    days: int
    p75: Decimal
    median: Decimal
    red_after: Decimal
    measured: bool
    wins: int
    tone: Tone

    @property
    def age(self) -> str:
        return f"{self.days} day" if self.days == 1 else f"{self.days} days"


@dataclass(frozen=True, slots=True)
class Ahead:
    """A step of the sweep that comes next, and from which day on; no day where something keeps it away."""

    label: str
    on: date | None


@dataclass(frozen=True, slots=True)
class Told:
    """The silence of one open deal: its days, the steps that were taken, the next one, what keeps it open, its age."""

    idle: int
    since: date
    heard: bool
    taken: list[IdleStep]
    ahead: Ahead | None
    kept: list[str]
    reason: str
    asked: bool
    aging: Aging


def idle_days(deal: Opportunity, now: datetime | None = None) -> int:
    """Return the days of the organisation since the buyer was last heard, or the deal was opened (ALG-2.1)."""
    return days.between(deal.last_buyer_activity_at or deal.opened_at, now or clocks.now())


def aging(deal: Opportunity, now: datetime | None = None) -> Aging:
    """Return how old an open deal is in its stage (ALG-2.3), in one query. Raises KeyError for a closed one."""
    row = StageBaseline.objects.filter(segment=deal.segment, stage=deal.stage, measured=True).first()
    return _aging(deal, row, now or clocks.now())


def _aging(deal: Opportunity, row: StageBaseline | None, now: datetime) -> Aging:
    held, age = ages.usual_of(ages.in_force(), deal.stage, row), days.between(deal.stage_since, now)
    return Aging(age, held.p75, held.median, held.red_after, held.measured, held.wins, held.tone(age))


def told(deal: Opportunity, user: Any) -> Told | None:
    """Return the silence of a deal for its page, in two queries; None for a closed one."""
    if deal.stage not in OPEN:
        return None
    now = clocks.now()
    since, today = days.today(deal.last_buyer_activity_at or deal.opened_at), days.today(now)
    label = Reason.objects.filter(code=OuterRef("reason_code")).values("label")[:1]
    rows = IdleStep.objects.filter(opportunity=deal, silent_since=since).visible_to(user)
    taken = sorted(
        rows.annotate(label=Subquery(label)), key=lambda one: silence.STEPS.index(SweepStep(one.step))
    )
    kept, row = _marks(deal, now)
    said = next((one for one in taken if one.step == SweepStep.ESCALATE), None)
    return Told(
        idle=(today - since).days,
        since=since,
        heard=deal.last_buyer_activity_at is not None,
        taken=taken,
        ahead=_ahead(since, taken, stale.in_force()[1].of(deal.segment), kept),
        kept=kept,
        reason="" if said is None else said.label or said.reason_code,
        asked=said is not None and not said.reason_code,
        aging=_aging(deal, row, now),
    )


def _ahead(since: date, taken: list[IdleStep], patience: stale.Patience, kept: list[str]) -> Ahead | None:
    """Return the next step; the end comes no sooner than the final notice said."""
    reached = max((silence.STEPS.index(SweepStep(one.step)) for one in taken), default=-1)
    if reached + 1 >= len(silence.STEPS):
        return None
    step = silence.STEPS[reached + 1]
    on: date | None = since + timedelta(days=patience.after(step))
    if step == SweepStep.CLOSE and on is not None:
        said = next((one.closes_on for one in taken if one.step == SweepStep.NOTICE), None)
        on = None if kept or said is None else max(on, said)
    return Ahead(_AHEAD[step], on)


_AHEAD = {
    SweepStep.NUDGE: "The owner is nudged",
    SweepStep.ESCALATE: "The manager hears of it",
    SweepStep.NOTICE: "Final notice",
    SweepStep.CLOSE: "Closed as “no decision – timed out”",
}


def _marks(deal: Opportunity, now: datetime) -> tuple[list[str], StageBaseline | None]:
    """Return what keeps a deal from being closed, and what was measured of its stage, in one query."""
    known = stale.exclusions()
    asked: dict[str, Any] = {
        f"kept_{number}": ExpressionWrapper(one.condition(now), BooleanField())
        for number, one in enumerate(known)
    }
    measured = StageBaseline.objects.filter(
        segment=OuterRef("segment"), stage=OuterRef("stage"), measured=True
    )
    asked |= {name: Subquery(measured.values(name)[:1]) for name in _MEASURED}
    row = Opportunity.objects.filter(pk=deal.pk).annotate(**asked).values(*asked).first() or {}
    kept = [one.says for number, one in enumerate(known) if row.get(f"kept_{number}")]
    if row.get("wins") is None:
        return kept, None
    return kept, StageBaseline(**{name: row[name] for name in _MEASURED})


_MEASURED = ("wins", "p75_days", "median_days")
