"""Months counted from an anchor, half-open intervals of instants, inclusive ranges of dates.

Pure: no clock, no database. Month boundaries are always taken from the anchor and never from a
clamped result, so that 31 January leads to 28 February and then to 31 March (spec section 0, E12).
"""

import calendar
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

RENEWAL_MILESTONES = (180, 120, 90)


def add_months(anchor: date, months: int) -> date:
    """Give the same day of the month `months` later (or earlier), clamped to that month's end."""
    years, month = divmod(anchor.month - 1 + months, 12)
    year = anchor.year + years
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(anchor.day, last))


def boundary(anchor: date, k: int) -> date:
    """Give the start of period `k` (0 is the anchor) of a monthly schedule anchored at `anchor`."""
    return add_months(anchor, k)


def months_and_days(start: date, end: date) -> tuple[int, int]:
    """Count whole months from the anchor `start` and the days left over, both dates included.

    2026-01-15 to 2027-03-31 is (14, 17); 2027-01-31 to 2027-06-30 is (5, 1) (ALG-4.2).
    """
    if end < start:
        raise ValueError(f"the end {end} is before the start {start}")
    after = end + timedelta(days=1)
    months = (after.year - start.year) * 12 + after.month - start.month
    if boundary(start, months) > after:
        months -= 1
    return months, (after - boundary(start, months)).days


def days_before(end: date, days: int) -> date:
    """Give the milestone T-n, `days` before the last day, of a term that ends on `end` (GT32)."""
    return end - timedelta(days=days)


def milestones(end: date, days: Iterable[int] = RENEWAL_MILESTONES) -> dict[int, date]:
    """Give every milestone T-n of a term that ends on `end`, keyed by n, in the order asked."""
    return {n: days_before(end, n) for n in days}


@dataclass(frozen=True, slots=True)
class Interval:
    """A span of time `[start, end)`; `end` None means it is still open.

    Both ends carry a time zone. Two intervals that only touch do not overlap.
    """

    start: datetime
    end: datetime | None = None

    def __post_init__(self) -> None:
        for instant in (self.start, self.end):
            if instant is not None and instant.utcoffset() is None:
                raise ValueError(f"{instant!r} has no time zone")
        if self.end is not None and self.end <= self.start:
            raise ValueError(f"the interval ends at {self.end}, not after its start {self.start}")

    def contains(self, instant: datetime) -> bool:
        """Tell whether the instant lies inside; the start does, the end does not."""
        return self.start <= instant and (self.end is None or instant < self.end)

    def overlaps(self, other: "Interval") -> bool:
        """Tell whether the two share any time."""
        return self.overlap(other) is not None

    def overlap(self, other: "Interval") -> "Interval | None":
        """Give the time both share, or None."""
        start = max(self.start, other.start)
        ends = [end for end in (self.end, other.end) if end is not None]
        end = min(ends) if ends else None
        return Interval(start, end) if end is None or start < end else None


@dataclass(frozen=True, slots=True)
class DateRange:
    """The days from `start` to `end`, both included."""

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise ValueError(f"the range ends on {self.end}, before its start {self.start}")

    @property
    def days(self) -> int:
        """The number of days in the range, at least one."""
        return (self.end - self.start).days + 1

    def contains(self, day: date) -> bool:
        """Tell whether the day lies in the range; both ends do."""
        return self.start <= day <= self.end

    def overlaps(self, other: "DateRange") -> bool:
        """Tell whether the two share a day."""
        return self.start <= other.end and other.start <= self.end

    def overlap(self, other: "DateRange") -> "DateRange | None":
        """Give the days both share, or None."""
        return (
            DateRange(max(self.start, other.start), min(self.end, other.end))
            if self.overlaps(other)
            else None
        )


def idle_days(
    last_buyer_activity_at: datetime | None, opened_at: datetime, now: datetime, zone: tzinfo
) -> int:
    """Count the days in `zone` since the buyer last took part, or since the deal was opened if that was later.

    Days of the calendar, not spans of 24 hours: what happened yesterday evening is one day ago this morning. Never
    below zero. A deal idles when this is more than the threshold (GT22: more than 30) (ALG-2.1).
    """
    since = max(last_buyer_activity_at or opened_at, opened_at)
    return max(0, (now.astimezone(zone).date() - since.astimezone(zone).date()).days)
