"""Days as the organisation counts them, between instants and in SQL. Source: ALG-2.1, ALG-2.3."""

from datetime import date, datetime, time, timedelta

from django.db.models import F, Q
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, TruncDate

from revops.kernel.clocks import walls
from revops.kernel.policies.durations import organisation_date, organisation_zone

# When the buyer was last heard, else when the deal was opened.
HEARD_AT = Coalesce(F("last_buyer_activity_at"), F("opened_at"))


def today(now: datetime) -> date:
    """Return the organisation's date at an instant."""
    return organisation_date(now)


def begin(day: date) -> datetime:
    """Return the first instant of a day of the organisation."""
    return walls.instant_of(day, time.min, organisation_zone())


def between(since: datetime, now: datetime) -> int:
    """Return how many of the organisation's midnights lie between two instants."""
    return (organisation_date(now) - organisation_date(since)).days


def before(days: int, today: date) -> datetime:
    """Return the instant before which something happened that is at least `days` days old."""
    return begin(today - timedelta(days=days - 1))


def silent_for(days: int, today: date) -> Q:
    """Return the condition that a deal has been silent for so many days, on columns alone."""
    bound = before(days, today)
    return Q(last_buyer_activity_at__lt=bound) | Q(last_buyer_activity_at__isnull=True, opened_at__lt=bound)


def silent_since() -> Combinable:
    """Return the organisation's date on which a deal became silent, in SQL: it names the idle episode."""
    return TruncDate(HEARD_AT, tzinfo=organisation_zone())
