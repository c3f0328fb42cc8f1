"""Numbers read off a schedule; ARR and all that follows from it are operating metrics, not revenue."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from revops.kernel.dates import DateRange, boundary, months_and_days
from revops.kernel.money import round_fraction
from revops.kernel.schedules.building import DAY_OF_MONTH
from revops.kernel.schedules.shape import PERIODIC, ZERO, EntryKind, Schedule, ScheduleEntry


def tcv(schedule: Schedule) -> Decimal:
    """Sum what is committed over the whole term; usage is not committed and stays out."""
    return sum((entry.amount for entry in schedule.entries if entry.kind is not EntryKind.USAGE), ZERO)


def acv(schedule: Schedule, year: int) -> Decimal:
    """Sum the recurring entries that start in contract year `year` (1 is the first)."""
    if year < 1:
        raise ValueError(f"contract years count from 1, not {year}")
    first = schedule.term.start
    since, until = boundary(first, 12 * (year - 1)), boundary(first, 12 * year)
    return sum((entry.amount for entry in _periodic(schedule) if since <= entry.start < until), ZERO)


def arr(schedule: Schedule, on: date) -> Decimal:
    """Annualise the segment in force on a day: 12 * its recurring total ÷ its months (ALG-4.4).

    A free month is spread over its segment, so it never shows as ARR 0; one-time, usage and credit
    entries stay out. Outside the term the answer is 0.
    """
    return round_fraction(_annual(schedule, on), schedule.currency)


def mrr(schedule: Schedule, on: date) -> Decimal:
    """Give a twelfth of the annualised segment in force on a day, rounded once."""
    return round_fraction(_annual(schedule, on) / 12, schedule.currency)


def _periodic(schedule: Schedule) -> list[ScheduleEntry]:
    return [entry for entry in schedule.entries if entry.kind in PERIODIC]


def _annual(schedule: Schedule, on: date) -> Fraction:
    current = next((entry for entry in _periodic(schedule) if entry.start <= on <= entry.end), None)
    if current is None:
        return Fraction(0)
    segment = [entry for entry in _periodic(schedule) if entry.basis_ref == current.basis_ref]
    months, days = months_and_days(segment[0].start, segment[-1].end)
    recurring = sum((Fraction(entry.amount) for entry in segment), Fraction(0))
    return 12 * recurring / (months + days * DAY_OF_MONTH)


@dataclass(frozen=True, slots=True)
class PeriodDifference:
    """What two schedules hold for one month, their difference, and the differences so far."""

    period: DateRange
    left: Decimal
    right: Decimal
    difference: Decimal
    cumulative: Decimal


def reconcile(left: Schedule, right: Schedule) -> tuple[PeriodDifference, ...]:
    """Compare two schedules month by month; recognised against billed gives unbilled or deferred.

    An entry counts in the month it starts in; months run from the earlier start to the later end,
    so the last cumulative difference is the difference of the totals.
    """
    if left.currency != right.currency:
        raise ValueError(f"cannot compare {left.currency} with {right.currency}")
    first, last = min(left.term.start, right.term.start), max(left.term.end, right.term.end)
    rows: list[PeriodDifference] = []
    cumulative, k = ZERO, 0
    while (start := boundary(first, k)) <= last:
        period = DateRange(start, boundary(first, k + 1) - timedelta(days=1))
        amounts = [
            sum((e.amount for e in s.entries if period.contains(e.start)), ZERO) for s in (left, right)
        ]
        difference = amounts[0] - amounts[1]
        cumulative += difference
        rows.append(PeriodDifference(period, amounts[0], amounts[1], difference, cumulative))
        k += 1
    return tuple(rows)
