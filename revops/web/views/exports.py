"""Exports: ask for the file of a list, see what became of it, approve what others ask for, download what is ready."""

from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.http.response import HttpResponseBase

from revops.kernel.audit import Blocked
from revops.kernel.exchange.exporting import content as contents
from revops.kernel.exchange.exporting import keeping
from revops.kernel.exchange.exporting.actions import approve_export, reject_export, request_export
from revops.kernel.exchange.exporting.enums import ExportFormat, ExportState, Layout
from revops.kernel.exchange.exporting.models import DataExport
from revops.kernel.people import access
from revops.kernel.people.access.matrix import Rights
from revops.kernel.records import listing
from revops.kernel.records.registry import RecordType
from revops.web import chips, condition_words, refusals
from revops.web.access_rows import page
from revops.web.addresses import Address
from revops.web.export_entries import Shown, entry
from revops.web.rendering import show
from revops.web.views.forms import whole

LABEL = "exchange.dataexport"
PAGE = 50


def _held(request: HttpRequest, *, create: bool = False) -> Rights:
    """Return the rights on exports. Raises Http404 for who sees none, Forbidden for who may not ask for one."""
    held = access.rights(request.user, LABEL)
    if not held.sees_any:
        raise Http404
    if create and not held.creatable:
        raise access.Forbidden("Your role may not export.")
    return held


@page("GET")
def exports_page(request: HttpRequest) -> HttpResponse:
    """Show the log of exports: one's own, or everybody's to those who answer for it; newest first."""
    held = _held(request)
    user: Any = request.user
    everybody = held.view == access.Scope.ALL
    wanted = request.GET.get("show", "") if everybody else "mine"
    rows = DataExport.objects.visible_to(user).select_related("requested_by", "decided_by")
    if wanted == "mine":
        rows = rows.filter(requested_by=user)
    elif wanted == "waiting":
        rows = rows.filter(state=ExportState.WAITING)
    if before := whole(request.GET.get("before", "")):
        rows = rows.filter(pk__lt=before)
    found = list(rows.order_by("-pk")[: PAGE + 1])
    address = Address(request.path, {"show": wanted} if wanted else {})
    tabs = [("All", "", ""), ("Waiting for approval", "waiting", ""), ("Yours", "mine", "")]
    context = {
        "entries": [entry(one, user) for one in found[:PAGE]],
        "older": f"{address.to()}{'&' if wanted else '?'}before={found[PAGE - 1].pk}"
        if len(found) > PAGE
        else "",
        "tabs": [
            (label, f"/exports/?show={key}" if key else "/exports/", key == wanted) for label, key, _ in tabs
        ]
        if everybody
        else [],
        "wanted": wanted,
    }
    return show(request, "exports/list.html", context)


@page("GET", "POST")
def new_page(request: HttpRequest) -> HttpResponse:
    """Ask what the file is for and what it holds, and log the request."""
    _held(request, create=True)
    given = request.POST if request.method == "POST" else request.GET
    try:
        record_type = contents.find_type(request.user, given.get("of", ""))
    except LookupError:
        raise Http404 from None
    parameters = QueryDict(given.get("list", "")).dict()
    refusal, status = None, 200
    if request.method == "POST":
        try:
            made = request_export(
                by=request.user,
                record_type=record_type.label,
                parameters=parameters,
                columns=request.POST.getlist("columns"),
                format=request.POST.get("format", ExportFormat.CSV),
                layout=request.POST.get("layout", Layout.READING),
                exact=request.POST.get("exact") == "true",
                purpose=request.POST.get("purpose", ""),
            )
            return HttpResponseRedirect(f"/exports/{made.pk}/", status=303)
        except Blocked as error:
            refusal, status = refusals.of(error, "Nothing was exported", fields=["purpose"]), 422
    context = _form(request, record_type, parameters, given, refusal)
    return show(request, "exports/new.html", context, status=status, fragment=False)


def _form(
    request: HttpRequest,
    record_type: RecordType,
    parameters: dict[str, str],
    given: QueryDict,
    refusal: refusals.Refusal | None,
) -> dict[str, Any]:
    """Return what the form shows: the list in words, its columns, and what will need an approval."""
    back = Address(f"/{record_type.slug}/", parameters)
    fields = contents.exportable(record_type, request.user)
    chosen = set(given.getlist("columns") or parameters.get("columns", "").split(",")) - {""}
    columns = chosen or set(record_type.columns)
    rows: int | None = None
    found: list[chips.Chip] = []
    try:
        content = contents.read(request.user, record_type.label, parameters)
        rows = listing.matching(content.query, request.user)[: contents.APPROVAL_ROWS + 1].count()
        found = [
            *chips.chips(content.query.filters, back, request.user),
            *condition_words.chips(record_type, content.query.where, back, request.user),
        ]
    except Blocked as error:
        refusal = refusal or refusals.of(error, "This list cannot be exported")
    return {
        "type": record_type,
        "list": given.get("list", ""),
        "back": back.to(),
        "chips": found,
        "text": parameters.get("q", ""),
        "rows": rows,
        "limit": contents.APPROVAL_ROWS,
        "many": rows is not None and rows > contents.APPROVAL_ROWS,
        "fields": [(one, one.name in columns, contents.is_personal(record_type, one)) for one in fields],
        "formats": ExportFormat.choices,
        "format": given.get("format", ExportFormat.CSV),
        "layouts": Layout.choices,
        "layout": given.get("layout", Layout.READING),
        "exact": given.get("exact") == "true",
        "purpose": given.get("purpose", ""),
        "refusal": refusal,
        "purpose_findings": refusal.by_field.get("purpose", ()) if refusal else (),
    }


def _find(request: HttpRequest, pk: int) -> DataExport:
    _held(request)
    rows = DataExport.objects.visible_to(request.user).select_related("requested_by", "decided_by")
    found: DataExport | None = rows.filter(pk=pk).first() if 0 < pk < 2**63 else None
    if found is None:
        raise Http404
    return found


@page("GET")
def export_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one export: what it holds, who decided about it, and the file while there is one."""
    return show(request, "exports/export.html", {"export": Shown(_find(request, pk), request.user)})


@page("POST")
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Approve or reject what somebody else asks for."""
    export = _find(request, pk)
    reason = request.POST.get("reason", "")
    act = approve_export if request.POST.get("decision") == "approve" else reject_export
    try:
        act(by=request.user, pk=export.pk, reason=reason)
        return HttpResponseRedirect(f"/exports/{export.pk}/", status=303)
    except Blocked as error:
        refusal = refusals.of(error, "Nothing was decided", fields=["reason"])
    context = {"export": Shown(_find(request, pk), request.user), "refusal": refusal, "reason": reason}
    return show(request, "exports/export.html", context, status=422, fragment=False)


@page("GET")
def file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Send the file to the person who asked for it."""
    _find(request, pk)
    try:
        export, path = keeping.file_for(request.user, pk)
    except Blocked as error:
        context = {
            "export": Shown(_find(request, pk), request.user),
            "refusal": refusals.of(error, "There is nothing to download"),
        }
        return show(request, "exports/export.html", context, status=422, fragment=False)
    response = FileResponse(path.open("rb"), as_attachment=True, filename=export.file_name)
    response["Content-Type"] = {"csv": "text/csv; charset=utf-8", "xlsx": _XLSX}[export.format]
    response["Cache-Control"] = "private, no-store"
    return response


_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
