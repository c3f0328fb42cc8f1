"""Creating and editing by a form made from the declared fields. The app's action is the only call."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme

from revops.kernel.audit import Blocked, Conflict
from revops.kernel.people import access
from revops.kernel.records import likeness
from revops.kernel.records.registry import Field, RecordType
from revops.web import conflicts, formatting, inputs, refusals
from revops.web.access_rows import record
from revops.web.rendering import is_fragment, show
from revops.web.views.record import sheet


@record(GET="create", POST="create")
def new_page(request: HttpRequest, record_type: RecordType) -> HttpResponse:
    """Show the form for a new record, and create it."""
    creatable = access.rights(request.user, record_type.label).creatable
    fields = [record_type.by_name[name] for name in record_type.create_fields if name in creatable]
    values = inputs.posted(fields, request.POST or request.GET, request.user)
    if request.method == "GET":
        values = inputs.defaults(record_type, fields) | values
    values, lead = _begun(record_type, values, request)
    refusal, back = None, _back(request)
    if request.method == "POST":
        try:
            made = record_type.create(by=request.user, values=values)
            return done(request, back or record_type.url(made.pk), f"{record_type.singular}: created.")
        except Blocked as error:
            refusal = refusals.of(
                error, f"The {record_type.singular.lower()} was not created", fields=creatable
            )
    context = {
        "type": record_type,
        "title": f"New {record_type.singular.lower()}",
        "lead": lead,
        "groups": groups(fields, values, request.user, refusal),
        "refusal": refusal,
        "likely": ",".join(likeness.asked(record_type)),
        "cancel": back or f"/{record_type.slug}/",
        "back": back,
        "submit": f"Create {record_type.singular.lower()}",
    }
    template = "records/panel/dialog.html" if in_dialog(request) else "records/form.html"
    status = 422 if refusal else 200
    return show(request, template, context, status=status, fragment=in_dialog(request))


def _begun(
    record_type: RecordType, values: Mapping[str, str], request: HttpRequest
) -> tuple[dict[str, str], str]:
    """Return what the form of a new record begins with, and what it is about in words, where its type says so."""
    begins = record_type.extra.get("begins")
    return begins(values, request.user) if begins is not None else (dict(values), "")


@record(GET="edit", POST="edit")
def edit_page(request: HttpRequest, record_type: RecordType, pk: int) -> HttpResponse:
    """Show the form of a record, and save what was changed in it."""
    shown = sheet(request, record_type, pk)
    if not shown.allowed:
        raise access.Forbidden(f"Your role may not change this {record_type.singular.lower()}.")
    fields = [field for field in shown.fields if field.name in (shown.editable or shown.allowed)]
    values = {field.name: formatting.as_input(getattr(shown.record, field.attname)) for field in fields}
    refusal, comparison, version = None, None, shown.record.version
    if request.method == "POST":
        version = whole(request.POST.get("version", ""))
        posted = inputs.posted(fields, request.POST, request.user)
        changes = conflicts.own_changes(record_type, pk, version, posted)
        values |= posted
        try:
            save(request, record_type, pk, version, changes)
            return HttpResponseRedirect(record_type.url(pk), status=303)
        except Blocked as error:
            refusal = refusals.of(error, fields=values)
        except Conflict as error:
            comparison = conflicts.compare(record_type, error, request.user, changes)
    context = {
        "type": record_type,
        "title": "Edit",
        "groups": groups(fields, values, request.user, refusal),
        "refusal": refusal,
        "comparison": comparison,
        "version": version,
        "cancel": record_type.url(pk),
        "of": shown,
        "submit": "Save changes",
        "asks_reason": True,
        "reason": request.POST.get("reason", ""),
    }
    status = 409 if comparison else 422 if refusal else 200
    return show(request, "records/form.html", context, status=status, fragment=False)


def save(
    request: HttpRequest, record_type: RecordType, pk: int, version: int | None, changes: Mapping[str, str]
) -> None:
    """Call the type's edit. What vanished from sight meanwhile is not found (404)."""
    try:
        record_type.edit(
            by=request.user,
            pk=pk,
            changes=changes,
            version=version,
            reason=request.POST.get("reason", "")[:500],
        )
    except record_type.model.DoesNotExist:
        raise Http404 from None


def in_dialog(request: HttpRequest) -> bool:
    """Say whether a form is asked for from within a page, to stand in the dialog over it."""
    return is_fragment(request) and not request.htmx.boosted  # type: ignore[attr-defined]


def done(request: HttpRequest, url: str, said: str) -> HttpResponse:
    """Answer what was done: on to `url`, or, done in a dialog, a word to the page below, which draws itself anew."""
    if not in_dialog(request):
        return HttpResponseRedirect(url, status=303)
    response = HttpResponse(status=204)
    response["HX-Trigger"] = json.dumps({"record-changed": {"said": said}})
    return response


def _back(request: HttpRequest) -> str:
    """Return where a new record leads back to: a page of this house, named by the page one came from."""
    url = str(request.POST.get("next") or request.GET.get("next") or "")
    local = url.startswith("/") and url_has_allowed_host_and_scheme(url, allowed_hosts=None)
    return url if local and url.isprintable() else ""


def whole(text: str) -> int | None:
    """Read a version number from a form; what is none is treated as not given."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def groups(
    fields: Sequence[Field], values: Mapping[str, str], user: Any, refusal: refusals.Refusal | None
) -> list[tuple[str, list[inputs.Input]]]:
    """Return the inputs of a form by the group of their field, each with what was said against it."""
    findings = refusal.by_field if refusal else {}
    found: dict[str, list[inputs.Input]] = {}
    for field in fields:
        made = inputs.make(field, values.get(field.name, ""), user=user, findings=findings)
        found.setdefault(field.group, []).append(made)
    return list(found.items())
