"""The whole way a request would take, before anything is written: what a preview shows and a submission writes. M6."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from revops.kernel.approvals import content, courses, routing
from revops.kernel.approvals.asking import Directory, Planned, Question, plan
from revops.kernel.approvals.carrying import Before, Carried, carry
from revops.kernel.approvals.course import Place, Stage
from revops.kernel.approvals.enums import RequestState, StepState
from revops.kernel.approvals.models import ApprovalRequest, ApprovalStep
from revops.kernel.approvals.purposes import Purpose
from revops.kernel.approvals.routing import Fired
from revops.kernel.audit import Finding
from revops.kernel.identity.models import User

_REUSED = (RequestState.STALE, RequestState.RECALLED, RequestState.REJECTED)


@dataclass(frozen=True)
class Way:
    """What would be asked about a record, and of whom."""

    purpose: Purpose
    content: dict[str, Any]
    bound: str
    fired: Fired
    steps: tuple[Planned, ...]
    carried: tuple[Carried, ...]
    findings: tuple[Finding, ...]
    previous: ApprovalRequest | None
    directory: Directory
    owner: int | None


def way(purpose: Purpose, record: Any, by: User, now: datetime) -> Way:
    """Return the way of a request about a stored record, in a constant number of statements."""
    held = content.plain(dict(purpose.content(record)))
    bound = content.digest(held)
    fired = routing.fired(purpose, record, now)
    people = routing.directory()
    owner = purpose.owner(record)
    steps, findings = plan(fired.rules, people, Question(by.pk, owner))
    previous = latest(purpose, record.pk)
    findings = [*_standing(previous, bound, now), *findings]
    before = _before(previous, owner)
    carried = [_carried(number, step, fired, bound, before) for number, step in enumerate(steps, 1)]
    return Way(
        purpose, held, bound, fired, tuple(steps), tuple(carried), tuple(findings), previous, people, owner
    )


def latest(purpose: Purpose, pk: int) -> ApprovalRequest | None:
    """Return the newest request about a record for a purpose."""
    rows = ApprovalRequest.objects.filter(
        subject_type=purpose.record_type, subject_id=pk, purpose=purpose.key
    )
    found: ApprovalRequest | None = rows.order_by("-pk").first()
    return found


def _standing(previous: ApprovalRequest | None, bound: str, now: datetime) -> list[Finding]:
    """Return what a request that stands already says against another one."""
    if previous is None:
        return []
    if previous.state == RequestState.PENDING:
        message = (
            f"It is waiting for approval since {previous.submitted_at:%Y-%m-%d %H:%M} UTC. Recall it first."
        )
        return [Finding("APR-002", message, found="waiting for approval", needed="no request under way")]
    lapsed = previous.valid_until is not None and previous.valid_until <= now
    if previous.state == RequestState.APPROVED and previous.content_hash == bound and not lapsed:
        message = "It is approved as it is. Submit it again once something has changed."
        return [Finding("APR-003", message, found="approved", needed="a content that is not approved")]
    return []


def stage_of(number: int, step: Planned) -> Stage:
    """Return a planned step as a stage that nobody has voted on."""
    places = tuple(Place(slot.people, slot.needed) for slot in step.slots)
    return Stage(number, step.level, step.mode, step.k, places, StepState.WAITING)


def _before(previous: ApprovalRequest | None, owner: int | None) -> list[Before]:
    """Return the steps of the request before that may be carried over."""
    if previous is None or previous.state not in _REUSED:
        return []
    steps: Sequence[ApprovalStep] = list(previous.steps.order_by("seq"))
    course = courses.load(previous, steps, owner=owner)
    return [
        Before(step.pk, stage, step.rules, previous.content_hash)
        for step, stage in zip(steps, course.stages, strict=True)
        if not step.second_pair
    ]


def _carried(number: int, step: Planned, fired: Fired, bound: str, before: Sequence[Before]) -> Carried:
    reasons = [fired.reasons[rule.key] for rule in step.rules]
    return carry(stage_of(number, step), reasons, bound, before)
