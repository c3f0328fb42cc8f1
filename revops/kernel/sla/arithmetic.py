"""The arithmetic of a clock: from signals to stretches of time, to what was used, when it is due, whether it breached.

Pure: it reads no clock and no database. Every instant is a whole second; which seconds count is said by `Hours`.
Source: M5.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from revops.kernel.clocks.timelines import Hours
from revops.kernel.sla.enums import SegmentKind, SignalKind

_RANK = {kind: rank for rank, kind in enumerate(SignalKind)}
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Mark:
    """One signal: what it does, when it happened, and why in words."""

    kind: SignalKind
    at: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Time in which a clock ran or was paused; `until` is None while it still does."""

    kind: SegmentKind
    since: datetime
    until: datetime | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch, or a piece of one, as it was measured: by which version of the calendar, and how many seconds."""

    kind: SegmentKind
    since: datetime
    until: datetime | None
    reason: str = ""
    ref: str = ""
    seconds: int = 0


@dataclass(frozen=True, slots=True)
class Course:
    """What became of a clock: its stretches, and when and by what it ended, if it did."""

    stretches: tuple[Stretch, ...]
    ended_at: datetime | None = None
    ended_by: SignalKind | None = None

    @property
    def last(self) -> Stretch | None:
        """Return the stretch that is not over yet."""
        return self.stretches[-1] if self.stretches and self.stretches[-1].until is None else None


@dataclass(frozen=True, slots=True)
class Measured:
    """What was used up in the runs that are over, since when it runs, when it is due, when it breached."""

    used: int
    running_since: datetime | None
    due_at: datetime | None
    breached_at: datetime | None


def whole(instant: datetime) -> datetime:
    """Return the whole second of an instant: clocks count nothing smaller."""
    return instant.replace(microsecond=0)


def course(marks: Iterable[Mark]) -> Course:
    """Return what these signals make of a clock, in whatever order they became known.

    Of signals at one instant the strongest holds: stop, cancel, pause, resume, start. What lies before the first start
    and what follows a cancellation counts for nothing; after a stop only another start does.
    """
    ordered = sorted(marks, key=lambda mark: (mark.at, _RANK[mark.kind]))
    first = next((mark.at for mark in ordered if mark.kind == SignalKind.START), None)
    run = _Run()
    for at, group in groupby(ordered, key=lambda mark: mark.at):
        if first is not None and at >= first:
            together = list(group)
            if at == first:
                run.begin(SegmentKind.RUN, at, "")
            run.take(together[0])
    return run.course()


class _Run:
    """The fold over the signals: what is open now, and what is closed already."""

    def __init__(self) -> None:
        self.closed: list[Stretch] = []
        self.open: Stretch | None = None
        self.ended: Mark | None = None

    def begin(self, kind: SegmentKind, at: datetime, reason: str) -> None:
        self.close(at)
        self.open, self.ended = Stretch(kind, at, None, reason), None

    def close(self, at: datetime) -> None:
        if self.open is not None and self.open.since < at:
            self.closed.append(Stretch(self.open.kind, self.open.since, at, self.open.reason))
        self.open = None

    def take(self, mark: Mark) -> None:
        if self.ended is not None:
            if self.ended.kind == SignalKind.STOP and mark.kind == SignalKind.START:
                self.begin(SegmentKind.RUN, mark.at, mark.reason)
        elif mark.kind in (SignalKind.STOP, SignalKind.CANCEL):
            self.close(mark.at)
            self.ended = mark
        elif mark.kind == SignalKind.PAUSE and self.open and self.open.kind == SegmentKind.RUN:
            self.begin(SegmentKind.PAUSE, mark.at, mark.reason)
        elif mark.kind == SignalKind.RESUME and self.open and self.open.kind == SegmentKind.PAUSE:
            self.begin(SegmentKind.RUN, mark.at, mark.reason)

    def course(self) -> Course:
        stretches = (*self.closed, self.open) if self.open else tuple(self.closed)
        if self.ended is None:
            return Course(stretches)
        return Course(stretches, self.ended.at, self.ended.kind)


def parts(path: Course, hours: Hours, now: datetime) -> list[Part]:
    """Cut running time where another version of the calendar began, and measure each part.

    The part that is not over counts nothing yet: it is measured when it ends.
    """
    found: list[Part] = []
    for stretch in path.stretches:
        if stretch.kind == SegmentKind.PAUSE:
            found.append(Part(stretch.kind, stretch.since, stretch.until, stretch.reason))
            continue
        until = stretch.until or max(now, stretch.since + _SECOND)
        cut = list(hours.spans(stretch.since, until))
        for number, (since, end, ref) in enumerate(cut):
            is_open = stretch.until is None and number == len(cut) - 1
            seconds = 0 if is_open else hours.seconds(since, end)
            found.append(Part(stretch.kind, since, None if is_open else end, stretch.reason, ref, seconds))
    return found


def measure(measured: Sequence[Part], hours: Hours, target: int, now: datetime) -> Measured:
    """Return what these parts use up by `now` of a target in seconds.

    It breached once more than the target was used: exactly the target is met. It breached when it was due, however
    late anybody looks. While it is paused it is due at no known time, unless it breached before.
    """
    used, due, breached, running = 0, None, None, None
    for part in measured:
        if part.kind != SegmentKind.RUN:
            continue
        is_open = part.until is None
        spent = hours.seconds(part.since, max(now, part.since)) if is_open else part.seconds
        if breached is None:
            due = hours.after(part.since, target - used)
            breached = due if used + spent > target else None
        used += 0 if is_open else spent
        running = part.since if is_open else None
    paused = bool(measured) and measured[-1].until is None and running is None
    return Measured(used, running, None if paused and breached is None else due, breached)


def elapsed(measured: Measured, hours: Hours, at: datetime) -> int:
    """Return the seconds that count by `at`, an instant not before the part that is open."""
    if measured.running_since is None:
        return measured.used
    return measured.used + hours.seconds(measured.running_since, at)


def needed(percent: int, target: int) -> int:
    """Return the used seconds at which a threshold is passed: reached below the target, exceeded from it on."""
    if percent < 100:
        return -(-target * percent // 100)
    return target * percent // 100 + 1
