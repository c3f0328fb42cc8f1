"""The list of a record type, the menus that shape it, and the address they lead to."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict

from revops.kernel.audit import Blocked
from revops.kernel.people import access
from revops.kernel.records import listing
from revops.kernel.records.registry import Field, RecordType
from revops.web import chips, inputs, preferences, properties, refusals
from revops.web.access_rows import record
from revops.web.addresses import Address
from revops.web.cells import Cells
from revops.web.rendering import show


@dataclass(frozen=True, slots=True)
class Head:
    """One column's head: its label, where a click sorts, and how it is sorted now."""

    label: str
    number: bool
    url: str
    sorted: str


@record(GET="view")
def list_page(request: HttpRequest, record_type: RecordType) -> HttpResponse:
    """Show one page of the list that the address describes."""
    address = Address(request.path, request.GET.dict())
    context: dict[str, Any] = {"type": record_type, "address": address}
    context["can_create"] = bool(access.rights(request.user, record_type.label).creatable)
    context["can_export"] = bool(access.rights(request.user, "exchange.dataexport").creatable)
    context["export_url"] = f"/exports/new/?{urlencode({'of': record_type.slug, 'list': address.query})}"
    context["new_one"] = f"New {record_type.singular.lower()}"
    context["no_yet"] = f"No {record_type.plural.lower()} yet"
    context["mine"] = _mine(record_type, address, request.user)
    try:
        names = _columns(record_type, request.user, address.parameters.get("columns", ""))
        given = {name: text for name, text in address.parameters.items() if name != "from"}
        query = listing.parse(record_type, request.user, given)
        found = listing.page(query, request.user, names)
    except Blocked as error:
        context["refusal"] = refusals.of(error, "This list cannot be shown")
        return show(request, "records/list.html", context, status=400)
    preference = preferences.of(request.user)
    cells = Cells(record_type, preference.zone, listing.referenced(record_type, found.rows, request.user))
    context |= {
        "chips": chips.chips(query.filters, address, request.user),
        "query": query,
        "heads": [_head(record_type.by_name[name], query, address) for name in names],
        "rows": cells.rows(found.rows, names),
        "density": preference.density,
    }
    return show(request, "records/list.html", context | _pager(request, query, found, address))


def _columns(record_type: RecordType, user: Any, wanted: str) -> list[str]:
    """Return the columns to show. Raises Blocked for one that cannot be read, as for one that does not exist."""
    readable = {field.name for field in properties.readable(record_type, user)}
    names = list(dict.fromkeys(name for name in wanted.split(",") if name))
    for name in names:
        if name not in readable:
            needed = "one of " + ", ".join(
                field.name for field in record_type.fields if field.name in readable
            )
            raise Blocked.because(
                "LST-001",
                f"columns: {name[:80]!r} does not fit. Use {needed}.",
                field="columns",
                found=name,
                needed=needed,
            )
    return names or [name for name in record_type.columns if name in readable]


def _head(field: Field, query: listing.Query, address: Address) -> Head:
    number = field.kind in ("money", "integer")
    if not field.sortable:
        return Head(field.label, number, "", "")
    here = query.sort.name == field.name
    turned = here and not query.descending
    state = ("descending" if query.descending else "ascending") if here else ""
    return Head(field.label, number, address.to(sort=f"-{field.name}" if turned else field.name), state)


def _pager(
    request: HttpRequest, query: listing.Query, found: listing.Page, address: Address
) -> dict[str, Any]:
    """Return the cursors of the neighbours and what can honestly be said about where one is."""
    first = _whole(address.parameters.get("from", "")) if query.after or query.before else 1
    count = len(found.rows)
    last = first + count - 1 if first else 0
    total = ""
    if address.parameters.get("count") == "exact":
        total = f"{listing.matching(query, request.user).count():,}"
    elif not found.next and first:
        total = f"{last:,}"
    following = address.to(after=found.next, **({"from": last + 1} if first else {})) if found.next else ""
    earlier = {"from": first - query.limit} if first > query.limit else {}
    return {
        "shown": f"{first:,}–{last:,}" if first and count else f"{count:,}",
        "total": total,
        "count_url": address.to(**_place(address), count="exact"),
        "next": following,
        "previous": address.to(before=found.previous, **earlier) if found.previous else "",
        "count": count,
    }


def _place(address: Address) -> dict[str, str]:
    return {
        name: address.parameters[name] for name in ("after", "before", "from") if name in address.parameters
    }


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else 0


def _mine(record_type: RecordType, address: Address, user: Any) -> list[tuple[str, str, bool]]:
    """Return the view tabs: everything one sees, and what one owns."""
    owner = record_type.by_name.get("owner")
    if owner is None or not owner.filterable or "owner" not in access.readable(user, record_type.label):
        return []
    chosen = address.parameters.get("owner", "")
    return [
        ("All", Address(address.path, {}).to(), not chosen),
        ("Mine", Address(address.path, {}).to(owner=user.pk), chosen == str(user.pk)),
    ]


@record(GET="view")
def filter_menu(request: HttpRequest, record_type: RecordType) -> HttpResponse:
    """Offer every filter that the reader may set, with the operators that fit its kind."""
    fields = [field for field in properties.readable(record_type, request.user) if field.filterable]
    offered = [(field, chips.operators(field), inputs.make(field, "", user=request.user)) for field in fields]
    context = {"type": record_type, "offered": offered, "back": request.GET.urlencode()}
    return show(request, "records/list/filter_menu.html", context, fragment=True)


@record(GET="view")
def column_menu(request: HttpRequest, record_type: RecordType) -> HttpResponse:
    """Offer every column that the reader may see."""
    chosen = request.GET.get("columns", "")
    fields = properties.readable(record_type, request.user)
    shown = set(chosen.split(",")) if chosen else set(record_type.columns)
    context = {
        "type": record_type,
        "fields": [(f, f.name in shown) for f in fields],
        "back": request.GET.urlencode(),
    }
    return show(request, "records/list/column_menu.html", context, fragment=True)


@record(GET="view")
def adjust(request: HttpRequest, record_type: RecordType) -> HttpResponse:
    """Turn what a menu's form says into the address of a list, and go there."""
    address = Address(f"/{record_type.slug}/", QueryDict(request.GET.get("back", "")).dict())
    if "columns" in request.GET:
        names = request.GET.getlist("columns")
        order = [field.name for field in record_type.fields if field.name in names]
        return HttpResponseRedirect(address.to(columns=",".join(order)))
    field, operator = request.GET.get("field", ""), request.GET.get("operator", "")
    if operator in ("empty", "filled"):
        return HttpResponseRedirect(
            address.to(**{f"{field}__empty": "true" if operator == "empty" else "false"})
        )
    value = ",".join(text.strip() for text in request.GET.getlist("value") if text.strip())
    return HttpResponseRedirect(address.to(**{f"{field}__{operator}" if operator else field: value}))
