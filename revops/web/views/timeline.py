"""What happened around a record, and the short forms above it that put something there."""

import json

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect

from revops.kernel import clocks
from revops.kernel.audit import Blocked
from revops.kernel.people import access
from revops.kernel.records.registry import Composer, RecordType
from revops.web import inputs, refusals, timelines
from revops.web.access_rows import record
from revops.web.properties import Sheet
from revops.web.rendering import show
from revops.web.views import record as record_views
from revops.web.views.forms import groups


@record(GET="view")
def timeline_page(request: HttpRequest, record_type: RecordType, pk: int) -> HttpResponse:
    """Show one page of a timeline: what a filter leaves, or what comes behind a cursor."""
    shown = _sheet(request, record_type, pk)
    context = record_views.head(shown) | timelines.shown_on(shown, request.GET)
    template = "records/timeline/more.html" if context["continued"] else "records/timeline/list.html"
    return show(request, template, context, fragment=True)


@record(GET="view", POST="view")
def compose(request: HttpRequest, record_type: RecordType, pk: int, name: str) -> HttpResponse:
    """Show one of the forms above a timeline, and do what it says. What is refused keeps what was entered."""
    shown = _sheet(request, record_type, pk)
    composer = next((one for one in record_type.composers if one.name == name), None)
    if composer is None:
        raise Http404
    if composer not in timelines.composers(record_type, request.user):
        raise access.Forbidden(f"Your role may not do this: {composer.label.lower()}.")
    if request.method == "GET":
        begins = {**composer.begins, **inputs.posted(composer.fields, request.GET, request.user)}
        return _form(request, shown, composer, begins)
    values = inputs.posted(composer.fields, request.POST, request.user)
    try:
        composer.run(by=request.user, about=shown.record, values=values)
    except Blocked as error:
        refusal = refusals.of(error, f"“{composer.label}” was not saved", fields=values)
        return _form(request, shown, composer, values, refusal)
    if not request.headers.get("HX-Request"):
        return HttpResponseRedirect(record_type.url(pk), status=303)
    fresh, small = _sheet(request, record_type, pk), record_views.in_panel(request)
    context = record_views.head(fresh) | timelines.shown_on(fresh, {}, limit=5 if small else 20)
    response = show(request, "records/timeline/section.html", context, fragment=True)
    response["HX-Retarget"] = "#timeline"
    response["HX-Reswap"] = "outerHTML"
    told = {"name": composer.name, "said": f"{composer.label}: saved."}
    response["HX-Trigger-After-Swap"] = json.dumps({"timeline-added": told})
    return response


def _form(
    request: HttpRequest,
    shown: Sheet,
    composer: Composer,
    values: dict[str, str],
    refusal: refusals.Refusal | None = None,
) -> HttpResponse:
    now = clocks.now().isoformat()
    values = {name: now if text == "now" else text for name, text in values.items()}
    fields = [one for _, members in groups(composer.fields, values, request.user, refusal) for one in members]
    context = record_views.head(shown) | {"composer": composer, "fields": fields, "refusal": refusal}
    status = 422 if refusal else 200
    return show(request, "records/timeline/compose.html", context, status=status)


def _sheet(request: HttpRequest, record_type: RecordType, pk: int) -> Sheet:
    if not record_type.timeline:
        raise Http404
    return record_views.sheet(request, record_type, pk)
