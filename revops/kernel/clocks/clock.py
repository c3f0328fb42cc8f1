"""The one place that reads the time; everything else asks here, so every rule runs at any instant."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, tzinfo
from zoneinfo import ZoneInfo

from django.conf import settings

_injected: ContextVar[datetime | None] = ContextVar("clocks_injected", default=None)


def now() -> datetime:
    """Tell the current instant in UTC, or the injected one inside `at`."""
    return _injected.get() or datetime.now(UTC)


def today(tz: tzinfo | str | None = None) -> date:
    """Tell the current date in a time zone (an IANA name or a tzinfo; by default the company's)."""
    zone = ZoneInfo(tz) if isinstance(tz, str) else tz or ZoneInfo(settings.TIME_ZONE)
    return now().astimezone(zone).date()


@contextmanager
def at(instant: datetime) -> Iterator[datetime]:
    """Hold the clock still at an instant for the enclosed code; may be nested.

    An instant without a time zone raises ValueError. A thread started inside reads the real time
    unless it runs in a copy of the context.
    """
    if instant.utcoffset() is None:
        raise ValueError(f"{instant!r} has no time zone: the clock needs an instant")
    token = _injected.set(instant.astimezone(UTC))
    try:
        yield instant
    finally:
        _injected.reset(token)
