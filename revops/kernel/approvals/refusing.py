"""Why a vote does not count, in words: somebody was faster, the content has changed, or one may not decide."""

from typing import Any

from revops.kernel.approvals.course import Why
from revops.kernel.approvals.enums import RequestState, StepState, Verdict
from revops.kernel.approvals.models import ApprovalDecision, ApprovalRequest, ApprovalStep
from revops.kernel.audit import Blocked, Conflict
from revops.kernel.identity.models import User
from revops.kernel.people.access import Forbidden


class AlreadyDecided(Conflict):
    """Somebody decided first, or the request ended: who, and when."""

    def __init__(self, record: Any, said: str, *, by: str = "", at: Any = None) -> None:
        super().__init__(record, expected=record.version, changed_by=by, changed_at=at)
        self.args = (said,)


def objection(why: Why, request: ApprovalRequest, step: ApprovalStep, by: User) -> Exception:
    """Return the refusal that tells somebody why their vote does not count."""
    if why == Why.SUBMITTER:
        return Forbidden("You asked for this approval, so somebody else decides it.")
    if why == Why.OWNER:
        return Forbidden("The record is yours, so somebody else decides about it.")
    if why == Why.NOT_ASKED:
        return Forbidden("You are not among those who are asked here.")
    if why == Why.SAME_HUMAN:
        return Forbidden(
            "You have granted another step of this request; from this level on two different people decide."
        )
    if why == Why.STALE:
        return _stale(request)
    if why == Why.EXPIRED:
        message = (
            f"This request lapsed on {request.valid_until:%Y-%m-%d %H:%M} UTC. It has to be submitted again."
        )
        return Blocked.because(
            "APR-031", message, field="state", found="lapsed", needed="a request under way"
        )
    return _decided(request, step, by)


def gone(request: ApprovalRequest) -> Blocked:
    """Return the refusal to decide what nobody asks for any more."""
    message = (
        f"Nothing is approved for {request.purpose!r} any more, so there is nothing to decide. Whoever asked takes "
        "it back."
    )
    return Blocked.because("APR-032", message, found=request.purpose, needed="a purpose that there is")


def _stale(request: ApprovalRequest) -> Blocked:
    message = (
        "What was submitted has changed since, so nobody can approve it any more. It has to be submitted again "
        "as it is now."
    )
    return Blocked.because(
        "APR-030",
        message,
        field="state",
        found=str(request.get_state_display()),
        needed="the content submitted",
    )


def _decided(request: ApprovalRequest, step: ApprovalStep, by: User) -> AlreadyDecided:
    rows = ApprovalDecision.objects.filter(step=step).select_related("approver", "delegate_of")
    last = rows.order_by("-pk").first()
    own = rows.filter(approver=by).first()
    if own is not None:
        said = f"You have {_past(own.decision)} this at {own.at:%Y-%m-%d %H:%M} UTC already."
        return AlreadyDecided(request, said, by=str(by), at=own.at)
    if last is not None and step.state in (StepState.GRANTED, StepState.REJECTED):
        said = f"This was already {_past(last.decision)} by {last.approver} at {last.at:%Y-%m-%d %H:%M} UTC."
        return AlreadyDecided(request, said, by=str(last.approver), at=last.at)
    if request.state != RequestState.PENDING:
        ended = f" at {request.decided_at:%Y-%m-%d %H:%M} UTC" if request.decided_at else ""
        said = f"This request is {str(request.get_state_display()).lower()}{ended}: there is nothing left to decide."
        return AlreadyDecided(request, said, at=request.decided_at)
    return AlreadyDecided(
        request, f"“{step}” is {str(step.get_state_display()).lower()}: it cannot be decided now."
    )


def _past(decision: str) -> str:
    return "rejected" if decision == Verdict.REJECT else "approved"
