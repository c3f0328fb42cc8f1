"""The page of hygiene: a row a rep or a manager, each cell a list; below it the deals with what each lacks."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse

from accounts.enums import Segment
from opportunities.enums import OPEN
from opportunities.metrics import score as scoring
from opportunities.metrics.hygiene import CLEAN
from opportunities.queries import amiss, hygiene
from opportunities.queries.hygiene import Board, Column, Row
from revops.kernel import clocks
from revops.kernel.audit import Blocked
from revops.kernel.exchange.defusing import defused
from revops.kernel.people.models import Team
from revops.kernel.records.registry import RecordType
from revops.web import figures, formatting, preferences, refusals
from revops.web.access_rows import record
from revops.web.addresses import Address
from revops.web.figures import Figure
from revops.web.rendering import show

FILTERS = ("segment", "team", "stage")
WORDS = {"green": "good", "amber": "watch", "red": "bad", "": ""}


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell as it is drawn: its text and tone, where its records are, and what it is made of."""

    text: str
    tone: str = ""
    url: str = ""
    made_of: str = ""
    rest: str = ""
    rest_url: str = ""

    @property
    def word(self) -> str:
        return WORDS[self.tone]


@dataclass(frozen=True, slots=True)
class Line:
    """One row as it is drawn."""

    name: str
    url: str
    chosen: bool
    cells: list[Cell]
    score: Cell


@record(GET="view")
def hygiene_page(request: HttpRequest, record_type: RecordType) -> HttpResponse:
    """Show the hygiene of what the reader sees, and below it the deals of one person with what each lacks."""
    given = _given(request)
    now = clocks.now()
    address = Address("/hygiene/", given)
    filters = {name: given[name] for name in FILTERS if name in given}
    context = {"title": "Hygiene", "address": address, "given": given, "choices": _choices(request.user)}
    try:
        board = hygiene.board(
            request.user, now, by=given.get("by", hygiene.REP), given=filters, sort=given.get("sort", "score")
        )
        found = _deals(request.user, board, given, now)
    except Blocked as error:
        refused = {"refusal": refusals.of(error, "This cannot be shown")}
        return show(request, "hygiene/page.html", context | refused, status=400)
    zone = preferences.of(request.user)
    drawn = {
        "board": board,
        "heads": _heads(board, address, given.get("sort", "score")),
        "lines": [_line(board, row, address, given.get("of", "")) for row in board.rows],
        "total": _line(board, board.total, address, given.get("of", "")),
        "totals": _figures(board, zone),
        "csv_url": Address("/hygiene/export.csv", given).to(of=None),
        "score": {"definition": scoring.DEFINITION, "formula": scoring.FORMULA, "owner": scoring.OWNER},
        "as_of": formatting.instant(now, zone.zone),
    }
    return show(request, "hygiene/page.html", context | drawn | found)


@record(GET="view")
def hygiene_file(request: HttpRequest, record_type: RecordType) -> HttpResponse:
    """Return the table as CSV: the same rows and numbers, safe to open in a spreadsheet."""
    given = _given(request)
    filters = {name: given[name] for name in FILTERS if name in given}
    try:
        board = hygiene.board(
            request.user,
            clocks.now(),
            by=given.get("by", hygiene.REP),
            given=filters,
            sort=given.get("sort", "score"),
        )
    except Blocked as error:
        refused = {"refusal": refusals.of(error, "This cannot be shown"), "title": "Hygiene"}
        return show(request, "hygiene/page.html", refused, status=400)
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="hygiene.csv"'
    answer["Cache-Control"] = "private, no-store"
    writer = csv.writer(answer)
    for row in _rows(board):
        writer.writerow([defused(text) for text in row])
    return answer


def _given(request: HttpRequest) -> dict[str, str]:
    known = (*FILTERS, "by", "sort", "of")
    return {name: request.GET[name] for name in known if request.GET.get(name)}


def _choices(user: Any) -> Mapping[str, list[tuple[str, str]]]:
    """Return what one may narrow down to; one query."""
    teams = Team.objects.order_by("name", "pk").values_list("pk", "name")
    return {
        "segment": [(str(code), str(label)) for code, label in Segment.choices],
        "stage": [(str(stage), str(stage.label)) for stage in OPEN],
        "team": [(str(pk), name) for pk, name in teams],
    }


def _heads(board: Board, address: Address, sort: str) -> list[tuple[str, str, str, bool]]:
    """Return the heads: label, where a click sorts, how it is sorted now, whether it holds numbers."""
    whose = "Manager" if board.by == hygiene.MANAGER else "Rep"
    named = [
        ("name", whose),
        *((one.key, one.label) for one in board.columns),
        (hygiene.SCORE, scoring.LABEL),
    ]
    heads = []
    for key, label in named:
        state = {key: "ascending", f"-{key}": "descending"}.get(sort, "")
        turned = f"-{key}" if state == "ascending" else key
        heads.append((label, address.to(sort=turned), state, key != "name"))
    return heads


def _line(board: Board, row: Row, address: Address, of: str) -> Line:
    key = "all" if row is board.total else str(row.pk)
    held = row.score
    value = "–" if held.value is None else str(held.value)
    return Line(
        row.name,
        address.to(of=key),
        of == key,
        [_cell(column, row, board.given) for column in board.columns],
        Cell(value, held.tone, made_of=_parts(held.parts)),
    )


def _parts(parts: Mapping[str, Decimal]) -> str:
    """Return what a score is made of, in words."""
    labels = {one.ratio.key: one.ratio.label for one in hygiene.COLUMNS}
    return "; ".join(
        f"{'Not idle' if key == 'idle_opps_pct' else labels[key]} {value}" for key, value in parts.items()
    )


def _cell(column: Column, row: Row, given: Mapping[str, str]) -> Cell:
    share = row.share(column)
    if share is None or not share.denominator:
        return Cell("–")
    value = column.value(share) or Decimal(0)
    text = formatting.number(int(value)) if column.counts else formatting.percent(value / 100)
    if column.part == "all":
        return Cell(text, url=hygiene.address(column, row, given))
    held = share.numerator if column.part == "in" else share.denominator - share.numerator
    made_of = f"{formatting.number(held)} of {formatting.number(share.denominator)}"
    cell = Cell(text, share.tone, hygiene.address(column, row, given), made_of)
    lacking = share.denominator - share.numerator
    if column.part != "in" or share.ratio.better == "low" or not lacking:
        return cell
    rest = hygiene.address(column, row, given, "out")
    return Cell(text, share.tone, cell.url, made_of, formatting.number(lacking), rest)


def _figures(board: Board, held: Any) -> list[Figure]:
    """Return the figures of all rows together, with what each means."""
    return [
        figures.of_share(
            share,
            f"hygiene-{column.key}",
            _cell(column, board.total, board.given).text,
            hygiene.address(column, board.total, board.given),
            held,
        )
        for column in board.columns
        if (share := board.total.share(column)) is not None
    ]


def _deals(user: Any, board: Board, given: Mapping[str, str], now: datetime) -> dict[str, Any]:
    """Return the deals of the person, manager or everybody whom the address names, with what each lacks."""
    key = given.get("of", "")
    row = next((one for one in board.rows if str(one.pk) == key), board.total if key == "all" else None)
    if row is None or CLEAN.key not in board.told:
        return {}
    filters = {**board.given, **hygiene.whose(row)}
    found = amiss.amiss(user, now, filters)
    every = Address("/opportunities/", {"metric": CLEAN.key, "part": "out", **filters}).to()
    return {"found": found, "of": row, "every_url": every}


def _rows(board: Board) -> Iterator[list[str]]:
    """Yield the table as plain texts, the heads first and the total last."""
    whose = "Manager" if board.by == hygiene.MANAGER else "Rep"
    units = ["" if column.counts else " %" for column in board.columns]
    yield [
        whose,
        *(f"{one.label}{unit}" for one, unit in zip(board.columns, units, strict=True)),
        scoring.LABEL,
        "As of",
    ]
    for row in (*board.rows, board.total):
        values = [row.value(column.key) for column in board.columns]
        told = ["" if value is None else str(value) for value in (*values, row.score.value)]
        yield [row.name, *told, board.as_of.isoformat()]
