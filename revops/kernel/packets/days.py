"""Whose day it is: dates of obligations are read on the clock of a person."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from revops.kernel import clocks
from revops.kernel.identity.models import User
from revops.kernel.people import preferences


def zone_of(user: User) -> ZoneInfo:
    """Return the time zone that somebody chose, else that of the organisation."""
    return preferences.of(user).zone


def today(user: User) -> date:
    """Return the day it is for somebody."""
    return clocks.today(str(zone_of(user)))


def same_time(moment: datetime, on: date, zone: ZoneInfo) -> datetime:
    """Return the same time of day on another day."""
    return datetime.combine(on, moment.astimezone(zone).timetz())
