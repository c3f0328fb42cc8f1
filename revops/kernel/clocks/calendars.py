"""Stored calendars: load one into the pure algorithm, publish a new version, add public holidays."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import holidays
from django.db import transaction

from revops.kernel.clocks import clock
from revops.kernel.clocks.business import Calendar
from revops.kernel.clocks.models import BusinessCalendar, CalendarDayOverride


class UnknownCalendar(LookupError):
    """No calendar, or no version in force, answers to this reference."""


def get(ref: str, at: datetime | None = None) -> Calendar:
    """Load a calendar by `key@version`, or by `key` the version in force at an instant (now).

    Two queries; the result converts each day once, so keep it for many questions. Raises
    UnknownCalendar.
    """
    row = _row(ref, at)
    return Calendar(
        tz=ZoneInfo(row.tz),
        weekly={int(day): windows for day, windows in row.weekly.items()},
        overrides=dict(row.overrides.values_list("date", "windows")),
        ref=row.ref,
    )


def _row(ref: str, at: datetime | None) -> BusinessCalendar:
    key, separator, version = ref.partition("@")
    versions = BusinessCalendar.objects.filter(key=key)
    if separator:
        row = versions.filter(version=int(version)).first() if version.isdecimal() else None
    else:
        row = versions.filter(effective_from__lte=at or clock.now()).order_by("-effective_from").first()
    if row is None:
        raise UnknownCalendar(
            f"no calendar {ref!r} is in force: create it, or give it an earlier effective date"
        )
    return row


@transaction.atomic
def revise(
    *,
    key: str,
    effective_from: datetime,
    tz: str | None = None,
    weekly: Mapping[str, Any] | None = None,
    overrides: Mapping[date, tuple[Sequence[Sequence[int]], str]] | None = None,
) -> BusinessCalendar:
    """Publish the next version of a calendar; what is not given is taken over from the latest.

    `overrides` maps a date to its windows and label and is added to those taken over. A new key needs
    `tz` and `weekly`. Raises ValidationError for unusable hours and ValueError for an effective date
    that does not follow the latest version's.
    """
    latest = BusinessCalendar.objects.filter(key=key).order_by("-version").first()
    if latest is None and (tz is None or weekly is None):
        raise ValueError(f"calendar {key!r} is new: give its time zone and weekly hours")
    if latest is not None and effective_from <= latest.effective_from:
        raise ValueError(
            f"{latest.ref} holds from {latest.effective_from}; the next version must start later"
        )
    row = BusinessCalendar(
        key=key,
        tz=tz or (latest.tz if latest else ""),
        weekly=weekly if weekly is not None else (latest.weekly if latest else {}),
        version=latest.version + 1 if latest else 1,
        effective_from=effective_from,
    )
    row.full_clean()
    row.save()
    days = {day: (windows, label) for day, windows, label in _overrides_of(latest)} | dict(overrides or {})
    rows = [
        CalendarDayOverride(calendar=row, date=day, windows=w, label=label)
        for day, (w, label) in days.items()
    ]
    for override in rows:
        override.full_clean(exclude=["calendar"])
    CalendarDayOverride.objects.bulk_create(rows)
    return row


def _overrides_of(calendar: BusinessCalendar | None) -> list[tuple[date, Any, str]]:
    return list(calendar.overrides.values_list("date", "windows", "label")) if calendar else []


def public_holidays(country: str, years: Iterable[int], subdivision: str | None = None) -> dict[date, str]:
    """Look up a country's public holidays, observed days included, in order of date.

    An unknown country or subdivision raises ValueError.
    """
    try:
        found = holidays.country_holidays(country, subdiv=subdivision, years=sorted(years))
    except NotImplementedError as error:
        raise ValueError(f"no public holidays are known for {country} {subdivision or ''}: {error}") from None
    return dict(sorted(found.items()))


def close_on_holidays(
    calendar: BusinessCalendar, country: str, years: Iterable[int], subdivision: str | None = None
) -> list[CalendarDayOverride]:
    """Close a calendar on public holidays; dates that already differ are left alone.

    Meant for setting a version up; a version that clocks already count with is followed by another
    (`revise` with the same holidays as overrides).
    """
    taken = set(calendar.overrides.values_list("date", flat=True))
    found = public_holidays(country, years, subdivision)
    rows = [
        CalendarDayOverride(calendar=calendar, date=day, windows=[], label=name[:200])
        for day, name in found.items()
        if day not in taken
    ]
    return CalendarDayOverride.objects.bulk_create(rows)
