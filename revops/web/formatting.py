"""Values as a person reads them: money with its currency, dates in their zone, relative time beside them.

Made for lists: what repeats is cached by locale, and nothing here asks the database. Which locale is the reader's
is said once a request (`read_by`, in the middleware) and looked up when the first value is written.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings

from revops.kernel import clocks
from revops.kernel.people import preferences
from revops.kernel.records import values
from revops.web.locales import Style, style

_SPANS = (
    (timedelta(days=365), 365 * 86_400, "year"),
    (timedelta(days=30), 30 * 86_400, "month"),
    (timedelta(days=7), 7 * 86_400, "week"),
    (timedelta(days=1), 86_400, "day"),
    (timedelta(hours=1), 3_600, "hour"),
    (timedelta(minutes=1), 60, "minute"),
)
_reader: ContextVar[Callable[[], preferences.Preferences] | None] = ContextVar("reader", default=None)

__all__ = ["Style", "style"]


@contextmanager
def read_by(user: Callable[[], Any]) -> Iterator[None]:
    """Write everything inside in the locale of whom `user` returns; asked once, and only if something is written."""
    found: list[preferences.Preferences] = []

    def reader() -> preferences.Preferences:
        if not found:
            found.append(preferences.of(user()))
        return found[0]

    token = _reader.set(reader)
    try:
        yield
    finally:
        _reader.reset(token)


def _preferred() -> preferences.Preferences:
    """Return what the reader prefers; the installation's choice where nobody reads."""
    reader = _reader.get()
    return preferences.DEFAULT if reader is None else reader()


def written() -> Style:
    """Return how the reader writes numbers and dates."""
    return style(_preferred().locale)


def money(amount: Decimal | None, currency: str = "") -> str:
    """Return an amount with its currency; decimals only where they say something.

    >>> money(Decimal("1250000.00"), "EUR")
    '€1,250,000'
    """
    return "" if amount is None else written().money(amount, currency or settings.REPORTING_CURRENCY)


def number(value: int | None) -> str:
    """Return a whole number with its groups of thousands."""
    return "" if value is None else written().number(value)


def percent(share: Decimal | None) -> str:
    """Return a share of one in per cent: 0.4 is "40%"."""
    return "" if share is None else written().percent(share)


def day(value: date) -> str:
    """Return a date: "Mar 12, 2026"; of an instant the reader's day."""
    if isinstance(value, datetime):
        value = value.astimezone(_preferred().zone).date()
    return written().day(value)


def time_of_day(value: datetime) -> str:
    """Return the time of day of a local instant: "3:05 PM"."""
    return written().time_of_day(value)


def instant(value: datetime, zone: ZoneInfo) -> str:
    """Return date and time in the reader's zone: "Mar 12, 2026, 3:05 PM EST"."""
    return written().instant(value.astimezone(zone))


def relative(value: datetime, now: datetime | None = None) -> str:
    """Return how long ago or ahead: "3 days ago", "in 2 hours", "just now"."""
    passed = (now or clocks.now()) - value
    for least, seconds, unit in _SPANS:
        if abs(passed) >= least:
            count = int(abs(passed).total_seconds() // seconds)
            words = f"{count} {unit}{'' if count == 1 else 's'}"
            return f"{words} ago" if passed > timedelta() else f"in {words}"
    return "just now"


def country(code: str) -> str:
    """Return the name of a country from its ISO code, or the code where it has none."""
    return style(preferences.DEFAULT.locale).country(code)


@cache
def countries() -> list[tuple[str, str]]:
    """Return every country (ISO code, name), by name."""
    return sorted(values.countries().items(), key=lambda pair: pair[1])


def initials(name: str) -> str:
    """Return one or two letters for a person."""
    parts = name.split()
    return (parts[0][:1] + (parts[-1][:1] if len(parts) > 1 else "")).upper()


def as_input(value: Any) -> str:
    """Return a stored value as a person would type it: what a form shows and what an action reads."""
    if value is None:
        return ""
    if value is True or value is False:
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, date):
        return value.isoformat()
    pk = getattr(value, "pk", None)
    return str(value if pk is None else pk)
