"""Clocks in My work: one's own that warned or breached and whose work is not done."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q

from revops.kernel.packets.days import zone_of
from revops.kernel.records.work import words
from revops.kernel.records.work.clocks import reading
from revops.kernel.records.work.sources import Subject, WorkItem, WorkSource, register
from revops.kernel.sla.enums import ClockState
from revops.kernel.sla.models import SlaClock

KEY = "clock"


def waiting(user: Any) -> Any:
    """Return the open clocks of `user` that passed a threshold and run."""
    pressing = Q(state=ClockState.BREACHED) | (Q(state=ClockState.RUNNING) & ~Q(fired=[]))
    return SlaClock.objects.filter(pressing, owner=user, stopped_at__isnull=True).visible_to(user)


def items(user: Any, now: datetime, limit: int) -> Sequence[WorkItem]:
    """Return those clocks, the first due in front, in one query and two for their calendars."""
    zone = zone_of(user)
    rows = list(waiting(user).order_by("due_at", "pk")[:limit])
    return [_item(one, now) for one in reading.shown(rows, zone, with_segments=False)]


def _item(one: reading.Shown, now: datetime) -> WorkItem:
    clock = one.clock
    due = clock.due_at.astimezone(now.tzinfo) if clock.due_at else None
    return WorkItem(
        source=KEY,
        pk=clock.pk,
        title=clock.title,
        why=one.said,
        urgency=words.urgency(now, due.date() if due else None, due),
        at=clock.due_at,
        subject=Subject(clock.subject_type, clock.subject_id),
        priority=2 if clock.breached_at else 1,
    )


def due(user: Any, now: datetime) -> Any:
    """Return what counts in the navigation: clocks that breached."""
    return waiting(user).filter(state=ClockState.BREACHED)


register(WorkSource(KEY, "Clocks", "clock", items, badge=due))
