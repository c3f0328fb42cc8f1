"""The one order in which work stands, over all sources. Pure.

First what is overdue, the oldest first; then what is due today, by its time; what waits without a date, longest
waiting first; mentions, newest first; what is coming, nearest first; last what changed on records one follows, newest
first. Of two that are equally due the higher priority comes first, then the title, then the key: no two orders.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from revops.kernel.records.work.sources import WorkItem


class Urgency(IntEnum):
    """Why an item stands where it stands."""

    OVERDUE = 0
    TODAY = 1
    WAITING = 2
    MENTION = 3
    UPCOMING = 4
    CHANGED = 5

    @property
    def label(self) -> str:
        return _LABELS[self]


_LABELS = {
    Urgency.OVERDUE: "Overdue",
    Urgency.TODAY: "Today",
    Urgency.WAITING: "Waiting for you",
    Urgency.MENTION: "Mentions",
    Urgency.UPCOMING: "Coming up",
    Urgency.CHANGED: "Changed where you follow",
}
_NEWEST_FIRST = frozenset({Urgency.MENTION, Urgency.CHANGED})
_NEVER = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Group:
    """The items of one urgency, in order."""

    urgency: Urgency
    items: tuple["WorkItem", ...]

    @property
    def label(self) -> str:
        return self.urgency.label


def in_order(items: Iterable["WorkItem"]) -> list["WorkItem"]:
    """Return the items in the order in which they matter."""
    return sorted(items, key=_place)


def groups(items: Iterable["WorkItem"]) -> list[Group]:
    """Return the items in order, by urgency; a group without items is left out."""
    found = in_order(items)
    return [
        Group(one, tuple(item for item in found if item.urgency == one))
        for one in Urgency
        if any(item.urgency == one for item in found)
    ]


def _place(item: "WorkItem") -> tuple[int, float, int, str, str, int]:
    at = (item.at or _NEVER).timestamp()
    time = -at if item.urgency in _NEWEST_FIRST else at
    return (item.urgency, time, -item.priority, item.title, item.source, item.pk)
