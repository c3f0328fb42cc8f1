"""What is there already that is like what somebody is typing into a create form."""

from django.http import HttpRequest, HttpResponse

from revops.kernel.records import likeness
from revops.kernel.records.registry import RecordType
from revops.web.access_rows import record
from revops.web.rendering import show


@record(GET="create")
def likely_records(request: HttpRequest, record_type: RecordType) -> HttpResponse:
    """Show at most five visible records like the typed ones; nothing for nothing."""
    given = {name: request.GET.get(name, "")[:200] for name in likeness.asked(record_type)}
    hits = likeness.likely(record_type, request.user, given)
    return show(request, "records/likely.html", {"hits": hits, "type": record_type}, fragment=True)
