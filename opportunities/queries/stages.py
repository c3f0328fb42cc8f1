"""The way of a deal through its stages, from its intervals."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings

from opportunities.enums import CLOSED, OPEN, CategoryWhy, Stage, Via
from opportunities.models import CategoryChange, Opportunity, Reason, StageInterval
from revops.kernel import clocks
from revops.kernel.dates import idle_days
from revops.kernel.people import access

# A deal idles when no buyer was heard for more than this many days (GT22).
IDLE_AFTER = 30
# What a person decided about the category, and what closing it does, holds nothing down.
_BY_HAND = (CategoryWhy.SET, CategoryWhy.CLOSED)


@dataclass(frozen=True, slots=True)
class Step:
    """One stage of the path: `state` is done, now, next, won or lost; `since` is when the deal last came into it."""

    stage: str
    label: str
    state: str
    since: datetime | None
    days: int
    to: str


@dataclass(frozen=True, slots=True)
class Held:
    """The forecast category to which a rule brought a deal down, why, and since when."""

    category: str
    why: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Path:
    """Every stage with where the deal stands, how long it has been there, and since when no buyer was heard."""

    steps: list[Step]
    idle_days: int
    is_open: bool
    may_move: bool
    held: Held | None = None

    @property
    def is_idle(self) -> bool:
        """Whether no buyer was heard for longer than a deal may go without (ALG-2.1)."""
        return self.idle_days > IDLE_AFTER


@dataclass(frozen=True, slots=True)
class Stay:
    """One interval as the history of stages tells it."""

    label: str
    via: str
    active_from: datetime
    active_to: datetime | None
    days: int
    probability: str
    who: str
    reason: str
    note: str


def path(deal: Opportunity, user: Any) -> Path:
    """Return the stages of a deal in order, from its intervals, and what holds its category down; two queries."""
    stays = list(_intervals(deal).in_order())
    now, zone = clocks.now(), ZoneInfo(settings.ORG_TIME_ZONE)
    closed = deal.stage in CLOSED
    shown = [*OPEN, Stage(deal.stage) if closed else Stage.CLOSED_WON]
    here = shown.index(Stage(deal.stage))
    steps = []
    for place, stage in enumerate(shown):
        mine = [stay for stay in stays if stay.stage == stage]
        days = sum(((stay.active_to or now) - stay.active_from).days for stay in mine)
        since = mine[-1].active_from if mine else None
        state, to = _state(stage, place, here, bool(mine)), "" if stage == deal.stage else _form(stage)
        steps.append(Step(stage, str(stage.label), state, since, days, to))
    may_move = not closed and access.allowed(user, "transition", deal)
    idle = idle_days(deal.last_buyer_activity_at, deal.opened_at, now, zone)
    return Path(steps, idle, not closed, may_move, None if closed else _held(deal))


def _held(deal: Opportunity) -> Held | None:
    """Return what last brought the category of a deal down, as long as it is where that left it."""
    changes = CategoryChange.objects.filter(opportunity=deal)
    last = changes.order_by("-occurred_at", "-pk").first()
    if last is None or last.why in _BY_HAND or last.after != deal.forecast_category:
        return None
    return Held(str(last.get_after_display()), str(last.get_why_display()), last.occurred_at)


def _form(stage: Stage) -> str:
    """Return the address of the form that brings a deal into a stage, after `do/`."""
    return "close_won/" if stage == Stage.CLOSED_WON else f"move_stage/?to={stage}"


def _state(stage: Stage, place: int, here: int, was_there: bool) -> str:
    if place == here:
        return {Stage.CLOSED_WON: "won", Stage.CLOSED_LOST: "lost"}.get(stage, "now")
    return "done" if place < here and was_there else "passed" if place < here else "next"


def history(deal: Opportunity, user: Any, *, limit: int = 50) -> list[Stay]:
    """Return the stays of a deal in its stages, the newest first; two queries."""
    rows = list(_intervals(deal).select_related("entered_by").latest_first()[:limit])
    codes = {row.reason_code for row in rows if row.reason_code}
    labels = dict(Reason.objects.filter(code__in=codes).values_list("code", "label")) if codes else {}
    now = clocks.now()
    return [
        Stay(
            label=str(Stage(row.stage).label),
            via=str(Via(row.via).label),
            active_from=row.active_from,
            active_to=row.active_to,
            days=((row.active_to or now) - row.active_from).days,
            probability=f"{row.probability:.0%}",
            who=str(row.entered_by),
            reason=labels.get(row.reason_code, ""),
            note=row.note,
        )
        for row in rows
    ]


def _intervals(deal: Opportunity) -> Any:
    return StageInterval.objects.filter(opportunity=deal)
