"""Exports over the API: ask for one, watch it, approve or reject what others ask for, fetch the file."""

from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.http import FileResponse
from rest_framework.request import Request
from rest_framework.response import Response

from revops.api import queries, representation
from revops.api.problems import blocked
from revops.api.schema.operation import (
    COUNT,
    INSTANT,
    RECORD_ID,
    TEXT,
    YES_OR_NO,
    documented,
    in_query,
    many,
    nullable,
    ref,
    thing,
    words,
)
from revops.api.views import ApiView, body_of, user_of
from revops.kernel.audit import Blocked
from revops.kernel.exchange.exporting import keeping
from revops.kernel.exchange.exporting.actions import (
    LEAST_PURPOSE,
    MOST_TEXT,
    approve_export,
    reject_export,
    request_export,
)
from revops.kernel.exchange.exporting.enums import ExportFormat, ExportState, Layout
from revops.kernel.exchange.exporting.models import DataExport
from revops.kernel.people import access

LABEL = "exchange.dataexport"
MOST_LISTED = 200
_MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_ASKED: dict[str, Any] = {
    "record_type": {**TEXT, "description": "The list: the last part of its address, such as accounts."},
    "parameters": {
        "type": "object",
        "additionalProperties": TEXT,
        "description": "Filters, q and sort, as in the list's own address.",
    },
    "columns": {**many(TEXT), "description": "Field names; empty for the list's own columns."},
    "format": ref("ExportFormat"),
    "layout": ref("ExportLayout"),
    "exact": {**YES_OR_NO, "description": "Leave text that looks like a formula as it is. At your own risk."},
    "purpose": {**TEXT, "minLength": LEAST_PURPOSE, "maxLength": MOST_TEXT},
}
_SHOWN = {
    "id": RECORD_ID,
    **_ASKED,
    "state": ref("ExportState"),
    "requested_by": ref("Person"),
    "created_at": INSTANT,
    "counted": {**COUNT, "description": "Rows when it was asked for."},
    "rows": nullable({**COUNT, "description": "Rows in the file."}),
    "approval_reasons": many(TEXT),
    "decided_by": nullable(ref("Person")),
    "decided_at": nullable(INSTANT),
    "decision_reason": TEXT,
    "failure": TEXT,
    "sha256": TEXT,
    "expires_at": nullable(INSTANT),
}
_COMPONENTS = {
    "Person": thing({"id": RECORD_ID, "name": TEXT}),
    "ExportFormat": words(ExportFormat.values),
    "ExportLayout": words(Layout.values),
    "ExportState": words(ExportState.values),
    "Export": thing(_SHOWN),
    "Exports": thing({"results": many(ref("Export"))}),
    "ExportCreate": thing(_ASKED, required=["record_type", "purpose"], additionalProperties=False),
    "ExportDecision": thing({"reason": TEXT}, required=[], additionalProperties=False),
}
_TAG: dict[str, Any] = {"tag": "Exports", "components": _COMPONENTS}


class Exports(ApiView):
    """The exports one may see; asking for a new one."""

    @documented(
        id="exports_list",
        summary="List the newest exports that you may see",
        response=ref("Exports"),
        parameters=[in_query("state", ref("ExportState"), "Only those in this state.")],
        **_TAG,
    )
    def get(self, request: Request) -> Response:
        state = queries.state(request, ExportState.values)
        rows = _visible(request).order_by("-pk")
        if state:
            rows = rows.filter(state=state)
        return Response({"results": [shown(one) for one in rows[:MOST_LISTED]]})

    @documented(
        id="exports_create",
        summary="Ask for the file of a list",
        description="It is logged first, approved where it must be, and written by a worker: watch its state.",
        status=201,
        request=ref("ExportCreate"),
        response=ref("Export"),
        **_TAG,
    )
    def post(self, request: Request) -> Response:
        _visible(request)
        given = _given(body_of(request))
        try:
            export = request_export(by=user_of(request), **given)
        except LookupError:
            finding = queries.wrong("record_type", given["record_type"], "a list that you can see")
            raise blocked(Blocked([finding])) from None
        location = request.build_absolute_uri(f"/api/v1/exports/{export.pk}/")
        return Response(shown(export), 201, headers={"Location": location})


class OneExport(ApiView):
    """One export."""

    @documented(id="exports_read", summary="Read one export", response=ref("Export"), **_TAG)
    def get(self, request: Request, id: int) -> Response:
        queries.none(request)
        return Response(shown(_visible(request).get(pk=id)))


class _Decision(ApiView):
    def decided(self, request: Request, id: int, act: Any) -> Response:
        body = body_of(request)
        findings = [queries.wrong(name, body[name], "reason") for name in sorted(body.keys() - {"reason"})]
        if not isinstance(body.get("reason", ""), str):
            findings.append(queries.wrong("reason", body["reason"], "text"))
        if findings:
            raise blocked(Blocked(findings))
        return Response(shown(act(by=user_of(request), pk=id, reason=body.get("reason", ""))))


class Approval(_Decision):
    """Saying yes to what somebody else asks for."""

    @documented(
        id="exports_approve",
        summary="Approve an export of somebody else",
        request=ref("ExportDecision"),
        response=ref("Export"),
        **_TAG,
    )
    def post(self, request: Request, id: int) -> Response:
        return self.decided(request, id, approve_export)


class Rejection(_Decision):
    """Saying no, and why."""

    @documented(
        id="exports_reject",
        summary="Reject an export of somebody else, with a reason",
        request=ref("ExportDecision"),
        response=ref("Export"),
        **_TAG,
    )
    def post(self, request: Request, id: int) -> Response:
        return self.decided(request, id, reject_export)


class ExportFile(ApiView):
    """The file, for the person who asked for it."""

    @documented(
        id="exports_file",
        summary="Fetch the file of your export",
        description="The answer is the file itself, as CSV or workbook.",
        problems=[422],
        **_TAG,
    )
    def get(self, request: Request, id: int) -> FileResponse:
        queries.none(request)
        export, path = keeping.file_for(user_of(request), id)
        return FileResponse(
            path.open("rb"), as_attachment=True, filename=export.file_name, content_type=_MEDIA[export.format]
        )


def _visible(request: Request) -> Any:
    """Return the exports one may see. Raises ObjectDoesNotExist for who may see none."""
    if not access.rights(request.user, LABEL).sees_any:
        raise ObjectDoesNotExist
    return DataExport.objects.visible_to(request.user).select_related("requested_by", "decided_by")


def _given(body: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments of the action. Raises Problem for unknown names and values of a wrong kind."""
    kinds = dict.fromkeys(("record_type", "format", "layout", "purpose"), str)
    fits: dict[str, Any] = {name: (lambda value: isinstance(value, str), "text") for name in kinds}
    fits["exact"] = (lambda value: isinstance(value, bool), "true or false")
    fits["columns"] = (lambda value: isinstance(value, list) and _texts(value), "a list of field names")
    fits["parameters"] = (lambda value: isinstance(value, dict) and _texts(value.values()), "names and texts")
    findings = [
        queries.wrong(name, body[name], ", ".join(fits)) for name in sorted(body.keys() - fits.keys())
    ]
    findings += [
        queries.wrong(name, body[name], needed)
        for name, (fit, needed) in fits.items()
        if name in body and not fit(body[name])
    ]
    findings += [queries.wrong(name, "", "a text") for name in ("record_type", "purpose") if name not in body]
    if findings:
        raise blocked(Blocked(findings))
    return {"parameters": {}, **body}


def _texts(values: Any) -> bool:
    return all(isinstance(value, str) and "\0" not in value for value in values)


def shown(export: DataExport) -> dict[str, Any]:
    """Return an export as the API shows it."""
    asked = {name: getattr(export, name) for name in _ASKED}
    return {
        "id": export.pk,
        **asked,
        "record_type": export.record_type,
        "state": str(export.state),
        "requested_by": {"id": export.requested_by_id, "name": str(export.requested_by)},
        "created_at": representation.instant(export.created_at),
        "counted": export.counted,
        "rows": export.rows,
        "approval_reasons": export.approval_reasons,
        "decided_by": {"id": export.decided_by_id, "name": str(export.decided_by)}
        if export.decided_by_id
        else None,
        "decided_at": representation.plain(export.decided_at),
        "decision_reason": export.decision_reason,
        "failure": export.failure,
        "sha256": export.sha256,
        "expires_at": representation.plain(export.expires_at),
    }
