"""Brings a clock in line with what it was told: its state, its dates, its segments, and what is to be told of it.

Nothing here writes: `keeping` does, for many clocks at once.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from revops.kernel.clocks.business import CalendarExhausted
from revops.kernel.clocks.timelines import Hours
from revops.kernel.sla import arithmetic
from revops.kernel.sla.arithmetic import Course, Mark, Measured, Part
from revops.kernel.sla.bodies import Step, steps
from revops.kernel.sla.enums import ClockState, EventKind, SignalKind
from revops.kernel.sla.models import SlaClock

BREACH = "breach"
CORRECTION = "corrected"
WHOLE = 100
_LATER = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Happening:
    """Something to be kept and told of a clock."""

    kind: EventKind
    threshold: str
    at: datetime
    percent: int | None = None
    to: str = ""
    told: bool = True
    detail: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Moved:
    """What became of a clock: its parts as they are now, whether they are laid out anew, and what happened."""

    parts: tuple[Part, ...]
    anew: bool
    happenings: tuple[Happening, ...]


def move(
    clock: SlaClock, marks: Iterable[Mark], stored: Sequence[Part], hours: Hours, now: datetime
) -> Moved:
    """Set the fields of `clock` by its signals. `stored` are the parts of its generation as they were.

    Parts that were measured keep their measure. Where the signals no longer lead to the stored parts the parts are
    laid out anew; a breach that comes or goes by that is a correction.
    """
    path = arithmetic.course(marks)
    laid, anew = _kept(arithmetic.parts(path, hours, now), stored)
    measured = arithmetic.measure(laid, hours, clock.target_s, now)
    before = ClockState(clock.state), clock.breached_at
    clock.used_s, clock.running_since = measured.used, measured.running_since
    clock.due_at, clock.breached_at = measured.due_at, measured.breached_at
    clock.state, clock.stopped_at = _state(path, measured), path.ended_at
    clock.calendar_version = hours.version
    clock.generation += anew
    happenings = [*_ended(path, clock, before[0]), *_flipped(clock, *before, now)]
    if clock.breached_at is not None and BREACH not in clock.fired:
        happenings.insert(0, _breached(clock, clock.breached_at))
    plan(clock, hours, now)
    return Moved(tuple(laid), anew, tuple(happenings))


def _kept(laid: list[Part], stored: Sequence[Part]) -> tuple[list[Part], bool]:
    """Let parts that were measured before keep calendar and seconds; say whether they do not fit any more."""
    kept = list(laid)
    for number, old in enumerate(stored):
        if number >= len(laid):
            return laid, True
        new = laid[number]
        same = (new.kind, new.since) == (old.kind, old.since)
        if not same or (old.until is not None and old.until != new.until):
            return laid, True
        if old.until is not None:
            kept[number] = Part(new.kind, new.since, new.until, new.reason, old.ref, old.seconds)
    return kept, False


def _state(path: Course, measured: Measured) -> ClockState:
    if path.ended_by == SignalKind.CANCEL:
        return ClockState.CANCELLED
    if measured.breached_at is not None:
        return ClockState.BREACHED
    if path.ended_by == SignalKind.STOP:
        return ClockState.MET
    return ClockState.PAUSED if measured.running_since is None else ClockState.RUNNING


def _ended(path: Course, clock: SlaClock, before: ClockState) -> list[Happening]:
    """Say that the clock was met or cancelled, once a cycle and state."""
    told = {ClockState.MET: EventKind.MET, ClockState.CANCELLED: EventKind.CANCELLED}
    kind = told.get(ClockState(clock.state))
    if kind is None or path.ended_at is None or before == clock.state:
        return []
    return [Happening(kind, f"{kind}:{path.ended_at:%Y%m%dT%H%M%S}:{clock.generation}", path.ended_at)]


def _flipped(clock: SlaClock, state: ClockState, breached: datetime | None, now: datetime) -> list[Happening]:
    """Say that what was told of a breach is not so, by what became known late."""
    gone = breached is not None and clock.breached_at is None
    come = state == ClockState.MET and clock.breached_at is not None
    if not (gone or come):
        return []
    clock.fired = [key for key in clock.fired if key != BREACH or not gone] + [CORRECTION]
    name = f"{CORRECTION}:{clock.fired.count(CORRECTION)}"
    detail = {"was": str(state), "is": str(clock.state)}
    return [Happening(EventKind.CORRECTED, name, arithmetic.whole(now), detail=detail)]


def _breached(clock: SlaClock, at: datetime) -> Happening:
    """Say that the clock breached; after a correction under a name of its own, for each happens once."""
    clock.fired = [*clock.fired, BREACH]
    corrected = clock.fired.count(CORRECTION)
    name = f"{BREACH}:{corrected}" if corrected else BREACH
    return Happening(EventKind.BREACHED, name, at, 100)


def pending(clock: SlaClock) -> list[Step]:
    """Return the thresholds that the clock has not passed, in order."""
    return [step for step in steps(clock.terms) if step.key not in clock.fired]


def pass_by(clock: SlaClock, hours: Hours, now: datetime) -> list[Happening]:
    """Let a running clock pass the thresholds behind it, and set when it is to be looked at next.

    Of several warnings passed at once only the last is told; all are kept.
    """
    if clock.running_since is None:
        clock.next_at = None
        return []
    spent = clock.used_s + hours.seconds(clock.running_since, now)
    found: list[Happening] = []
    for step in pending(clock):
        need = arithmetic.needed(step.percent, clock.target_s)
        if need > spent:
            break
        found.append(_passed(clock, step, clock.running_since, hours))
    warned = [one for one in found if one.kind == EventKind.WARNED]
    plan(clock, hours, now)
    return [one if one not in warned[:-1] else _quiet(one) for one in found]


def _passed(clock: SlaClock, step: Step, since: datetime, hours: Hours) -> Happening:
    """Let the clock pass one threshold, at the instant at which that share of the target was used."""
    share = arithmetic.needed(step.percent, clock.target_s) - (step.percent >= WHOLE)
    at = hours.after(since, max(0, share - clock.used_s))
    if step.key == BREACH:
        clock.state, clock.breached_at = ClockState.BREACHED, clock.due_at or at
        return _breached(clock, clock.breached_at)
    clock.fired = [*clock.fired, step.key]
    return Happening(EventKind(step.kind), step.key, at, step.percent, step.to)


def _quiet(one: Happening) -> Happening:
    return Happening(one.kind, one.threshold, one.at, one.percent, one.to, told=False)


def plan(clock: SlaClock, hours: Hours, now: datetime) -> None:
    """Set when the clock is to be looked at next: when it passes its next threshold; never while it stands still.

    Where its calendar does not open for so long, it is looked at again a day later.
    """
    clock.next_at = None
    if clock.running_since is None:
        return
    for step in pending(clock)[:1]:
        need = arithmetic.needed(step.percent, clock.target_s)
        try:
            clock.next_at = hours.after(clock.running_since, max(0, need - clock.used_s))
        except CalendarExhausted:
            clock.next_at = now + _LATER
