"""A step has waited too long: the managers of those asked are asked as well. Nothing is decided by silence. M6."""

from collections.abc import Iterable

from revops.kernel import audit, outbox
from revops.kernel.approvals import routing, storing
from revops.kernel.approvals.actions.leaving import ask
from revops.kernel.approvals.asking import Directory
from revops.kernel.approvals.enums import RequestState, StepState
from revops.kernel.approvals.models import ApprovalCandidate, ApprovalRequest, ApprovalStep
from revops.kernel.identity.models import User


def escalate(*, step: int, by: User | None = None) -> bool:
    """Ask the managers of those whom an open step asks, once; say whether anybody was added.

    A step that is over, or was escalated before, stays as it is: a late or doubled call changes nothing.
    """
    system = by or User.objects.system()
    found = ApprovalStep.objects.filter(pk=step).first()
    if found is None or not _waits(found):
        return False
    with audit.change(by=system, action="approval.escalate") as change:
        request = audit.lock(ApprovalRequest.objects.all(), pk=found.request_id)
        held = audit.lock(ApprovalStep.objects.all(), pk=step)
        if not _waits(held) or request.state != RequestState.PENDING:
            return False
        barred = frozenset({request.submitter_id, request.subject_owner_id or 0})
        rows = list(ApprovalCandidate.objects.filter(step=held).order_by("pk"))
        added = _add(rows, routing.directory(), barred)
        held.escalated_at = change.occurred_at
        audit.write(held)
        payload = {**storing.told(request, system), "request": request.pk, "asked": added}
        outbox.emit("approval.escalated", held, payload)
        return bool(added)


def _waits(step: ApprovalStep) -> bool:
    return step.state == StepState.OPEN and step.escalated_at is None


def _add(rows: Iterable[ApprovalCandidate], directory: Directory, barred: frozenset[int]) -> list[int]:
    """Ask the manager of each candidate, of each holder of a role; where nobody stands above, RevOps."""
    added: list[int] = []
    for row in rows:
        people = [row.person_id] if row.person_id else sorted(directory.holding(row.role))
        above = {directory.above(person, barred) for person in people}
        for manager in sorted(above, key=lambda one: one or 0):
            why = (
                f"{directory.name(people[0])} has not decided in time"
                if len(people) == 1
                else "Not decided in time"
            )
            if ask(row, manager, why, escalated=True) and manager is not None:
                added.append(manager)
    return added
