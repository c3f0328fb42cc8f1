"""The menus that shape a list, and the address that a menu's form leads to."""

from collections.abc import Sequence

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict

from revops.kernel.records.models import SavedView
from revops.kernel.records.registry import Field, RecordType
from revops.kernel.records.views.opening import opened
from revops.web import chips, inputs, lists, properties
from revops.web.access_rows import record
from revops.web.addresses import Address
from revops.web.rendering import show


def back_to(request: HttpRequest, record_type: RecordType, text: str) -> Address:
    """Return the list that the address `text` means; a view that is out of sight does not exist."""
    try:
        held = opened(record_type, request.user, QueryDict(text).dict())
    except SavedView.DoesNotExist:
        raise Http404 from None
    return lists.address_of(record_type, held)


@record(GET="view")
def filter_menu(request: HttpRequest, record_type: RecordType) -> HttpResponse:
    """Offer every filter that the reader may set, with the operators that fit its kind."""
    fields = [field for field in properties.readable(record_type, request.user) if field.filterable]
    offered = [(field, chips.operators(field), inputs.make(field, "", user=request.user)) for field in fields]
    context = {"type": record_type, "offered": offered, "back": request.GET.urlencode()}
    return show(request, "records/list/filter_menu.html", context, fragment=True)


@record(GET="view")
def column_menu(request: HttpRequest, record_type: RecordType) -> HttpResponse:
    """Offer every column that the reader may see: those shown in their order, the others by group."""
    address = back_to(request, record_type, request.GET.urlencode())
    fields = {field.name: field for field in properties.readable(record_type, request.user)}
    wanted = [name for name in address.parameters.get("columns", "").split(",") if name in fields]
    shown = wanted or [name for name in record_type.columns if name in fields]
    context = {
        "type": record_type,
        "shown": [fields[name] for name in dict.fromkeys(shown)],
        "groups": _by_group([field for name, field in fields.items() if name not in shown]),
        "back": request.GET.urlencode(),
        "reset": address.to(columns=None, widths=None),
    }
    return show(request, "records/list/column_menu.html", context, fragment=True)


def _by_group(fields: Sequence[Field]) -> list[tuple[str, list[Field]]]:
    groups: dict[str, list[Field]] = {}
    for field in fields:
        groups.setdefault(field.group, []).append(field)
    return list(groups.items())


@record(GET="view")
def sort_menu(request: HttpRequest, record_type: RecordType) -> HttpResponse:
    """Offer every order, both ways: for a finger, which has no heads to click at."""
    address = back_to(request, record_type, request.GET.urlencode())
    now = address.parameters.get("sort") or record_type.default_sort
    orders = [
        (field.label, [_order(address, name, now) for name in (field.name, f"-{field.name}")])
        for field in properties.readable(record_type, request.user)
        if field.sortable
    ]
    context = {"type": record_type, "orders": orders}
    return show(request, "records/list/sort_menu.html", context, fragment=True)


def _order(address: Address, name: str, now: str) -> tuple[str, str, bool]:
    """Return how one order is called, its address, and whether it is the one now."""
    return "Descending" if name.startswith("-") else "Ascending", address.to(sort=name), name == now


@record(GET="view")
def adjust(request: HttpRequest, record_type: RecordType) -> HttpResponse:
    """Turn what a menu's form says into the address of a list, and go there."""
    address = back_to(request, record_type, request.GET.get("back", ""))
    if "columns" in request.GET:
        known = [
            name for name in dict.fromkeys(request.GET.getlist("columns")) if name in record_type.by_name
        ]
        names = [record_type.title, *(name for name in known if name != record_type.title)]
        return HttpResponseRedirect(address.to(columns=",".join(names)))
    field, operator = request.GET.get("field", ""), request.GET.get("operator", "")
    if operator in ("empty", "filled"):
        return HttpResponseRedirect(
            address.to(**{f"{field}__empty": "true" if operator == "empty" else "false"})
        )
    value = ",".join(text.strip() for text in request.GET.getlist("value") if text.strip())
    return HttpResponseRedirect(address.to(**{f"{field}__{operator}" if operator else field: value}))
