"""Ratios: how many of some records are as they should be. What an app declares, and their registry. Source: M11."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from django.db.models import Case, Q, Value, When
from django.db.models.lookups import Exact

from revops.kernel.people import access

Condition = Callable[[datetime], Q]
IN, OUT, ALL = "in", "out", "all"
PARTS = (IN, OUT, ALL)
GREEN, AMBER, RED = "green", "amber", "red"


@dataclass(frozen=True, slots=True, eq=False)
class Ratio:
    """A share of the records of one type: those `counted` of those `among`; or a mean, where `sums` names a number.

    Both conditions take the instant as of which they are asked. `better` says which way is good; `green` and `amber`
    are the limits of the tones in per cent (in the unit of the mean, for a mean): of what is better high, green from
    `green` on and amber from `amber` on; of what is better low, green below `green` and amber below `amber`. Fewer than
    `min_n` records have no tone: they say that they are few. `reads` are the fields that one must be able to read.
    `inside` and `outside` say in words which records were counted, and which of them were not.
    """

    key: str
    label: str
    definition: str
    formula: str
    owner: str
    record_type: str
    among: Condition
    counted: Condition
    inside: str
    outside: str
    better: Literal["high", "low"] = "high"
    green: Decimal | None = None
    amber: Decimal | None = None
    sums: str = ""
    min_n: int = 5
    reads: frozenset[str] = frozenset()
    caveat: str = ""
    version: int = 1

    @property
    def unit(self) -> str:
        return "mean" if self.sums else "percent"

    def tone(self, value: Decimal | None, n: int) -> str:
        """Return green, amber or red; nothing where there are no limits, no value, or too few records."""
        if value is None or self.green is None or self.amber is None or n < self.min_n:
            return ""
        if self.better == "high":
            return GREEN if value >= self.green else AMBER if value >= self.amber else RED
        return GREEN if value < self.green else AMBER if value < self.amber else RED

    def part(self, part: str, now: datetime) -> Q:
        """Return the condition of exactly the records behind a part of it: counted, among but not counted, or all.

        What is unknown is not counted: the two parts are the whole, nulls included. Raises ValueError for no part.
        """
        if part not in PARTS:
            raise ValueError("one of " + ", ".join(PARTS))
        among = self.among(now)
        if part == ALL:
            return among
        if part == IN:
            return among & self.counted(now)
        held = Case(When(self.counted(now), then=Value(1)), default=Value(0))
        return among & Q(Exact(held, 0))

    def words(self, part: str) -> str:
        """Return which records a part holds."""
        return {IN: self.inside, OUT: self.outside}.get(part, self.label)


_ratios: dict[str, Ratio] = {}


def register_ratio(ratio: Ratio) -> Ratio:
    """Declare a ratio. Raises ValueError for a second one of the same key, or one that says too little."""
    if ratio.key in _ratios:
        raise ValueError(f"There is a ratio called {ratio.key!r} already.")
    if not (ratio.definition and ratio.formula and ratio.owner and ratio.inside and ratio.outside):
        raise ValueError(
            f"{ratio.key}: a ratio says its definition, its formula, its owner and its two parts."
        )
    if (ratio.green is None) is not (ratio.amber is None):
        raise ValueError(f"{ratio.key}: a ratio has both limits of its tones, or none.")
    _ratios[ratio.key] = ratio
    return ratio


def ratios() -> list[Ratio]:
    """Return all ratios, in the order of their registration."""
    return list(_ratios.values())


def ratio_of(key: str, record_type: str, user: Any) -> Ratio | None:
    """Return the ratio `key` about a record type, if `user` may be told it; None for any other (A06, A07)."""
    found = _ratios.get(key)
    return found if found in ratios_of(record_type, user) else None


def ratios_of(record_type: str, user: Any) -> list[Ratio]:
    """Return the ratios about a record type that `user` may be told: those made of fields they may read (A06, A07)."""
    held = access.rights(user, record_type)
    readable = access.readable(user, record_type) if held.sees_any else frozenset()
    return [
        one
        for one in _ratios.values()
        if one.record_type == record_type and held.sees_any and one.reads <= readable
    ]
