"""From rows to numbers: all the metrics of a list, column by column, in one grouped statement."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import Count, Q, QuerySet, Sum

from revops.kernel import clocks
from revops.kernel.metrics.declaring import Metric
from revops.kernel.money import round_to_minor


@dataclass(frozen=True, slots=True)
class Cell:
    """One number: its value, of how many records (`n`), in which currency, as of when, by which metric.

    `group` is the value of the field by which the rows were told apart, None where they were not.
    """

    metric: Metric
    group: Any
    value: int | Decimal
    n: int
    currency: str
    as_of: datetime

    @property
    def version(self) -> int:
        return self.metric.version


def cells(metric: Metric, rows: QuerySet[Any], by: str = "") -> list[Cell]:
    """Return the cells of one metric over `rows`, told apart by the field `by` if it is given."""
    return measure([metric], rows, by=by)


def measure(wanted: Sequence[Metric], rows: QuerySet[Any], *, by: str = "") -> list[Cell]:
    """Return the cells of several metrics over `rows`, in one statement.

    `rows` are limited to what the reader may see already, and every field of the metrics is one that they may read.
    A count is always told, at zero as well; an amount once for each currency in which there are records. Weighted
    amounts are multiplied here, share by share, since SQLite would do it in floating point.
    """
    if not wanted:
        return []
    weights = {one.weight for one in wanted} - {""}
    currencies = {one.currency for one in wanted} - {""}
    keys = [*dict.fromkeys([*([by] if by else []), *sorted(currencies), *sorted(weights)])]
    found = list(_grouped(wanted, rows.order_by(), keys))
    as_of = clocks.now()
    return [cell for one in enumerate(wanted) for cell in _cells_of(*one, found, by, as_of)]


def drill_down(metric: Metric, rows: QuerySet[Any]) -> QuerySet[Any]:
    """Return those of `rows` that the metric is about: added up again, they are its cell."""
    return rows.filter(_counted(metric))


def _counted(metric: Metric) -> Q:
    where = Q()
    for name, values in metric.without.items():
        where &= ~Q(**{f"{name}__in": values})
    return where


def _grouped(
    wanted: Sequence[Metric], rows: QuerySet[Any], keys: Sequence[str]
) -> Iterable[Mapping[str, Any]]:
    asked: dict[str, Any] = {}
    for place, metric in enumerate(wanted):
        where = _counted(metric) or None
        asked[f"n_{place}"] = Count("pk", filter=where)
        if metric.sums:
            asked[f"sum_{place}"] = Sum(metric.sums, filter=where)
    return rows.values(*keys).annotate(**asked) if keys else [rows.aggregate(**asked)]


def _cells_of(
    place: int, metric: Metric, found: Sequence[Mapping[str, Any]], by: str, as_of: datetime
) -> list[Cell]:
    held: dict[tuple[Any, str], tuple[int | Decimal, int]] = {}
    if not metric.sums and not by:
        held[None, ""] = (0, 0)
    for row in found:
        n = row[f"n_{place}"]
        if metric.sums and not n:
            continue
        currency = row[metric.currency] if metric.currency else ""
        group = row[by] if by else None
        value, counted = held.get((group, currency), (0, 0))
        held[group, currency] = (value + _share(place, metric, row, n), counted + n)
    return [
        Cell(metric, group, _rounded(metric, value, currency), n, currency, as_of)
        for (group, currency), (value, n) in sorted(held.items(), key=_place_of)
    ]


def _place_of(held: tuple[tuple[Any, str], Any]) -> tuple[str, bool, str]:
    """Return where a cell stands: by its group, the currency of reports before all others."""
    group, currency = held[0]
    return str(group), currency != settings.REPORTING_CURRENCY, currency


def _share(place: int, metric: Metric, row: Mapping[str, Any], n: int) -> int | Decimal:
    """Return what one group of rows adds to a cell."""
    if not metric.sums:
        return n
    total: Decimal = row[f"sum_{place}"] or Decimal(0)
    return total * row[metric.weight] if metric.weight else total


def _rounded(metric: Metric, value: int | Decimal, currency: str) -> int | Decimal:
    """Return a cell's value: a weighted amount is rounded once, at the end; anything else is exact as it is."""
    return round_to_minor(Decimal(value), currency) if metric.weight else value
