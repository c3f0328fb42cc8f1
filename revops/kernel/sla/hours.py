"""Whose hours a clock counts: those of the pool, territory, owner, account or organisation (M5)."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from revops.kernel import audit
from revops.kernel.clocks import timelines
from revops.kernel.clocks.timelines import DEFAULT, ROUND_THE_CLOCK, Hours
from revops.kernel.sla.enums import Measure

Keeper = Callable[[Any, int | None], str | None]
_keepers: dict[str, Keeper] = {}
_NOTE = "sla.hours"


def kept_by(source: str, keeper: Keeper) -> None:
    """Register how the calendar of a `source` (pool, territory, owner, account) is found.

    `keeper(record, owner)` returns the key of a calendar, or None where there is none: then the organisation's counts.
    """
    if _keepers.setdefault(source, keeper) is not keeper:
        raise ValueError(f"The calendar of {source!r} has a keeper already.")


def key_for(source: str, record: Any, owner: int | None) -> str:
    """Return the key of the calendar by which a new clock counts."""
    keeper = _keepers.get(source)
    return (keeper(record, owner) if keeper is not None else None) or DEFAULT


def of(measure: str, key: str) -> Hours:
    """Return the hours of a clock; each calendar is read once a change, in two queries."""
    if measure == Measure.ELAPSED:
        return ROUND_THE_CLOCK
    held: dict[str, Hours] = audit.current().notes.setdefault(_NOTE, [{}])[0]
    if key not in held:
        held.update(timelines.load([key]))
    return held[key]


def of_many(keys: Collection[str]) -> Mapping[str, Hours]:
    """Return the hours of many calendars, in two queries; none for clocks that count round the clock."""
    wanted = {key for key in keys if key}
    found: dict[str, Hours] = dict(timelines.load(wanted)) if wanted else {}
    return {**found, "": ROUND_THE_CLOCK}
