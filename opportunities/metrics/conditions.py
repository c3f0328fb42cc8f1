"""What hygiene asks of an open deal, as conditions as of an instant. Source: ALG-2.1, ALG-2.3, INV-2.3, GT22."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.db.models.lookups import GreaterThanOrEqual, LessThan

from accounts.enums import Segment
from opportunities.enums import OPEN
from opportunities.models import StageBaseline
from opportunities.policies import next_steps
from opportunities.policies.required import REQUIRED
from revops.kernel import policies
from revops.kernel.policies import required

IDLE_AFTER = 30
_HEARD = Coalesce(F("last_buyer_activity_at"), F("opened_at"))


def today(now: datetime) -> date:
    """Return the day in the organisation's time zone."""
    return now.astimezone(ZoneInfo(settings.ORG_TIME_ZONE)).date()


def midnight(day: date) -> datetime:
    """Return when a day begins in the organisation's time zone."""
    return datetime.combine(day, time.min, ZoneInfo(settings.ORG_TIME_ZONE))


def is_open(now: datetime) -> Q:
    """Return the condition of open deals."""
    return Q(stage__in=OPEN)


def dated(now: datetime) -> Q:
    """Return the condition of a fresh next step: there is one, not past, within the horizon of its segment."""
    day, within = today(now), Q(pk__in=[])
    horizons: dict[int, list[str]] = {}
    for segment in Segment.values:
        horizons.setdefault(next_steps.horizon(segment), []).append(segment)
    for days, segments in horizons.items():
        within |= Q(segment__in=segments, next_step_on__range=(day, day + timedelta(days=days)))
    return ~Q(next_step="") & within


def silent_for_long(now: datetime) -> Q:
    """Return the condition of idle deals: more than 30 whole days since the buyer was heard (GT22, strict)."""
    return Q(LessThan(_HEARD, _heard_from(now)))


def heard(now: datetime) -> Q:
    """Return the condition of deals that are not idle."""
    return Q(GreaterThanOrEqual(_HEARD, _heard_from(now)))


def _heard_from(now: datetime) -> datetime:
    return midnight(today(now) - timedelta(days=IDLE_AFTER))


def closes_later(now: datetime) -> Q:
    """Return the condition of a close date that is not past."""
    return Q(close_date__gte=today(now))


def complete(now: datetime) -> Q:
    """Return the condition of deals that hold every field their rule asks for, also where it only observes."""
    policy = policies.get_sound(REQUIRED.key, None, now)
    return ~required.lacking(policy, now)


def too_long_in_stage(now: datetime) -> Q:
    """Return the condition of deals that are in their stage for more than twice the usual time (ALG-2.3, red)."""
    where = Q(pk__in=[])
    for segment, stage, median in StageBaseline.objects.values_list("segment", "stage", "median_days"):
        limit = now - timedelta(days=float(2 * median))
        where |= Q(segment=segment, stage=stage, stage_since__lt=limit)
    return where


def clean(now: datetime) -> Q:
    """Return the condition of deals that lack nothing hygiene asks for."""
    return dated(now) & closes_later(now) & heard(now) & ~too_long_in_stage(now) & complete(now)
