"""The order in which work stands: pure, total, the same whatever order it comes in."""

from datetime import UTC, date, datetime, timedelta
from itertools import permutations
from zoneinfo import ZoneInfo

import pytest

from revops.kernel.records.work import Urgency, WorkItem, groups, in_order, words

NOW = datetime(2026, 6, 10, 9, tzinfo=ZoneInfo("Europe/Berlin"))
U = Urgency


def item(
    title: str,
    urgency: Urgency,
    hours: float | None = None,
    *,
    priority: int = 0,
    pk: int = 1,
    of: str = "task",
) -> WorkItem:
    at = None if hours is None else NOW + timedelta(hours=hours)
    return WorkItem(of, pk, title, "", urgency, at, priority=priority)


def titles(*items: WorkItem) -> list[str]:
    return [one.title for one in in_order(items)]


def test_overdue_then_today_then_waiting_then_mentions_then_coming_then_changed() -> None:
    found = [
        item("changed", U.CHANGED, -1),
        item("coming", U.UPCOMING, 30),
        item("mention", U.MENTION, -100),
        item("waiting", U.WAITING, -1_000),
        item("today", U.TODAY, 3),
        item("overdue", U.OVERDUE, -1),
    ]
    expected = ["overdue", "today", "waiting", "mention", "coming", "changed"]
    for order in permutations(found):
        assert titles(*order) == expected


def test_oldest_overdue_first_and_newest_mention_first() -> None:
    assert titles(item("new", U.OVERDUE, -2), item("old", U.OVERDUE, -50)) == ["old", "new"]
    assert titles(item("later", U.UPCOMING, 90), item("soon", U.UPCOMING, 30)) == ["soon", "later"]
    assert titles(item("old", U.MENTION, -50), item("new", U.MENTION, -2)) == ["new", "old"]
    assert titles(item("old", U.CHANGED, -50), item("new", U.CHANGED, -2)) == ["new", "old"]
    assert titles(item("without", U.WAITING), item("since", U.WAITING, -2)) == ["since", "without"]


def test_ties_go_by_priority_then_title_then_source_then_id() -> None:
    tied = [
        item("a", U.TODAY, 1, pk=2),
        item("a", U.TODAY, 1, pk=1),
        item("a", U.TODAY, 1, pk=9, of="step"),
        item("b", U.TODAY, 1),
        item("z", U.TODAY, 1, priority=2),
    ]
    expected = [("z", "task", 1), ("a", "step", 9), ("a", "task", 1), ("a", "task", 2), ("b", "task", 1)]
    for order in permutations(tied):
        assert [(one.title, one.source, one.pk) for one in in_order(order)] == expected


def test_groups_leave_out_what_is_empty() -> None:
    found = groups([item("later", U.UPCOMING, 40), item("b", U.OVERDUE, -1), item("a", U.OVERDUE, -3)])
    assert [(one.label, [i.title for i in one.items]) for one in found] == [
        ("Overdue", ["a", "b"]),
        ("Coming up", ["later"]),
    ]
    assert groups([]) == []


@pytest.mark.parametrize(
    ("on", "hour", "urgency", "why"),
    [
        (date(2026, 6, 8), None, U.OVERDUE, "2 days overdue"),
        (date(2026, 6, 9), None, U.OVERDUE, "1 day overdue"),
        (date(2026, 6, 10), None, U.TODAY, "due today"),
        (date(2026, 6, 10), 6, U.OVERDUE, "was due at 08:00"),
        (date(2026, 6, 10), 12, U.TODAY, "due at 14:00"),
        (date(2026, 6, 11), None, U.UPCOMING, "due tomorrow"),
        (date(2026, 6, 13), None, U.UPCOMING, "due on Saturday"),
        (date(2026, 6, 20), None, U.UPCOMING, "due in 10 days"),
        (None, None, U.WAITING, "no due date"),
    ],
)
def test_why_and_urgency_follow_the_readers_clock(
    on: date | None, hour: int | None, urgency: Urgency, why: str
) -> None:
    at = datetime(2026, 6, 10, hour, tzinfo=UTC) if hour is not None else None
    assert words.urgency(NOW, on, at) == urgency
    assert words.why(NOW, on, at) == why


def test_since_and_soon_are_days_of_the_reader() -> None:
    assert words.since(NOW, datetime(2026, 6, 9, 22, 30, tzinfo=UTC)) == "since today"
    assert words.since(NOW, datetime(2026, 6, 9, 21, 30, tzinfo=UTC)) == "for 1 day"
    assert words.since(NOW, None) == ""
    assert words.soon(NOW) == [("Tomorrow", date(2026, 6, 11)), ("Next week", date(2026, 6, 15))]
    assert words.next_week(NOW.replace(day=15)) == date(2026, 6, 22)
