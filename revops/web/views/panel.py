"""The side panel: a record beside the list one looks at, without leaving it."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from revops.kernel.people import access
from revops.kernel.records.registry import RecordType
from revops.web.access_rows import record
from revops.web.rendering import is_fragment, show
from revops.web.views import record as record_views


@record(GET="view")
def panel(request: HttpRequest, record_type: RecordType, pk: int) -> HttpResponse:
    """Show the head, the next step, the properties and the newest of the timeline; asked for as a page, go there."""
    with access.remembered():
        context = record_views.context(request, record_type, pk)
        if not is_fragment(request):
            return HttpResponseRedirect(record_type.url(pk))
        return show(request, "records/panel/panel.html", context, fragment=True)
