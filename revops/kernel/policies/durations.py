"""Lengths of time as rules write them: ISO 8601 durations such as P14D, -P1M or PT36H."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

from revops.kernel.dates import add_months

LONGEST_DAYS = 36_525
_SHAPE = re.compile(
    r"(?P<sign>-?)P(?:(?P<years>\d{1,4})Y)?(?:(?P<months>\d{1,4})M)?(?:(?P<weeks>\d{1,4})W)?(?:(?P<days>\d{1,5})D)?"
    r"(?:T(?=\d)(?:(?P<hours>\d{1,6})H)?(?:(?P<minutes>\d{1,7})M)?(?:(?P<seconds>\d{1,9})S)?)?",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Duration:
    """Whole months, then exact time; both negative for a duration that goes back."""

    text: str
    months: int
    time: timedelta

    @property
    def whole_days(self) -> bool:
        """Say whether a date can be shifted by it."""
        return not (self.time.seconds or self.time.microseconds)

    def from_instant(self, instant: datetime, *, back: bool = False) -> datetime:
        """Return the instant this much later (or earlier, `back`); months count in UTC, clamped to their end."""
        months, time = (-self.months, -self.time) if back else (self.months, self.time)
        moment = instant.astimezone(UTC)
        return datetime.combine(add_months(moment.date(), months), moment.timetz()) + time

    def from_date(self, day: date, *, back: bool = False) -> date:
        """Return the date this much later (or earlier, `back`)."""
        months, time = (-self.months, -self.time) if back else (self.months, self.time)
        return add_months(day, months) + time


def parse_duration(text: str) -> Duration | None:
    """Return the duration that `text` spells, or None for anything else and for more than a hundred years."""
    found = _SHAPE.fullmatch(text) if len(text) <= 40 else None
    if found is None or not any(found[part] for part in found.groupdict() if part != "sign"):
        return None
    number = {part: int(found[part] or 0) for part in found.groupdict() if part != "sign"}
    months = number.pop("years") * 12 + number.pop("months")
    time = timedelta(**number)
    if months * 31 + time.days > LONGEST_DAYS:
        return None
    sign = -1 if found["sign"] else 1
    return Duration(text, sign * months, sign * time)


def organisation_zone() -> ZoneInfo:
    """Return the time zone in which the organisation tells what day it is."""
    return ZoneInfo(settings.ORG_TIME_ZONE)


def organisation_date(instant: datetime) -> date:
    """Return the organisation's date at `instant`."""
    return instant.astimezone(organisation_zone()).date()
