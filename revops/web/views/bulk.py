"""Many records at once: choose what is done, look at what it would do, confirm, watch, read the report, take it back.

Each step stands in the dialog over a list when htmx asks for it, and is a page of its own by its address otherwise.
"""

from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
    QueryDict,
    StreamingHttpResponse,
)
from django.http.response import HttpResponseBase

from revops.kernel.audit import Blocked
from revops.kernel.exchange.bulk import asking, deeds, previewing, reporting, working
from revops.kernel.exchange.bulk.deeds import Deed
from revops.kernel.exchange.bulk.models import BulkRun, BulkState
from revops.kernel.exchange.bulk.permissions import LABEL
from revops.kernel.people import access
from revops.kernel.records.registry import Field, RecordType
from revops.web import bulk_entries, inputs, refusals
from revops.web.access_rows import page, record
from revops.web.rendering import is_fragment, show
from revops.web.views.forms import groups, whole

PAGE = 50


@record(GET="view", POST="view")
def choose(request: HttpRequest, record_type: RecordType) -> HttpResponse:
    """Ask what is to be done to the chosen records, and freeze them for the preview."""
    given = _again(request) or (request.POST if request.method == "POST" else request.GET)
    offered = deeds.offered(record_type, request.user)
    if not offered:
        raise access.Forbidden("Your role may not change many records at once.")
    deed = next((one for one in offered if one.name == given.get("deed", deeds.EDIT)), None)
    if deed is None:
        raise Http404
    fields = _fields(deed, given, request.user)
    values = inputs.posted(fields, given, request.user)
    refusal = None
    if request.method == "POST" and "confirm" in request.POST:
        try:
            run = _ask(request, record_type, deed, values)
            return HttpResponseRedirect(f"/bulk/{run.pk}/", status=303)
        except Blocked as error:
            refusal = refusals.of(error, "Nothing was changed", fields=[*values, "reason"])
        except (LookupError, ObjectDoesNotExist):
            raise Http404 from None
    context = _form(given, request.user, deed, fields, values, refusal) | {"type": record_type}
    return _shown(request, "records/bulk/choose.html", context, status=422 if refusal else 200)


def _again(request: HttpRequest) -> QueryDict | None:
    """Return what a run that was not confirmed was asked for, to be asked otherwise; None where no run is named."""
    pk = whole(request.POST.get("again", "") or request.GET.get("again", ""))
    if pk is None:
        return None
    run = _find(request, pk)
    access.require(request.user, "start", run)
    if run.state != BulkState.OPEN or run.undoes_id is not None:
        raise Http404
    ids = [str(item.record_id or item.given) for item in run.items.order_by("id")]
    given = QueryDict(mutable=True)
    given.update({"deed": run.deed, "ids": ",".join(ids), "reason": run.reason})
    given.setlist("fields", list(run.values))
    given.update({name: str(value) for name, value in run.values.items()})
    return given


def _ask(request: HttpRequest, record_type: RecordType, deed: Deed, values: dict[str, str]) -> BulkRun:
    """Freeze what the form names: the ids one by one, or the whole list."""
    ids = request.POST.get("ids", "")
    chosen: dict[str, Any] = {"ids": [one for one in ids.split(",") if one.strip()]}
    if not ids and "list" in request.POST:
        chosen = {"parameters": QueryDict(request.POST["list"]).dict()}
    return asking.request_bulk(
        by=request.user,
        record_type=record_type.label,
        deed=deed.name,
        values=values,
        reason=request.POST.get("reason", ""),
        **chosen,
    )


def _fields(deed: Deed, given: QueryDict, user: Any) -> list[Field]:
    """Return the fields of the form: those of the action, or those that were chosen to be edited."""
    if deed.action is not None:
        return list(deed.action.fields)
    possible = {one.name: one for one in deeds.fields(deed.kind, user)}
    names = dict.fromkeys([*given.getlist("fields"), given.get("add", "")])
    names.pop(given.get("drop", ""), None)
    return [possible[name] for name in names if name in possible]


def _form(
    given: QueryDict, user: Any, deed: Deed, fields: list[Field], values: dict[str, str], refusal: Any
) -> dict[str, Any]:
    chosen = {one.name for one in fields}
    others = [] if deed.action is not None else deeds.fields(deed.kind, user)
    return {
        "deed": deed,
        "title": deed.label,
        "inputs": [one for _, found in groups(fields, values, user, refusal) for one in found],
        "others": [one for one in others if one.name not in chosen],
        "refusal": refusal,
        "given": given,
        "reason": given.get("reason", ""),
        "reason_findings": refusal.by_field.get("reason", ()) if refusal else (),
    }


@page("GET")
def list_page(request: HttpRequest) -> HttpResponse:
    """Show the bulk changes one may see, newest first: one's own, or everybody's to operations."""
    _require(request)
    rows = asking.visible(request.user).select_related("asked_by").exclude(state=BulkState.OPEN)
    if before := whole(request.GET.get("before", "")):
        rows = rows.filter(pk__lt=before)
    found = list(rows.order_by("-pk")[: PAGE + 1])
    context = {
        "entries": [bulk_entries.entry(one) for one in found[:PAGE]],
        "working": any(one.state == BulkState.RUNNING for one in found[:PAGE]),
        "older": f"/bulk/?before={found[PAGE - 1].pk}" if len(found) > PAGE else "",
    }
    return show(request, "records/bulk/list.html", context)


@page("GET")
def run_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a bulk change where it stands: its preview, its progress, or its report."""
    return _run(request, _find(request, pk))


@page("POST")
def start(request: HttpRequest, pk: int) -> HttpResponse:
    """Confirm a bulk change, or let one go on that stopped."""
    run = _find(request, pk)
    try:
        working.start(by=request.user, pk=run.pk)
    except Blocked as error:
        return _run(request, _find(request, pk), refusals.of(error, "It was not started"))
    return HttpResponseRedirect(f"/bulk/{run.pk}/", status=303)


@page("POST")
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask to take a bulk change back; the preview of the way back comes next."""
    run = _find(request, pk)
    try:
        back = asking.request_undo(by=request.user, pk=run.pk, reason=request.POST.get("reason", ""))
    except Blocked as error:
        return _run(request, run, refusals.of(error, "It was not taken back"))
    return HttpResponseRedirect(f"/bulk/{back.pk}/", status=303)


@page("POST")
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget a bulk change that was never confirmed."""
    run = _find(request, pk)
    try:
        asking.discard(by=request.user, pk=run.pk)
    except Blocked as error:
        return _run(request, run, refusals.of(error, "It was not discarded"))
    return HttpResponseRedirect("/bulk/", status=303)


@page("GET")
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """Say how far the work is; show the report in its place once it has ended."""
    run = _find(request, pk)
    if run.state == BulkState.RUNNING:
        context = {"run": run, "entry": bulk_entries.entry(run)}
        return show(request, "records/bulk/progress.html", context, fragment=True)
    response = _run(request, run)
    response["HX-Retarget"], response["HX-Reswap"] = "#bulk-run", "outerHTML"
    return response


@page("GET")
def refused_file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Send the records that were refused or denied as a file, each with its reasons."""
    run = _find(request, pk)
    lines = reporting.refused_file(run, request.user)
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="bulk-change-{run.pk}-refused.csv"'
    return response


def _require(request: HttpRequest) -> None:
    if not access.rights(request.user, LABEL).sees_any:
        raise Http404


def _find(request: HttpRequest, pk: int) -> BulkRun:
    """Return one bulk change as this person may see it. Raises Http404."""
    _require(request)
    rows = asking.visible(request.user).select_related("asked_by")
    run: BulkRun | None = rows.filter(pk=pk).first() if 0 < pk < 2**63 else None
    if run is None:
        raise Http404
    return run


def _run(request: HttpRequest, run: BulkRun, refusal: Any = None) -> HttpResponse:
    user, kind = request.user, deeds.find(run.record_type, run.deed).kind
    context: dict[str, Any] = {
        "run": run,
        "entry": bulk_entries.entry(run),
        "title": bulk_entries.title(run),
        "type": kind,
        "refusal": refusal,
        "asked": bulk_entries.asked(run, user),
        "mine": access.allowed(user, "start", run),
    }
    if run.state == BulkState.OPEN:
        seen = previewing.preview(run, user)
        context |= {
            "seen": seen,
            "figures": bulk_entries.expected(seen),
            "changes": bulk_entries.changes(run, seen, user),
            "confirms": bulk_entries.confirms(run),
            "none": not (seen.counts["changed"] or not seen.is_whole),
        }
    elif run.state != BulkState.RUNNING:
        told = bulk_entries.refused(run, user, whole(request.GET.get("after", "")) or 0)
        context |= {
            "figures": bulk_entries.reported(run),
            "told": told[: reporting.PAGE],
            "more": told[reporting.PAGE - 1].item.pk if len(told) > reporting.PAGE else 0,
            "back": run.undone_by.exclude(state=BulkState.OPEN).first(),
            "may_undo": bool(run.changed) and access.allowed(user, "undo", run),
        }
    template = "open" if run.state == BulkState.OPEN else "report"
    name = "running" if run.state == BulkState.RUNNING else template
    return _shown(request, f"records/bulk/{name}.html", context, status=422 if refusal else 200)


def _shown(request: HttpRequest, template: str, context: dict[str, Any], *, status: int) -> HttpResponse:
    """Show a step in the dialog when htmx asks for it, else on its page."""
    alone = is_fragment(request)
    return show(request, template, context | {"dialog": alone}, status=status, fragment=alone)
