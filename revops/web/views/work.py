"""My work: what waits for whoever looks, in the order that matters, each done from where it stands."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect

from revops.kernel import clocks
from revops.kernel.audit import Blocked, Conflict
from revops.kernel.people import access
from revops.kernel.records import work as works
from revops.kernel.records.work import Deed, Done
from revops.web import inputs, refusals, work_rows
from revops.web.access_rows import page
from revops.web.rendering import is_fragment, show
from revops.web.views.forms import groups as grouped
from revops.web.views.forms import whole

_MOST = 100


@page("GET")
def work_page(request: HttpRequest) -> HttpResponse:
    """Show everything that waits, or one kind of it."""
    return _listed(request)


@page("GET")
def through(request: HttpRequest) -> HttpResponse:
    """Show one thing after another, for who works them off in one go."""
    return _one(request)


@page("GET")
def badge(request: HttpRequest) -> HttpResponse:
    """Show how much is due, beside the place in the navigation."""
    count = works.badge(request.user, work_rows.now_of(request.user))
    return show(request, "work/badge.html", {"count": count, "most": _MOST}, fragment=True)


@page("GET", "POST")
def deed(request: HttpRequest, source: str, pk: int, name: str) -> HttpResponse:
    """Show what a deed asks, and do it. What is refused keeps what was entered."""
    kind = works.get(source)
    known = kind.deed(name) if kind else None
    if kind is None or known is None or known.run is None:
        raise Http404
    try:
        if request.method == "GET":
            return _form(request, source, known, pk, None)
        fields, _ = known.asked(request.user, pk)
        values = inputs.posted(fields, request.POST, request.user) or request.POST.dict()
        with access.remembered():
            done = works.do(by=request.user, source=source, pk=pk, name=name, values=values)
    except (ObjectDoesNotExist, LookupError):
        raise Http404 from None
    except (Blocked, Conflict) as error:
        refusal = refusals.of(error, f"“{known.label}” was not done")
        return _form(request, source, known, pk, refusal)
    return _answer(request, source, pk, done)


def _form(
    request: HttpRequest, source: str, known: Deed, pk: int, refusal: refusals.Refusal | None
) -> HttpResponse:
    """Show the form of a deed; a deed that asks nothing shows why it was refused."""
    fields, begins = known.asked(request.user, pk)
    now = work_rows.now_of(request.user)
    given = request.POST if request.method == "POST" else request.GET
    entered = inputs.posted(fields, given, request.user)
    values = {name: clocks.now().isoformat() if text == "now" else text for name, text in begins.items()}
    made = [one for _, some in grouped(fields, {**values, **entered}, request.user, refusal) for one in some]
    context = {
        "title": known.label,
        "deed": known,
        "fields": made,
        "quick": [(label, json.dumps(dict(one))) for label, one in known.quick(now)] if known.quick else [],
        "refusal": refusal,
        "url": request.get_full_path(),
    }
    response = show(request, "work/deed.html", context, status=422 if refusal else 200)
    if refusal is not None and is_fragment(request):
        _place_refusal(request, response, refusal, f"#slot-{source}-{pk}" if made else "#work-refusal")
    return response


def _place_refusal(
    request: HttpRequest, response: HttpResponse, refusal: refusals.Refusal, where: str
) -> None:
    """Let a refusal appear where it is read: in the row, above the list, or said in passing beside a record."""
    if request.headers.get("HX-Target") == "work":
        response["HX-Retarget"], response["HX-Reswap"] = where, "innerHTML"
    else:
        said = " ".join([f"{refusal.title}.", *(one.message for one in refusal.findings)])
        response["HX-Reswap"] = "none"
        response["HX-Trigger"] = json.dumps({"work-refused": {"said": said}})


def _answer(request: HttpRequest, source: str, pk: int, done: Done) -> HttpResponse:
    """Say what was done, with the way back, and show what waits now where My work asked."""
    if not is_fragment(request):
        return HttpResponseRedirect("/my-work/", status=303)
    if request.headers.get("HX-Target") == "work":
        response = _one(request) if "at" in request.GET else _listed(request)
    else:
        response = HttpResponse(status=204)
    told: dict[str, Any] = {"said": done.said, "source": source, "pk": pk}
    if done.undo:
        told |= {"undo": f"/my-work/{source}/{pk}/{done.undo}/", "values": dict(done.undo_values)}
    header = "HX-Trigger" if response.status_code == 204 else "HX-Trigger-After-Swap"
    response[header] = json.dumps({"work-done": told})
    return response


def _listed(request: HttpRequest) -> HttpResponse:
    now, kind = work_rows.now_of(request.user), _kind(request.GET)
    with access.remembered():
        found = works.work(request.user, now)
    keep = {
        name: text for name, text in (("kind", kind), ("whole", request.GET.get("whole", "")[:1])) if text
    }
    context = {
        "title": "My work",
        "whole": f"/my-work/?{urlencode({**keep, 'whole': '1'})}",
        "groups": work_rows.groups(work_rows.narrowed(found, kind), keep),
        "chips": work_rows.chips(found, kind),
        "kind": kind,
        "any": bool(found.items),
        "may_add": bool(access.rights(request.user, "packets.obligation").creatable),
        "sees_tasks": access.rights(request.user, "packets.obligation").sees_any,
    }
    return show(request, "pages/work.html", context)


def _one(request: HttpRequest) -> HttpResponse:
    now, kind = work_rows.now_of(request.user), _kind(request.GET)
    with access.remembered():
        found = work_rows.narrowed(works.work(request.user, now), kind)
    at = min(whole(request.GET.get("at", "")) or 0, len(found.items))
    keep = {"kind": kind} if kind else {}
    item = found.items[at] if at < len(found.items) else None
    context = {
        "title": "Work through",
        "row": work_rows.row(item, {**keep, "at": str(at)}) if item else None,
        "place": at + 1,
        "total": len(found.items),
        "kind": kind,
        "next": _place({**keep, "at": str(at + 1)}),
        "previous": _place({**keep, "at": str(at - 1)}) if at else "",
    }
    return show(request, "work/through.html", context)


def _place(parameters: Mapping[str, str]) -> str:
    return "/my-work/through/?" + "&".join(f"{name}={text}" for name, text in parameters.items())


def _kind(parameters: Mapping[str, Any]) -> str:
    """Return the kind asked for, if there is such a one."""
    kind = str(parameters.get("kind", ""))
    return kind if works.get(kind) else ""
