"""When a job is due: which slot an instant belongs to, and when the next one begins. All in UTC.

A slot is the unit of "once": two beats, a late message and a repeated one all fall into the same slot.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from celery.schedules import crontab, schedule

# A beat and a worker may run on machines whose clocks differ a little: a tick this early counts for the next slot.
TOLERANCE = timedelta(seconds=1)
_LONGEST = 366 * 8 + 1  # days between two 29 Februaries, at most
_UNITS = ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))
_WEEKDAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")


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


Cadence = Every | At
