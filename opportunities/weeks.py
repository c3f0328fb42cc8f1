"""The week as the organisation counts it: from Monday to Sunday, by its own clock. Source: §10.3."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

WEEK = timedelta(days=7)


def zone() -> ZoneInfo:
    """Return the time zone of the organisation."""
    return ZoneInfo(settings.ORG_TIME_ZONE)


def day_of(at: datetime) -> date:
    """Return the organisation's day at an instant."""
    return at.astimezone(zone()).date()


def week_of(at: datetime) -> date:
    """Return the Monday of the organisation's week at an instant."""
    day = day_of(at)
    return day - timedelta(days=day.weekday())


def begins_at(week: date) -> datetime:
    """Return the instant at which the organisation's week of this Monday begins."""
    return datetime.combine(week, time(), zone())
