from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from revops.kernel.dates import (
    DateRange,
    Interval,
    add_months,
    boundary,
    days_before,
    idle_days,
    milestones,
    months_and_days,
)

days = st.dates(date(1990, 1, 1), date(2090, 12, 31))


@pytest.mark.parametrize(
    ("anchor", "k", "expected"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2026, 1, 31), 2, date(2026, 3, 31)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(2026, 1, 15), -1, date(2025, 12, 15)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 2, 29), 48, date(2028, 2, 29)),
        (date(2026, 7, 4), 0, date(2026, 7, 4)),
    ],
)
def test_add_months_clamps_to_the_month_end(anchor, k, expected):
    assert add_months(anchor, k) == expected


def test_boundaries_of_31_january_2027_keep_the_anchor_day():
    assert [boundary(date(2027, 1, 31), k) for k in range(1, 6)] == [
        date(2027, 2, 28),
        date(2027, 3, 31),
        date(2027, 4, 30),
        date(2027, 5, 31),
        date(2027, 6, 30),
    ]


@given(days, st.integers(-240, 240))
def test_e12_boundary_never_drifts(anchor, k):
    found = boundary(anchor, k)
    assert (found.year * 12 + found.month) - (anchor.year * 12 + anchor.month) == k
    last_of_month = (found.replace(day=1) + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    assert found.day == min(anchor.day, last_of_month.day)


@given(days, st.integers(0, 240))
def test_e12_boundaries_rise_strictly(anchor, k):
    assert boundary(anchor, k) < boundary(anchor, k + 1)


def test_gt32_renewal_milestones():
    assert milestones(date(2027, 3, 31)) == {
        180: date(2026, 10, 2),
        120: date(2026, 12, 1),
        90: date(2026, 12, 31),
    }
    assert days_before(date(2027, 3, 31), 30) == date(2027, 3, 1)


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (date(2026, 1, 15), date(2027, 3, 31), (14, 17)),
        (date(2027, 1, 31), date(2027, 6, 30), (5, 1)),
        (date(2026, 7, 10), date(2026, 12, 31), (5, 22)),
        (date(2026, 1, 1), date(2026, 12, 31), (12, 0)),
        (date(2026, 1, 1), date(2026, 1, 1), (0, 1)),
        (date(2026, 1, 31), date(2026, 2, 27), (1, 0)),
    ],
)
def test_months_and_days_counts_from_the_anchor(start, end, expected):
    assert months_and_days(start, end) == expected


@given(days, st.integers(0, 4000))
def test_months_and_days_add_up_to_the_end(start, length):
    end = start + timedelta(days=length)
    months, rest = months_and_days(start, end)
    assert boundary(start, months) + timedelta(days=rest - 1) == end
    assert end + timedelta(days=1) < boundary(start, months + 1)


def test_months_and_days_refuses_a_reversed_term():
    with pytest.raises(ValueError, match="before the start"):
        months_and_days(date(2026, 2, 1), date(2026, 1, 1))


def hour(n):
    return datetime(2026, 3, 1, n, tzinfo=UTC)


def test_interval_holds_its_start_and_not_its_end():
    interval = Interval(hour(9), hour(17))
    assert interval.contains(hour(9))
    assert not interval.contains(hour(17))
    assert Interval(hour(9)).contains(hour(23))
    assert not Interval(hour(9)).contains(hour(8))


def test_intervals_that_touch_do_not_overlap():
    assert not Interval(hour(1), hour(2)).overlaps(Interval(hour(2), hour(3)))
    assert not Interval(hour(2)).overlaps(Interval(hour(1), hour(2)))
    assert Interval(hour(1), hour(5)).overlap(Interval(hour(3))) == Interval(hour(3), hour(5))
    assert Interval(hour(1)).overlap(Interval(hour(3))) == Interval(hour(3))
    assert Interval(hour(1), hour(9)).overlap(Interval(hour(3), hour(4))) == Interval(hour(3), hour(4))


def test_interval_compares_instants_across_time_zones():
    later = datetime(2026, 3, 1, 10, tzinfo=timezone(timedelta(hours=1)))
    assert Interval(hour(9), hour(10)).contains(later)


def test_interval_refuses_naive_and_empty_spans():
    with pytest.raises(ValueError, match="no time zone"):
        Interval(datetime(2026, 3, 1))
    with pytest.raises(ValueError, match="not after its start"):
        Interval(hour(3), hour(3))


def test_date_range_includes_both_ends():
    march = DateRange(date(2026, 3, 1), date(2026, 3, 31))
    assert march.days == 31
    assert march.contains(date(2026, 3, 1))
    assert march.contains(date(2026, 3, 31))
    assert not march.contains(date(2026, 4, 1))
    with pytest.raises(ValueError, match="before its start"):
        DateRange(date(2026, 3, 2), date(2026, 3, 1))


def test_date_ranges_overlap_when_they_share_a_day():
    march = DateRange(date(2026, 3, 1), date(2026, 3, 31))
    assert march.overlap(DateRange(date(2026, 3, 31), date(2026, 4, 2))) == DateRange(
        date(2026, 3, 31), date(2026, 3, 31)
    )
    assert march.overlap(DateRange(date(2026, 4, 1), date(2026, 4, 2))) is None
    assert not march.overlaps(DateRange(date(2026, 4, 1), date(2026, 4, 2)))


BERLIN = ZoneInfo("Europe/Berlin")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("last", "opened", "now", "expected"),
    [
        (None, "2026-05-01T08:00Z", "2026-05-31T07:00Z", 30),
        (None, "2026-05-01T08:00Z", "2026-06-01T07:00Z", 31),
        # 23:30 in Berlin is one calendar day before 00:30, whatever the day is in UTC
        ("2026-05-01T21:30Z", "2026-01-01T00:00Z", "2026-05-01T22:30Z", 1),
        ("2026-05-01T22:30Z", "2026-01-01T00:00Z", "2026-05-02T21:30Z", 0),
        # over the night on which the clocks go forward
        ("2026-03-28T22:30Z", "2026-01-01T00:00Z", "2026-03-29T21:59Z", 1),
        # what happened before the deal was opened does not count, what lies ahead neither
        ("2026-01-01T12:00Z", "2026-05-01T12:00Z", "2026-05-04T12:00Z", 3),
        ("2026-06-01T12:00Z", "2026-05-01T12:00Z", "2026-05-04T12:00Z", 0),
    ],
)
def test_gt22_idle_days_are_days_of_the_organisation(
    last: str | None, opened: str, now: str, expected: int
) -> None:
    assert idle_days(at(last) if last else None, at(opened), at(now), BERLIN) == expected


@given(
    opened=st.datetimes(datetime(2000, 1, 1), datetime(2050, 1, 1), timezones=st.just(UTC)),
    hours=st.integers(0, 20_000),
)
def test_idle_days_grow_by_one_a_day(opened: datetime, hours: int) -> None:
    now = opened + timedelta(hours=hours)
    found = [idle_days(None, opened, now + timedelta(days=step), UTC) for step in range(3)]
    assert found == [found[0], found[0] + 1, found[0] + 2]
