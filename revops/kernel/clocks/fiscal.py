"""The fiscal calendar: which period a date falls in, and how a year of periods is laid out.

Periods are rows and never computed from month numbers, so shifted years, 4-4-5 weeks and 53-week
years are only different rows (spec section 0).
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate, pairwise

from django.db import transaction

from revops.kernel.clocks.enums import PeriodKind
from revops.kernel.clocks.models import FiscalPeriod
from revops.kernel.dates import boundary

DAY = timedelta(days=1)
WEEKS_4_4_5 = (4, 4, 5)


class NoFiscalPeriod(LookupError):
    """The fiscal calendar does not reach this date."""


class InvalidFiscalCalendar(ValueError):
    """The periods leave a gap, overlap, or do not fill the period they are part of."""


@dataclass(frozen=True, slots=True)
class PeriodSpec:
    """A period before it is stored; `parent` is the label of the period it is part of."""

    kind: PeriodKind
    label: str
    start: date
    end: date
    parent: str = ""


def period_of(on: date, kind: PeriodKind | str) -> FiscalPeriod:
    """Find the period of a kind that holds a date; raises NoFiscalPeriod beyond the calendar."""
    period = FiscalPeriod.objects.filter(kind=PeriodKind(kind), start__lte=on, end__gte=on).first()
    if period is None:
        raise NoFiscalPeriod(f"no fiscal {PeriodKind(kind).value} holds {on}: define that fiscal year first")
    return period


def quarter_token(on: date) -> str:
    """Give `Q1` to `Q4`, the place of a date's quarter in its fiscal year (`FiscalQ` of ALG-1.3)."""
    quarter = period_of(on, PeriodKind.QUARTER)
    if quarter.parent_id is None:
        raise InvalidFiscalCalendar(f"{quarter.label} is not part of a fiscal year")
    before = FiscalPeriod.objects.filter(
        kind=PeriodKind.QUARTER, parent_id=quarter.parent_id, start__lte=quarter.start
    ).count()
    return f"Q{before}"


def quarter_tokens(days: Iterable[date]) -> dict[date, str]:
    """Give the token of each day's quarter, in one query; a day that the calendar does not reach is left out."""
    rows = FiscalPeriod.objects.filter(kind=PeriodKind.QUARTER, parent__isnull=False).order_by("start")
    places: list[tuple[date, date, str]] = []
    count: dict[int | None, int] = {}
    for start, end, year in rows.values_list("start", "end", "parent_id"):
        count[year] = count.get(year, 0) + 1
        places.append((start, end, f"Q{count[year]}"))
    starts = [start for start, _, _ in places]
    tokens: dict[date, str] = {}
    for day in set(days):
        at = bisect_right(starts, day) - 1
        if at >= 0 and day <= places[at][1]:
            tokens[day] = places[at][2]
    return tokens


def month_year(fiscal_year: int, start: date) -> list[PeriodSpec]:
    """Lay out a year of twelve months from any start date, with its four quarters."""
    return _year(fiscal_year, [boundary(start, k) for k in range(13)])


def week_year(
    fiscal_year: int, start: date, *, pattern: Sequence[int] = WEEKS_4_4_5, weeks: int = 52
) -> list[PeriodSpec]:
    """Lay out a year of weeks: every quarter follows the pattern; week 53 joins the last month."""
    if sum(pattern) != 13 or len(pattern) != 3 or min(pattern) < 1:
        raise ValueError(f"{tuple(pattern)!r} does not divide the 13 weeks of a quarter into three months")
    if weeks not in (52, 53):
        raise ValueError(f"a fiscal year has 52 or 53 weeks, not {weeks}")
    lengths = list(pattern) * 4
    lengths[-1] += weeks - 52
    return _year(fiscal_year, [start + timedelta(weeks=n) for n in accumulate(lengths, initial=0)])


def _year(fiscal_year: int, starts: Sequence[date]) -> list[PeriodSpec]:
    """Name year, quarters and months between thirteen month starts, the last being the day after."""
    label = f"FY{fiscal_year}"
    specs = [PeriodSpec(PeriodKind.YEAR, label, starts[0], starts[12] - DAY)]
    for q in range(4):
        quarter = f"{label}-Q{q + 1}"
        specs.append(PeriodSpec(PeriodKind.QUARTER, quarter, starts[3 * q], starts[3 * q + 3] - DAY, label))
        specs += [
            PeriodSpec(PeriodKind.MONTH, f"{label}-M{m + 1:02}", starts[m], starts[m + 1] - DAY, quarter)
            for m in range(3 * q, 3 * q + 3)
        ]
    return specs


def validate(specs: Iterable[PeriodSpec]) -> None:
    """Refuse periods that leave a gap, overlap, or do not fill their parent exactly.

    Raises InvalidFiscalCalendar naming the first two periods that disagree.
    """
    everything = sorted(specs, key=lambda spec: spec.start)
    for kind in PeriodKind:
        _check_contiguous([spec for spec in everything if spec.kind == kind])
    by_label = {spec.label: spec for spec in everything}
    if len(by_label) != len(everything):
        raise InvalidFiscalCalendar("two fiscal periods carry the same label")
    for parent in everything:
        parts = [spec for spec in everything if spec.parent == parent.label]
        if parts and (parts[0].start, parts[-1].end) != (parent.start, parent.end):
            raise InvalidFiscalCalendar(
                f"the parts of {parent.label} run from {parts[0].start} to {parts[-1].end}, "
                f"it runs from {parent.start} to {parent.end}"
            )
    for spec in everything:
        if spec.parent and spec.parent not in by_label:
            raise InvalidFiscalCalendar(f"{spec.label} is part of {spec.parent}, which does not exist")


def _check_contiguous(periods: Sequence[PeriodSpec]) -> None:
    for period in periods:
        if period.end < period.start:
            raise InvalidFiscalCalendar(
                f"{period.label} ends on {period.end}, before its start {period.start}"
            )
    for before, after in pairwise(periods):
        if after.start <= before.end:
            raise InvalidFiscalCalendar(f"{after.label} starts on {after.start}, inside {before.label}")
        if after.start != before.end + DAY:
            raise InvalidFiscalCalendar(
                f"{before.end + DAY} to {after.start - DAY} belong to no {after.kind.value}"
            )


@transaction.atomic
def define(specs: Sequence[PeriodSpec]) -> list[FiscalPeriod]:
    """Store new periods after checking them together with those that exist, parents first.

    Raises InvalidFiscalCalendar and stores nothing when the whole would have a gap or an overlap.
    """
    validate([*_stored(), *specs])
    rows = {period.label: period for period in FiscalPeriod.objects.all()}
    created = []
    for kind in (PeriodKind.YEAR, PeriodKind.QUARTER, PeriodKind.MONTH):
        layer = [
            FiscalPeriod(
                kind=spec.kind, label=spec.label, start=spec.start, end=spec.end, parent=rows.get(spec.parent)
            )
            for spec in specs
            if spec.kind == kind
        ]
        created += FiscalPeriod.objects.bulk_create(layer)
        rows |= {row.label: row for row in layer}
    return created


def _stored() -> list[PeriodSpec]:
    periods = FiscalPeriod.objects.select_related("parent")
    return [
        PeriodSpec(PeriodKind(p.kind), p.label, p.start, p.end, p.parent.label if p.parent else "")
        for p in periods
    ]
