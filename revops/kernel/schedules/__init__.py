"""Money schedules (M12): one shape for ramps, billing, ARR and proposed revenue recognition.

Pure: a `Schedule` is an immutable, checked tuple of entries; every function gives a new one or a
number. Nothing here reads a clock or a database.
"""

from revops.kernel.schedules.building import (
    Proration,
    ScheduleSpec,
    Segment,
    amend,
    bill,
    build,
    escalate,
    prorate,
    straight_line,
)
from revops.kernel.schedules.measures import PeriodDifference, acv, arr, mrr, reconcile, tcv
from revops.kernel.schedules.shape import EntryKind, Purpose, Schedule, ScheduleEntry

__all__ = [
    "EntryKind",
    "PeriodDifference",
    "Proration",
    "Purpose",
    "Schedule",
    "ScheduleEntry",
    "ScheduleSpec",
    "Segment",
    "acv",
    "amend",
    "arr",
    "bill",
    "build",
    "escalate",
    "mrr",
    "prorate",
    "reconcile",
    "straight_line",
    "tcv",
]
