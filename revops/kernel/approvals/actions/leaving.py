"""An approver leaves: in the change that deactivates them, whoever stands above is asked instead. Source: M6, M7."""

from revops.kernel import audit
from revops.kernel.approvals import routing
from revops.kernel.approvals.asking import LAST_RESORT
from revops.kernel.approvals.enums import UNDECIDED, RequestState
from revops.kernel.approvals.models import ApprovalCandidate, ApprovalRequest
from revops.kernel.identity.models import User


def asked_by_name(leaver: User) -> list[ApprovalCandidate]:
    """Return where somebody is asked by name and has not been overtaken."""
    rows = ApprovalCandidate.objects.filter(
        person=leaver, step__state__in=UNDECIDED, step__request__state=RequestState.PENDING
    )
    return list(rows.select_related("step__request").order_by("pk"))


def replace_leaver(leaver: User) -> None:
    """Ask the manager of somebody who leaves, or RevOps, wherever they were asked by name; inside the open change."""
    candidates = asked_by_name(leaver)
    if not candidates:
        return
    for pk in sorted({one.step.request_id for one in candidates}):
        audit.lock(ApprovalRequest.objects.all(), pk=pk)
    directory = routing.directory()
    for one in candidates:
        request = one.step.request
        barred = frozenset({request.submitter_id, request.subject_owner_id or 0, leaver.pk})
        ask(one, directory.above(leaver.pk, barred), f"In place of {leaver}, who has left")


def foresee(leaver: User) -> str:
    """Say what `replace_leaver` will do."""
    waiting = len(asked_by_name(leaver))
    noun = "approval that waits" if waiting == 1 else "approvals that wait"
    return f"{waiting} {noun} for them will be asked of their manager" if waiting else ""


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
