"""Bulk changes over the API: ask for one, look at what it would do, start it, read what became of each record, undo."""

from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from rest_framework.request import Request
from rest_framework.response import Response

from revops.api import queries, representation
from revops.api.problems import BAD_QUERY, blocked
from revops.api.schema.operation import (
    COUNT,
    INSTANT,
    RECORD_ID,
    TEXT,
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
from revops.kernel.exchange.bulk import asking, previewing, reporting, working
from revops.kernel.exchange.bulk.models import BulkRun, BulkState, Outcome
from revops.kernel.exchange.bulk.permissions import LABEL
from revops.kernel.people import access

MOST_LISTED = 200
_VALUES: dict[str, Any] = {
    "type": "object",
    "additionalProperties": True,
    "description": "By field: new values of an edit, or the answers that an action asks for.",
}
_ASKED: dict[str, Any] = {
    "record_type": {**TEXT, "description": "The list: the last part of its address, such as leads."},
    "deed": {**TEXT, "description": "edit, or the name of an action that can be done to many."},
    "values": _VALUES,
    "reason": {**TEXT, "maxLength": asking.MOST_REASON},
    "parameters": {
        "type": "object",
        "additionalProperties": TEXT,
        "description": "Filters and q of a whole list; its records are frozen now, 10,000 at most.",
    },
}
_IDS: dict[str, Any] = {
    "type": "array",
    "items": {},
    "maxItems": asking.MOST,
    "description": "Ids of records, instead of parameters. What is none is denied like a record out of sight.",
}
_COUNTS = {str(one): COUNT for one in (Outcome.CHANGED, Outcome.UNCHANGED, Outcome.REFUSED, Outcome.DENIED)}
_FINDING = {"code": TEXT, "field": TEXT, "message": TEXT, "found": TEXT, "needed": TEXT}
_RUN = {
    "id": RECORD_ID,
    **_ASKED,
    "asked_by": ref("Person"),
    "state": ref("BulkState"),
    "total": COUNT,
    "repeated": {**COUNT, "description": "How often a record was named a second time."},
    **_COUNTS,
    "trouble": many(ref("BulkFinding")),
    "undoes": nullable({**RECORD_ID, "description": "The bulk change that this one takes back."}),
    "created_at": INSTANT,
    "started_at": nullable(INSTANT),
    "finished_at": nullable(INSTANT),
}
_COMPONENTS = {
    "Person": thing({"id": RECORD_ID, "name": TEXT}),
    "BulkState": words(BulkState.values),
    "BulkOutcome": words(Outcome.values),
    "BulkFinding": thing(_FINDING),
    "BulkRun": thing(_RUN),
    "BulkRuns": thing({"results": many(ref("BulkRun"))}),
    "BulkItem": thing(
        {
            "id": RECORD_ID,
            "record_id": nullable(RECORD_ID),
            "given": TEXT,
            "outcome": ref("BulkOutcome"),
            "version": nullable(COUNT),
            "findings": many(ref("BulkFinding")),
        }
    ),
    "BulkItems": thing({"results": many(ref("BulkItem")), "next": nullable(RECORD_ID)}),
    "BulkReason": thing({"finding": ref("BulkFinding"), "count": COUNT}),
    "BulkPreview": thing({"total": COUNT, "looked": COUNT, **_COUNTS, "reasons": many(ref("BulkReason"))}),
    "BulkCreate": thing(
        {**_ASKED, "ids": _IDS}, required=["record_type", "deed", "values"], additionalProperties=False
    ),
    "BulkUndo": thing({"reason": TEXT}, required=[], additionalProperties=False),
}
_TAG: dict[str, Any] = {"tag": "Bulk changes", "components": _COMPONENTS}


class BulkRuns(ApiView):
    """The bulk changes one may see; asking for a new one."""

    @documented(
        id="bulk_runs_list",
        summary="List the newest bulk changes that you may see",
        response=ref("BulkRuns"),
        parameters=[in_query("state", ref("BulkState"), "Only those in this state.")],
        **_TAG,
    )
    def get(self, request: Request) -> Response:
        state = queries.state(request, BulkState.values)
        rows = _visible(request).order_by("-pk")
        if state:
            rows = rows.filter(state=state)
        return Response({"results": [shown(one) for one in rows[:MOST_LISTED]]})

    @documented(
        id="bulk_runs_create",
        summary="Choose records and what is done to them",
        description="The records are frozen and nothing is written: look at the preview, then start it.",
        status=201,
        request=ref("BulkCreate"),
        response=ref("BulkRun"),
        **_TAG,
    )
    def post(self, request: Request) -> Response:
        _visible(request)
        given = _given(body_of(request))
        try:
            run = asking.request_bulk(by=user_of(request), **given)
        except LookupError as unknown:
            needed = "a list that you can see, and what can be done to many of its records"
            finding = queries.wrong("deed", given["deed"], f"{needed} ({unknown})")
            raise blocked(Blocked([finding])) from None
        location = request.build_absolute_uri(f"/api/v1/bulk-runs/{run.pk}/")
        return Response(shown(run), 201, headers={"Location": location})


class OneBulkRun(ApiView):
    """One bulk change."""

    @documented(id="bulk_runs_read", summary="Read one bulk change", response=ref("BulkRun"), **_TAG)
    def get(self, request: Request, id: int) -> Response:
        queries.none(request)
        return Response(shown(_visible(request).get(pk=id)))


class BulkRunPreview(ApiView):
    """What a bulk change would do."""

    @documented(
        id="bulk_runs_preview",
        summary="See what would become of the first 200 records",
        response=ref("BulkPreview"),
        **_TAG,
    )
    def get(self, request: Request, id: int) -> Response:
        queries.none(request)
        seen = previewing.preview(_visible(request).get(pk=id), user_of(request))
        reasons = [
            {"finding": _finding(finding.as_json()), "count": count} for finding, count in seen.reasons
        ]
        counts = {name: seen.counts[name] for name in _COUNTS}
        return Response({"total": seen.total, "looked": seen.looked, **counts, "reasons": reasons})


class BulkRunItems(ApiView):
    """What became of the records of a bulk change."""

    @documented(
        id="bulk_runs_items",
        summary="Read what became of each record, 200 at a time",
        response=ref("BulkItems"),
        parameters=[
            in_query("outcome", ref("BulkOutcome"), "Only records with this outcome."),
            in_query("after", RECORD_ID, "The `next` of the page before."),
        ],
        **_TAG,
    )
    def get(self, request: Request, id: int) -> Response:
        given = queries.single(request)
        run, outcome = _visible(request).get(pk=id), given.pop("outcome", "")
        after = queries.whole("after", given.pop("after", None), default=1, most=2**63 - 1)
        findings = [queries.wrong(name, text, "outcome or after") for name, text in given.items()]
        if outcome and outcome not in Outcome.values:
            findings.append(queries.wrong("outcome", outcome, "one of " + ", ".join(Outcome.values)))
        if findings:
            raise blocked(Blocked(findings), BAD_QUERY)
        wanted = [outcome] if outcome else list(Outcome.values)
        found = reporting.told(run, user_of(request), wanted, after=after - 1, limit=MOST_LISTED + 1)
        more = found[MOST_LISTED].item.pk if len(found) > MOST_LISTED else None
        return Response({"results": [_item(one) for one in found[:MOST_LISTED]], "next": more})


class BulkRunStart(ApiView):
    """Confirming a bulk change."""

    @documented(
        id="bulk_runs_start",
        summary="Start a bulk change, or let one go on that stopped",
        description="A worker does it with the rights that you have then: watch its state.",
        response=ref("BulkRun"),
        **_TAG,
    )
    def post(self, request: Request, id: int) -> Response:
        _visible(request)
        _body(request, frozenset())
        return Response(shown(working.start(by=user_of(request), pk=id)))


class BulkRunUndo(ApiView):
    """Taking a bulk change back."""

    @documented(
        id="bulk_runs_undo",
        summary="Ask to bring the changed records back to their former values",
        description="The answer is a bulk change of its own, to be started like any other.",
        status=201,
        request=ref("BulkUndo"),
        response=ref("BulkRun"),
        **_TAG,
    )
    def post(self, request: Request, id: int) -> Response:
        _visible(request)
        body = _body(request, frozenset({"reason"}))
        run = asking.request_undo(by=user_of(request), pk=id, reason=body.get("reason", ""))
        location = request.build_absolute_uri(f"/api/v1/bulk-runs/{run.pk}/")
        return Response(shown(run), 201, headers={"Location": location})


def _visible(request: Request) -> Any:
    """Return the bulk changes one may see. Raises ObjectDoesNotExist for who may see none."""
    if not access.rights(request.user, LABEL).sees_any:
        raise ObjectDoesNotExist
    return asking.visible(request.user).select_related("asked_by")


def _body(request: Request, names: frozenset[str]) -> dict[str, Any]:
    """Return a body of texts with these names. Raises Problem for any other."""
    body = body_of(request)
    findings = [
        queries.wrong(name, value, ", ".join(sorted(names)) or "an empty body")
        for name, value in sorted(body.items())
        if name not in names or not isinstance(value, str)
    ]
    if findings:
        raise blocked(Blocked(findings))
    return body


def _given(body: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments of the action. Raises Problem for unknown names and values of a wrong kind."""
    fits: dict[str, Any] = {
        name: (lambda value: isinstance(value, str) and "\0" not in value, "text")
        for name in ("record_type", "deed", "reason")
    }
    fits["values"] = (lambda value: isinstance(value, dict), "fields and their values")
    fits["ids"] = (lambda value: isinstance(value, list), "a list of ids")
    fits["parameters"] = (_are_texts, "names and texts")
    findings = [
        queries.wrong(name, body[name], ", ".join(fits)) for name in sorted(body.keys() - fits.keys())
    ]
    findings += [
        queries.wrong(name, body[name], needed)
        for name, (fit, needed) in fits.items()
        if name in body and not fit(body[name])
    ]
    missing = [name for name in ("record_type", "deed", "values") if name not in body]
    findings += [queries.wrong(name, "", "a value") for name in missing]
    if ("ids" in body) == ("parameters" in body):
        findings.append(queries.wrong("ids", "", "either ids or parameters"))
    if findings:
        raise blocked(Blocked(findings))
    return body


def _are_texts(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(one, str) and "\0" not in one for one in value.values())


def _finding(finding: dict[str, Any]) -> dict[str, Any]:
    return {name: finding.get(name, "") for name in _FINDING}


def _item(one: reporting.Told) -> dict[str, Any]:
    return {
        "id": one.item.pk,
        "record_id": one.item.record_id,
        "given": one.item.given,
        "outcome": str(one.item.outcome),
        "version": one.item.version,
        "findings": [_finding(finding) for finding in one.item.findings],
    }


def shown(run: BulkRun) -> dict[str, Any]:
    """Return a bulk change as the API shows it."""
    return {
        "id": run.pk,
        **{name: getattr(run, name) for name in _ASKED},
        "asked_by": {"id": run.asked_by_id, "name": str(run.asked_by)},
        "state": str(run.state),
        "total": run.total,
        "repeated": run.repeated,
        **{name: getattr(run, name) for name in _COUNTS},
        "trouble": [_finding(finding) for finding in run.trouble],
        "undoes": run.undoes_id,
        "created_at": representation.instant(run.created_at),
        "started_at": representation.plain(run.started_at),
        "finished_at": representation.plain(run.finished_at),
    }
