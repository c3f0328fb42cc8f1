"""Hold the weekly review of a team's pipeline: who was there, what was said, what follows for whom. Source: addenda."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from opportunities.models import PipelineReview
from revops.kernel import audit, outbox
from revops.kernel.audit import Finding
from revops.kernel.identity.models import User
from revops.kernel.packets import actions as packets
from revops.kernel.packets.actions.tasks import Subject
from revops.kernel.packets.enums import ObligationKind, Priority
from revops.kernel.people import access
from revops.kernel.records import drafting

LABEL = "opportunities.pipelinereview"


def hold(
    *,
    by: User,
    pk: int,
    attendees: Collection[int],
    notes: str,
    version: int | None = None,
    reason: str = "",
) -> PipelineReview:
    """Say that a review was held: by whom, and what was said.

    Once: notes are changed afterwards, the day is not. Raises Blocked with every finding, Conflict when somebody was
    faster, Forbidden, DoesNotExist outside one's scope.
    """
    with audit.change(by=by, action="pipeline_review.hold", reason=reason) as change:
        review = _locked(by, pk, version, "hold")
        findings = _people(attendees)
        if review.held_at is not None:
            message = f"The review was held on {review.held_at.date()}. Change its notes instead."
            findings.append(Finding("PIP-001", message, field="held_at", needed="a review not held yet"))
        if findings:
            raise audit.Blocked(findings)
        review.attendees, review.notes, review.held_at = sorted(set(attendees)), notes, change.occurred_at
        audit.write(review)
        told = {"team": review.reviewed_team_id, "week": review.week.isoformat(), "by": by.pk}
        outbox.emit("pipeline_review.held", review, told)
        return review


def agree(
    *,
    by: User,
    pk: int,
    text: str,
    owner: int,
    due_on: date,
    version: int | None = None,
    reason: str = "",
) -> PipelineReview:
    """Let somebody do until a day what was agreed in a review: a decision action about it.

    Raises Blocked with every finding, Conflict, Forbidden, DoesNotExist outside one's scope.
    """
    with audit.change(by=by, action="pipeline_review.agree", reason=reason):
        review = _locked(by, pk, version, "agree")
        doer = User.objects.filter(pk=owner, is_active=True).first()
        if doer is None:
            message = f"There is nobody active with the id {owner}. Choose somebody else."
            raise audit.Blocked([Finding("PIP-003", message, field="owner", needed="an active person")])
        number = f"PRV-{review.pk:06d}"
        packets.add_obligation(
            kind=ObligationKind.DECISION_ACTION,
            text=text,
            owner=doer,
            subject=Subject(LABEL, review.pk, number),
            due_on=due_on,
            priority=Priority.NORMAL,
            source_ref=number,
        )
        return review


def edit_review(
    *, by: User, pk: int, changes: Mapping[str, Any], version: int | None = None, reason: str = ""
) -> PipelineReview:
    """Change the notes of a review, or who was there. Raises Blocked with every finding, Conflict, Forbidden."""
    with audit.change(by=by, action="pipeline_review.edit", reason=reason):
        review: PipelineReview = audit.lock(PipelineReview.objects.visible_to(by), pk=pk, version=version)
        access.require_edit(by, review, changes)
        draft = drafting.read(changes, review)
        if "attendees" in draft.given:
            draft.given["attendees"] = sorted(set(draft.given["attendees"] or ()))
            draft.findings += _people(draft.given["attendees"])
        if draft.findings:
            raise audit.Blocked(draft.findings)
        drafting.put(draft)
        audit.write(review)
        return review


def _locked(by: User, pk: int, version: int | None, action: str) -> PipelineReview:
    review: PipelineReview = audit.lock(PipelineReview.objects.visible_to(by), pk=pk, version=version)
    access.require(by, action, review)
    return review


def _people(attendees: Collection[int]) -> list[Finding]:
    """Return what speaks against these people having been there."""
    if not attendees:
        message = "A review has somebody who was there. Name at least one person."
        return [Finding("PIP-002", message, field="attendees", needed="at least one person")]
    known = set(User.objects.filter(pk__in=attendees).values_list("pk", flat=True))
    return [
        Finding(
            "PIP-002",
            f"There is nobody with the id {pk}.",
            field="attendees",
            found=str(pk),
            needed="a person",
        )
        for pk in sorted(set(attendees) - known)
    ]
