"""Wall times as instants: what a clock on the wall shows on a date of a time zone, in UTC (M1). Pure."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

SECOND = timedelta(seconds=1)


def instant_of(day: date, wall: time, zone: ZoneInfo, *, fold: int = 0) -> datetime:
    """Return the instant of a wall time; one that does not exist gives the instant at which the clock changed.

    Of a wall time that exists twice `fold` chooses the first or the second.
    """
    local = datetime.combine(day, wall, tzinfo=zone).replace(fold=fold)
    instant = local.astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None):
        return instant
    # In a gap fold=1 reads the wall time with the later offset, hence lies before the change.
    before, after = (local.replace(fold=side, microsecond=0).astimezone(UTC) for side in (1, 0))
    offset = before.astimezone(zone).utcoffset()
    while after - before > SECOND:
        middle = before + (after - before) // 2 // SECOND * SECOND
        if middle.astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after
