"""What comes before and after a record in the list somebody came from."""

from django.http import Http404, HttpRequest, HttpResponse

from revops.kernel.audit import Blocked
from revops.kernel.people import access
from revops.kernel.records import listing, neighbours
from revops.kernel.records.registry import RecordType
from revops.web import properties
from revops.web.access_rows import record
from revops.web.rendering import show

# What the address of a list says besides its rows and their order.
_NOT_OF_THE_ORDER = frozenset({"from", "after", "before", "count", "columns", "limit"})


@record(GET="view")
def around(request: HttpRequest, record_type: RecordType, pk: int) -> HttpResponse:
    """Show the way to the record before and after, in the order of the list whose parameters the address carries."""
    try:
        held = properties.find(record_type, request.user, pk)
    except record_type.model.DoesNotExist:
        raise Http404 from None
    given = {name: text for name, text in request.GET.dict().items() if name not in _NOT_OF_THE_ORDER}
    try:
        with access.remembered():
            query = listing.parse(record_type, request.user, given)
            found = neighbours.around(query, request.user, held)
    except Blocked:  # the list is not there any more: a field was hidden, a view withdrawn
        found = neighbours.Neighbours(None, None)
    context = {
        "previous": record_type.url(found.previous) if found.previous else "",
        "next": record_type.url(found.next) if found.next else "",
    }
    return show(request, "records/panel/neighbours.html", context, fragment=True)
