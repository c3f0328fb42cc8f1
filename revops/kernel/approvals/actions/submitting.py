"""Submit a record for approval, inside the change of the action that asks for it. Source: M6 (submit)."""

from datetime import datetime, timedelta
from typing import Any

from revops.kernel import audit, outbox
from revops.kernel.approvals import purposes, routes, storing
from revops.kernel.approvals.asking import Asked, Planned
from revops.kernel.approvals.enums import RequestState, StepState
from revops.kernel.approvals.models import ApprovalCandidate, ApprovalRequest, ApprovalStep
from revops.kernel.approvals.routes import Way
from revops.kernel.audit.writing import remember
from revops.kernel.identity.models import User
from revops.kernel.people.access.organisation import current as organisation
from revops.kernel.policies import decisions


def submit(subject: Any, purpose: str, by: User) -> ApprovalRequest:
    """Ask for the approval of a stored record as it is now, inside the open change.

    Where no rule asks for one, or all that is asked was granted before and still holds, it is approved at once and
    `granted` is called. Raises Blocked with every finding: a request under way, an approval that holds, nobody to ask.
    """
    change = audit.current()
    kind, now = purposes.get(purpose), change.occurred_at
    way = routes.way(kind, kind.fresh(subject.pk), by, now)
    if way.findings:
        raise audit.Blocked(way.findings)
    request = _request(way, subject, by, now)
    steps = _steps(way, request, now)
    for written in (request, *steps):
        remember(written)  # they go on in this change
    outbox.emit("approval.submitted", request, storing.told(request, by))
    storing.settle(request, steps, kind, subject, by=by, now=now)
    return request


def _request(way: Way, subject: Any, by: User, now: datetime) -> ApprovalRequest:
    fired, purpose = way.fired, way.purpose
    answer = fired.answer
    decision = decisions.record(
        fired.policy, subject, answer, question={"broken": fired.broken}, values=fired.values, at=now
    )
    lapses = fired.body.open_days
    request = ApprovalRequest(
        purpose=purpose.key,
        title=f"{purpose.title}: {purpose.describe(subject)}"[:200],
        subject_type=purpose.record_type,
        subject_id=subject.pk,
        subject_owner_id=way.owner,
        content_hash=way.bound,
        snapshot=way.content,
        state=RequestState.PENDING,
        policy_ref=fired.policy.ref,
        decision=decision,
        previous=way.previous,
        submitter=by,
        team_id=organisation().home_team.get(by.pk),
        submitted_at=now,
        valid_until=now + timedelta(days=lapses) if lapses else None,
    )
    return audit.write(request)


def _steps(way: Way, request: ApprovalRequest, now: datetime) -> list[ApprovalStep]:
    """Write the steps and who is asked; what is carried over is settled from the start."""
    steps = [
        ApprovalStep(
            request=request,
            seq=number,
            level=step.level,
            title=step.title[:200],
            rules=[way.fired.reasons[rule.key].as_json() for rule in step.rules],
            mode=step.mode,
            needed=step.k,
            state=StepState.SKIPPED if carried.step else StepState.WAITING,
            closed_at=now if carried.step else None,
            carried_from_id=storing.first_of(carried.step.pk) if carried.step else None,
            carried_because=carried.why[:400],
        )
        for number, (step, carried) in enumerate(zip(way.steps, way.carried, strict=True), 1)
    ]
    audit.write_many(steps)
    asked = [
        candidate
        for step, planned in zip(steps, way.steps, strict=True)
        for candidate in _candidates(step, planned)
    ]
    audit.write_many(asked)
    return steps


def _candidates(step: ApprovalStep, planned: Planned) -> list[ApprovalCandidate]:
    found: dict[tuple[int, Asked], ApprovalCandidate] = {}
    for number, slot in enumerate(planned.slots):
        for one in slot.asked:
            key = (number, Asked(one.person, one.role))
            found[key] = ApprovalCandidate(
                step=step,
                slot=number,
                needed=slot.needed,
                person_id=one.person,
                role=one.role,
                why=one.why[:200],
            )
    return list(found.values())
