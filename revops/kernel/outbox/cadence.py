"""When a job is due: which slot an instant belongs to, and when the next one begins. Slots are instants in UTC.

A slot is the unit of "once": two beats, a late message and a repeated one all fall into the same slot.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from celery.schedules import crontab, schedule
from django.conf import settings

from revops.kernel.clocks import walls

# A beat and a worker may run on machines whose clocks differ a little: a tick this early counts for the next slot.
TOLERANCE = timedelta(seconds=1)
_LONGEST = 366 * 8 + 1  # days between two 29 Februaries, at most
# How often beat knocks for a job by the wall clock: the slot decides, so that no zone has to be told to beat.
KNOCK = timedelta(minutes=5)
_UNITS = ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))
_WEEKDAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Every:
    """Every so many seconds, counted from the epoch."""

    seconds: int

    def __post_init__(self) -> None:
        if self.seconds < 1:
            raise ValueError(f"A cadence of {self.seconds} seconds: the shortest is 1.")

    def slot(self, now: datetime) -> datetime:
        """Return the start of the slot that a tick at `now` is for."""
        early = min(TOLERANCE, timedelta(seconds=self.seconds) / 10)
        return datetime.fromtimestamp(int((now + early).timestamp()) // self.seconds * self.seconds, UTC)

    def after(self, slot: datetime) -> datetime:
        """Return the start of the slot that follows."""
        return slot + timedelta(seconds=self.seconds)

    def schedule(self) -> schedule:
        """Return it as Celery beat takes it; `relative` keeps the ticks from drifting."""
        return schedule(timedelta(seconds=self.seconds), relative=True)

    def words(self) -> str:
        """Return it as a person says it: "every 10 minutes"."""
        size, unit = next((size, unit) for size, unit in _UNITS if self.seconds % size == 0)
        count = self.seconds // size
        return f"every {unit}" if count == 1 else f"every {count} {unit}s"


@dataclass(frozen=True, slots=True)
class At:
    """At the minutes a crontab names."""

    plan: crontab

    def slot(self, now: datetime) -> datetime:
        """Return the last minute named at or before `now`."""
        limit = (now + TOLERANCE).astimezone(UTC)
        for back in range(_LONGEST):
            passed = [instant for instant in self._on(limit - timedelta(days=back)) if instant <= limit]
            if passed:
                return passed[-1]
        raise ValueError(f"{self.plan} names no minute at all.")

    def after(self, slot: datetime) -> datetime:
        """Return the first minute named after `slot`."""
        for ahead in range(_LONGEST):
            coming = [instant for instant in self._on(slot + timedelta(days=ahead)) if instant > slot]
            if coming:
                return coming[0]
        raise ValueError(f"{self.plan} names no minute at all.")

    def schedule(self) -> crontab:
        """Return it as Celery beat takes it."""
        return self.plan

    def words(self) -> str:
        """Return it as a person says it: "daily at 02:10 UTC"; a plan less plain keeps cron's own spelling."""
        plan: Any = self.plan  # celery-types leaves out the sets that a crontab expands to
        one_time = len(plan.hour) == len(plan.minute) == 1
        if not one_time or len(plan.day_of_month) < 31 or len(plan.month_of_year) < 12:
            return f"by {plan} UTC"
        at = f"at {min(plan.hour):02}:{min(plan.minute):02} UTC"
        if len(plan.day_of_week) == 7:
            return f"daily {at}"
        return f"{', '.join(_WEEKDAYS[day] for day in sorted(plan.day_of_week))} {at}"

    def _on(self, day: datetime) -> Iterator[datetime]:
        plan: Any = self.plan
        fits = day.day in plan.day_of_month and day.month in plan.month_of_year
        if fits and day.isoweekday() % 7 in plan.day_of_week:
            for hour in sorted(plan.hour):
                for minute in sorted(plan.minute):
                    yield day.replace(hour=hour, minute=minute, second=0, microsecond=0)


@dataclass(frozen=True, slots=True)
class Local:
    """At a wall time of the organisation's time zone: every day, or on one weekday (0 is Monday).

    Every local day has one slot, also one of 23 or 25 hours: a time that the day does not have stands for the instant
    at which the clock changed, of one that it has twice the first counts. Source: M1.
    """

    wall: time
    weekday: int | None = None

    def __post_init__(self) -> None:
        if self.wall.tzinfo is not None or self.wall.second or self.wall.microsecond:
            raise ValueError(f"A wall time is hours and minutes without a zone, not {self.wall!r}.")
        if self.weekday is not None and self.weekday not in range(7):
            raise ValueError(f"Weekdays run from 0 (Monday) to 6, not {self.weekday!r}.")

    def slot(self, now: datetime) -> datetime:
        """Return the last one at or before `now`."""
        limit = now + TOLERANCE
        days = self._days(limit.astimezone(_zone()).date() + _DAY, -_DAY)
        return next(instant for instant in map(self._on, days) if instant <= limit)

    def after(self, slot: datetime) -> datetime:
        """Return the first one after `slot`."""
        days = self._days(slot.astimezone(_zone()).date() - _DAY, _DAY)
        return next(instant for instant in map(self._on, days) if instant > slot)

    def schedule(self) -> schedule:
        """Return the knocks of Celery beat; whether there is anything to do says the slot."""
        return schedule(KNOCK, relative=True)

    def words(self) -> str:
        """Return it as a person says it: "daily at 06:00 Europe/Berlin"."""
        when = "daily" if self.weekday is None else _WEEKDAYS[(self.weekday + 1) % 7]
        return f"{when} at {self.wall:%H:%M} {_zone().key}"

    def _days(self, first: date, step: timedelta) -> Iterator[date]:
        day = first
        while True:
            if self.weekday is None or day.weekday() == self.weekday:
                yield day
            day += step

    def _on(self, day: date) -> datetime:
        return walls.instant_of(day, self.wall, _zone())


def _zone() -> ZoneInfo:
    return ZoneInfo(settings.ORG_TIME_ZONE)


Cadence = Every | At | Local
