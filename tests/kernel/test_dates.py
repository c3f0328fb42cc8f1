from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from revops.kernel.dates import (
    DateRange,
    Interval,
    add_months,
    boundary,
    days_before,
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
