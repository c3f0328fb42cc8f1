"""The period of a report: so many days back from now, or from one day to another."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.http import HttpRequest

from opportunities.policies import days
from revops.kernel import clocks

OFFERED = (30, 90, 180, 365)
USUAL = 90


@dataclass(frozen=True, slots=True)
class Period:
    """From when until when, in the organisation's days; `back` says how many they are, if they end today."""

    since: datetime
    until: datetime
    back: int


def read(request: HttpRequest) -> Period:
    """Return the period that an address names; ninety days back from now where it names none that fits."""
    now = clocks.now()
    first, last = _day(request.GET.get("since", "")), _day(request.GET.get("until", ""))
    if first is not None and last is not None and first <= last:
        return Period(days.begin(first), min(now, days.begin(last + timedelta(days=1))), 0)
    text = request.GET.get("days", "")
    back = int(text) if text in map(str, OFFERED) else USUAL
    return Period(days.begin(days.today(now) - timedelta(days=back)), now, back)


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 2000 <= found.year <= 2200 else None
