"""What a request for change has to do with the approval engine: two purposes, asking, whether a yes still holds."""

from typing import Any

from governance.actions.rfcs import checking, content, deciding
from governance.actions.rfcs.telling import tell
from governance.enums import RfcState
from governance.models import ChangeRequest
from governance.policies import board, clocks
from revops.kernel import approvals, audit, sla
from revops.kernel.approvals import Purpose
from revops.kernel.approvals.actions import recalling
from revops.kernel.approvals.enums import RequestState
from revops.kernel.approvals.models import ApprovalRequest
from revops.kernel.identity.models import User

PURPOSE, RATIFICATION = "rfc", "rfc_ratification"
_LABELS = {
    "changes": "Changes",
    "urgency": "Urgency",
    "window_from": "Window from",
    "window_to": "Window until",
    "rollback_plan": "How it is taken back",
}


def ask(rfc: ChangeRequest, by: User) -> None:
    """Ask the change board, inside the open change."""
    approvals.submit(rfc, PURPOSE, by)


def ask_afterwards(rfc: ChangeRequest) -> None:
    """Ask the whole board to ratify what went live in an emergency, and start its clock. Source: d1."""
    approvals.submit(rfc, RATIFICATION, rfc.requester)
    sla.start(clocks.RATIFY, rfc, owner=rfc.requester)


def is_current(rfc: ChangeRequest) -> bool:
    """Say whether the board's yes holds for what the request says now."""
    return approvals.is_current(rfc, PURPOSE)


def drop(rfc: ChangeRequest, by: User, reason: str) -> None:
    """Recall what waits for the board about a request that is given up or rolled back, inside the open change."""
    for purpose in (PURPOSE, RATIFICATION):
        request = approvals.request_of(rfc, purpose)
        if request is not None and request.state == RequestState.PENDING:
            held = audit.lock(ApprovalRequest.objects.all(), pk=request.pk)
            recalling.withdraw(held, rfc, by=by, reason=reason)


def _ratified(rfc: ChangeRequest, request: Any) -> None:
    """Note that the whole board agrees with what went live in an emergency."""
    rfc.ratified_at = audit.current().recorded_at
    audit.write(rfc)
    sla.signal(rfc, "rfc.ratified")
    tell("rfc.ratified", rfc)


def _refused(rfc: ChangeRequest, request: Any) -> None:
    """Ask for the rollback of an emergency that the board does not ratify."""
    sla.signal(rfc, "rfc.ratified")
    checking.ask_for_rollback(rfc, "The board did not ratify it.")


approvals.register(
    Purpose(
        key=PURPOSE,
        record_type="governance.changerequest",
        title="Request for change",
        content=content.covered,
        policy_key=board.BOARD,
        granted=deciding.granted,
        rejected=deciding.rejected,
        stale=deciding.stale,
        recalled=deciding.stale,
        owner_of=lambda rfc: rfc.requester_id,
        parts={
            "governance.rfcchange": lambda change: change.rfc_id,
            "policies.policyversion": content.rfc_of,
        },
        labels=_LABELS,
        describe=lambda rfc: f"{rfc.number} {rfc.title}",
        asks=lambda rfc: rfc.state == RfcState.DRAFT,
    )
)
approvals.register(
    Purpose(
        key=RATIFICATION,
        record_type="governance.changerequest",
        title="Ratification of an emergency change",
        content=content.covered,
        policy_key=board.RATIFICATION,
        granted=_ratified,
        rejected=_refused,
        owner_of=lambda rfc: rfc.requester_id,
        labels=_LABELS,
        describe=lambda rfc: f"{rfc.number} {rfc.title}",
    )
)
