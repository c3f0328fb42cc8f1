"""The hours of a calendar over all its versions: each version counts from its effective date on (M5).

Pure but for `load`, which reads the stored calendars. What lies before the first version is counted with it.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Protocol
from zoneinfo import ZoneInfo

from django.conf import settings

from revops.kernel.clocks.business import Calendar
from revops.kernel.clocks.models import BusinessCalendar, CalendarDayOverride

DEFAULT = "default"
OFFICE_HOURS = dict.fromkeys(range(5), ((9 * 60, 17 * 60),))
_SECOND = timedelta(seconds=1)


class Hours(Protocol):
    """Which time counts: whole seconds between instants, when a number of them is used up, and by which calendar."""

    @property
    def version(self) -> int: ...

    def seconds(self, start: datetime, end: datetime) -> int: ...

    def after(self, start: datetime, seconds: int) -> datetime: ...

    def spans(self, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime, str]]: ...

    def business_days(self, start: datetime, days: int) -> datetime: ...


@dataclass(frozen=True)
class Timeline:
    """The versions of one calendar in order of their effective date; whole seconds throughout."""

    versions: tuple[tuple[datetime, Calendar], ...]

    @property
    def version(self) -> int:
        """Return the highest number of a version: whoever counted with a lower one counts anew."""
        return max(int(calendar.ref.partition("@")[2] or 0) for _, calendar in self.versions)

    def seconds(self, start: datetime, end: datetime) -> int:
        """Count the open seconds in `[start, end)`, each with the version in force then."""
        if end <= start:
            return 0
        return sum(
            calendar.business_seconds(since, until) for since, until, calendar in self._cut(start, end)
        )

    def after(self, start: datetime, seconds: int) -> datetime:
        """Return the earliest instant by which `seconds` open seconds have passed since `start`.

        Raises CalendarExhausted.
        """
        at, left = start, seconds
        for (_, calendar), (ends, _) in pairwise(self.versions):
            if ends <= at:
                continue
            there = calendar.business_seconds(at, ends)
            if left <= there:
                return calendar.add_business(at, left)
            at, left = ends, left - there
        return self.versions[-1][1].add_business(at, left)

    def spans(self, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime, str]]:
        """Cut `[start, end)` where another version begins; each part with the reference of its version."""
        for since, until, calendar in self._cut(start, end):
            yield since, until, calendar.ref

    def business_days(self, start: datetime, days: int) -> datetime:
        """Return the due instant of a target in business days (GT30), with the version in force at `start`."""
        return next(self._cut(start, start + _SECOND))[2].add_business_days(start, days)

    def _cut(self, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime, Calendar]]:
        begins = [None, *(at for at, _ in self.versions[1:])]
        ends = [*(at for at, _ in self.versions[1:]), None]
        for (_, calendar), begin, stop in zip(self.versions, begins, ends, strict=True):
            since = start if begin is None else max(start, begin)
            until = end if stop is None else min(end, stop)
            if since < until:
                yield since, until, calendar


@dataclass(frozen=True)
class RoundTheClock:
    """Every second counts."""

    version: int = 0

    def seconds(self, start: datetime, end: datetime) -> int:
        return max(end - start, timedelta(0)) // _SECOND

    def after(self, start: datetime, seconds: int) -> datetime:
        return start + seconds * _SECOND

    def spans(self, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime, str]]:
        if start < end:
            yield start, end, ""

    def business_days(self, start: datetime, days: int) -> datetime:
        return start + timedelta(days=days)


ROUND_THE_CLOCK = RoundTheClock()


def shipped() -> Timeline:
    """Return Monday to Friday, nine to five, in the organisation's time zone: what counts where none is stored."""
    zone = ZoneInfo(settings.ORG_TIME_ZONE)
    begin = datetime(1970, 1, 1, tzinfo=UTC)
    return Timeline(((begin, Calendar(zone, OFFICE_HOURS, ref=f"{DEFAULT}@0")),))


def load(keys: Collection[str]) -> Mapping[str, Timeline]:
    """Return the hours of these calendars, in two queries; for one that is not stored, those of the default."""
    wanted = {*keys, DEFAULT}
    overrides: dict[int, dict[date, list[list[int]]]] = {}
    stored = list(BusinessCalendar.objects.filter(key__in=wanted).order_by("key", "effective_from"))
    days = CalendarDayOverride.objects.filter(calendar__key__in=wanted) if stored else ()
    for day in days:
        overrides.setdefault(day.calendar_id, {})[day.date] = day.windows
    found: dict[str, list[tuple[datetime, Calendar]]] = {}
    for row in stored:
        calendar = Calendar(
            tz=ZoneInfo(row.tz),
            weekly={int(day): windows for day, windows in row.weekly.items()},
            overrides=overrides.get(row.pk, {}),
            ref=row.ref,
        )
        found.setdefault(row.key, []).append((row.effective_from.replace(microsecond=0), calendar))
    default = Timeline(tuple(found[DEFAULT])) if DEFAULT in found else shipped()
    return {key: Timeline(tuple(found[key])) if key in found else default for key in wanted}
