"""Who is told about an approval: those who are asked, at once and by e-mail; and whoever asked, what became of it.

The link of an e-mail leads to the page of the request; it decides nothing by itself.
"""

from revops.kernel import outbox
from revops.kernel.approvals import queries
from revops.kernel.approvals.enums import RequestState, StepState
from revops.kernel.approvals.models import ApprovalRequest, ApprovalStep
from revops.kernel.notifications import kinds, notify
from revops.kernel.notifications.enums import Mail
from revops.kernel.notifications.kinds import Kind
from revops.kernel.outbox.models import OutboxEvent

ASKED, ENDED = "approval.asked", "approval.ended"
LABEL = "approvals.approvalrequest"
_SAID = {
    RequestState.APPROVED: "is approved",
    RequestState.REJECTED: "was rejected",
    RequestState.STALE: "is out of date: it has to be submitted again",
    RequestState.EXPIRED: "has lapsed",
    RequestState.RECALLED: "was taken back",
}

kinds.register(Kind(ASKED, "Approvals that wait for you", "Somebody asks you to decide.", mail=Mail.ONCE))
kinds.register(Kind(ENDED, "What became of your approvals", "Approved, rejected, out of date or lapsed."))


@outbox.receives("approval.step_opened", key="records.approval_asked")
@outbox.receives("approval.escalated", key="records.approval_escalated")
def tell_asked(event: OutboxEvent) -> None:
    """Tell everybody who may decide an open step that it waits for them; each once a step."""
    step = (
        ApprovalStep.objects.filter(pk=event.subject_id, state=StepState.OPEN)
        .select_related("request")
        .first()
    )
    if step is None or step.request.state != RequestState.PENDING:
        return
    notify(
        sorted(queries.deciders(step)),
        ASKED,
        f"{step.request.title} waits for your decision",
        f"{step.request.submitter} asks: {step.title}",
        f"/approvals/{step.request_id}/",
        (LABEL, step.request_id),
        dedupe_key=f"approval.step:{step.pk}",
    )


@outbox.receives("approval.granted", key="records.approval_granted")
@outbox.receives("approval.rejected", key="records.approval_rejected")
@outbox.receives("approval.staled", key="records.approval_staled")
@outbox.receives("approval.expired", key="records.approval_expired")
def tell_submitter(event: OutboxEvent) -> None:
    """Tell whoever asked what became of it, unless they did it themselves."""
    if event.payload["submitter"] == event.payload["by"]:
        return
    request = ApprovalRequest.objects.filter(pk=event.subject_id).first()
    if request is None:
        return
    state = {"approval.granted": RequestState.APPROVED, "approval.staled": RequestState.STALE}.get(
        event.type, RequestState.REJECTED if event.type == "approval.rejected" else RequestState.EXPIRED
    )
    notify(
        [event.payload["submitter"]],
        ENDED,
        f"{request.title} {_SAID[state]}",
        event.payload.get("note", ""),
        f"/approvals/{request.pk}/",
        (LABEL, request.pk),
        dedupe_key=f"event:{event.pk}",
    )
