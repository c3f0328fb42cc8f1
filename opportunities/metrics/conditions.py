"""What hygiene asks of an open deal, as conditions as of an instant. Source: ALG-2.1, ALG-2.3, INV-2.3, GT22."""

from datetime import date, datetime, timedelta

from django.db.models import Q
from django.db.models.lookups import GreaterThanOrEqual

from accounts.enums import Segment
from opportunities.enums import OPEN
from opportunities.policies import aging, days, next_steps
from opportunities.policies.required import REQUIRED
from revops.kernel import policies
from revops.kernel.policies import required

IDLE_AFTER = 30


def today(now: datetime) -> date:
    """Return the day in the organisation's time zone."""
    return days.today(now)


def is_open(now: datetime) -> Q:
    """Return the condition of open deals."""
    return Q(stage__in=OPEN)


def dated(now: datetime) -> Q:
    """Return the condition of a fresh next step: there is one, not past, within the horizon of its segment."""
    day, within = today(now), Q(pk__in=[])
    horizons: dict[int, list[str]] = {}
    for segment in Segment.values:
        horizons.setdefault(next_steps.horizon(segment), []).append(segment)
    for ahead, segments in horizons.items():
        within |= Q(segment__in=segments, next_step_on__range=(day, day + timedelta(days=ahead)))
    return ~Q(next_step="") & within


def silent_for_long(now: datetime) -> Q:
    """Return the condition of idle deals: more than 30 whole days since the buyer was heard (GT22, strict)."""
    return days.silent_for(IDLE_AFTER + 1, today(now))


def heard(now: datetime) -> Q:
    """Return the condition of deals that are not idle."""
    return Q(GreaterThanOrEqual(days.HEARD_AT, days.before(IDLE_AFTER + 1, today(now))))


def closes_later(now: datetime) -> Q:
    """Return the condition of a close date that is not past."""
    return Q(close_date__gte=today(now))


def complete(now: datetime) -> Q:
    """Return the condition of deals that hold every field their rule asks for, also where it only observes."""
    policy = policies.get_sound(REQUIRED.key, None, now)
    return ~required.lacking(policy, now)


def too_long_in_stage(now: datetime) -> Q:
    """Return the condition of deals that are in their stage for more than twice the usual time (ALG-2.3, red)."""
    return aging.aged(now)


def clean(now: datetime) -> Q:
    """Return the condition of deals that lack nothing hygiene asks for."""
    return dated(now) & closes_later(now) & heard(now) & ~too_long_in_stage(now) & complete(now)
