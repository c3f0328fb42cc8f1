"""Figures as pages show them: each a link to exactly its records, with what it means beside it (design, "Numbers")."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from revops.kernel.metrics import Cell, Metric, Ratio, Share
from revops.web import formatting
from revops.web.addresses import Address
from revops.web.preferences import Preferences


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: how it reads, where its records are, and what its pop-over says. `key` names it on its page.

    Of a ratio `parts` says numerator and denominator.
    """

    key: str
    text: str
    url: str
    metric: Metric | Ratio
    n: str
    as_of: str
    parts: str = ""


def of(cell: Cell, key: str, address: Address, preferences: Preferences) -> Figure:
    """Return the figure of a cell over the list at `address`, which is narrowed down to the records of the cell."""
    return Figure(
        key,
        written(cell),
        address.to(**narrowed(cell, address.parameters)),
        cell.metric,
        formatting.number(cell.n),
        formatting.instant(cell.as_of, preferences.zone),
    )


def of_share(share: Share, key: str, text: str, url: str, preferences: Preferences) -> Figure:
    """Return the figure of a ratio: as it reads, and where the records behind it are."""
    parts = f"{formatting.number(share.numerator)} ÷ {formatting.number(share.denominator)}"
    as_of = formatting.instant(share.as_of, preferences.zone)
    return Figure(key, text, url, share.ratio, formatting.number(share.n), as_of, parts)


def share_in_words(share: Share) -> str:
    """Return the value of a ratio as its reader writes numbers; nothing of no records."""
    if share.value is None:
        return ""
    return str(share.value) if share.ratio.sums else formatting.percent(share.value / 100)


def written(cell: Cell) -> str:
    """Return the value as its reader writes numbers."""
    if cell.metric.sums:
        return formatting.money(Decimal(cell.value), cell.currency)
    return formatting.number(int(cell.value))


def narrowed(cell: Cell, held: Mapping[str, str]) -> dict[str, str]:
    """Return the parameters by which a list holds the records of a cell alone, beside those that it has."""
    found = {}
    for name, values in cell.metric.without.items():
        given = [text for text in held.get(f"{name}__not", "").split(",") if text]
        found[f"{name}__not"] = ",".join(dict.fromkeys([*given, *values]))
    if cell.metric.currency and cell.currency:
        found[cell.metric.currency] = cell.currency
    return found
