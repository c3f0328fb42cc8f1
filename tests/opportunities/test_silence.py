"""The pure core of the stale sweep against an oracle that walks a year day by day (ALG-2.2, INV-2.7)."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from opportunities.enums import SweepStep
from opportunities.policies import days
from opportunities.policies.silence import Silence, closes_from, due_steps
from opportunities.policies.stale import Patience
from revops.kernel.clocks.business import Calendar
from revops.kernel.clocks.timelines import OFFICE_HOURS, Timeline

ZONES = ("America/New_York", "Europe/Berlin", "Australia/Lord_Howe")
TABLE = {
    "SMB": Patience(segment="SMB", nudge=7, escalate=14, notice=30, close=45),
    "MM": Patience(segment="MM", nudge=14, escalate=21, notice=45, close=60),
    "ENT": Patience(segment="ENT", nudge=30, escalate=45, notice=75, close=90),
}
HOLIDAYS = (date(2026, 1, 1), date(2026, 4, 3), date(2026, 4, 6), date(2026, 5, 25), date(2026, 12, 25))
NUDGE, ESCALATE, NOTICE, CLOSE = SweepStep
MANY = 2_000 if os.environ.get("SOAK") == "1" else 25


@dataclass
class Story:
    """What happens to one deal in a year: when the buyer is heard, which meetings lie ahead, what keeps it open."""

    opened: datetime
    heard: list[datetime]
    meetings: list[tuple[datetime, datetime]]
    kept: list[tuple[datetime, datetime]]
    segments: tuple[str, str]
    switch: datetime
    taken: list[tuple[str, date, date]] = field(default_factory=list)

    def segment(self, now: datetime) -> str:
        return self.segments[now >= self.switch]

    def meets(self, now: datetime) -> bool:
        return any(agreed <= now < at for agreed, at in self.meetings)

    def held_open(self, now: datetime) -> bool:
        return self.meets(now) or any(begins <= now < ends for begins, ends in self.kept)

    def closed(self) -> bool:
        return any(step == CLOSE for step, _, _ in self.taken)


def story(chance: Random, zone: ZoneInfo) -> Story:
    begin = datetime(2026, 1, 1, 12, tzinfo=zone)

    def some(count: int) -> list[datetime]:
        return sorted(begin + timedelta(minutes=chance.randrange(360 * 1_440)) for _ in range(count))

    meetings = [(at - timedelta(days=chance.randrange(1, 30)), at) for at in some(chance.randrange(3))]
    kept = [(at, at + timedelta(days=chance.randrange(1, 40))) for at in some(chance.randrange(3))]
    first, second = chance.choice(list(TABLE)), chance.choice(list(TABLE))
    return Story(begin, some(chance.randrange(5)), meetings, kept, (first, second), some(1)[0])


def runs(chance: Random, zone: ZoneInfo) -> Iterator[datetime]:
    """Yield when the sweep runs: at six every day, on some days late, twice or not at all."""
    for number in range(365):
        day = date(2026, 1, 2) + timedelta(days=number)
        if chance.random() < 0.05:
            continue
        hour = 14 if chance.random() < 0.05 else 6
        now = datetime(day.year, day.month, day.day, hour, tzinfo=zone).astimezone(UTC)
        yield from (now, now + timedelta(minutes=5)) if chance.random() < 0.1 else (now,)


def hours(zone: ZoneInfo) -> Timeline:
    calendar = Calendar(zone, OFFICE_HOURS, dict.fromkeys(HOLIDAYS, ()), ref="default@1")
    return Timeline(((datetime(1970, 1, 1, tzinfo=UTC), calendar),))


def drive(deal: Story, now: datetime, held: Timeline, told: dict[date, dict[str, datetime]]) -> None:
    """Let the core decide about one deal at one run, as the sweep does."""
    if deal.closed():
        return
    heard = max([deal.opened, *(at for at in deal.heard if at <= now)])
    since = days.today(heard)
    done = told.setdefault(since, {})
    given = done.get(NOTICE)
    silence = Silence(
        since=since,
        today=days.today(now),
        done=tuple(done),
        meeting=deal.meets(now),
        kept=("kept",) if deal.held_open(now) else (),
        closes_from=None if given is None else closes_from(given, held, 10),
    )
    for step in due_steps(silence, TABLE[deal.segment(now)]):
        done[step] = now
        deal.taken.append((str(step), since, days.today(now)))


def oracle(deal: Story, instants: list[datetime], zone: ZoneInfo) -> list[tuple[str, date, date]]:
    """Return the steps of one deal, found by walking the calendar with a counter and a set of flags."""
    found: list[tuple[str, date, date]] = []
    flags: set[str] = set()
    silent, notice_day, past_opening = deal.opened.astimezone(zone).date(), None, False
    for now in instants:
        today = now.astimezone(zone).date()
        spoke = [at.astimezone(zone).date() for at in deal.heard if at <= now]
        if spoke and max(spoke) > silent:
            silent, flags, notice_day = max(spoke), set(), None
        idle, walk = 0, silent
        while walk < today:
            walk, idle = walk + timedelta(days=1), idle + 1
        row = TABLE[deal.segment(now)]
        fresh = []
        if idle >= row.nudge and not flags and not deal.meets(now):
            fresh.append("nudge")
        if idle >= row.escalate and not flags & {"escalate", "notice"}:
            fresh.append("escalate")
        if idle >= row.notice and "notice" not in flags:
            fresh.append("notice")
        if idle >= row.close and notice_day is not None and not deal.held_open(now):
            counted, walk = 0, notice_day + timedelta(days=past_opening)
            while walk < today:
                counted += walk.weekday() < 5 and walk not in HOLIDAYS
                walk += timedelta(days=1)
            if counted >= 10:
                fresh.append("close")
        if "notice" in fresh:
            wall = now.astimezone(zone)
            open_day = today.weekday() < 5 and today not in HOLIDAYS
            notice_day, past_opening = today, open_day and wall.hour >= 9
        flags |= set(fresh)
        found += [(step, silent, today) for step in fresh]
        if "close" in fresh:
            break
    return found


@pytest.mark.parametrize("name", ZONES)
def test_inv_2_7_a_year_of_silence_agrees_with_the_oracle(settings: Any, name: str) -> None:
    """Every step of every deal is taken on the day the oracle says, once; what is kept open is never closed."""
    settings.ORG_TIME_ZONE, zone = name, ZoneInfo(name)
    chance = Random(f"silence {name}")
    instants, held, closed = list(runs(chance, zone)), hours(zone), 0
    for _ in range(MANY):
        deal = story(chance, zone)
        told: dict[date, dict[str, datetime]] = {}
        for now in instants:
            drive(deal, now, held, told)
        assert deal.taken == oracle(deal, instants, zone)
        assert len({(step, since) for step, since, _ in deal.taken}) == len(deal.taken)
        closed += deal.closed()
    assert closed > MANY // 4


def silent(idle: int, **more: Any) -> Silence:
    today = date(2026, 6, 30)
    return Silence(since=today - timedelta(days=idle), today=today, **more)


LATER, SOON = date(2026, 6, 30), date(2026, 7, 1)


@pytest.mark.parametrize(
    ("deal", "steps"),
    [
        (silent(6), []),
        (silent(7), [NUDGE]),
        (silent(7, meeting=True), []),
        (silent(14, meeting=True), [ESCALATE]),
        (silent(8, done=[NUDGE]), []),
        (silent(20, done=[ESCALATE]), []),
        # A sweep that did not run for long takes what is due in order, and never closes in the same run.
        (silent(60), [NUDGE, ESCALATE, NOTICE]),
        (silent(60, done=[NOTICE], closes_from=LATER), [CLOSE]),
        (silent(60, done=[NOTICE], closes_from=SOON), []),
        (silent(60, done=[NOTICE], closes_from=None), []),
        (silent(44, done=[NOTICE], closes_from=LATER), []),
        (silent(60, done=[NOTICE], closes_from=LATER, kept=["it is a renewal"]), []),
        # A deal that was reopened in the same episode is left alone.
        (silent(90, done=[NOTICE, CLOSE], closes_from=LATER), []),
    ],
)
def test_due_steps_of_a_small_deal(deal: Silence, steps: list[str]) -> None:
    assert due_steps(deal, TABLE["SMB"]) == steps


@pytest.mark.parametrize(
    ("given", "first"),
    [
        # Monday before opening: two working weeks, then Saturday.
        ("2026-06-01T10:00", date(2026, 6, 13)),
        # On Monday at 10:00 in New York the day has begun: the tenth day after it is the Monday in two weeks.
        ("2026-06-01T14:00", date(2026, 6, 16)),
        # On Saturday nothing has begun.
        ("2026-05-30T10:00", date(2026, 6, 13)),
        # Good Friday and Easter Monday do not count.
        ("2026-03-30T10:00", date(2026, 4, 15)),
    ],
)
def test_notice_ends_after_ten_whole_business_days(settings: Any, given: str, first: date) -> None:
    settings.ORG_TIME_ZONE = "America/New_York"
    at = datetime.fromisoformat(given).replace(tzinfo=UTC)
    assert closes_from(at, hours(ZoneInfo("America/New_York")), 10) == first


def test_notice_never_ends_by_a_calendar_that_does_not_open() -> None:
    zone = ZoneInfo("America/New_York")
    shut = {date(2026, 1, 1) + timedelta(days=n): () for n in range(365 * 7)}
    held = Timeline(((datetime(1970, 1, 1, tzinfo=UTC), Calendar(zone, OFFICE_HOURS, shut, ref="d@1")),))
    assert closes_from(datetime(2026, 6, 1, tzinfo=UTC), held, 10) is None


def test_idle_days_are_those_of_the_organisation(settings: Any) -> None:
    """ALG-2.1: an hour across midnight of the organisation is a day, 23 hours within one are none."""
    settings.ORG_TIME_ZONE = "Europe/Berlin"
    late = datetime(2026, 3, 1, 22, 30, tzinfo=UTC)
    assert days.between(late, late + timedelta(hours=1)) == 1
    assert days.between(late - timedelta(hours=23, minutes=20), late) == 0
    assert days.before(7, date(2026, 3, 30)) == datetime(2026, 3, 23, 23, tzinfo=UTC)
    assert days.before(1, date(2026, 3, 30)) == datetime(2026, 3, 29, 22, tzinfo=UTC)
