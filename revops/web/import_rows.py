"""The rows of an import and what became of each: the records behind the counts of its report."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from revops.kernel.exchange.models import ImportRowOutcome, RowOutcome
from revops.kernel.records import registry

PAGE = 50


@dataclass(frozen=True, slots=True)
class RowLine:
    """One row of the file: its line, what became of it, and its record as far as the reader sees it."""

    line: int
    outcome: str
    title: str
    number: str
    url: str
    findings: list[Mapping[str, Any]]


def lines(run_id: int, user: Any, outcome: str, after: int) -> tuple[list[RowLine], int]:
    """Return a page of rows by line, and the line after which the next one begins (0 on the last).

    Two queries, and one a record type: titles of records that `user` does not see are left out.
    """
    rows = ImportRowOutcome.objects.filter(run_id=run_id, line__gt=after)
    if outcome in RowOutcome.values:
        rows = rows.filter(outcome=outcome)
    found = list(rows.order_by("line")[: PAGE + 1])
    titles = _titles(found[:PAGE], user)
    shown = [_line(one, titles) for one in found[:PAGE]]
    return shown, found[PAGE - 1].line if len(found) > PAGE else 0


def _titles(rows: list[ImportRowOutcome], user: Any) -> dict[tuple[str, int], str]:
    wanted: dict[str, set[int]] = {}
    for row in rows:
        if row.record_id is not None:
            wanted.setdefault(row.record_type, set()).add(row.record_id)
    known = {kind.label: kind for kind in registry.every()}
    titles: dict[tuple[str, int], str] = {}
    for label, ids in wanted.items():
        if label in known:
            visible = known[label].model.objects.visible_to(user).filter(pk__in=ids)
            titles |= {(label, pk): str(title) for pk, title in visible.values_list("pk", known[label].title)}
    return titles


def _line(row: ImportRowOutcome, titles: Mapping[tuple[str, int], str]) -> RowLine:
    title = titles.get((row.record_type, row.record_id or 0))
    label = str(RowOutcome(row.outcome).label)
    if title is None or row.record_id is None:
        return RowLine(row.line, label, "", "", "", row.findings)
    kind = registry.get(row.record_type)
    number = kind.number(row.record_id)
    return RowLine(row.line, label, title or number, number, kind.url(row.record_id), row.findings)
