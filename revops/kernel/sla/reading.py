"""Reads of clocks: where one stands at an instant, which run for a record."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from revops.kernel import clocks
from revops.kernel.clocks.business import CalendarExhausted
from revops.kernel.clocks.timelines import Hours
from revops.kernel.sla import arithmetic, hours, subjects
from revops.kernel.sla.enums import ClockState
from revops.kernel.sla.keeping import Sheet
from revops.kernel.sla.models import SlaClock, SlaSegment, SlaSignal


@dataclass(frozen=True, slots=True)
class Status:
    """Where a clock stands: seconds used and left (negative once over), the share used, and when it is due."""

    elapsed: int
    remaining: int
    share: float
    due_at: datetime | None
    state: ClockState


def status(clock: SlaClock, at: datetime | None = None) -> Status:
    """Return where a clock stands at `at`, by default now: true however late the poller is.

    For an earlier instant its signals are read, and what was known later about that time counts.
    """
    instant = arithmetic.whole(at or clocks.now())
    return statuses([clock], instant)[clock.pk]


def statuses(rows: Sequence[SlaClock], at: datetime | None = None) -> dict[int, Status]:
    """Return where clocks stand at one instant, by id; two queries, and one more where some have moved since."""
    instant = arithmetic.whole(at or clocks.now())
    by_key = hours.of_many({clock.calendar_key for clock in rows})
    moved = [clock for clock in rows if _moved_after(clock, instant)]
    told: dict[int, list[SlaSignal]] = defaultdict(list)
    for one in SlaSignal.objects.filter(clock__in=moved, at__lte=instant) if moved else ():
        told[one.clock_id].append(one)
    return {
        clock.pk: _then(clock, told[clock.pk], by_key[clock.calendar_key], instant)
        if clock in moved
        else _now(clock, by_key[clock.calendar_key], instant)
        for clock in rows
    }


def _moved_after(clock: SlaClock, at: datetime) -> bool:
    since = clock.stopped_at or clock.running_since or clock.started_at
    paused = clock.stopped_at is None and clock.running_since is None
    return at < since or (paused and at < clocks.now())


def _now(clock: SlaClock, by: Hours, at: datetime) -> Status:
    spent = clock.used_s + (by.seconds(clock.running_since, at) if clock.running_since else 0)
    state = ClockState(clock.state)
    if state == ClockState.RUNNING and spent > clock.target_s:
        state = ClockState.BREACHED
    return _status(clock, spent, clock.due_at, state)


def _then(clock: SlaClock, told: list[SlaSignal], by: Hours, at: datetime) -> Status:
    """Return where the clock stood at an earlier instant, by the signals of before."""
    sheet = Sheet(clock, told)
    path = arithmetic.course(sheet.marks)
    try:
        measured = arithmetic.measure(arithmetic.parts(path, by, at), by, clock.target_s, at)
    except CalendarExhausted:
        return _status(clock, 0, None, ClockState(clock.state))
    state = ClockState.PAUSED if measured.running_since is None else ClockState.RUNNING
    if measured.breached_at is not None:
        state = ClockState.BREACHED
    return _status(clock, arithmetic.elapsed(measured, by, at), measured.due_at, state)


def _status(clock: SlaClock, spent: int, due: datetime | None, state: ClockState) -> Status:
    return Status(spent, clock.target_s - spent, spent / clock.target_s, due, state)


def running(records: Iterable[Any]) -> dict[tuple[str, int], list[SlaClock]]:
    """Return the open clocks of these records by type and id, the next due first; one query."""
    wanted = [subjects.label_of(record) for record in records]
    if not wanted:
        return {}
    where = Q(pk__in=[])
    by_type: dict[str, list[int]] = defaultdict(list)
    for label, pk in wanted:
        by_type[label].append(pk)
    for label, pks in by_type.items():
        where |= Q(subject_type=label, subject_id__in=pks)
    found: dict[tuple[str, int], list[SlaClock]] = {place: [] for place in wanted}
    for clock in SlaClock.objects.filter(where, stopped_at__isnull=True).order_by("due_at", "pk"):
        found[clock.subject_type, clock.subject_id].append(clock)
    return found


def segments(clock: SlaClock) -> list[SlaSegment]:
    """Return the segments that count, in order; one query."""
    rows = SlaSegment.objects.filter(clock=clock, generation=clock.generation)
    return list(rows.order_by("since", "pk"))


def all_segments(rows: Sequence[SlaClock]) -> Mapping[int, list[SlaSegment]]:
    """Return the segments that count of many clocks by clock, in one query."""
    generation = {clock.pk: clock.generation for clock in rows}
    found: dict[int, list[SlaSegment]] = defaultdict(list)
    for one in SlaSegment.objects.filter(clock__in=list(generation)).order_by("since", "pk"):
        if one.generation == generation[one.clock_id]:
            found[one.clock_id].append(one)
    return found
