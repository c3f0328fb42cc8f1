"""What waits for one's decision, what is asked, deciding it, and who would be asked."""

from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from rest_framework.request import Request
from rest_framework.response import Response

from revops.api import queries, representation
from revops.api.approvals.components import LINE, TAG, typed
from revops.api.problems import BAD_QUERY, blocked
from revops.api.schema.operation import RECORD_ID, TEXT, documented, in_query, ref
from revops.api.views import ApiView, body_of, user_of
from revops.kernel import approvals
from revops.kernel.approvals import purposes
from revops.kernel.approvals import queries as reading
from revops.kernel.approvals.models import ApprovalRequest, ApprovalStep
from revops.kernel.audit import Blocked
from revops.kernel.people import access
from revops.kernel.records import registry
from revops.kernel.records.work.approvals import showing

LABEL = "approvals.approvalrequest"
MOST = 200


class Inbox(ApiView):
    """What waits for the decision of whoever asks."""

    @documented(
        id="approvals_inbox",
        summary="List what waits for your decision",
        response=ref("ApprovalInbox"),
        **TAG,
    )
    def get(self, request: Request) -> Response:
        queries.none(request)
        rows = reading.inbox(user_of(request))[:MOST]
        return Response({"results": [_waiting(step) for step in rows]})


class Content(ApiView):
    """What is asked, and who decides it."""

    @documented(
        id="approval_content_read",
        summary="Read what is asked, beside what was approved before, and who decides",
        response=ref("ApprovalContent"),
        **TAG,
    )
    def get(self, request: Request, id: int) -> Response:
        queries.none(request)
        return Response(_content(request, id))


class Decision(ApiView):
    """Deciding one step."""

    @documented(
        id="approval_decide",
        summary="Approve or reject a step that waits for you",
        description="A rejection needs a comment. Whoever comes second is told who was first (409).",
        request=ref("ApprovalDecision"),
        response=ref("ApprovalContent"),
        problems=(409,),
        **TAG,
    )
    def post(self, request: Request, id: int) -> Response:
        body = typed(body_of(request), {"step": int, "decision": str, "comment": str}, ("step", "decision"))
        step = body["step"]
        found = ApprovalStep.objects.filter(pk=step, request=id) if 0 < step < 2**63 else None
        if found is None or not found.exists() or not _visible(request).filter(pk=id).exists():
            raise ObjectDoesNotExist
        comment = body.get("comment", "")
        approvals.decide(by=user_of(request), step=step, decision=body["decision"], comment=comment)
        return Response(_content(request, id))


class Preview(ApiView):
    """Who would be asked."""

    @documented(
        id="approvals_preview",
        summary="Say who would be asked if you submitted a record now",
        response=ref("ApprovalPreview"),
        parameters=[
            in_query("record_type", TEXT, "The list the record is in: the last part of its address."),
            in_query("id", RECORD_ID, "The record."),
            in_query(
                "purpose", TEXT, "What it would be approved for; needed where there are several purposes."
            ),
        ],
        **TAG,
    )
    def get(self, request: Request) -> Response:
        given = queries.single(request)
        known = {"record_type", "id", "purpose"}
        findings = [
            queries.wrong(name, given[name], ", ".join(known)) for name in sorted(given.keys() - known)
        ]
        kind = next((one for one in registry.every() if one.slug == given.get("record_type")), None)
        held = purposes.of_type(kind.label) if kind is not None else []
        if given.get("purpose"):
            held = [one for one in held if one.key == given["purpose"]]
        if kind is None or len(held) != 1:
            needed = "a list whose records are approved, and one of its purposes"
            findings.append(queries.wrong("record_type", given.get("record_type", ""), needed))
        if not given.get("id", "").isascii() or not given.get("id", "").isdigit() or len(given["id"]) > 18:
            findings.append(queries.wrong("id", given.get("id", ""), "the id of a record"))
        if findings or kind is None:
            raise blocked(Blocked(findings), BAD_QUERY)
        record = kind.model.objects.visible_to(user_of(request)).get(pk=int(given["id"]))
        return Response(_previewed(approvals.preview(record, held[0].key, user_of(request))))


def _visible(request: Request) -> Any:
    """Return the requests one may see. Raises ObjectDoesNotExist for who may see none."""
    if not access.rights(request.user, LABEL).sees_any:
        raise ObjectDoesNotExist
    return ApprovalRequest.objects.visible_to(request.user)


def _waiting(step: ApprovalStep) -> dict[str, Any]:
    asked = step.request
    return {
        "step": step.pk,
        "approval": asked.pk,
        "title": asked.title,
        "asks_for": step.title,
        "submitter": {"id": asked.submitter_id, "name": asked.submitter.name},
        "opened_at": representation.plain(step.opened_at),
        "due_at": representation.plain(step.due_at),
    }


def _content(request: Request, pk: int) -> dict[str, Any]:
    found = _visible(request).get(pk=pk)
    shown = showing.request(found, user_of(request))
    return {
        "id": found.pk,
        "version": found.version,
        "title": found.title,
        "state": found.state,
        "note": found.note,
        "lines": [{name: getattr(line, name) for name in LINE} for line in shown.lines],
        "steps": [_step(step) for step in shown.steps],
    }


def _step(step: showing.StepShown) -> dict[str, Any]:
    return {
        "id": step.pk,
        "level": step.level,
        "title": step.title,
        "state": step.state,
        "reasons": list(step.reasons),
        "asked": list(step.asked),
        "how": step.how,
        "carried_because": step.because,
        "due_at": representation.plain(step.due_at),
        "may_decide": step.mine,
        "decisions": [
            {
                "by": one.who,
                "instead_of": one.instead_of,
                "decision": "approve" if one.grants else "reject",
                "at": representation.plain(one.at),
                "comment": one.comment,
            }
            for one in step.said
        ],
    }


def _previewed(found: Any) -> dict[str, Any]:
    return {
        "purpose": found.purpose,
        "title": found.title,
        "rules": found.policy,
        "steps": [step.as_json() for step in found.steps],
        "two_people": found.two_people,
        "refused_because": [one.message for one in found.findings],
    }
