"""What became of the records of a bulk run: a page of them with their names, and those refused as a file."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from revops.kernel.exchange.bulk import deeds
from revops.kernel.exchange.bulk.models import BulkItem, BulkRun, Outcome
from revops.kernel.exchange.defusing import defused

PAGE = 50
_AT_ONCE = 1_000
HEADER = ("Id", "Name", "Outcome", "Code", "Field", "Reason", "Found", "Needed")


@dataclass(frozen=True, slots=True)
class Told:
    """One record of a report; `name` is empty where the reader does not see it."""

    item: BulkItem
    name: str

    @property
    def shown(self) -> str:
        return self.name or self.item.given or str(self.item.record_id)


def told(run: BulkRun, by: Any, outcomes: Sequence[str], *, after: int = 0, limit: int = PAGE) -> list[Told]:
    """Return the next records with one of these outcomes, named as far as `by` sees them: two queries."""
    items = run.items.filter(outcome__in=outcomes, pk__gt=after).order_by("id")
    return _named(run, by, list(items[:limit]))


def refused_file(run: BulkRun, by: Any) -> Iterator[str]:
    """Yield the lines of a CSV file: each record refused or denied, a line a reason; safe for spreadsheets."""
    yield "\ufeff" + _line(HEADER)
    after = 0
    while found := told(run, by, (Outcome.REFUSED, Outcome.DENIED), after=after, limit=_AT_ONCE):
        for one in found:
            base = (one.item.given or str(one.item.record_id), one.name, str(one.item.get_outcome_display()))
            for finding in one.item.findings or [{}]:
                yield _line(
                    (
                        *base,
                        *(finding.get(name, "") for name in ("code", "field", "message", "found", "needed")),
                    )
                )
        after = found[-1].item.pk


def _named(run: BulkRun, by: Any, items: Sequence[BulkItem]) -> list[Told]:
    model = deeds.find(run.record_type, run.deed).kind.model
    ids = [item.record_id for item in items if item.record_id is not None]
    names = {one.pk: str(one) for one in model.objects.visible_to(by).filter(pk__in=ids)} if ids else {}
    return [Told(item, names.get(item.record_id, "")) for item in items]


def _line(cells: Sequence[str]) -> str:
    target = io.StringIO()
    csv.writer(target).writerow([defused(cell) for cell in cells])
    return target.getvalue()
