"""Packets: open one from the page of its record, fill its form in, send it back with its gaps."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect

from revops.kernel.audit import Blocked, Conflict
from revops.kernel.packets import actions, standing
from revops.kernel.packets.actions.opening import form_of
from revops.kernel.packets.enums import PACKET_OPEN
from revops.kernel.packets.models import Packet
from revops.kernel.people import access
from revops.kernel.records.work.packets import forms, showing
from revops.web import inputs, refusals
from revops.web.access_rows import page
from revops.web.rendering import show
from revops.web.views.forms import whole

_SUBMIT = "submit"


def _seen(request: HttpRequest, pk: int) -> Packet:
    """Return a packet that one sees. Raises Http404."""
    found: Packet | None = (
        Packet.objects.visible_to(request.user)
        .select_related("owner", "receiver", "decided_by")
        .filter(pk=pk)
        .first()
    )
    if found is None:
        raise Http404
    return found


@page("POST")
def open_page(request: HttpRequest) -> HttpResponse:
    """Open a packet from a template about a record, and go on to its form."""
    values = {name: request.POST.get(name, "") for name in ("template", "subject")}
    try:
        made = forms.create_packet(by=_user(request), values=values)
    except Blocked as error:
        refusal = refusals.of(error, "The packet was not opened")
        context = {
            "title": "Open a packet",
            "refusal": refusal,
            "back": request.headers.get("Referer", "/packets/"),
        }
        return show(request, "packets/refused.html", context, status=422, fragment=False)
    return HttpResponseRedirect(f"/packets/{made.pk}/fill/", status=303)


@page("GET", "POST")
def fill_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the form of a packet with its gaps and the facts of its record; save it, or submit it in the same step."""
    packet = _seen(request, pk)
    access.require_edit(request.user, packet, {"values"})
    if packet.state not in PACKET_OPEN:
        return HttpResponseRedirect(packet.get_absolute_url(), status=303)
    refusal, status, entered, version = None, 200, {}, packet.version
    try:
        body = form_of(packet)
        if request.method == "POST":
            version = whole(request.POST.get("version", "")) or packet.version
            entered = inputs.posted(forms.asked(body), request.POST)
            _save(request, packet, forms.typed(body, entered), version)
            return HttpResponseRedirect(packet.get_absolute_url(), status=303)
    except Blocked as error:
        refusal, status = refusals.of(error, _title(request), fields=entered), 422
    except Conflict as error:
        refusal, status, version = refusals.of(error), 409, packet.version
    content = showing.content(packet, request.user)
    context = {
        "title": packet.title,
        "content": content,
        "parts": [] if content.broken else _parts(request, packet, content, entered, refusal),
        "refusal": refusal,
        "version": version,
    }
    return show(request, "packets/fill.html", context, status=status, fragment=False)


@page("GET", "POST")
def return_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what was submitted, with a place for a gap beside each field, and send it back."""
    packet = _seen(request, pk)
    access.require(request.user, "decide", packet)
    if refused := standing.decides(packet, _user(request)):
        raise access.Forbidden(" ".join(one.message for one in refused))
    content = showing.content(packet, request.user)
    reasons = [] if content.broken else [(one.code, one.label) for one in form_of(packet).return_reasons]
    refusal, status, version = None, 200, packet.version
    if request.method == "POST":
        version = whole(request.POST.get("version", "")) or packet.version
        try:
            actions.return_packet(by=_user(request), pk=pk, gaps=_gaps(request, content), version=version)
            return HttpResponseRedirect(packet.get_absolute_url(), status=303)
        except Blocked as error:
            refusal, status = refusals.of(error, "The packet was not sent back"), 422
        except Conflict as error:
            refusal, status, version = refusals.of(error), 409, packet.version
    rows = [
        (line, request.POST.get(f"reason-{line.key}", ""), request.POST.get(f"note-{line.key}", ""))
        for line in content.lines
    ]
    context = {
        "title": f"Send back: {packet.title}",
        "content": content,
        "rows": rows,
        "reasons": reasons,
        "refusal": refusal,
        "version": version,
    }
    return show(request, "packets/return.html", context, status=status, fragment=False)


def _user(request: HttpRequest) -> Any:
    return request.user


def _title(request: HttpRequest) -> str:
    return "The packet was not " + ("submitted" if request.POST.get("deed") == _SUBMIT else "saved")


def _save(request: HttpRequest, packet: Packet, values: dict[str, Any], version: int) -> None:
    """Write the answers, and submit the packet where that was asked for."""
    by = _user(request)
    if request.POST.get("deed") == _SUBMIT:
        actions.submit_packet(by=by, pk=packet.pk, values=values, version=version)
    else:
        actions.save_packet(by=by, pk=packet.pk, values=values, version=version)


def _parts(
    request: HttpRequest,
    packet: Packet,
    content: showing.Content,
    entered: dict[str, str],
    refusal: refusals.Refusal | None,
) -> list[tuple[showing.Line, inputs.Input | None]]:
    """Return every field of the form in its order: its line, and the input of one that is filled in."""
    body = form_of(packet)
    held, findings = forms.texts(body, packet) | entered, refusal.by_field if refusal else {}
    made = {
        field.name: inputs.make(field, held.get(field.name, ""), user=request.user, findings=findings)
        for field in forms.asked(body)
    }
    return [(line, made.get(line.key)) for line in content.lines]


def _gaps(request: HttpRequest, content: showing.Content) -> list[dict[str, str]]:
    """Return the gaps that were named: a field with a reason, or with a note that lacks one."""
    found = []
    for line in content.lines:
        reason, note = (request.POST.get(f"{name}-{line.key}", "").strip() for name in ("reason", "note"))
        if reason or note:
            found.append({"field": line.key, "reason_code": reason, "note": note})
    return found
