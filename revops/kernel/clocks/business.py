"""Business time (M1): which instants count, how many seconds lie between two, when time runs out.

Pure: a `Calendar` is built from plain values and reads no clock and no database. All arithmetic is on
UTC instants, day by day and window by window, never second by second. A wall time that exists twice
opens at its first occurrence and closes at its second; one that does not exist stands for the instant
of the change.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from revops.kernel.clocks import walls
from revops.kernel.dates import add_months

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
MINUTES_OF_DAY = 1440
HORIZON_MONTHS = 60

Windows = tuple[tuple[int, int], ...]
Span = tuple[datetime, datetime]


class CalendarExhausted(Exception):
    """The calendar does not open often enough within five years of the start."""


def day_windows(pairs: Sequence[Sequence[int]]) -> Windows:
    """Check the windows of one day, `[open, close]` in minutes after midnight, and give them as tuples.

    They lie within 0 to 1440, in order and without overlap; anything else raises ValueError.
    """
    windows: list[tuple[int, int]] = []
    for pair in pairs:
        if len(pair) != 2 or not all(type(minute) is int for minute in pair):
            raise ValueError(f"{pair!r} is not a window: give [open, close] in whole minutes after midnight")
        opens, closes = pair
        if not 0 <= opens < closes <= MINUTES_OF_DAY:
            raise ValueError(f"{pair!r} is not a window: it needs 0 ≤ open < close ≤ 1440")
        if windows and opens < windows[-1][1]:
            raise ValueError(f"{pair!r} overlaps {list(windows[-1])!r}, or comes before it")
        windows.append((opens, closes))
    return tuple(windows)


@dataclass(frozen=True)
class Calendar:
    """The opening hours of one time zone: a week of windows, and days that differ from it.

    `weekly` maps 0 (Monday) to 6 to windows, `overrides` a date to its windows (none: closed), `ref`
    names the stored version. A week without any window raises ValueError.
    """

    tz: ZoneInfo
    weekly: Mapping[int, Sequence[Sequence[int]]]
    overrides: Mapping[date, Sequence[Sequence[int]]] = field(default_factory=dict)
    ref: str = ""
    _spans: dict[date, tuple[Span, ...]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not set(self.weekly) <= set(range(7)):
            raise ValueError(f"weekdays run from 0 (Monday) to 6, not {sorted(self.weekly)!r}")
        weekly = {day: day_windows(pairs) for day, pairs in self.weekly.items()}
        if not any(weekly.values()):
            raise ValueError(f"calendar {self.ref!r} never opens: give at least one weekly window")
        overrides = {day: day_windows(pairs) for day, pairs in self.overrides.items()}
        object.__setattr__(self, "weekly", weekly)
        object.__setattr__(self, "overrides", overrides)

    def windows(self, local_date: date) -> list[Span]:
        """List the open spans of one local date as UTC instants `[open, close)`, in order."""
        return list(self._day(local_date))

    def is_business_day(self, local_date: date) -> bool:
        """Tell whether the calendar opens at all on this local date."""
        return bool(self._day(local_date))

    def business_seconds(self, start: datetime, end: datetime) -> int:
        """Count the whole open seconds in `[start, end)`; an end before the start raises ValueError."""
        since, until = _utc(start), _utc(end)
        if until < since:
            raise ValueError(f"the end {end} is before the start {start}")
        total = timedelta(0)
        for opens, closes in self._open_spans(since, until.astimezone(self.tz).date() + DAY):
            if opens >= until:
                break
            total += min(closes, until) - max(opens, since)
        return total // SECOND

    def add_business(self, start: datetime, seconds: int) -> datetime:
        """Give the earliest UTC instant t with `business_seconds(start, t) == seconds`.

        Time used up exactly at closing gives the closing instant, not the next opening; zero seconds
        give `start`. Raises CalendarExhausted after five years.
        """
        since = _utc(start)
        if seconds < 0:
            raise ValueError(f"business time runs forward: {seconds} seconds")
        if seconds == 0:
            return since
        left = timedelta(seconds=seconds)
        for opens, closes in self._open_spans(since, self._horizon(since)):
            begin = max(opens, since)
            if left <= closes - begin:
                return begin + left
            left -= closes - begin
        raise CalendarExhausted(
            f"{self.ref or self.tz.key} has less than {seconds} open seconds in five years"
        )

    def next_open(self, t: datetime) -> datetime:
        """Give `t` itself when open, else the next opening; raises CalendarExhausted after five years."""
        since = _utc(t)
        for opens, _closes in self._open_spans(since, self._horizon(since)):
            return max(opens, since)
        raise CalendarExhausted(f"{self.ref or self.tz.key} does not open within five years of {t}")

    def add_business_days(self, start: datetime, days: int) -> datetime:
        """Give the due instant of a target in business days (GT30).

        Received between the first opening and the last closing of a day: the same wall time `days`
        business days later (moved to the next opening of that day when it falls into a break, to its
        closing when later). Received outside: the end of the `days`-th business day, the first being
        the next to open, so Friday 18:00 and Monday 07:00 both give Monday's closing.
        """
        if days < 1:
            raise ValueError(f"a target of business days is at least one, not {days}")
        since = _utc(start)
        wall = since.astimezone(self.tz)
        hours = self._day(wall.date())
        inside = bool(hours) and hours[0][0] <= since < hours[-1][1]
        not_before = wall.date() if hours and since < hours[0][0] else wall.date() + DAY
        due = self._nth_business_day(not_before, days, self._horizon(since))
        spans = self._day(due)
        if not inside:
            return spans[-1][1]
        same_wall = self._instant(due, wall.time(), fold=wall.fold)
        return next((max(opens, same_wall) for opens, closes in spans if same_wall < closes), spans[-1][1])

    def _nth_business_day(self, first: date, nth: int, horizon: date) -> date:
        day = first
        while day <= horizon:
            nth -= self.is_business_day(day)
            if nth == 0:
                return day
            day += DAY
        raise CalendarExhausted(f"{self.ref or self.tz.key} has too few business days until {horizon}")

    def _open_spans(self, since: datetime, last: date) -> Iterator[Span]:
        """Walk the spans that end after `since`, up to a local date, cut so that none overlap.

        Windows of neighbouring days overlap where the clock goes back across midnight.
        """
        day, reached = since.astimezone(self.tz).date() - DAY, since
        while day <= last:
            for opens, closes in self._day(day):
                if closes > reached:
                    yield max(opens, reached), closes
                    reached = closes
            day += DAY

    def _horizon(self, since: datetime) -> date:
        return add_months(since.astimezone(self.tz).date(), HORIZON_MONTHS)

    def _day(self, day: date) -> tuple[Span, ...]:
        spans = self._spans.get(day)
        if spans is None:
            spans = self._spans[day] = self._convert(day)
        return spans

    def _convert(self, day: date) -> tuple[Span, ...]:
        pairs = self.overrides[day] if day in self.overrides else self.weekly.get(day.weekday(), ())
        spans: list[Span] = []
        for opens, closes in pairs:
            begin, end = self._at_minute(day, opens, fold=0), self._at_minute(day, closes, fold=1)
            if spans:
                begin = max(begin, spans[-1][1])
            if begin < end:
                spans.append((begin, end))
        return tuple(spans)

    def _at_minute(self, day: date, minute: int, *, fold: int) -> datetime:
        extra, minute = divmod(minute, MINUTES_OF_DAY)
        return self._instant(day + extra * DAY, time(*divmod(minute, 60)), fold=fold)

    def _instant(self, day: date, wall: time, *, fold: int) -> datetime:
        """Convert a wall time to UTC; one that does not exist gives the instant the clock changed."""
        return walls.instant_of(day, wall, self.tz, fold=fold)


def _utc(instant: datetime) -> datetime:
    if instant.utcoffset() is None:
        raise ValueError(f"{instant!r} has no time zone")
    return instant.astimezone(UTC)
