"""What approvals do about events and by the clock, one action call each; and the job that brings words in line."""

from revops.kernel import outbox
from revops.kernel.approvals import pacing
from revops.kernel.approvals.actions.escalating import escalate
from revops.kernel.approvals.actions.expiring import expire_due
from revops.kernel.outbox import OutboxEvent

_STEP = "approvals.approvalstep"


@outbox.receives("sla.breached", key="approvals.escalate", acts=True)
def escalate_overdue(event: OutboxEvent) -> None:
    """Ask the managers once the clock of a step has breached."""
    payload = event.payload
    if payload.get("subject_type") == _STEP and str(payload.get("policy", "")).startswith(pacing.POLICY):
        escalate(step=int(payload["subject_id"]))


@outbox.job("approvals.expire", owner="REVOPS", every=600)
def expire() -> str:
    """Mark the approvals that have lapsed."""
    return f"{expire_due()} approvals lapsed"
