"""Values as a person reads them: money with its currency, dates in their zone, relative time beside them.

Made for lists: what repeats is cached, and nothing here asks the database.
"""

from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date
from babel.numbers import get_currency_precision, get_currency_symbol
from django.conf import settings

from revops.kernel import clocks
from revops.kernel.records import values

LOCALE = Locale.parse("en_US")
_SPANS = (
    (timedelta(days=365), 365 * 86_400, "year"),
    (timedelta(days=30), 30 * 86_400, "month"),
    (timedelta(days=7), 7 * 86_400, "week"),
    (timedelta(days=1), 86_400, "day"),
    (timedelta(hours=1), 3_600, "hour"),
    (timedelta(minutes=1), 60, "minute"),
)


@lru_cache(maxsize=256)
def _currency(code: str) -> tuple[str, int]:
    """Return how amounts of this currency begin, and their number of decimals."""
    symbol = get_currency_symbol(code, LOCALE)
    if symbol[-1].isalpha():
        symbol += "\N{NO-BREAK SPACE}"
    return symbol, get_currency_precision(code)


def money(amount: Decimal | None, currency: str = "") -> str:
    """Return an amount with its currency; decimals only where they say something.

    >>> money(Decimal("1250000.00"), "EUR")
    '€1,250,000'
    """
    if amount is None:
        return ""
    symbol, decimals = _currency(currency or settings.REPORTING_CURRENCY)
    whole = amount == amount.to_integral_value()
    places = 0 if whole else decimals
    if not whole and amount != round(amount, decimals):
        places = 4
    text = f"{abs(amount):,.{places}f}"
    return f"\N{MINUS SIGN}{symbol}{text}" if amount < 0 else f"{symbol}{text}"


def number(value: int | None) -> str:
    """Return a whole number with its groups of thousands."""
    return "" if value is None else f"{value:,}"


def percent(share: Decimal | None) -> str:
    """Return a share of one in per cent: 0.4 is "40%"."""
    return "" if share is None else f"{(share * 100).normalize():f}%"


@lru_cache(maxsize=4_096)
def day(value: date) -> str:
    """Return a date: "Mar 12, 2026"."""
    return str(format_date(value, "medium", locale=LOCALE))


def instant(value: datetime, zone: ZoneInfo) -> str:
    """Return date and time in the reader's zone: "Mar 12, 2026, 3:05 PM EST"."""
    local = value.astimezone(zone)
    half = "AM" if local.hour < 12 else "PM"
    return f"{day(local.date())}, {local.hour % 12 or 12}:{local.minute:02} {half} {local.tzname()}"


def relative(value: datetime, now: datetime | None = None) -> str:
    """Return how long ago or ahead: "3 days ago", "in 2 hours", "just now"."""
    passed = (now or clocks.now()) - value
    for least, seconds, unit in _SPANS:
        if abs(passed) >= least:
            count = int(abs(passed).total_seconds() // seconds)
            words = f"{count} {unit}{'' if count == 1 else 's'}"
            return f"{words} ago" if passed > timedelta() else f"in {words}"
    return "just now"


@lru_cache(maxsize=512)
def country(code: str) -> str:
    """Return the name of a country from its ISO code, or the code where it has none."""
    return str(LOCALE.territories.get(code, code))


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
