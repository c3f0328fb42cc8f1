"""Take a request back while it waits. Source: M6, b-transitions (Approval: recall)."""

from revops.kernel import audit
from revops.kernel.approvals import purposes, storing
from revops.kernel.approvals.enums import UNDECIDED, RequestState, StepState
from revops.kernel.approvals.models import ApprovalRequest, ApprovalStep
from revops.kernel.identity.models import User
from revops.kernel.people import access


def recall(
    *, by: User, request: ApprovalRequest | int, reason: str = "", version: int | None = None
) -> ApprovalRequest:
    """Take one's own request back while it waits; nothing of it can be decided any more.

    Raises Blocked for one that is over, Forbidden for who did not submit it, Conflict, DoesNotExist.
    """
    pk = request if isinstance(request, int) else request.pk
    with audit.change(by=by, action="approval.recall", reason=reason):
        seen = ApprovalRequest.objects.visible_to(by).get(pk=pk)
        purpose = purposes.find(seen.purpose)
        subject = purpose.locked(seen.subject_id) if purpose is not None else None
        held = audit.lock(ApprovalRequest.objects.all(), pk=pk, version=version)
        if held.submitter_id != by.pk:
            raise access.Forbidden("Only who submitted it takes it back.")
        access.require(by, "recall", held)
        return withdraw(held, subject, by=by, reason=reason)


def withdraw(request: ApprovalRequest, subject: object, *, by: User, reason: str = "") -> ApprovalRequest:
    """Recall a locked request of a locked record inside the open change: for actions that take the record back."""
    if request.state != RequestState.PENDING:
        state = str(request.get_state_display()).lower()
        message = f"This request is {state}; only one that waits is taken back."
        raise audit.Blocked.because("APR-040", message, field="state", found=state, needed="waiting")
    cancel(request)
    note = reason.strip()[:400]
    storing.end(request, RequestState.RECALLED, by=by, now=audit.current().occurred_at, note=note)
    if (purpose := purposes.find(request.purpose)) is not None:
        purpose.recalled(subject, request)
    return request


def cancel(request: ApprovalRequest) -> list[ApprovalStep]:
    """Cancel what is undecided of a locked request, inside the open change."""
    now = audit.current().occurred_at
    steps = [step for step in storing.locked_steps(request) if step.state in UNDECIDED]
    storing.move(steps, StepState.CANCELLED, now)
    return steps
