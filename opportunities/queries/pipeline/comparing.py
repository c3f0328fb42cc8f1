"""What changed in a team's pipeline since the week before, deal by deal and field by field."""

from collections.abc import Mapping, Sequence
from typing import Any

from opportunities.enums import OPEN, Stage
from opportunities.models import Opportunity
from opportunities.queries.pipeline.building import Row

FIELDS = ("stage", "category", "amount", "currency", "close_date", "owner", "next_step", "next_step_on")
NEW, CHANGED, SAME, GONE = "new", "changed", "same", "gone"


def compared(rows: Sequence[Row], before: Sequence[Row] | None) -> list[Row]:
    """Return the rows with what changed since `before`, and behind them those that are gone; one statement.

    Without a week before nothing is called new. A row that is gone keeps what it was, and says what became of it.
    """
    if before is None:
        return [row | {"change": SAME, "before": {}} for row in rows]
    held = {row["id"]: row for row in before if row["change"] != GONE}
    found = [_compared(row, held.get(row["id"])) for row in rows]
    present = {row["id"] for row in rows}
    left = [row for pk, row in held.items() if pk not in present]
    became = _became([row["id"] for row in left])
    return [*found, *(row | {"change": GONE, "before": {}, "flags": [became[row["id"]]]} for row in left)]


def _compared(row: Row, before: Row | None) -> Row:
    if before is None:
        return row | {"change": NEW, "before": {}}
    differs = {name: before[name] for name in FIELDS if before[name] != row[name]}
    return row | {"change": CHANGED if differs else SAME, "before": differs}


def _became(ids: Sequence[int]) -> Mapping[int, str]:
    """Say of deals that left a team's open pipeline what became of them."""
    found: dict[int, str] = dict.fromkeys(ids, "no longer there")
    rows: Any = Opportunity.objects.filter(pk__in=ids).values_list("pk", "stage", "tombstone_of")
    for pk, stage, merged in rows if ids else ():
        told = str(Stage(stage).label).lower() if stage not in OPEN else "with another team"
        found[pk] = "merged" if merged else told
    return found
