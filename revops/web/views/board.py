"""A list as a board: its page, one more page of a column, and the figures on the heads of its columns."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.safestring import SafeString

from revops.kernel import metrics
from revops.kernel.audit import Blocked
from revops.kernel.people import access
from revops.kernel.records import boards as declared
from revops.kernel.records import listing
from revops.kernel.records.models import SavedView
from revops.kernel.records.registry import Field, RecordType
from revops.kernel.records.views.opening import opened
from revops.web import boards, figures, preferences, refusals
from revops.web.access_rows import record
from revops.web.addresses import Address
from revops.web.rendering import show

# What addresses of the board's own parts hold besides the list.
_OF_PARTS = frozenset({"by", "column", "layout", "group", "from", "columns", "widths", "density"})


@dataclass(frozen=True, slots=True)
class Shown:
    """One column as the page shows it: its first cards, where the next ones are, where all of them are listed."""

    column: boards.Column
    cards: SafeString
    count: int
    more: str
    url: str

    @property
    def open_more(self) -> str:
        """Where the next cards are, for a column that is not folded: a folded one asks when it is opened."""
        return "" if self.column.folded else self.more


def board(
    request: HttpRequest,
    record_type: RecordType,
    query: listing.Query,
    address: Address,
    context: Mapping[str, Any],
) -> HttpResponse:
    """Show a list as a board: a column for each value of a field, each with a page of its cards.

    `context` is what every list shows around itself. Raises Blocked for a field that one cannot group by.
    """
    user, preference = request.user, preferences.of(request.user)
    with access.remembered():
        offered = declared.groupable(record_type, user)
        by = _chosen(record_type, offered, address.parameters.get("group", ""))
        cards = boards.Cards(record_type, by, user, preference)
        columns = boards.columns(query, by)
        pages = [
            listing.Page([], "", "") if one.folded else cards.page(boards.inside(query, by, one))
            for one in columns
        ]
        drawn = cards.drawn([page.rows for page in pages])
    shown = [
        Shown(one, html, len(page.rows), _part(address, "column", by, one, page.next), _all(address, by, one))
        for one, page, html in zip(columns, pages, drawn, strict=True)
    ]
    return show(
        request,
        "records/board/board.html",
        {
            **context,
            "query": query,
            "by": by,
            "groups": [(one.label, address.to(group=one.name), one == by) for one in offered],
            "columns": shown,
            "count": sum(one.count for one in shown),
            "heads_url": _part(address, "heads", by),
            "move_url": f"/{record_type.slug}/",
        },
    )


def _chosen(record_type: RecordType, offered: list[Field], name: str) -> Field:
    """Return the field to group by. Raises Blocked for one that does not exist, cannot be read, or costs too much."""
    found = next((one for one in offered if not name or one.name == name), None)
    if found is None:
        needed = "one of " + ", ".join(one.name for one in offered) if offered else "a table"
        message = f"group: {name[:80]!r} does not fit. Use {needed}."
        raise Blocked.because("LST-001", message, field="group", found=name, needed=needed)
    return found


def _part(
    address: Address, part: str, by: Field, column: boards.Column | None = None, after: str = ""
) -> str:
    """Return the address of a part of the board; of a column's next page only where there is one."""
    if column is not None and not after and not column.folded:
        return ""
    more = {"column": column.key, **({"after": after} if after else {})} if column is not None else {}
    return replace(address, path=f"{address.path}board/{part}/").to(
        layout=None, group=None, by=by.name, **more
    )


def _all(address: Address, by: Field, column: boards.Column) -> str:
    """Return the address of everything in a column, as a table."""
    return address.to(layout=None, group=None, **_narrow(by, column))


def _narrow(by: Field, column: boards.Column) -> dict[str, str]:
    """Return the parameters of a list that holds one column alone."""
    return {f"{by.name}__empty": "true"} if column.key == boards.NONE else {by.name: column.key}


def _list(request: HttpRequest, record_type: RecordType) -> Address:
    """Return the list that an address of a part names, what its view says spelled out. Raises Http404 for no view."""
    try:
        held = opened(record_type, request.user, request.GET.dict()).parameters
    except SavedView.DoesNotExist:
        raise Http404 from None
    given = {name: text for name, text in held.items() if name not in _OF_PARTS}
    return Address(f"/{record_type.slug}/", given)


def _read(request: HttpRequest, record_type: RecordType) -> tuple[listing.Query, Address, Field]:
    """Return the list and the field to group by. Raises Blocked for what does not fit."""
    address = _list(request, record_type)
    query = listing.parse(record_type, request.user, address.parameters)
    offered = declared.groupable(record_type, request.user)
    return query, address, _chosen(record_type, offered, request.GET.get("by", ""))


def _refused(request: HttpRequest, error: Blocked) -> HttpResponse:
    context = {"refusal": refusals.of(error, "This cannot be shown")}
    return show(request, "records/board/refused.html", context, status=400, fragment=True)


@record(GET="view")
def column_page(request: HttpRequest, record_type: RecordType) -> HttpResponse:
    """Show one more page of one column."""
    try:
        query, address, by = _read(request, record_type)
    except Blocked as error:
        return _refused(request, error)
    key = request.GET.get("column", "")
    column = next((one for one in boards.columns(query, by) if one.key == key), None)
    if column is None:
        raise Http404
    with access.remembered():
        cards = boards.Cards(record_type, by, request.user, preferences.of(request.user))
        page = cards.page(boards.inside(query, by, column, after=query.after))
        (drawn,) = cards.drawn([page.rows])
    more = _part(address, "column", by, replace(column, folded=False), page.next)
    context = {"cards": drawn, "more": more, "count": len(page.rows), "column": column}
    return show(request, "records/board/cards.html", context, fragment=True)


@record(GET="view")
def heads(request: HttpRequest, record_type: RecordType) -> HttpResponse:
    """Show the figures on the heads of all columns: registered metrics, in one grouped statement."""
    try:
        query, address, by = _read(request, record_type)
    except Blocked as error:
        return _refused(request, error)
    wanted = [one for one in metrics.of(record_type.label, request.user) if one.in_columns]
    rows = listing.matching(query, request.user)
    found = metrics.measure(wanted, rows, by=by.name)
    preference = preferences.of(request.user)
    by_column = {}
    for column in boards.columns(query, by):
        held = replace(address, parameters={**address.parameters, **_narrow(by, column)})
        mine = [cell for cell in found if (cell.group or "") == column.value]
        by_column[column] = [
            figures.of(cell, f"figure-{column.key}-{place}", held, preference)
            for place, cell in enumerate(mine)
        ]
    return show(request, "records/board/heads.html", {"heads": by_column.items()}, fragment=True)


@record(GET="view")
def totals(request: HttpRequest, record_type: RecordType) -> HttpResponse:
    """Show every metric of the record type over the whole list: asked for, since it reads all of it."""
    address = _list(request, record_type)
    try:
        query = listing.parse(record_type, request.user, address.parameters)
    except Blocked as error:
        return _refused(request, error)
    wanted = metrics.of(record_type.label, request.user)
    found = metrics.measure(wanted, listing.matching(query, request.user))
    preference = preferences.of(request.user)
    told = [
        (
            metric.label,
            [
                figures.of(cell, f"total-{place}", address, preference)
                for place, cell in enumerate(found)
                if cell.metric is metric
            ],
        )
        for metric in wanted
    ]
    currencies = {cell.currency for cell in found if cell.currency}
    context = {"totals": told, "several": len(currencies) > 1}
    return show(request, "records/board/totals.html", context, fragment=True)
