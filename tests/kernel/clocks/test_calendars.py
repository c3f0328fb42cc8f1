from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from revops.kernel import clocks
from revops.kernel.clocks import calendars
from revops.kernel.clocks.models import BusinessCalendar, CalendarDayOverride

pytestmark = pytest.mark.django_db
WEEK = {str(day): [[540, 1020]] for day in range(5)}
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
LONDON = ZoneInfo("Europe/London")


@pytest.fixture
def london():
    return calendars.revise(key="london", effective_from=LONG_AGO, tz="Europe/London", weekly=WEEK)


def test_get_loads_the_stored_hours(london):
    calendar = calendars.get("london")
    assert (calendar.ref, calendar.tz) == ("london@1", LONDON)
    assert (
        calendar.business_seconds(datetime(2026, 3, 6, tzinfo=LONDON), datetime(2026, 3, 7, tzinfo=LONDON))
        == 8 * 3600
    )


def test_get_takes_two_queries(london, django_assert_num_queries):
    calendars.close_on_holidays(london, "GB", [2026], "ENG")
    with django_assert_num_queries(2):
        calendars.get("london")


def test_m1_london_easter_with_stored_holidays(london):
    added = calendars.close_on_holidays(london, "GB", [2026], "ENG")
    labels = {override.date: override.label for override in added}
    assert labels[date(2026, 4, 3)] == "Good Friday"
    assert labels[date(2026, 4, 6)] == "Easter Monday"
    due = calendars.get("london").add_business(datetime(2026, 4, 2, 15, 30, tzinfo=LONDON), 4 * 3600)
    assert due == datetime(2026, 4, 7, 11, 30, tzinfo=LONDON)


def test_close_on_holidays_leaves_days_that_already_differ(london):
    CalendarDayOverride.objects.create(
        calendar=london, date=date(2026, 4, 3), windows=[[540, 600]], label="skeleton"
    )
    added = calendars.close_on_holidays(london, "GB", [2026], "ENG")
    assert date(2026, 4, 3) not in {override.date for override in added}
    assert london.overrides.get(date=date(2026, 4, 3)).label == "skeleton"
    assert calendars.close_on_holidays(london, "GB", [2026], "ENG") == []


def test_public_holidays_of_an_unknown_country_are_refused():
    with pytest.raises(ValueError, match="no public holidays are known for XX"):
        calendars.public_holidays("XX", [2026])


def test_revise_keeps_the_past_with_its_version(london):
    """Segments measured with version 1 keep it; the new hours apply from their effective instant."""
    CalendarDayOverride.objects.create(calendar=london, date=date(2026, 12, 25), label="Christmas")
    change = datetime(2026, 6, 1, tzinfo=UTC)
    second = calendars.revise(
        key="london",
        effective_from=change,
        weekly=WEEK | {"5": [[600, 840]]},
        overrides={date(2026, 12, 24): ([[540, 720]], "half day")},
    )
    assert second.ref == "london@2"
    assert calendars.get("london", at=change - timedelta(seconds=1)).ref == "london@1"
    assert calendars.get("london", at=change).ref == "london@2"
    with clocks.at(datetime(2026, 5, 1, tzinfo=UTC)):
        assert calendars.get("london").ref == "london@1"
    assert not calendars.get("london@1").is_business_day(date(2026, 6, 6))
    assert calendars.get("london@2").is_business_day(date(2026, 6, 6))
    assert [str(o) for o in second.overrides.order_by("date")] == [
        "2026-12-24 half day",
        "2026-12-25 Christmas",
    ]
    assert london.overrides.count() == 1


@pytest.mark.parametrize("ref", ["paris", "london@9", "london@x", "london@", ""])
def test_get_refuses_an_unknown_reference(london, ref):
    with pytest.raises(calendars.UnknownCalendar, match="in force"):
        calendars.get(ref)


def test_get_refuses_a_version_not_yet_in_force(london):
    with pytest.raises(calendars.UnknownCalendar):
        calendars.get("london", at=LONG_AGO - timedelta(days=1))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"tz": "Europe/Atlantis"}, "IANA"),
        ({"tz": "../etc/passwd"}, "IANA"),
        ({"weekly": {}}, "cannot be blank"),
        ({"weekly": {"0": []}}, "never opens"),
        ({"weekly": {"9": [[0, 60]]}}, "weekdays"),
        ({"weekly": {"0": [[60, 30]]}}, "0 ≤ open"),
        ({"weekly": {"mon": [[0, 60]]}}, "cannot be used"),
        ({"weekly": [[0, 60]]}, "cannot be used"),
        ({"overrides": {date(2026, 1, 1): ([[9, 5]], "")}}, "0 ≤ open"),
    ],
)
def test_revise_refuses_unusable_hours_and_stores_nothing(london, change, words):
    with pytest.raises(ValidationError) as refusal, transaction.atomic():
        calendars.revise(key="london", effective_from=LONG_AGO + timedelta(days=1), **change)
    assert words in str(refusal.value)
    assert BusinessCalendar.objects.count() == 1


def test_revise_refuses_an_earlier_date_and_a_new_key_without_hours(london):
    with pytest.raises(ValueError, match="must start later"):
        calendars.revise(key="london", effective_from=LONG_AGO)
    with pytest.raises(ValueError, match="is new"):
        calendars.revise(key="paris", effective_from=LONG_AGO)


@pytest.mark.parametrize(
    "values",
    [
        {"key": "london", "version": 1, "effective_from": LONG_AGO + timedelta(days=1)},
        {"key": "london", "version": 2, "effective_from": LONG_AGO},
        {"key": "rome", "version": 0, "effective_from": LONG_AGO},
        {"key": "", "version": 1, "effective_from": LONG_AGO},
    ],
)
def test_database_refuses_an_impossible_version(london, values):
    with pytest.raises(IntegrityError), transaction.atomic():
        BusinessCalendar.objects.create(tz="UTC", weekly=WEEK, **values)


def test_database_refuses_two_overrides_on_one_day(london):
    CalendarDayOverride.objects.create(calendar=london, date=date(2026, 1, 1))
    with pytest.raises(IntegrityError), transaction.atomic():
        CalendarDayOverride.objects.create(calendar=london, date=date(2026, 1, 1))
