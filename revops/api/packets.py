"""What packets say, over the API: read the form with its answers, fill it in, send it back with its gaps.

Opening, submitting, accepting and withdrawing stand with the record type, under the same address.
"""

from typing import Any

from django.urls import URLPattern, path
from rest_framework.request import Request
from rest_framework.response import Response

from revops.api import queries, versions
from revops.api.access_rows import asking
from revops.api.problems import blocked
from revops.api.schema.operation import COUNT, RECORD_ID, TEXT, documented, many, ref, thing, words
from revops.api.views import ApiView, body_of, user_of
from revops.kernel.audit import Blocked
from revops.kernel.packets import actions
from revops.kernel.packets.actions.opening import form_of
from revops.kernel.packets.enums import PacketState
from revops.kernel.packets.models import Packet
from revops.kernel.records import registry
from revops.kernel.records.work.packets import showing
from revops.kernel.records.work.packets.forms import LABEL

_ANSWERS = {"type": "object", "additionalProperties": True}
_GAP = {"field": TEXT, "reason_code": TEXT, "note": TEXT}
_LINE = {
    "key": TEXT,
    "label": TEXT,
    "text": {**TEXT, "description": "The answer in words."},
    "now": {**TEXT, "description": "What the record says now, where that is something else."},
    "from_record": {"type": "boolean"},
}
_VERSION = {"version": {**COUNT, "description": "The version you hold; or send it as If-Match."}}
_COMPONENTS = {
    "PacketGap": thing(_GAP, required=["field", "reason_code"], additionalProperties=False),
    "PacketLine": thing(_LINE),
    "PacketAnswers": _ANSWERS,
    "PacketContent": thing(
        {
            "id": RECORD_ID,
            "version": COUNT,
            "state": words(PacketState.values),
            "template": {**TEXT, "description": "The version of the template it was opened with."},
            "values": ref("PacketAnswers"),
            "facts": ref("PacketAnswers"),
            "gaps": many(ref("PacketGap")),
            "return_reasons": many(TEXT),
            "lines": many(ref("PacketLine")),
        }
    ),
    "PacketFill": thing(
        {"values": ref("PacketAnswers"), **_VERSION}, required=["values"], additionalProperties=False
    ),
    "PacketReturn": thing(
        {"gaps": many(ref("PacketGap")), **_VERSION}, required=["gaps"], additionalProperties=False
    ),
}
_TAG: dict[str, Any] = {"tag": "Packets", "components": _COMPONENTS}


class PacketContent(ApiView):
    """The form of a packet with its answers."""

    @documented(
        id="packet_content_read",
        summary="Read what a packet says",
        response=ref("PacketContent"),
        etag=True,
        **_TAG,
    )
    def get(self, request: Request, id: int) -> Response:
        queries.none(request)
        return _answer(request, id)

    @documented(
        id="packet_content_fill",
        summary="Write answers into a draft or a returned packet",
        request=ref("PacketFill"),
        response=ref("PacketContent"),
        problems=(409, 412, 428),
        etag=True,
        **_TAG,
    )
    def patch(self, request: Request, id: int) -> Response:
        body = body_of(request)
        version, values = versions.held(request, body), body.pop("values", None)
        _refuse_unknown(body, values, dict, "values", "an object of answers by field")
        with versions.explained(registry.get(LABEL), request, {}):
            actions.save_packet(by=user_of(request), pk=id, values=values, version=version)
        return _answer(request, id)


class PacketReturn(ApiView):
    """Sending a packet back."""

    @documented(
        id="packet_return",
        summary="Send a submitted packet back with its gaps",
        request=ref("PacketReturn"),
        response=ref("PacketContent"),
        problems=(409, 412, 428),
        **_TAG,
    )
    def post(self, request: Request, id: int) -> Response:
        body = body_of(request)
        version, gaps = versions.held(request, body), body.pop("gaps", None)
        _refuse_unknown(body, gaps, list, "gaps", "a list of gaps, each an object")
        if not all(isinstance(one, dict) for one in gaps):
            raise blocked(Blocked([queries.wrong("gaps", gaps, "a list of gaps, each an object")]))
        with versions.explained(registry.get(LABEL), request, {}):
            actions.return_packet(by=user_of(request), pk=id, gaps=gaps, version=version)
        return _answer(request, id)


def _refuse_unknown(body: dict[str, Any], given: Any, kind: type, name: str, needed: str) -> None:
    """Raise Problem for a body with other names, or another kind of value."""
    findings = [queries.wrong(other, body[other], f"{name}, version") for other in sorted(body)]
    if not isinstance(given, kind):
        findings.append(queries.wrong(name, given, needed))
    if findings:
        raise blocked(Blocked(findings))


def _answer(request: Request, pk: int) -> Response:
    user = user_of(request)
    packet = Packet.objects.visible_to(user).select_related("owner", "queue").get(pk=pk)
    shown = showing.content(packet, user)
    lines = [
        {
            "key": line.key,
            "label": line.label,
            "text": line.text,
            "now": line.now,
            "from_record": line.sourced,
        }
        for line in shown.lines
    ]
    reasons = [] if shown.broken else [one.code for one in form_of(packet).return_reasons]
    answer = {
        "id": packet.pk,
        "version": packet.version,
        "state": packet.state,
        "template": packet.template_ref,
        "values": packet.values,
        "facts": packet.facts,
        "gaps": packet.gaps,
        "return_reasons": reasons,
        "lines": lines,
    }
    return Response(answer, headers={"ETag": f'"{packet.version}"'})


def patterns() -> list[URLPattern]:
    """Return the addresses of what packets say, each with the row of the access matrix it asks."""
    content = {"GET": "view of packets.packet", "PATCH": "edit of packets.packet"}
    back = {"POST": "decide of packets.packet"}
    return [
        path(
            "packets/<record_id:id>/content/",
            asking(PacketContent.as_view(), content),
            name="api-packet-content",
        ),
        path(
            "packets/<record_id:id>/return/", asking(PacketReturn.as_view(), back), name="api-packet-return"
        ),
    ]
