"""An approver leaves: in the change that deactivates them, whoever stands above is asked instead. Source: M6, M7."""

from revops.kernel import audit
from revops.kernel.approvals import routing
from revops.kernel.approvals.asking import LAST_RESORT
from revops.kernel.approvals.enums import UNDECIDED, RequestState
from revops.kernel.approvals.models import ApprovalCandidate, ApprovalRequest
from revops.kernel.audit import Change
from revops.kernel.identity.models import User


def replace_leavers(change: Change) -> None:
    """Ask the manager of everybody whom this change deactivates, or RevOps, wherever they were asked by name."""
    pairs = change.changed.get(User, [])
    leavers = {user.pk for user, before in pairs if before.get("is_active") and not user.is_active}
    if not leavers:
        return
    rows = ApprovalCandidate.objects.filter(
        person__in=leavers, step__state__in=UNDECIDED, step__request__state=RequestState.PENDING
    ).select_related("step__request", "person")
    candidates = list(rows.order_by("pk"))
    if not candidates:
        return
    for pk in sorted({one.step.request_id for one in candidates}):
        audit.lock(ApprovalRequest.objects.all(), pk=pk)
    directory = routing.directory()
    for one in candidates:
        request = one.step.request
        barred = frozenset({request.submitter_id, request.subject_owner_id or 0}) | leavers
        ask(one, directory.above(one.person_id, barred), f"In place of {one.person}, who has left")


def ask(instead: ApprovalCandidate, person: int | None, why: str, *, escalated: bool = False) -> bool:
    """Ask somebody beside a candidate, RevOps where there is nobody; say whether they were not asked before."""
    role = "" if person is not None else LAST_RESORT
    known = ApprovalCandidate.objects.filter(
        step=instead.step_id, slot=instead.slot, person=person, role=role
    )
    if known.exists():
        return False
    audit.write(
        ApprovalCandidate(
            step_id=instead.step_id,
            slot=instead.slot,
            needed=instead.needed,
            person_id=person,
            role=role,
            why=why[:200],
            escalated=escalated,
        )
    )
    return True
