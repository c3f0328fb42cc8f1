"""What an app declares about a number before any page may show it. Source: M11, 11-metrics."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from revops.kernel.people import access

# What a figure that looks like revenue says of itself (11-metrics).
OPERATING = "Operating metric, not recognised revenue."


@dataclass(frozen=True, slots=True, eq=False)
class Metric:
    """One number about the records of one type: what it means, how it is made, who answers for it.

    Without `sums` the records are counted; with it, that field is added up, each value multiplied by the share in
    `weight` where there is one. Amounts are kept apart by the field `currency`: they are never added across it.
    Records whose field holds one of the values in `without` do not count. With `in_columns` it stands on the head of
    every column of a board.
    """

    key: str
    label: str
    definition: str
    formula: str
    owner: str
    record_type: str
    sums: str = ""
    weight: str = ""
    currency: str = ""
    without: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    caveat: str = ""
    in_columns: bool = False
    version: int = 1

    @property
    def reads(self) -> frozenset[str]:
        """The fields that one must be able to read to be told this number."""
        return frozenset({self.sums, self.weight, self.currency, *self.without} - {""})

    @property
    def unit(self) -> str:
        return "money" if self.sums else "records"


_metrics: dict[str, Metric] = {}


def register(metric: Metric) -> None:
    """Declare a metric. Raises ValueError for a second one of the same key, or one that says too little."""
    if metric.key in _metrics:
        raise ValueError(f"There is a metric called {metric.key!r} already.")
    if not (metric.definition and metric.formula and metric.owner):
        raise ValueError(f"{metric.key}: a metric says its definition, its formula and its owner.")
    if metric.sums and not metric.currency:
        raise ValueError(f"{metric.key}: amounts are added up by currency; name the field that holds it.")
    if metric.weight and not metric.sums:
        raise ValueError(f"{metric.key}: a weight multiplies what is added up; name the field in `sums`.")
    _metrics[metric.key] = metric


def every() -> list[Metric]:
    """Return all metrics, in the order of their registration."""
    return list(_metrics.values())


def of(record_type: str, user: Any) -> list[Metric]:
    """Return the metrics of a record type that `user` may be told: those made of fields they may read (A06, A07)."""
    readable = access.readable(user, record_type)
    return [one for one in _metrics.values() if one.record_type == record_type and one.reads <= readable]
