"""The special actions of a record: a button on its page, a form that asks what they need, one call.

The form is a dialog over what one looks at when htmx asks for it, a page of its own otherwise.
"""

from django.http import Http404, HttpRequest, HttpResponse

from revops.kernel.audit import Blocked, Conflict
from revops.kernel.people import access
from revops.kernel.records.registry import RecordType
from revops.web import inputs, refusals
from revops.web.access_rows import record
from revops.web.rendering import show
from revops.web.views import record as record_views
from revops.web.views.forms import done, groups, in_dialog, whole


@record(GET="view", POST="view")
def action_page(request: HttpRequest, record_type: RecordType, pk: int, name: str) -> HttpResponse:
    """Show the form of one special action, and do it. Whether one may is asked of the matrix, for this record."""
    shown = record_views.sheet(request, record_type, pk)
    action = next((one for one in record_type.actions if one.name == name), None)
    if action is None:
        raise Http404
    access.require(request.user, action.asks, shown.record)
    values = inputs.posted(action.fields, request.POST or request.GET, request.user)
    begun = action.begins(shown.record, request.user, values)
    values = values if request.method == "POST" else {**begun.values, **values}
    reason, refusal, status = request.POST.get("reason", "")[:500], None, 200
    version = whole(request.POST.get("version", "")) or shown.record.version
    if request.method == "POST":
        try:
            action.run(by=request.user, pk=pk, values=values, version=version, reason=reason)
            return done(request, record_type.url(pk), f"{action.label}: done.")
        except record_type.model.DoesNotExist:
            raise Http404 from None
        except Blocked as error:
            refusal, status = (
                refusals.of(error, f"“{action.label}” was not done", fields=[*values, "reason"]),
                422,
            )
        except Conflict as error:
            refusal, status, version = refusals.of(error), 409, shown.record.version
    context = {
        "type": record_type,
        "title": action.label,
        "lead": action.help,
        "groups": groups(inputs.asked(action, begun), values, request.user, refusal),
        "refusal": refusal,
        "reason_findings": refusal.by_field.get("reason", ()) if refusal else (),
        "version": version,
        "cancel": record_type.url(pk),
        "of": shown,
        "submit": action.label,
        "asks_reason": True,
        "reason": reason,
    }
    template = "records/panel/dialog.html" if in_dialog(request) else "records/form.html"
    return show(request, template, context, status=status, fragment=in_dialog(request))
