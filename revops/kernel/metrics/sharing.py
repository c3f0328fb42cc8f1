"""From rows to ratios: several of them, told apart by several fields, in one grouped statement."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Self

from django.db.models import Count, Q, QuerySet, Sum

from revops.kernel import clocks
from revops.kernel.metrics.ratios import Ratio

_CENT = Decimal("0.01")


def percent(part: int, whole: int) -> Decimal | None:
    """Return a part in per cent, rounded half up to two places; None of nothing."""
    return part_of(part * 100, whole)


def part_of(part: int, whole: int) -> Decimal | None:
    """Return a quotient, rounded half up to two places; None of nothing."""
    return (Decimal(part) / Decimal(whole)).quantize(_CENT, ROUND_HALF_UP) if whole else None


@dataclass(frozen=True, slots=True)
class Share:
    """A ratio over some rows: numerator, denominator, the group that the rows are of, and as of when."""

    ratio: Ratio
    group: tuple[Any, ...]
    numerator: int
    denominator: int
    as_of: datetime

    @property
    def n(self) -> int:
        return self.denominator

    @property
    def value(self) -> Decimal | None:
        """Return the share in per cent, or the mean, with two places; None of no records."""
        return part_of(self.numerator * (1 if self.ratio.sums else 100), self.denominator)

    @property
    def tone(self) -> str:
        return self.ratio.tone(self.value, self.denominator)

    @property
    def is_small(self) -> bool:
        """Whether so few records say little: their number is told instead of a judgement."""
        return 0 < self.denominator < self.ratio.min_n

    def of(self, group: tuple[Any, ...]) -> Self:
        """Return the same figure under another group."""
        return type(self)(self.ratio, group, self.numerator, self.denominator, self.as_of)


def shares(
    wanted: Sequence[Ratio], rows: QuerySet[Any], *, by: Sequence[str] = (), now: datetime | None = None
) -> list[Share]:
    """Return each ratio over `rows` for each group of them, in one statement; without `by`, one share a ratio.

    `rows` are limited to what the reader may see already, and all ratios are about their type.
    """
    if not wanted:
        return []
    as_of = now or clocks.now()
    asked: dict[str, Any] = {}
    for place, ratio in enumerate(wanted):
        among, counted = ratio.among(as_of), ratio.counted(as_of)
        asked[f"n_{place}"] = Count("pk", filter=among)
        asked[f"in_{place}"] = (
            Sum(ratio.sums, filter=among & counted) if ratio.sums else Count("pk", filter=among & counted)
        )
    rows = rows.order_by()
    found = rows.values(*by).annotate(**asked) if by else [rows.aggregate(**asked)]
    return [
        Share(ratio, tuple(row[name] for name in by), row[f"in_{place}"] or 0, row[f"n_{place}"] or 0, as_of)
        for row in found
        for place, ratio in enumerate(wanted)
    ]


def together(found: Iterable[Share], group: tuple[Any, ...] = ()) -> Share | None:
    """Return shares of one ratio as one: numerators and denominators added up, never a mean of ratios (M11)."""
    held = list(found)
    if not held:
        return None
    return Share(
        held[0].ratio,
        group,
        sum(one.numerator for one in held),
        sum(one.denominator for one in held),
        held[0].as_of,
    )


def behind(ratio: Ratio, rows: QuerySet[Any], part: str, now: datetime | None = None) -> QuerySet[Any]:
    """Return those of `rows` that a part of a ratio is about: counted, they are its numerator, or the rest of it."""
    where: Q = ratio.part(part, now or clocks.now())
    return rows.filter(where)
