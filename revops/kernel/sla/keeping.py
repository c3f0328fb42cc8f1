"""Writes clocks with what belongs to them, many at once, and tells of them through the outbox."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from revops.kernel import audit, outbox
from revops.kernel.audit.writing import lock_many
from revops.kernel.sla.arithmetic import Mark, Part
from revops.kernel.sla.enums import SegmentKind, SignalKind
from revops.kernel.sla.models import SlaClock, SlaEvent, SlaSegment, SlaSignal
from revops.kernel.sla.moving import Happening, Moved


@dataclass
class Sheet:
    """A clock in hand with everything it was told and every part of its generation."""

    clock: SlaClock
    signals: list[SlaSignal] = field(default_factory=list)
    segments: list[SlaSegment] = field(default_factory=list)

    @property
    def marks(self) -> list[Mark]:
        """Return the signals that count."""
        return [Mark(SignalKind(one.kind), one.at, one.event) for one in self.signals if one.counts]

    @property
    def parts(self) -> list[Part]:
        """Return the parts as they are stored, in order."""
        return [
            Part(SegmentKind(one.kind), one.since, one.until, one.reason, one.calendar_ref, one.seconds)
            for one in self.segments
        ]


def sheets(clocks: Sequence[SlaClock]) -> list[Sheet]:
    """Return locked clocks with their signals and segments, in two queries."""
    held = {clock.pk: Sheet(clock) for clock in clocks}
    for signal in SlaSignal.objects.filter(clock__in=held).order_by("at", "pk"):
        held[signal.clock_id].signals.append(signal)
    for segment in lock_many(SlaSegment.objects.filter(clock__in=held)):
        if segment.generation == held[segment.clock_id].clock.generation:
            held[segment.clock_id].segments.append(segment)
    for sheet in held.values():
        sheet.segments.sort(key=lambda one: (one.since, one.pk))
    return list(held.values())


def keep(moved: Sequence[tuple[Sheet, Moved]]) -> None:
    """Write clocks, their new signals and segments and what happened to them; a constant number of statements."""
    clocks = [sheet.clock for sheet, _ in moved]
    new, known = (
        [one for one in clocks if one._state.adding],
        [one for one in clocks if not one._state.adding],
    )
    audit.write_many(new)
    audit.write_many(known)
    signals = [(sheet.clock.pk, one) for sheet, _ in moved for one in sheet.signals if one._state.adding]
    for pk, signal in signals:
        signal.clock_id = pk
    audit.write_many([signal for _, signal in signals])
    ended, begun = [], []
    for sheet, change in moved:
        closing, opening = _segments(sheet, change)
        ended += closing
        begun += opening
    audit.write_many(ended)
    audit.write_many(begun)
    tell((sheet.clock, change.happenings) for sheet, change in moved)


def _segments(sheet: Sheet, change: Moved) -> tuple[list[SlaSegment], list[SlaSegment]]:
    """Return the stored segments that end, and the new ones; those of an earlier generation stay as they were."""
    ended = []
    known = [] if change.anew else sheet.segments
    for stored, part in zip(known, change.parts, strict=False):
        if stored.until is None and part.until is not None:
            stored.until, stored.seconds = part.until, part.seconds
            ended.append(stored)
    return ended, [_segment(sheet.clock, part) for part in change.parts[len(known) :]]


def _segment(clock: SlaClock, part: Part) -> SlaSegment:
    return SlaSegment(
        clock=clock,
        generation=clock.generation,
        kind=part.kind,
        since=part.since,
        until=part.until,
        reason=part.reason[:120],
        calendar_ref=part.ref,
        seconds=part.seconds,
    )


def tell(happened: Iterable[tuple[SlaClock, Sequence[Happening]]]) -> None:
    """Keep what happened to clocks, each threshold once, and tell it in the change that is open."""
    rows = []
    for clock, happenings in happened:
        for one in happenings:
            rows.append(
                SlaEvent(
                    clock=clock,
                    threshold=one.threshold,
                    kind=one.kind,
                    at=one.at,
                    percent=one.percent,
                    to=one.to,
                    detail=one.detail,
                )
            )
            if one.told:
                outbox.emit(f"sla.{one.kind}", clock, payload(clock, one))
    audit.write_many(rows)


def payload(clock: SlaClock, one: Happening) -> Mapping[str, Any]:
    """Return what is told of a clock: ids and instants, no text of people."""
    return {
        "policy": clock.policy_ref,
        "subject_type": clock.subject_type,
        "subject_id": clock.subject_id,
        "subject": clock.subject,
        "cycle": clock.cycle,
        "state": str(clock.state),
        "at": one.at.isoformat(),
        "due_at": clock.due_at.isoformat() if clock.due_at else None,
        "percent": one.percent,
        "to": one.to,
        "owner": clock.owner_id,
        **one.detail,
    }


def by_policy(clocks: Iterable[SlaClock]) -> dict[str, list[SlaClock]]:
    """Return the clocks of one record by policy, the newest cycle first."""
    found: dict[str, list[SlaClock]] = defaultdict(list)
    for clock in sorted(clocks, key=lambda one: -one.cycle):
        found[clock.policy_key].append(clock)
    return found
