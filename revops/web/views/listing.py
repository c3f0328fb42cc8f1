"""The list of a record type, as its address or a saved view describes it."""

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect

from revops.kernel.audit import Blocked
from revops.kernel.exchange.bulk import deeds
from revops.kernel.people import access
from revops.kernel.records import listing
from revops.kernel.records.models import SavedView
from revops.kernel.records.registry import RecordType
from revops.kernel.records.views import queries
from revops.kernel.records.views.opening import Opened
from revops.web import boards, chips, condition_words, lists, preferences, refusals
from revops.web.access_rows import record
from revops.web.addresses import Address
from revops.web.cells import Cells
from revops.web.rendering import show
from revops.web.views import board


@record(GET="view")
def list_page(request: HttpRequest, record_type: RecordType) -> HttpResponse:
    """Show one page of the list that the address describes; without any, the default view of one's role."""
    tabs = queries.tabs(record_type.label, request.user)
    first = queries.default(tabs)
    if not request.GET and first is not None:
        return HttpResponseRedirect(f"/{record_type.slug}/?view={first.pk}")
    try:
        held = lists.open_list(record_type, request.user, request.GET.dict(), tabs)
    except SavedView.DoesNotExist:
        raise Http404 from None
    address = lists.address_of(record_type, held)
    context = _around(request, record_type, held, address, tabs)
    preference = preferences.of(request.user)
    try:
        names = lists.columns(record_type, request.user, held)
        given = {name: text for name, text in held.parameters.items() if name != "from"}
        query = listing.parse(record_type, request.user, given, limit=preference.page_size)
        if held.parameters.get("layout") == "board":
            context["chips"] = _chips(record_type, query, address, request.user)
            return board.board(request, record_type, query, address, context)
        found = listing.page(query, request.user, names)
    except Blocked as error:
        return show(request, "records/list.html", context | _refused(error, held, address), status=400)
    cells = Cells(record_type, preference.zone, listing.referenced(record_type, found.rows, request.user))
    context |= {
        "chips": _chips(record_type, query, address, request.user),
        "query": query,
        "heads": lists.heads(record_type, names, query, address),
        "rows": cells.rows(found.rows, names, selectable=bool(context["bulk_deeds"])),
        "selectable": bool(context["bulk_deeds"]),
        "density": held.parameters.get("density") or preference.density,
    }
    return show(request, "records/list.html", context | lists.pager(request.user, query, found, address))


def _chips(record_type: RecordType, query: listing.Query, address: Address, user: Any) -> list[chips.Chip]:
    """Return the filters of a list in words: the figure whose records it holds, the filters, the conditions."""
    return [
        *chips.measured(query, address),
        *chips.chips(query.filters, address, user),
        *condition_words.chips(record_type, query.where, address, user),
    ]


def _around(
    request: HttpRequest, record_type: RecordType, held: Opened, address: Address, tabs: list[queries.Tab]
) -> dict[str, Any]:
    """Return what stands around the rows, whether they can be shown or not."""
    return {
        "type": record_type,
        "address": address,
        "layouts": boards.layouts(record_type, request.user, address, held.parameters.get("layout", "")),
        "can_create": bool(access.rights(request.user, record_type.label).creatable),
        "can_export": bool(access.rights(request.user, "exchange.dataexport").creatable),
        "export_url": f"/exports/new/?{urlencode({'of': record_type.slug, 'list': address.whole})}",
        "totals_url": boards.totals_url(record_type, request.user, address),
        "bulk_deeds": deeds.offered(record_type, request.user),
        "new_one": f"New {record_type.singular.lower()}",
        "no_yet": f"No {record_type.plural.lower()} yet",
        "tabs": lists.tab_links(record_type, request.user, held, tabs),
        "view": held.view,
        "edited": held.differs,
        "may_save": held.differs and lists.may_change(held.view, request.user),
        "may_keep": held.view is None and bool(address.kept.keys() - {"owner", "view", "limit"}),
        "reset_url": f"{address.path}?view={held.view.pk}" if held.view else address.path,
    }


def _refused(error: Blocked, held: Opened, address: Address) -> dict[str, Any]:
    """Return what to show instead of rows. Only the order of a view may be left out: without a filter it would
    show something else under its name."""
    title = "This view cannot be shown to you" if held.view else "This list cannot be shown"
    only_sort = {finding.field for finding in error.findings} == {"sort"}
    return {
        "refusal": refusals.of(error, title),
        "unsorted_url": address.to(sort=None) if held.view and only_sort else "",
    }
