"""The pure arithmetic of clocks: goldens, precedence, and property 3 against a count of every single minute."""

import random
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from revops.kernel.clocks.business import Calendar
from revops.kernel.clocks.timelines import ROUND_THE_CLOCK, Timeline
from revops.kernel.sla import arithmetic
from revops.kernel.sla.arithmetic import Mark, course, measure, parts
from revops.kernel.sla.enums import SegmentKind, SignalKind

MINUTE = timedelta(minutes=1)
NEW_YORK = ZoneInfo("America/New_York")
WEEK = dict.fromkeys(range(5), ((9 * 60, 17 * 60),))
LONG = dict.fromkeys(range(6), ((8 * 60, 12 * 60), (13 * 60, 20 * 60)))
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
START, STOP, PAUSE, RESUME, CANCEL = (
    SignalKind.START,
    SignalKind.STOP,
    SignalKind.PAUSE,
    SignalKind.RESUME,
    SignalKind.CANCEL,
)


def office(*versions: tuple[datetime, dict]) -> Timeline:
    rows = [(BEGIN, WEEK), *versions]
    return Timeline(
        tuple((begin, Calendar(NEW_YORK, week, ref=f"c@{n}")) for n, (begin, week) in enumerate(rows, 1))
    )


OFFICE = office()


def utc(*when: int) -> datetime:
    return datetime(*when, tzinfo=UTC)  # type: ignore[arg-type, misc]


def measured(marks: list[Mark], now: datetime, target: int = 3_600, hours: Timeline = OFFICE):
    return measure(parts(course(marks), hours, now), hours, target, now)


def test_m1_sixty_business_minutes_over_the_change_to_summer_time() -> None:
    found = measured([Mark(START, utc(2026, 3, 6, 21, 30))], utc(2026, 3, 6, 22))
    assert found.due_at == utc(2026, 3, 9, 13, 30)


def test_m1_pause_stops_the_count_and_moves_the_due_time() -> None:
    told = [Mark(START, utc(2026, 3, 6, 21, 30)), Mark(PAUSE, utc(2026, 3, 9, 13, 10))]
    assert measured(told, utc(2026, 3, 9, 13, 40)) == arithmetic.Measured(2_400, None, None, None)
    told.append(Mark(RESUME, utc(2026, 3, 9, 14)))
    assert measured(told, utc(2026, 3, 9, 14)).due_at == utc(2026, 3, 9, 14, 20)


@pytest.mark.parametrize(("late", "breached"), [(0, False), (1, True)])
def test_clock_stopped_exactly_at_its_target_is_met(late: int, breached: bool) -> None:
    start, due = utc(2026, 3, 9, 13), utc(2026, 3, 9, 14)
    found = measured([Mark(START, start), Mark(STOP, due + timedelta(seconds=late))], utc(2026, 3, 10))
    assert (found.breached_at, found.used) == (due if breached else None, 3_600 + late)


def test_breach_dates_from_the_due_time_however_late_anybody_looks() -> None:
    found = measured([Mark(START, utc(2026, 3, 9, 13))], utc(2026, 4, 1))
    assert found.breached_at == utc(2026, 3, 9, 14)


def test_closed_hours_after_the_due_time_breach_nothing() -> None:
    friday = [Mark(START, utc(2026, 3, 13, 20))]
    assert measured(friday, utc(2026, 3, 15)).breached_at is None
    assert measured(friday, utc(2026, 3, 16, 13, 0, 1)).breached_at == utc(2026, 3, 13, 21)


@pytest.mark.parametrize(
    ("together", "kinds", "ended"),
    [
        ((START, RESUME, PAUSE), [SegmentKind.RUN, SegmentKind.PAUSE], None),
        ((RESUME, PAUSE, STOP), [SegmentKind.RUN], STOP),
        ((CANCEL, STOP), [SegmentKind.RUN], STOP),
        ((PAUSE, CANCEL), [SegmentKind.RUN], CANCEL),
    ],
)
def test_of_signals_at_one_instant_the_strongest_holds(together, kinds, ended) -> None:
    start = utc(2026, 3, 9, 13)
    marks = [Mark(START, start), *(Mark(kind, start + MINUTE) for kind in together)]
    for order in (marks, marks[::-1]):
        found = course(order)
        assert ([one.kind for one in found.stretches], found.ended_by) == (kinds, ended)


def test_start_after_a_stop_counts_on_and_after_a_cancellation_does_not() -> None:
    start = utc(2026, 3, 9, 13)
    again = Mark(START, start + 10 * MINUTE)
    stopped = course([Mark(START, start), Mark(STOP, start + 5 * MINUTE), again])
    assert (stopped.ended_by, [one.since for one in stopped.stretches]) == (None, [start, again.at])
    cancelled = course([Mark(START, start), Mark(CANCEL, start + 5 * MINUTE), again])
    assert (cancelled.ended_by, len(cancelled.stretches)) == (CANCEL, 1)


def test_what_lies_before_the_start_counts_for_nothing() -> None:
    start = utc(2026, 3, 9, 13)
    assert course([Mark(STOP, start - MINUTE), Mark(START, start)]).ended_by is None


def test_new_version_of_a_calendar_counts_from_its_date_on_and_cuts_the_segment() -> None:
    change = utc(2026, 3, 10, 4)  # midnight of Tuesday
    hours = office((change, LONG))
    found = parts(course([Mark(START, utc(2026, 3, 9, 13))]), hours, utc(2026, 3, 10, 12, 30))
    assert [(one.until, one.ref, one.seconds) for one in found] == [
        (change, "c@1", 8 * 3_600),
        (None, "c@2", 0),
    ]
    due = measure(found, hours, 9 * 3_600, utc(2026, 3, 10, 12, 30)).due_at
    assert due == utc(2026, 3, 10, 13)  # Tuesday opens at eight


def test_version_that_begins_later_is_known_to_the_due_time_already() -> None:
    hours = office((utc(2026, 3, 10, 4), LONG))
    found = measured([Mark(START, utc(2026, 3, 9, 13))], utc(2026, 3, 9, 13), 9 * 3_600, hours)
    assert found.due_at == utc(2026, 3, 10, 13)


@pytest.mark.parametrize(("percent", "need"), [(50, 5), (75, 8), (99, 10), (100, 11), (200, 21)])
def test_thresholds_below_the_target_are_reached_and_from_it_on_exceeded(percent: int, need: int) -> None:
    assert arithmetic.needed(percent, 10) == need


def script(chance: random.Random, start: datetime) -> list[Mark]:
    """Return a random life of a clock, in the order in which it became known: late events included."""
    kinds = [PAUSE, RESUME, PAUSE, RESUME, STOP, CANCEL, START]
    marks = [
        Mark(chance.choice(kinds), start + chance.randrange(-60, 3 * 1_440) * MINUTE)
        for _ in range(chance.randrange(0, 7))
    ]
    marks = [mark for mark in marks if mark.at >= start or mark.kind != START]
    marks.append(Mark(START, start))
    chance.shuffle(marks)
    return marks


def open_minutes(hours: Timeline, start: datetime, minutes: int) -> list[bool]:
    """Return for each minute whether it is open: from wall clocks alone, without the arithmetic of calendars."""
    found = []
    for number in range(minutes):
        now = start + number * MINUTE
        calendar = [one for begin, one in hours.versions if begin <= now][-1]
        wall = now.astimezone(NEW_YORK)
        at = wall.hour * 60 + wall.minute
        found.append(any(opens <= at < closes for opens, closes in calendar.weekly.get(wall.weekday(), ())))
    return found


def brute(marks: list[Mark], is_open: list[bool], start: datetime, minutes: int) -> tuple[int, str]:
    """Walk through a clock's life minute by minute; return the seconds used and the state it is in."""
    rank = [STOP, CANCEL, PAUSE, RESUME, START]
    state, used = "", 0
    for number in range(minutes):
        now = start + number * MINUTE
        told = sorted((mark.kind for mark in marks if mark.at == now), key=rank.index)
        if not state and START in told:
            state = "run"
        if told and state:
            state = moved(state, told[0])
        used += 60 * (state == "run" and is_open[number])
    return used, state


def moved(state: str, kind: SignalKind) -> str:
    if state == "cancelled" or (state == "stopped" and kind != START):
        return state
    if kind == STOP:
        return "stopped"
    if kind == CANCEL:
        return "cancelled"
    if state == "stopped" or (state == "pause" and kind == RESUME):
        return "run"
    return "pause" if kind == PAUSE else state


def test_property3_elapsed_equals_a_count_of_every_minute() -> None:
    """Random pauses, resumes, stops, reopenings, late events and a calendar that changes under way."""
    chance, length = random.Random(3), 2 * 1_440
    for life in range(8):
        start = utc(2026, 3, 5, 12) + chance.randrange(0, 4_000) * MINUTE
        edits = [(start + chance.randrange(600, length) * MINUTE, LONG)] if life % 2 else []
        hours = office(*edits)
        is_open = open_minutes(hours, start, length)
        for _ in range(130):
            marks = script(chance, start)
            now = start + length * MINUTE
            known = [mark for mark in marks if mark.at < now]
            path = course(known)
            found = measure(parts(path, hours, now), hours, 10**7, now)
            used, state = brute(known, is_open, start, length)
            assert arithmetic.elapsed(found, hours, now) == used
            shown = {STOP: "stopped", CANCEL: "cancelled"}.get(path.ended_by) if path.ended_by else ""
            assert (shown or ("run" if found.running_since else "pause")) == state


def test_property3_time_added_is_time_counted() -> None:
    """`add(start, count(start, t)) ≤ t`, and counting never runs backwards."""
    chance = random.Random(4)
    hours = office((utc(2026, 3, 12, 15), LONG))
    for _ in range(2_000):
        start = utc(2026, 3, 1) + chance.randrange(0, 30 * 1_440) * MINUTE
        first = start + chance.randrange(0, 20 * 1_440) * MINUTE
        second = first + chance.randrange(0, 1_440) * MINUTE
        spent = hours.seconds(start, first)
        assert hours.after(start, spent) <= max(first, start)
        assert hours.seconds(start, hours.after(start, spent)) == spent
        assert hours.seconds(start, second) >= spent
        assert ROUND_THE_CLOCK.seconds(start, second) == (second - start) // timedelta(seconds=1)


def test_property3_due_time_is_where_the_count_reaches_the_target() -> None:
    chance = random.Random(5)
    for _ in range(500):
        start = utc(2026, 3, 2, 9) + chance.randrange(0, 5_000) * MINUTE
        marks = [mark for mark in script(chance, start) if mark.kind in (START, PAUSE, RESUME)]
        target, now = chance.randrange(60, 20 * 3_600), start + 4 * 1_440 * MINUTE
        path = course(marks)
        found = measure(parts(path, OFFICE, now), OFFICE, target, now)
        spent = arithmetic.elapsed(found, OFFICE, now)
        assert (found.breached_at is not None) == (spent > target)
        if found.due_at is not None and found.running_since is not None and found.breached_at is None:
            assert found.used + OFFICE.seconds(found.running_since, found.due_at) == target
