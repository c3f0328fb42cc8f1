"""What a course says, written: steps opened and closed, the request ended, and what follows called once."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, cast

from revops.kernel import audit, outbox, policies
from revops.kernel.approvals import courses, pacing
from revops.kernel.approvals.asking import LAST_RESORT
from revops.kernel.approvals.bodies import ApprovalBody
from revops.kernel.approvals.course import Course, Stage
from revops.kernel.approvals.enums import UNDECIDED, RequestState, StepState
from revops.kernel.approvals.models import ApprovalCandidate, ApprovalRequest, ApprovalStep
from revops.kernel.approvals.purposes import Purpose
from revops.kernel.audit.writing import lock_many, remember, require_lock
from revops.kernel.identity.models import User

_EVENTS = {
    RequestState.APPROVED: "approval.granted",
    RequestState.REJECTED: "approval.rejected",
    RequestState.RECALLED: "approval.recalled",
    RequestState.STALE: "approval.staled",
    RequestState.EXPIRED: "approval.expired",
}


def told(request: ApprovalRequest, by: User) -> dict[str, Any]:
    """Return what every event about a request says."""
    return {
        "purpose": request.purpose,
        "subject_type": request.subject_type,
        "subject": request.subject_id,
        "submitter": request.submitter_id,
        "by": by.pk,
    }


def locked_steps(request: ApprovalRequest) -> list[ApprovalStep]:
    """Lock the steps of a locked request, in their order."""
    return sorted(lock_many(ApprovalStep.objects.filter(request=request)), key=lambda step: step.seq)


def first_of(pk: int) -> int:
    """Return the step in which the decisions were taken that a step was carried over from."""
    origin = ApprovalStep.objects.filter(pk=pk).values_list("carried_from", flat=True).first()
    return origin or pk


def settle(
    request: ApprovalRequest,
    steps: Sequence[ApprovalStep],
    purpose: Purpose,
    subject: Any,
    *,
    by: User,
    now: datetime,
    course: Course | None = None,
    note: str = "",
) -> None:
    """Write where a request stands now: `course`, or the first step of one that was just submitted."""
    if course is None:
        course = courses.load(request, steps, owner=request.subject_owner_id).moved()
    _write_steps(request, steps, course, by, now)
    if course.state != RequestState.PENDING:
        end(request, course.state, by=by, now=now, note=note)
        follow = purpose.granted if course.state == RequestState.APPROVED else purpose.rejected
        follow(_lockable(purpose, subject), request)


def _lockable(purpose: Purpose, subject: Any) -> Any:
    """Return the record as it may be written: the one in hand where this change has locked it."""
    try:
        require_lock(subject)
    except TypeError:
        return purpose.locked(subject.pk)
    return subject


def end(request: ApprovalRequest, state: RequestState, *, by: User, now: datetime, note: str = "") -> None:
    """Write the end of a locked request and say so. An approval holds as long as its policy lets it."""
    request.state, request.decided_at, request.note = state, now, note[:400]
    if state == RequestState.APPROVED:
        body = cast(ApprovalBody, _policy(request).body)
        request.valid_until = now + timedelta(days=body.valid_days) if body.valid_days else None
    audit.write(request)
    outbox.emit(_EVENTS[state], request, {**told(request, by), "note": note[:400]})


def _policy(request: ApprovalRequest) -> Any:
    """Return the version that a request was submitted under."""
    if request.decision is not None:
        return policies.decisions.policy_of(request.decision)
    return policies.get(_key(request.policy_ref))


def _key(ref: str) -> str:
    return ref.partition("@")[0].partition("[")[0]


def _write_steps(
    request: ApprovalRequest, steps: Sequence[ApprovalStep], course: Course, by: User, now: datetime
) -> None:
    by_seq = {step.seq: step for step in steps}
    moved: list[ApprovalStep] = []
    for stage in course.stages:
        step = by_seq.get(stage.seq)
        if step is None:
            opened = _second_pair(request, stage, steps, now)
            remember(opened)
            pacing.start(opened, request)
            outbox.emit("approval.step_opened", opened, {**told(request, by), "request": request.pk})
        elif step.state != stage.state:
            _move(step, stage.state, now)
            moved.append(step)
    audit.write_many(moved)
    for step in moved:
        if step.state == StepState.OPEN:
            pacing.start(step, request)
            outbox.emit("approval.step_opened", step, {**told(request, by), "request": request.pk})
        elif step.opened_at is not None:
            pacing.stop(step, by_decision=step.state != StepState.CANCELLED)


def move(steps: Sequence[ApprovalStep], state: StepState, now: datetime) -> None:
    """Bring locked steps to an end together, and stop their clocks."""
    for step in steps:
        _move(step, state, now)
    audit.write_many(steps)
    for step in steps:
        if step.opened_at is not None:
            pacing.stop(step, by_decision=False)


def _move(step: ApprovalStep, state: StepState, now: datetime) -> None:
    step.state = state
    if state == StepState.OPEN:
        step.opened_at = now
    elif state not in UNDECIDED:
        step.closed_at = now


def _second_pair(
    request: ApprovalRequest, stage: Stage, steps: Iterable[ApprovalStep], now: datetime
) -> ApprovalStep:
    """Write the step that a second human decides: whoever was asked at that level, or RevOps."""
    step = ApprovalStep(
        request=request,
        seq=stage.seq,
        level=stage.level,
        title=f"A second person at level {stage.level}",
        mode=stage.mode,
        needed=stage.k,
        state=StepState.OPEN,
        second_pair=True,
        opened_at=now,
    )
    audit.write(step)
    highest = [one.pk for one in steps if one.level == stage.level]
    known = ApprovalCandidate.objects.filter(step__in=highest)
    asked = {(row.person_id, row.role) for row in known} | {(None, LAST_RESORT)}
    why = f"From level {stage.level} on two different people decide"
    audit.write_many(
        [
            ApprovalCandidate(step=step, person_id=person, role=role, why=why)
            for person, role in sorted(asked, key=str)
        ]
    )
    return step
