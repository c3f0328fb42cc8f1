"""The shape of a money schedule: entries, and the invariants that hold for every schedule (M12)."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise

from revops.kernel.dates import DateRange
from revops.kernel.money import round_to_minor

ZERO = Decimal(0)


class Purpose(StrEnum):
    """What a schedule is for."""

    PRICE = "price"
    BILLING = "billing"
    ARR = "arr"
    REVREC_PROPOSAL = "revrec_proposal"
    COST = "cost"


class EntryKind(StrEnum):
    """What an entry charges; recurring, free and escalator entries together cover the term."""

    RECURRING = "recurring"
    ONE_TIME = "one_time"
    USAGE = "usage"
    FREE = "free"
    CREDIT = "credit"
    ESCALATOR = "escalator"


PERIODIC = frozenset({EntryKind.RECURRING, EntryKind.FREE, EntryKind.ESCALATOR})


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleEntry:
    """One amount for the days `start` to `end`, both included; `basis_ref` names its segment."""

    seq: int
    start: date
    end: date
    amount: Decimal
    kind: EntryKind = EntryKind.RECURRING
    qty: Decimal = Decimal(1)
    uom: str = ""
    rate: Decimal = ZERO
    basis_ref: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """Entries in one currency whose periodic ones cover the term without gap or overlap.

    Raises ValueError naming the offending entry when the invariants of M12 do not hold.
    """

    subject: str
    purpose: Purpose
    currency: str
    tz: str
    entries: tuple[ScheduleEntry, ...]
    version: int = 1
    effective_from: date | None = None

    def __post_init__(self) -> None:
        if not self.entries:
            raise ValueError(f"the {self.purpose} schedule of {self.subject!r} has no entries")
        for place, entry in enumerate(self.entries, start=1):
            self._check_entry(place, entry)
        periodic = [entry for entry in self.entries if entry.kind in PERIODIC]
        for before, entry in pairwise(periodic):
            if entry.start != before.end + timedelta(days=1):
                raise ValueError(
                    f"entry {entry.seq} starts on {entry.start}, entry {before.seq} ends on {before.end}"
                )
        if periodic:
            covered = DateRange(periodic[0].start, periodic[-1].end)
            for entry in self.entries:
                if not (covered.contains(entry.start) and covered.contains(entry.end)):
                    raise ValueError(
                        f"entry {entry.seq} lies outside the term {covered.start} to {covered.end}"
                    )

    def _check_entry(self, place: int, entry: ScheduleEntry) -> None:
        if entry.seq != place:
            raise ValueError(f"entry {place} carries the number {entry.seq}")
        if entry.end < entry.start:
            raise ValueError(f"entry {entry.seq} ends on {entry.end}, before its start {entry.start}")
        if entry.amount != round_to_minor(entry.amount, self.currency):
            raise ValueError(
                f"entry {entry.seq}: {entry.amount} is finer than the minor unit of {self.currency}"
            )
        if entry.kind is EntryKind.FREE and entry.amount != 0:
            raise ValueError(f"entry {entry.seq} is free but charges {entry.amount}")
        if entry.kind is EntryKind.CREDIT and entry.amount > 0:
            raise ValueError(f"entry {entry.seq} is a credit but charges {entry.amount}")

    @property
    def term(self) -> DateRange:
        """The days from the first entry's start to the last end."""
        return DateRange(min(entry.start for entry in self.entries), max(entry.end for entry in self.entries))

    @property
    def total(self) -> Decimal:
        """The sum of all entries, which is the line's total."""
        return sum((entry.amount for entry in self.entries), ZERO)
