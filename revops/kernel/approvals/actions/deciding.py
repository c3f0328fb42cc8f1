"""Decide a step: the record is locked first, then the request, then the pure course is asked. Source: M6 (decide)."""

from datetime import datetime
from typing import Any

from revops.kernel import audit
from revops.kernel.approvals import content, courses, purposes, storing
from revops.kernel.approvals.course import Course, Refusal, Why
from revops.kernel.approvals.enums import Verdict
from revops.kernel.approvals.models import ApprovalDecision, ApprovalRequest, ApprovalStep
from revops.kernel.approvals.refusing import gone, objection
from revops.kernel.audit import Blocked, Finding
from revops.kernel.identity.models import User
from revops.kernel.people import access

MOST_COMMENT = 2_000


def decide(
    *, by: User, step: ApprovalStep | int, decision: str, comment: str = "", version: int | None = None
) -> ApprovalRequest:
    """Approve or reject one open step, for oneself or for somebody who has delegated to one.

    `version` is that of the request as it was seen. The first decision of an any-of step closes it; whoever comes
    second gets a Conflict that says who was first, and when. Raises Blocked with every finding (a rejection without a
    comment), Conflict, Forbidden for who is not asked, who submitted it or owns the record, DoesNotExist.
    """
    pk = step if isinstance(step, int) else step.pk
    action = "approval.reject" if decision == Verdict.REJECT else "approval.approve"
    with audit.change(by=by, action=action, reason=comment) as change:
        found = ApprovalStep.objects.get(pk=pk)
        seen = ApprovalRequest.objects.visible_to(by).get(pk=found.request_id)
        purpose = purposes.find(seen.purpose)
        if purpose is None:
            raise gone(seen)
        subject = purpose.locked(seen.subject_id)
        request = audit.lock(ApprovalRequest.objects.all(), pk=seen.pk, version=version)
        steps = storing.locked_steps(request)
        course = courses.load(request, steps, owner=purpose.owner(subject))
        findings = _findings(decision, comment)
        now, bound = change.occurred_at, content.digest(purpose.content(subject))
        held = next(one for one in steps if one.pk == pk)
        voice, why = _voice(course, held.seq, by, bound, now)
        if why is not None:
            raise objection(why, request, held, by)
        access.require(by, "decide", request)
        if findings:
            raise Blocked(findings)
        return _voted(purpose, subject, request, steps, course, held, by, voice, decision, comment, bound)


def _findings(decision: str, comment: str) -> list[Finding]:
    found = []
    if decision not in Verdict.values:
        message = f"{decision[:20]!r} is no decision. Approve or reject."
        needed = " or ".join(Verdict.values)
        found.append(Finding("APR-020", message, field="decision", found=decision[:20], needed=needed))
    if decision == Verdict.REJECT and not any(char.isprintable() and not char.isspace() for char in comment):
        message = "Say why you reject it, so that it can be put right. Whoever asked is told."
        found.append(Finding("APR-021", message, field="comment", needed="a few words"))
    if len(comment) > MOST_COMMENT:
        message = f"A comment has at most {MOST_COMMENT:,} characters; this has {len(comment):,}. Shorten it."
        needed = f"at most {MOST_COMMENT} characters"
        found.append(Finding("APR-022", message, field="comment", found=str(len(comment)), needed=needed))
    return found


def _voice(course: Course, seq: int, by: User, bound: str, now: datetime) -> tuple[int, Why | None]:
    """Return for whom somebody speaks here: themselves where they are asked, else who delegated to them."""
    stage = next(one for one in course.stages if one.seq == seq)
    first: Why | None = None
    for voice in courses.voices(by.pk, now):
        why = course.objection(stage, by.pk, voice, content=bound, now=now)
        if why is None:
            return voice, None
        first = first or why
    return by.pk, first


def _voted(
    purpose: purposes.Purpose,
    subject: Any,
    request: ApprovalRequest,
    steps: list[ApprovalStep],
    course: Course,
    held: ApprovalStep,
    by: User,
    voice: int,
    decision: str,
    comment: str,
    bound: str,
) -> ApprovalRequest:
    now = audit.current().occurred_at
    try:
        after = course.vote(held.seq, by.pk, voice, decision == Verdict.APPROVE, content=bound, now=now)
    except Refusal as error:
        raise objection(error.why, request, held, by) from None
    stage = next(one for one in after.stages if one.seq == held.seq)
    audit.write(
        ApprovalDecision(
            step=held,
            approver=by,
            delegate_of_id=voice if voice != by.pk else None,
            voice_id=voice,
            slots=sorted(stage.votes[-1].places),
            decision=decision,
            comment=comment.strip(),
            at=now,
        )
    )
    note = f"{by}: {comment.strip()}" if decision == Verdict.REJECT else ""
    storing.settle(request, steps, purpose, subject, by=by, now=now, course=after, note=note)
    return request
