"""Making schedules: from segments, from a total, from another schedule (ALG-4.2, 4.4, 4.7)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Context, Decimal
from enum import StrEnum
from fractions import Fraction

from revops.kernel.dates import DateRange, boundary, months_and_days
from revops.kernel.money import round_fraction, split_cumulative
from revops.kernel.schedules.shape import ZERO, EntryKind, Purpose, Schedule, ScheduleEntry

DAY_OF_MONTH = Fraction(12, 365)
_FACTOR = Context(prec=28)


class Proration(StrEnum):
    """How a term that is not whole years is priced (ALG-4.2)."""

    MONTH_DAY = "month_day"
    DAY = "day"
    MONTH = "month"


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """Months at one monthly rate per unit; `free_months` are ordinals within the segment."""

    months: int
    rate: Decimal
    qty: Decimal = Decimal(1)
    free_months: tuple[int, ...] = ()
    kind: EntryKind = EntryKind.RECURRING


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleSpec:
    """What to build: segments from `start`; days up to `end` beyond them join the last segment."""

    subject: str
    currency: str
    start: date
    segments: tuple[Segment, ...]
    end: date | None = None
    tz: str = "UTC"
    uom: str = ""
    purpose: Purpose = Purpose.PRICE


def build(spec: ScheduleSpec) -> Schedule:
    """Lay the segments out as one entry per month, each rounded to the minor unit (ALG-4.4).

    A part month at the end costs days * 12/365 of a month (ALG-4.2) and joins the last segment.
    Segments that do not fill the term to within a month raise ValueError.
    """
    plan = [
        (n, segment, ordinal)
        for n, segment in enumerate(spec.segments, 1)
        for ordinal in range(1, segment.months + 1)
    ]
    last = spec.end or boundary(spec.start, len(plan)) - timedelta(days=1)
    whole, days = months_and_days(spec.start, last)
    if whole != len(plan):
        raise ValueError(f"segments cover {len(plan)} months, the term {spec.start} to {last} has {whole}")
    if days:
        plan.append((len(spec.segments), spec.segments[-1], 0))
    entries = []
    for k, (number, segment, ordinal) in enumerate(plan):
        free = ordinal in segment.free_months
        share = Fraction(1) if ordinal else days * DAY_OF_MONTH
        amount = (
            ZERO
            if free
            else round_fraction(Fraction(segment.qty) * Fraction(segment.rate) * share, spec.currency)
        )
        entries.append(
            ScheduleEntry(
                seq=k + 1,
                start=boundary(spec.start, k),
                end=min(last, boundary(spec.start, k + 1) - timedelta(days=1)),
                amount=amount,
                kind=EntryKind.FREE if free else segment.kind,
                qty=segment.qty,
                uom=spec.uom,
                rate=segment.rate,
                basis_ref=f"segment:{number}",
            )
        )
    return Schedule(
        subject=spec.subject, purpose=spec.purpose, currency=spec.currency, tz=spec.tz, entries=tuple(entries)
    )


def escalate(rate: Decimal, uplift: Decimal, years: int, currency: str) -> tuple[Decimal, ...]:
    """Give the rate of each year when it rises by the fraction `uplift`, rounded every year."""
    rates = [rate]
    while len(rates) < years:
        rates.append(round_fraction(Fraction(rates[-1]) * (1 + Fraction(uplift)), currency))
    return tuple(rates)


def straight_line(
    total: Decimal, start: date, end: date, currency: str, *, subject: str = "", tz: str = "UTC"
) -> Schedule:
    """Spread a total evenly over the months of a term by cumulative rounding; Σ = total exactly.

    A part month at the end weighs days * 12/365. The result is a proposal for Finance.
    """
    months, days = months_and_days(start, end)
    weights: list[Fraction | int] = [1] * months + ([days * DAY_OF_MONTH] if days else [])
    entries = tuple(
        ScheduleEntry(
            seq=k + 1,
            start=boundary(start, k),
            end=min(end, boundary(start, k + 1) - timedelta(days=1)),
            amount=amount,
            rate=amount,
        )
        for k, amount in enumerate(split_cumulative(total, weights, currency))
    )
    return Schedule(
        subject=subject, purpose=Purpose.REVREC_PROPOSAL, currency=currency, tz=tz, entries=entries
    )


def prorate(start: date, end: date, precision: Proration = Proration.MONTH_DAY) -> Decimal:
    """Give the multiplier of an annual price for a term, both days included (ALG-4.2).

    `month_day`: (m + r * 12/365) ÷ 12; `day`: days ÷ 365; `month`: months rounded up ÷ 12.
    """
    months, days = months_and_days(start, end)
    years = {
        Proration.MONTH_DAY: (months + days * DAY_OF_MONTH) / 12,
        Proration.DAY: Fraction(DateRange(start, end).days, 365),
        Proration.MONTH: Fraction(months + bool(days), 12),
    }[precision]
    return _FACTOR.divide(Decimal(years.numerator), Decimal(years.denominator))


def bill(schedule: Schedule, every: int) -> Schedule:
    """Turn a price schedule into bills of `every` months, each dated on its period's first day.

    Usage is billed when measured and stays out; the sum equals the committed total.
    """
    if every < 1:
        raise ValueError(f"a billing period has at least one month, not {every}")
    term, k = schedule.term, 0
    entries: list[ScheduleEntry] = []
    while (start := boundary(term.start, k)) <= term.end:
        until = boundary(term.start, k + every)
        due = [
            e.amount for e in schedule.entries if start <= e.start < until and e.kind is not EntryKind.USAGE
        ]
        end = min(term.end, until - timedelta(days=1))
        entries.append(
            ScheduleEntry(
                seq=len(entries) + 1, start=start, end=end, amount=sum(due, ZERO), basis_ref=schedule.purpose
            )
        )
        k += every
    return replace(schedule, purpose=Purpose.BILLING, entries=tuple(entries))


def amend(base: Schedule, effective_from: date, entries: Sequence[ScheduleEntry]) -> Schedule:
    """Give the next version: entries before the date stay as they are, `entries` replace the rest.

    Raises ValueError when the date cuts through an entry of `base`, or a new entry starts earlier.
    """
    kept = [entry for entry in base.entries if entry.start < effective_from]
    for entry in kept:
        if entry.end >= effective_from:
            raise ValueError(
                f"{effective_from} cuts through entry {entry.seq} ({entry.start} to {entry.end})"
            )
    for entry in entries:
        if entry.start < effective_from:
            raise ValueError(f"a new entry starts on {entry.start}, before {effective_from}")
    numbered = tuple(replace(entry, seq=seq) for seq, entry in enumerate([*kept, *entries], start=1))
    return replace(base, entries=numbered, version=base.version + 1, effective_from=effective_from)
