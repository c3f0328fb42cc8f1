"""Everything that ever happened to a record, and the way back: restore a value, or a whole version."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect

from revops.kernel.audit import Blocked, Conflict, reading
from revops.kernel.gates import machines
from revops.kernel.people import access
from revops.kernel.records.registry import RecordType
from revops.web import conflicts, formatting, refusals, versions
from revops.web.access_rows import record
from revops.web.properties import Sheet
from revops.web.rendering import show
from revops.web.views import record as record_views
from revops.web.views.forms import save, whole

PAGE = 20


@record(GET="view")
def history_page(request: HttpRequest, record_type: RecordType, pk: int) -> HttpResponse:
    """Show the versions of a record, newest first, in pages."""
    shown = record_views.sheet(request, record_type, pk)
    before = whole(request.GET.get("before", ""))
    names = {field.name for field in shown.fields}
    kept = reading.keeps_versions(shown.record)
    found = reading.history(shown.record, fields=names, before=before, limit=PAGE) if kept else []
    context = record_views.head(shown) | {
        "entries": versions.entries(shown, found),
        "older": found[-1].version if found and found[-1].version > 1 else 0,
        "newest_page": before is None,
        "tab": "history",
    }
    return show(request, "records/history.html", context)


@record(GET="edit", POST="edit")
def restore_page(request: HttpRequest, record_type: RecordType, pk: int, version: int) -> HttpResponse:
    """Ask why, then bring back the values of `version`: one field (`?field=`), or every field one may edit."""
    shown = record_views.sheet(request, record_type, pk)
    before = _values(shown, version, request.GET.get("field", ""))
    now = {
        name: formatting.as_input(getattr(shown.record, shown.record_type.by_name[name].attname))
        for name in before
    }
    changes = {name: text for name, text in before.items() if now[name] != text}
    context = record_views.head(shown) | {
        "version": version,
        "held": whole(request.POST.get("version", "")) or shown.record.version,
        "reason": request.POST.get("reason", ""),
        "sides": [_side(shown, name, now[name], text) for name, text in changes.items()],
    }
    if request.method == "GET":
        return show(request, "records/restore.html", context, fragment=False)
    status = 422
    try:
        if not request.POST.get("reason", "").strip():
            raise Blocked.because(
                "WEB-002",
                "A restore needs a reason: say why this value comes back.",
                field="reason",
                needed="a reason",
            )
        save(request, record_type, pk, context["held"], changes)
        return HttpResponseRedirect(f"{record_type.url(pk)}history/", status=303)
    except Blocked as error:
        context["refusal"] = refusals.of(error, "Nothing was restored")
    except Conflict as error:
        status, context["comparison"] = 409, conflicts.compare(record_type, error, request.user, changes)
    return show(request, "records/restore.html", context, status=status, fragment=False)


def _values(shown: Sheet, version: int, name: str) -> dict[str, str]:
    """Return the old values as text; a state comes back by its own name alone, which is a move.

    Raises Http404 for a version or field that is not there for this reader.
    """
    readable = {field.name for field in shown.fields}
    if name and name not in readable:
        raise Http404
    guarded = machines.of(shown.record_type.label)
    state = {guarded.field} if guarded is not None else set()
    wanted = ({name} if name else readable - state) & shown.editable
    if not wanted:
        raise access.Forbidden(f"Your role may not change this {shown.record_type.singular.lower()}.")
    try:
        values = reading.values_at(shown.record, version, wanted)
    except LookupError:
        raise Http404 from None
    ordered = [field.name for field in shown.fields if field.name in values]
    return {one: formatting.as_input(values[one]) for one in ordered}


def _side(shown: Sheet, name: str, now: str, then: str) -> dict[str, Any]:
    field = shown.record_type.by_name[name]
    text = conflicts.as_text
    return {"field": field, "now": text(field, now, shown.user), "then": text(field, then, shown.user)}
