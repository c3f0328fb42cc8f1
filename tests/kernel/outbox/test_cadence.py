"""A slot is the unit of once: every tick of it, early, late or twice, falls into the same one."""

from datetime import UTC, datetime, timedelta

import pytest
from celery.schedules import crontab
from hypothesis import given
from hypothesis import strategies as st

from revops.kernel.outbox.cadence import TOLERANCE, At, Cadence, Every

INSTANTS = st.datetimes(datetime(2000, 1, 1), datetime(2080, 1, 1), timezones=st.just(UTC))
CADENCES = st.one_of(
    st.integers(1, 100_000).map(Every),
    st.builds(lambda h, m: At(crontab(hour=h, minute=m)), st.integers(0, 23), st.integers(0, 59)),
    st.integers(0, 6).map(lambda day: At(crontab(hour=7, minute=30, day_of_week=day))),
    st.integers(1, 28).map(lambda day: At(crontab(hour=0, minute=0, day_of_month=day))),
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
    ],
)
def test_words(cadence: Cadence, words: str) -> None:
    assert cadence.words() == words


def test_impossible_cadences_are_refused() -> None:
    with pytest.raises(ValueError, match="the shortest is 1"):
        Every(0)
    with pytest.raises(ValueError, match="names no minute at all"):
        At(crontab(0, 0, day_of_month=29, month_of_year=2, day_of_week="sunday")).slot(on("2026-03-02"))


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
