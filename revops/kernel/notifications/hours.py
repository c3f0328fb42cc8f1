"""The clock of a person: when their digest is due, and when nothing but what is urgent goes out.

Wall time on their own clock, whatever the zone does: an hour that a change of the clocks leaves out is the one after
it, and one that comes twice counts once.
"""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings

from revops.kernel.notifications.choosing import Daily
from revops.kernel.people.models import Preference

LOUD = range(7, 20)


def zones(people: Collection[int]) -> dict[int, ZoneInfo]:
    """Return the time zone of each of these people (ids), in one query."""
    chosen: Mapping[int, str] = dict(
        Preference.objects.filter(user__in=people).values_list("user_id", "time_zone")
    )
    return {person: _zone(chosen.get(person) or settings.ORG_TIME_ZONE) for person in people}


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def is_quiet(now: datetime, zone: ZoneInfo) -> bool:
    """Say whether it is a time at which only what is urgent goes out: outside 7:00 to 20:00."""
    return now.astimezone(zone).hour not in LOUD


def last_due(now: datetime, zone: ZoneInfo, daily: Daily) -> datetime:
    """Return the last instant at or before `now` at which a digest was due."""
    day = now.astimezone(zone).date()
    while True:
        due = datetime.combine(day, time(daily.hour), tzinfo=zone).astimezone(UTC)
        if due <= now and not (daily.weekdays_only and day.weekday() > 4):
            return due
        day -= timedelta(days=1)
