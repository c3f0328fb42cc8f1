from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from revops.kernel.clocks.business import Calendar, CalendarExhausted, day_windows

NEW_YORK = ZoneInfo("America/New_York")
LONDON = ZoneInfo("Europe/London")
BERLIN = ZoneInfo("Europe/Berlin")
HOUR = 3600
NINE_TO_FIVE = {day: [[540, 1020]] for day in range(5)}
ALWAYS = {day: [[0, 1440]] for day in range(7)}

office = Calendar(NEW_YORK, NINE_TO_FIVE)
early = Calendar(NEW_YORK, {day: [[480, 1020]] for day in range(5)})
always = Calendar(NEW_YORK, ALWAYS)


def local(zone, *parts, fold=0):
    return datetime(*parts, tzinfo=zone, fold=fold)


def ny(*parts, fold=0):
    return local(NEW_YORK, *parts, fold=fold)


# -- the golden cases of M1 ------------------------------------------------------------------------------


def test_m1_sixty_minutes_over_the_weekend_the_clocks_change():
    due = office.add_business(ny(2026, 3, 6, 16, 30), 60 * 60)
    assert due == datetime(2026, 3, 9, 13, 30, tzinfo=UTC)
    assert due == ny(2026, 3, 9, 9, 30)


def test_m1_pause_moves_the_due_instant():
    target, started, paused, resumed = (
        60 * 60,
        ny(2026, 3, 6, 16, 30),
        ny(2026, 3, 9, 9, 10),
        ny(2026, 3, 9, 10),
    )
    elapsed = office.business_seconds(started, paused)
    assert elapsed == 40 * 60
    assert office.add_business(resumed, target - elapsed) == ny(2026, 3, 9, 10, 20)


def test_m1_four_hours_from_friday_16_end_monday_11():
    assert early.add_business(ny(2026, 3, 6, 16), 4 * HOUR) == ny(2026, 3, 9, 11)


def test_m1_eight_hours_from_friday_17_end_monday_17():
    assert office.add_business(ny(2026, 3, 6, 17), 8 * HOUR) == ny(2026, 3, 9, 17)


def test_m1_time_used_up_at_closing_ends_friday_17():
    assert office.add_business(ny(2026, 3, 6, 16), HOUR) == ny(2026, 3, 6, 17)


def test_m1_day_of_23_and_25_hours():
    assert always.business_seconds(ny(2026, 3, 8), ny(2026, 3, 9)) == 23 * HOUR
    assert always.business_seconds(ny(2026, 11, 1), ny(2026, 11, 2)) == 25 * HOUR
    assert always.add_business(ny(2026, 3, 7, 12), 24 * HOUR) == ny(2026, 3, 8, 13)


def test_m1_london_easter():
    closed = {date(2026, 4, 3): [], date(2026, 4, 6): []}
    calendar = Calendar(LONDON, NINE_TO_FIVE, closed)
    assert calendar.add_business(local(LONDON, 2026, 4, 2, 15, 30), 4 * HOUR) == local(
        LONDON, 2026, 4, 7, 11, 30
    )


@pytest.mark.parametrize(
    ("day", "window", "hours"),
    [
        (date(2026, 3, 29), [60, 180], 1),
        (date(2026, 10, 25), [60, 180], 3),
        (date(2026, 3, 29), [60, 150], 1),
        (date(2026, 3, 22), [60, 180], 2),
    ],
)
def test_m1_berlin_night_windows(day, window, hours):
    calendar = Calendar(BERLIN, {6: [window]})
    midnight = local(BERLIN, day.year, day.month, day.day)
    assert calendar.business_seconds(midnight, midnight + timedelta(days=1)) == hours * HOUR
    assert sum((closes - opens).total_seconds() for opens, closes in calendar.windows(day)) == hours * HOUR


def test_m1_zero_seconds_give_the_start():
    closed = ny(2026, 3, 7, 12)
    assert office.add_business(closed, 0) == closed


def test_m1_calendar_without_windows_raises():
    for weekly in ({}, {0: []}):
        with pytest.raises(ValueError, match="never opens"):
            Calendar(NEW_YORK, weekly)


def test_m1_calendar_closed_for_five_years_is_exhausted():
    first = date(2026, 3, 1)
    closed = {first + timedelta(days=n): [] for n in range(6 * 366)}
    calendar = Calendar(NEW_YORK, NINE_TO_FIVE, closed)
    for question in (
        calendar.next_open,
        lambda t: calendar.add_business(t, 1),
        lambda t: calendar.add_business_days(t, 1),
    ):
        with pytest.raises(CalendarExhausted):
            question(ny(2026, 3, 2, 9))
    assert calendar.business_seconds(ny(2026, 3, 2), ny(2030, 3, 2)) == 0


# -- wall times that exist twice or not at all -------------------------------------------------------------


def test_window_that_opens_in_the_gap_opens_when_the_clock_changes():
    calendar = Calendar(BERLIN, {6: [[150, 240]]})
    assert calendar.windows(date(2026, 3, 29)) == [
        (datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 3, 29, 2, tzinfo=UTC))
    ]


def test_window_inside_the_gap_does_not_exist():
    calendar = Calendar(BERLIN, {6: [[125, 175]]})
    assert calendar.windows(date(2026, 3, 29)) == []
    assert not calendar.is_business_day(date(2026, 3, 29))
    assert calendar.is_business_day(date(2026, 4, 5))


def test_window_edges_in_the_repeated_hour_open_first_and_close_second():
    calendar = Calendar(NEW_YORK, {6: [[60, 90]]})
    assert calendar.windows(date(2026, 11, 1)) == [
        (datetime(2026, 11, 1, 5, tzinfo=UTC), datetime(2026, 11, 1, 6, 30, tzinfo=UTC))
    ]


def test_windows_that_meet_in_the_repeated_hour_are_not_counted_twice():
    calendar = Calendar(NEW_YORK, {6: [[0, 90], [90, 1440]]})
    assert calendar.business_seconds(ny(2026, 11, 1), ny(2026, 11, 2)) == 25 * HOUR
    first, second = calendar.windows(date(2026, 11, 1))
    assert first[1] == second[0]


def test_days_that_overlap_at_a_midnight_change_are_not_counted_twice():
    havana = ZoneInfo("America/Havana")  # goes back at 01:00 to 00:00
    calendar = Calendar(havana, ALWAYS)
    start, end = local(havana, 2026, 10, 31, 12), local(havana, 2026, 11, 1, 12)
    assert calendar.business_seconds(start, end) == 25 * HOUR
    assert calendar.add_business(start, 25 * HOUR) == end


def test_window_of_the_day_before_reaches_past_a_repeated_midnight():
    havana = ZoneInfo("America/Havana")
    saturdays = Calendar(havana, {5: [[0, 1440]]})
    start = local(havana, 2026, 11, 1, 0, 30)
    assert saturdays.business_seconds(start, start.astimezone(UTC) + timedelta(hours=2)) == HOUR // 2


def test_gap_of_half_an_hour_is_found_to_the_second():
    lord_howe = ZoneInfo("Australia/Lord_Howe")
    calendar = Calendar(lord_howe, {6: [[135, 240]]})  # 02:15 does not exist on 2026-10-04
    assert calendar.windows(date(2026, 10, 4))[0][0] == datetime(2026, 10, 3, 15, 30, tzinfo=UTC)


def test_date_that_a_zone_skipped_is_no_business_day():
    apia = ZoneInfo("Pacific/Apia")
    calendar = Calendar(apia, ALWAYS)
    assert calendar.windows(date(2011, 12, 30)) == []
    assert calendar.business_seconds(local(apia, 2011, 12, 29), local(apia, 2011, 12, 31)) == 24 * HOUR


def test_overnight_window_split_at_midnight_runs_through():
    calendar = Calendar(BERLIN, {0: [[1320, 1440]], 1: [[0, 360]]})
    assert calendar.add_business(local(BERLIN, 2026, 6, 1, 23), 3 * HOUR) == local(BERLIN, 2026, 6, 2, 2)


# -- other questions ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("instant", "opening"),
    [
        (ny(2026, 3, 6, 16, 59, 59), ny(2026, 3, 6, 16, 59, 59)),
        (ny(2026, 3, 6, 9), ny(2026, 3, 6, 9)),
        (ny(2026, 3, 6, 17), ny(2026, 3, 9, 9)),
        (ny(2026, 3, 7, 3), ny(2026, 3, 9, 9)),
        (ny(2026, 3, 9, 8), ny(2026, 3, 9, 9)),
    ],
)
def test_next_open(instant, opening):
    assert office.next_open(instant) == opening


def test_half_day_and_extra_day_override_the_week():
    calendar = Calendar(
        NEW_YORK, NINE_TO_FIVE, {date(2026, 12, 24): [[540, 720]], date(2026, 12, 26): [[600, 660]]}
    )
    assert calendar.business_seconds(ny(2026, 12, 24), ny(2026, 12, 25)) == 3 * HOUR
    assert calendar.business_seconds(ny(2026, 12, 26), ny(2026, 12, 27)) == HOUR
    assert calendar.business_seconds(ny(2026, 12, 25), ny(2026, 12, 26)) == 8 * HOUR


def test_results_are_in_utc():
    assert office.add_business(ny(2026, 3, 6, 16), 60).tzinfo is UTC
    assert office.next_open(ny(2026, 3, 6, 16)).tzinfo is UTC


def test_parts_of_a_second_count_only_when_whole():
    start = ny(2026, 3, 6, 10)
    assert office.business_seconds(start, start + timedelta(milliseconds=1999)) == 1


def test_naive_reversed_and_negative_questions_are_refused():
    with pytest.raises(ValueError, match="no time zone"):
        office.next_open(datetime(2026, 3, 6))
    with pytest.raises(ValueError, match="before the start"):
        office.business_seconds(ny(2026, 3, 6), ny(2026, 3, 5))
    with pytest.raises(ValueError, match="runs forward"):
        office.add_business(ny(2026, 3, 6), -1)
    with pytest.raises(ValueError, match="at least one"):
        office.add_business_days(ny(2026, 3, 6), 0)


@pytest.mark.parametrize(
    "pairs",
    [
        [[540]],
        [[540, 540]],
        [[600, 540]],
        [[-1, 60]],
        [[0, 1441]],
        [[0, 100], [90, 200]],
        [[300, 400], [0, 100]],
        [["9", "17"]],
        [[True, 5]],
    ],
)
def test_day_windows_refuses(pairs):
    with pytest.raises(ValueError, match=r"window|overlaps"):
        day_windows(pairs)


def test_weekday_that_does_not_exist_is_refused():
    with pytest.raises(ValueError, match="weekdays"):
        Calendar(NEW_YORK, {7: [[0, 60]]})


# -- the tiers of speed to lead -------------------------------------------------------------------------------


def test_gt29_standard_tier_of_240_business_minutes():
    assert office.add_business(ny(2026, 3, 6, 15), 240 * 60) == ny(2026, 3, 9, 11)


@pytest.mark.parametrize(
    ("received", "due"),
    [
        (ny(2026, 3, 4, 10, 15), ny(2026, 3, 5, 10, 15)),  # within hours: the same wall time
        (ny(2026, 3, 6, 15), ny(2026, 3, 9, 15)),  # over a weekend and the change of clocks
        (ny(2026, 3, 6, 17), ny(2026, 3, 9, 17)),  # closing time is outside
        (ny(2026, 3, 6, 20), ny(2026, 3, 9, 17)),
        (ny(2026, 3, 7, 12), ny(2026, 3, 9, 17)),
        (ny(2026, 3, 9, 7), ny(2026, 3, 9, 17)),  # before opening: the day itself is the next to open
    ],
)
def test_gt30_inquiry_tier_of_one_business_day(received, due):
    assert office.add_business_days(received, 1) == due


def test_gt30_skips_a_holiday():
    calendar = Calendar(NEW_YORK, NINE_TO_FIVE, {date(2026, 3, 9): []})
    assert calendar.add_business_days(ny(2026, 3, 6, 15), 1) == ny(2026, 3, 10, 15)
    assert calendar.add_business_days(ny(2026, 3, 6, 18), 2) == ny(2026, 3, 11, 17)


def test_gt30_due_wall_time_outside_the_next_day_moves_into_it():
    calendar = Calendar(NEW_YORK, NINE_TO_FIVE | {3: [[600, 720], [780, 840]]})
    assert calendar.add_business_days(ny(2026, 3, 4, 15), 1) == ny(2026, 3, 5, 14)
    assert calendar.add_business_days(ny(2026, 3, 4, 9, 30), 1) == ny(2026, 3, 5, 10)
    assert calendar.add_business_days(ny(2026, 3, 4, 12, 30), 1) == ny(2026, 3, 5, 13)
    assert calendar.add_business_days(ny(2026, 3, 5, 12, 30), 1) == ny(2026, 3, 6, 12, 30)


# -- properties -------------------------------------------------------------------------------------------------

# Edges keep clear of the hours in which these zones change, so that a plain look at the wall clock
# (the brute force below) and the opening rule mean the same.
edges = st.lists(st.sampled_from([0, *range(240, 1441, 15)]), min_size=2, max_size=4, unique=True).map(sorted)
windows = edges.map(lambda found: [found[i : i + 2] for i in range(0, len(found) - 1, 2)])
zones = st.sampled_from(
    ["UTC", "America/New_York", "Europe/London", "Europe/Berlin", "Asia/Kathmandu", "Australia/Lord_Howe"]
).map(ZoneInfo)
first_days = st.sampled_from(
    [
        date(2026, 3, 6),
        date(2026, 3, 27),
        date(2026, 4, 3),
        date(2026, 10, 2),
        date(2026, 10, 23),
        date(2026, 10, 30),
    ]
)


@st.composite
def calendars(draw):
    weekly = {day: draw(windows) for day in draw(st.sets(st.integers(0, 6), min_size=1))}
    start = draw(first_days)
    overrides = draw(st.dictionaries(st.integers(0, 6), st.one_of(st.just([]), windows), max_size=2))
    return Calendar(draw(zones), weekly, {start + timedelta(days=n): w for n, w in overrides.items()})


@st.composite
def instants(draw):
    start = draw(first_days)
    midnight = datetime(start.year, start.month, start.day, tzinfo=UTC)
    return midnight + timedelta(minutes=draw(st.integers(0, 6 * 1440)))


def brute_force_minutes(calendar, start, end):
    total = 0
    while start < end:
        wall = start.astimezone(calendar.tz)
        pairs = calendar.overrides.get(wall.date(), calendar.weekly.get(wall.weekday(), ()))
        minute = wall.hour * 60 + wall.minute
        total += any(opens <= minute < closes for opens, closes in pairs)
        start += timedelta(minutes=1)
    return total


@settings(deadline=None)
@given(calendars(), instants(), st.integers(0, 5000))
def test_e3_business_seconds_equal_a_brute_force_minute_count(calendar, start, minutes):
    end = start + timedelta(minutes=minutes)
    assert calendar.business_seconds(start, end) == 60 * brute_force_minutes(calendar, start, end)


@settings(deadline=None)
@given(calendars(), instants(), st.lists(st.integers(0, 900), min_size=2, max_size=9))
def test_e3_run_segments_add_up_like_the_brute_force(calendar, start, lengths):
    """Random pauses: every second stretch is a pause and counts nothing."""
    elapsed = expected = 0
    for place, minutes in enumerate(lengths):
        end = start + timedelta(minutes=minutes)
        if place % 2 == 0:
            elapsed += calendar.business_seconds(start, end)
            expected += 60 * brute_force_minutes(calendar, start, end)
        start = end
    assert elapsed == expected


@settings(deadline=None)
@given(calendars(), instants(), st.integers(0, 60 * 24 * 30), st.integers(0, 7200))
def test_e3_add_business_is_the_earliest_inverse_and_monotone(calendar, start, minutes, more):
    later = start + timedelta(minutes=minutes)
    seconds = calendar.business_seconds(start, later)
    due = calendar.add_business(start, seconds)
    assert due <= later
    assert calendar.business_seconds(start, due) == seconds
    if seconds:
        assert calendar.business_seconds(start, due - timedelta(seconds=1)) == seconds - 1
    assert due <= calendar.add_business(start, seconds + more)
    assert calendar.business_seconds(start, later + timedelta(seconds=more)) >= seconds


@settings(deadline=None)
@given(calendars(), instants(), st.integers(0, 4000), st.integers(0, 4000))
def test_e3_business_seconds_are_additive(calendar, start, first, second):
    middle = start + timedelta(minutes=first)
    end = middle + timedelta(minutes=second)
    parts = calendar.business_seconds(start, middle) + calendar.business_seconds(middle, end)
    assert parts == calendar.business_seconds(start, end)


@settings(deadline=None)
@given(calendars(), instants(), st.integers(1, 10))
def test_next_open_and_business_days_land_in_open_time(calendar, start, days):
    opening = calendar.next_open(start)
    assert opening >= start
    assert calendar.business_seconds(start, opening) == 0
    assert calendar.business_seconds(opening, opening + timedelta(seconds=1)) == 1
    due = calendar.add_business_days(start, days)
    assert start < due <= calendar.add_business_days(start, days + 1)
    assert (
        calendar.is_business_day(due.astimezone(calendar.tz).date()) or due.astimezone(calendar.tz).hour == 0
    )
