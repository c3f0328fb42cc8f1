import threading
from contextvars import copy_context
from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from revops.kernel import clocks

NOON = datetime(2026, 3, 8, 12, tzinfo=UTC)


def test_now_is_the_real_time_in_utc_by_default():
    before = datetime.now(UTC)
    now = clocks.now()
    assert before <= now <= datetime.now(UTC)
    assert now.tzinfo is UTC


def test_at_holds_the_clock_still_and_nests():
    with clocks.at(NOON):
        assert clocks.now() == NOON
        with clocks.at(NOON + timedelta(days=1)):
            assert clocks.now() == NOON + timedelta(days=1)
        assert clocks.now() == NOON
    assert clocks.now() > NOON


def test_at_lets_go_of_the_clock_after_an_error():
    with pytest.raises(RuntimeError), clocks.at(NOON):
        raise RuntimeError
    assert clocks.now() > NOON


def test_at_gives_utc_whatever_zone_it_was_given():
    with clocks.at(datetime(2026, 3, 8, 14, tzinfo=timezone(timedelta(hours=2)))):
        assert clocks.now() == NOON
        assert clocks.now().tzinfo is UTC


def test_at_refuses_an_instant_without_a_time_zone():
    with pytest.raises(ValueError, match="no time zone"), clocks.at(datetime(2026, 3, 8)):
        pass


def test_today_depends_on_the_time_zone(settings):
    settings.TIME_ZONE = "Pacific/Auckland"
    with clocks.at(datetime(2026, 3, 8, 23, 30, tzinfo=UTC)):
        assert clocks.today() == date(2026, 3, 9)
        assert clocks.today("America/New_York") == date(2026, 3, 8)
        assert clocks.today(ZoneInfo("Asia/Tokyo")) == date(2026, 3, 9)
        assert clocks.today(UTC) == date(2026, 3, 8)


def test_injected_clock_reaches_a_thread_only_in_a_copied_context():
    seen = []
    with clocks.at(NOON):
        context = copy_context()
        threads = [
            threading.Thread(target=lambda: seen.append(clocks.now())),
            threading.Thread(target=lambda: context.run(lambda: seen.append(clocks.now()))),
        ]
        for thread in threads:
            thread.start()
            thread.join()
    assert seen[0] > NOON
    assert seen[1] == NOON
