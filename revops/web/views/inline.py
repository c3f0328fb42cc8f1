"""One field of a record, edited where it stands: the same action, the same refusals, the same conflict."""

from django.http import Http404, HttpRequest, HttpResponse

from revops.kernel.audit import Blocked, Conflict
from revops.kernel.people import access
from revops.kernel.records.registry import Field, RecordType
from revops.web import conflicts, formatting, inputs, refusals
from revops.web.access_rows import record
from revops.web.properties import Sheet
from revops.web.rendering import show
from revops.web.views import record as record_views
from revops.web.views.forms import save, whole


@record(GET="view", POST="edit")
def field(request: HttpRequest, record_type: RecordType, pk: int, name: str) -> HttpResponse:
    """Show one field to read (`?as=text`) or to edit, and save it."""
    shown = record_views.sheet(request, record_type, pk)
    declared = next((one for one in shown.fields if one.name == name), None)
    if declared is None:
        raise Http404
    if request.method == "GET" and request.GET.get("as") == "text":
        context = {"property": shown.shown(declared)}
        return show(request, "records/property.html", context, fragment=True)
    if name not in shown.editable:
        raise access.Forbidden(
            f"Your role may not change {declared.label.lower()} of this {record_type.singular.lower()}."
        )
    return _save(request, shown, declared) if request.method == "POST" else _form(request, shown, declared)


def _save(request: HttpRequest, shown: Sheet, declared: Field) -> HttpResponse:
    record_type, pk = shown.record_type, shown.record.pk
    version = whole(request.POST.get("version", ""))
    posted = inputs.posted([declared], request.POST, request.user)
    try:
        save(request, record_type, pk, version, posted)
    except Blocked as error:
        return _form(request, shown, declared, value=posted[declared.name], refusal=refusals.of(error))
    except Conflict as error:
        comparison = conflicts.compare(record_type, error, request.user, posted)
        context = {"comparison": comparison, "property": shown.shown(declared), "inline": True}
        return show(request, "records/conflict.html", context, status=409, fragment=True)
    context = record_views.context(request, record_type, pk) | {"saved": declared}
    response = show(request, "records/saved.html", context, fragment=True)
    response["HX-Retarget"] = "#properties"
    response["HX-Reswap"] = "outerHTML"
    response["HX-Trigger-After-Swap"] = f'{{"property-saved": {{"name": "{declared.name}"}}}}'
    return response


def _form(
    request: HttpRequest,
    shown: Sheet,
    declared: Field,
    *,
    value: str | None = None,
    refusal: refusals.Refusal | None = None,
) -> HttpResponse:
    text = formatting.as_input(getattr(shown.record, declared.attname)) if value is None else value
    findings = {declared.name: refusal.findings} if refusal else {}
    context = {
        "property": shown.shown(declared),
        "input": inputs.make(declared, text, user=request.user, findings=findings),
        "version": shown.record.version if value is None else request.POST.get("version", ""),
        "type": shown.record_type,
    }
    return show(request, "records/property_form.html", context, status=422 if refusal else 200, fragment=True)
