"""The clock of each step: it runs from the step's opening to its end. Nothing is ever approved because time ran out.

Defaults: 24 hours at levels 1 to 3, 48 from level 4 on (c-defaults, approval.sla).
"""

from revops.kernel import audit, sla
from revops.kernel.approvals.models import ApprovalRequest, ApprovalStep
from revops.kernel.policies import facts
from revops.kernel.policies.facts import Fact, FactSchema
from revops.kernel.policies.kinds import FactKind

POLICY = "approvals.step"
DECIDED, ENDED = "approval.step_decided", "approval.step_cancelled"

facts.register(
    FactSchema(
        "approvals.approvalstep",
        facts=(
            Fact("step.level", "Level of the step", FactKind.INTEGER),
            Fact("step.purpose", "Purpose of the approval", column="request__purpose"),
        ),
    )
)

CLOCK = sla.document(
    key=POLICY,
    title="Decision about an approval",
    record_type="approvals.approvalstep",
    target=sla.length(24, "hours"),
    targets=(
        {"when": {"f": "step.level", "op": "gte", "v": 4}, "target": sla.length(48, "hours")},
    ),
    clock="elapsed",
    stop_on=(DECIDED,),
    warn_at=(),
    escalation=(),
    source="c-defaults, approval.sla: L1–3 / L4+ 24 / 48 h",
    help="How long one step of an approval may wait. Once it is over, the managers of those asked are asked as well.",
)  # fmt: skip


def start(step: ApprovalStep, request: ApprovalRequest) -> None:
    """Start the clock of a locked step that has just opened, inside the open change.

    Nobody owns it: who is asked finds the step itself in My work, with when it is due.
    """
    known = {"step.level": step.level, "step.purpose": request.purpose}
    clock = sla.start(POLICY, step, facts=known, scope={})
    step.due_at = clock.due_at
    audit.write(step)


def stop(step: ApprovalStep, *, by_decision: bool) -> None:
    """Stop the clock of a step that is over, inside the open change."""
    if by_decision:
        sla.signal(step, DECIDED)
    else:
        sla.cancel(step, POLICY, event=ENDED)
