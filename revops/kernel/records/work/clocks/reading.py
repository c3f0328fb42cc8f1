"""Clocks in words: how much is used, how much is left, which stretches of time that was."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from revops.kernel import clocks
from revops.kernel.packets.days import zone_of
from revops.kernel.people import access
from revops.kernel.policies import documents
from revops.kernel.policies.rules import RuleError
from revops.kernel.sla import reading
from revops.kernel.sla.enums import ClockState, EventKind, Measure
from revops.kernel.sla.models import SlaClock, SlaEvent, SlaSegment, SlaSignal
from revops.kernel.sla.reading import Status

SHOWN = 6
LABEL = SlaClock._meta.label_lower
TONES = {"running": "blue", "paused": "grey", "met": "green", "breached": "red", "cancelled": "grey"}
_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400


@dataclass(frozen=True, slots=True)
class Shown:
    """One clock as pages show it: `percent` is the share used, at most 100 on the bar, `said` the same in words."""

    clock: SlaClock
    state: str
    tone: str
    percent: int
    bar: int
    said: str
    due_at: datetime | None
    zone: ZoneInfo
    segments: Sequence[SlaSegment]


@dataclass(frozen=True, slots=True)
class Life:
    """Everything about one clock: where it stands, what it was told, what happened to it, by which terms."""

    shown: Shown
    signals: Sequence[SlaSignal]
    events: Sequence[SlaEvent]
    terms: Sequence[str]


def length(seconds: int, *, days: bool = False) -> str:
    """Return a length of time in words: "2 h 5 min"; round the clock, days as well: "3 d 4 h"."""
    if seconds < _MINUTE:
        return f"{seconds} s"
    if days and seconds >= 2 * _DAY:
        whole, rest = divmod(seconds, _DAY)
        return _two(whole, "d", rest // _HOUR, "h")
    if seconds < _HOUR:
        return f"{seconds // _MINUTE} min"
    return _two(seconds // _HOUR, "h", seconds % _HOUR // _MINUTE, "min")


def _two(first: int, unit: str, second: int, smaller: str) -> str:
    return f"{first:,} {unit} {second} {smaller}" if second else f"{first:,} {unit}"


def said(clock: SlaClock, status: Status) -> str:
    """Return how a clock stands: "20 min left of 1 h", "over by 2 h", "met after 40 min"."""
    days = clock.measure == Measure.ELAPSED
    target = length(clock.target_s, days=days)
    if status.state == ClockState.CANCELLED:
        return f"cancelled after {length(status.elapsed, days=days)}"
    if status.state == ClockState.MET:
        return f"met after {length(status.elapsed, days=days)} of {target}"
    if status.state == ClockState.BREACHED:
        over = length(max(0, -status.remaining), days=days)
        return f"over by {over}" if clock.stopped_at is None else f"done {over} late"
    left = f"{length(status.remaining, days=days)} left of {target}"
    return f"paused, {left}" if status.state == ClockState.PAUSED else left


def shown(rows: Sequence[SlaClock], zone: ZoneInfo, *, with_segments: bool = True) -> list[Shown]:
    """Return clocks as pages show them, in three queries."""
    found = reading.statuses(rows, clocks.now()) if rows else {}
    segments = reading.all_segments(rows) if rows and with_segments else {}
    return [_shown(clock, found[clock.pk], zone, segments.get(clock.pk, ())) for clock in rows]


def _shown(clock: SlaClock, status: Status, zone: ZoneInfo, segments: Sequence[SlaSegment]) -> Shown:
    percent = int(status.share * 100)
    state = status.state
    return Shown(
        clock=clock,
        state=str(state.label),
        tone=TONES[state],
        percent=percent,
        bar=min(100, percent),
        said=said(clock, status),
        due_at=status.due_at,
        zone=zone,
        segments=segments,
    )


def of_record(record: Any, user: Any) -> list[Shown]:
    """Return the clocks of a record that `user` answers for or oversees: those that run, then the last that ended."""
    if not access.rights(user, LABEL).sees_any:
        return []
    rows = SlaClock.objects.filter(subject_type=record._meta.label_lower, subject_id=record.pk).visible_to(
        user
    )
    newest = list(rows.order_by("-pk")[:SHOWN])
    newest.sort(
        key=lambda clock: (clock.stopped_at is not None, clock.due_at is None, clock.due_at, -clock.pk)
    )
    return shown(newest, zone_of(user)) if newest else []


def life(clock: SlaClock, user: Any) -> Life:
    """Return everything about one clock, in five queries."""
    (one,) = shown([clock], zone_of(user))
    signals = SlaSignal.objects.filter(clock=clock).order_by("at", "pk")
    events = SlaEvent.objects.filter(clock=clock).exclude(kind=EventKind.STARTED).order_by("at", "pk")
    return Life(one, list(signals), list(events), _terms(clock))


def _terms(clock: SlaClock) -> list[str]:
    """Return the terms of a clock in words; none once nobody declares its policy any more."""
    try:
        return documents.get(clock.policy_key).read(clock.terms).lines()
    except (LookupError, RuleError):
        return []
