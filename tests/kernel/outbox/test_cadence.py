"""A slot is the unit of once: every tick of it, early, late or twice, falls into the same one."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from celery.schedules import crontab
from hypothesis import given
from hypothesis import strategies as st

from revops.kernel.outbox.cadence import KNOCK, TOLERANCE, At, Cadence, Every, Local

INSTANTS = st.datetimes(datetime(2000, 1, 1), datetime(2080, 1, 1), timezones=st.just(UTC))
CADENCES = st.one_of(
    st.integers(1, 100_000).map(Every),
    st.builds(lambda h, m: At(crontab(hour=h, minute=m)), st.integers(0, 23), st.integers(0, 59)),
    st.integers(0, 6).map(lambda day: At(crontab(hour=7, minute=30, day_of_week=day))),
    st.integers(1, 28).map(lambda day: At(crontab(hour=0, minute=0, day_of_month=day))),
    st.builds(Local, st.times().map(lambda wall: wall.replace(second=0, microsecond=0))),
    st.integers(0, 6).map(lambda day: Local(time(6), day)),
)


def on(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@given(now=INSTANTS, cadence=CADENCES)
def test_slot_is_the_last_one_begun(now: datetime, cadence: Cadence) -> None:
    slot = cadence.slot(now)
    assert slot <= now + TOLERANCE
    assert cadence.after(slot) > now
    assert cadence.slot(slot) == slot


@pytest.mark.parametrize(
    ("cadence", "now", "slot", "after"),
    [
        (Every(30), "2026-03-02T12:00:29.9", "2026-03-02T12:00:30", "2026-03-02T12:01:00"),
        (Every(30), "2026-03-02T12:00:28.9", "2026-03-02T12:00:00", "2026-03-02T12:00:30"),
        (Every(1), "2026-03-02T12:00:00.89", "2026-03-02T12:00:00", "2026-03-02T12:00:01"),
        (Every(600), "2026-03-02T12:19:58", "2026-03-02T12:10:00", "2026-03-02T12:20:00"),
        (At(crontab(2, 2)), "2026-03-02T02:01:58", "2026-03-01T02:02:00", "2026-03-02T02:02:00"),
        (At(crontab(2, 2)), "2026-03-02T02:01:59", "2026-03-02T02:02:00", "2026-03-03T02:02:00"),
        (At(crontab(0, 0, day_of_month=31)), "2026-03-30T12:00", "2026-01-31T00:00", "2026-03-31T00:00"),
        (
            At(crontab(0, 0, day_of_month=29, month_of_year=2)),
            "2103-12-31T00:00",
            "2096-02-29T00:00",
            "2104-02-29T00:00",
        ),
    ],
)
def test_slot_examples(cadence: Cadence, now: str, slot: str, after: str) -> None:
    found = cadence.slot(on(now))
    assert (found, cadence.after(found)) == (on(slot), on(after))


@pytest.mark.parametrize(
    ("cadence", "words"),
    [
        (Every(1), "every second"),
        (Every(30), "every 30 seconds"),
        (Every(90), "every 90 seconds"),
        (Every(600), "every 10 minutes"),
        (Every(3_600), "every hour"),
        (Every(172_800), "every 2 days"),
        (At(crontab(10, 2)), "daily at 02:10 UTC"),
        (At(crontab(0, 7, day_of_week="mon,sun")), "Sunday, Monday at 07:00 UTC"),
        (At(crontab("*/5")), "by <crontab: */5 * * * * (m/h/dM/MY/d)> UTC"),
        (Local(time(6)), "daily at 06:00 America/New_York"),
        (Local(time(7, 30), 0), "Monday at 07:30 America/New_York"),
        (Local(time(7, 30), 6), "Sunday at 07:30 America/New_York"),
    ],
)
def test_words(cadence: Cadence, words: str) -> None:
    assert cadence.words() == words


def test_impossible_cadences_are_refused() -> None:
    with pytest.raises(ValueError, match="the shortest is 1"):
        Every(0)
    with pytest.raises(ValueError, match="names no minute at all"):
        At(crontab(0, 0, day_of_month=29, month_of_year=2, day_of_week="sunday")).slot(on("2026-03-02"))
    with pytest.raises(ValueError, match="hours and minutes without a zone"):
        Local(time(6, 0, 1))
    with pytest.raises(ValueError, match="Weekdays run from 0"):
        Local(time(6), 7)


@pytest.mark.parametrize("seconds", [1, 30, 600])
def test_beat_ticks_once_in_every_slot(seconds: int) -> None:
    """Beat's schedule is played through 50 ticks that are each up to 0.3 s late: no slot is missed or hit twice."""
    cadence, now = Every(seconds), on("2026-03-02T12:00:00")
    clock = [now]
    schedule = cadence.schedule()
    schedule.nowfun = lambda: clock[0]
    ticks, last = [], now
    for n in range(200):
        due, wait = schedule.is_due(last)
        if due:
            last = clock[0]
            ticks.append(cadence.slot(clock[0]))
        clock[0] += timedelta(seconds=wait + (n % 4) / 10)
        if len(ticks) == 50:
            break
    assert len(set(ticks)) == len(ticks) == 50
    assert ticks[-1] - ticks[0] == timedelta(seconds=49 * seconds)


ZONES = ("America/New_York", "Europe/Berlin", "Australia/Lord_Howe")


def slots_of_a_year(cadence: Local, zone: ZoneInfo) -> list[datetime]:
    """Return every slot from the first local day of 2026 to the last."""
    slot = cadence.slot(datetime(2026, 1, 1, 23, 59, tzinfo=zone))
    found = []
    while slot.astimezone(zone).year == 2026:
        found.append(slot)
        slot = cadence.after(slot)
    return found


@pytest.mark.parametrize("name", ZONES)
@pytest.mark.parametrize("wall", [time(6), time(2, 15), time(1, 45)])
def test_local_has_one_slot_a_local_day_also_across_the_change_of_clocks(
    settings: Any, name: str, wall: time
) -> None:
    """The wall shows the time named, or the day has no such time and the first instant after the gap counts."""
    settings.ORG_TIME_ZONE, zone = name, ZoneInfo(name)
    found = [slot.astimezone(zone) for slot in slots_of_a_year(Local(wall), zone)]
    assert [slot.date() for slot in found] == [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
    other = [slot for slot in found if slot.time() != wall]
    assert len(other) == (wall == time(2, 15))
    assert all(slot.fold == 0 for slot in found)


@pytest.mark.parametrize(
    ("name", "wall", "day", "slot"),
    [
        # The clock goes from 02:00 to 03:00: 02:15 does not exist, the instant of the change counts.
        ("Europe/Berlin", time(2, 15), date(2026, 3, 29), "2026-03-29T01:00:00"),
        ("America/New_York", time(2, 15), date(2026, 3, 8), "2026-03-08T07:00:00"),
        # The clock of Lord Howe changes by half an hour, from 02:00 to 02:30.
        ("Australia/Lord_Howe", time(2, 15), date(2026, 10, 4), "2026-10-03T15:30:00"),
        # It goes back: 02:15 and 01:45 come twice, the first counts.
        ("Europe/Berlin", time(2, 15), date(2026, 10, 25), "2026-10-25T00:15:00"),
        ("America/New_York", time(1, 45), date(2026, 11, 1), "2026-11-01T05:45:00"),
        ("Australia/Lord_Howe", time(1, 45), date(2026, 4, 5), "2026-04-04T14:45:00"),
    ],
)
def test_local_slot_in_a_gap_and_in_a_fold(
    settings: Any, name: str, wall: time, day: date, slot: str
) -> None:
    settings.ORG_TIME_ZONE = name
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=ZoneInfo(name))
    assert Local(wall).slot(noon) == on(slot)


def test_local_weekday_has_one_slot_a_week(settings: Any) -> None:
    settings.ORG_TIME_ZONE = "Europe/Berlin"
    zone = ZoneInfo("Europe/Berlin")
    slot = Local(time(7), 0).slot(datetime(2026, 3, 27, tzinfo=zone))
    found = [slot, Local(time(7), 0).after(slot)]
    assert [one.astimezone(zone).isoformat() for one in found] == [
        "2026-03-23T07:00:00+01:00",
        "2026-03-30T07:00:00+02:00",
    ]


def test_local_is_knocked_for_often_enough() -> None:
    """A knock a few minutes after the slot began is what starts the job; the slot makes it once."""
    assert Local(time(6)).schedule().run_every == KNOCK == timedelta(minutes=5)
