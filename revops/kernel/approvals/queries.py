"""Reads of approvals: what stands about a record, what waits for somebody, and who is asked."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from revops.kernel import clocks
from revops.kernel.approvals import content, courses, purposes, routes
from revops.kernel.approvals.enums import RequestState, StepState
from revops.kernel.approvals.models import (
    ApprovalCandidate,
    ApprovalDecision,
    ApprovalRequest,
    ApprovalStep,
    Delegation,
)
from revops.kernel.people.access.organisation import current as organisation


def request_of(subject: Any, purpose: str) -> ApprovalRequest | None:
    """Return the newest request about a record for a purpose, whatever became of it."""
    return routes.latest(purposes.get(purpose), subject.pk)


def is_current(subject: Any, purpose: str, at: datetime | None = None) -> bool:
    """Say whether a record, as it is stored now, is approved for a purpose at an instant (by default now).

    Asked of the clock and of the content, not of a job: what has lapsed or changed is not approved, however late
    anybody notices.
    """
    kind, now = purposes.get(purpose), at or clocks.now()
    request = routes.latest(kind, subject.pk)
    if request is None or request.state != RequestState.APPROVED:
        return False
    if request.valid_until is not None and request.valid_until <= now:
        return False
    return request.content_hash == content.digest(kind.content(kind.fresh(subject.pk)))


def asked(person: int, voices: Iterable[int] = ()) -> Q:
    """Return the condition on candidates that somebody is asked: by name, or by a role that they hold."""
    people = {person, *voices}
    held = organisation().roles
    roles = {role for one in people for role in held.get(one, ())}
    return Q(person__in=people) | Q(role__in=roles)


def requests_asking(person: int) -> Q:
    """Return the condition on requests that ask somebody, that they decided, or that are about their record."""
    candidates = ApprovalCandidate.objects.filter(
        asked(person, courses.voices(person, clocks.now())[1:]), step__request=OuterRef("pk")
    )
    decided = ApprovalDecision.objects.filter(approver=person, step__request=OuterRef("pk"))
    return Q(Exists(candidates)) | Q(Exists(decided)) | Q(subject_owner=person)


def asked_by(request: ApprovalRequest) -> frozenset[int]:
    """Return everybody whom `requests_asking` names for one request, in three queries."""
    rows = ApprovalCandidate.objects.filter(step__request=request).values_list("person_id", "role")
    roles = {role for _, role in rows if role}
    found: set[int] = {person for person, _ in rows if person}
    if request.subject_owner_id is not None:
        found.add(request.subject_owner_id)
    found |= {person for person, held in organisation().roles.items() if held & roles}
    now = clocks.now()
    standing = Delegation.objects.filter(delegator__in=found, active_from__lte=now, active_to__gt=now)
    decided = ApprovalDecision.objects.filter(step__request=request)
    found |= set(
        standing.values_list("delegate_id", flat=True).union(decided.values_list("approver_id", flat=True))
    )
    return frozenset(found)


def deciders(step: ApprovalStep) -> frozenset[int]:
    """Return everybody who may decide an open step now, delegates included, in a constant number of queries."""
    request = step.request
    course = courses.load(request, [step], owner=request.subject_owner_id)
    voices = course.stages[0].people
    now = clocks.now()
    standing = Delegation.objects.filter(delegator__in=voices, active_from__lte=now, active_to__gt=now)
    people = voices | set(standing.values_list("delegate_id", flat=True))
    said = ApprovalDecision.objects.filter(step__request=request).values_list("step", "approver", "voice")
    decided = {one for held, human, voice in said if held == step.pk for one in (human, voice)}
    if step.second_pair:
        decided |= {human for _, human, _ in said}
    return frozenset(people) - decided - {request.submitter_id, request.subject_owner_id}


def inbox(user: Any, now: datetime | None = None) -> QuerySet[ApprovalStep]:
    """Return the steps that wait for somebody's decision, the longest first: their own and those delegated to them."""
    at = now or clocks.now()
    voices = courses.voices(user.pk, at)
    candidates = ApprovalCandidate.objects.filter(asked(user.pk, voices[1:]), step=OuterRef("pk"))
    voted = ApprovalDecision.objects.filter(Q(approver=user.pk) | Q(voice=user.pk), step=OuterRef("pk"))
    granted = ApprovalDecision.objects.filter(approver=user.pk, step__request=OuterRef("request"))
    rows: QuerySet[ApprovalStep] = ApprovalStep.objects.filter(
        Exists(candidates),
        Q(request__valid_until__isnull=True) | Q(request__valid_until__gt=at),
        state=StepState.OPEN,
        request__state=RequestState.PENDING,
    )
    rows = rows.exclude(request__submitter=user.pk).exclude(request__subject_owner=user.pk)
    rows = rows.exclude(Exists(voted)).exclude(Q(second_pair=True) & Exists(granted))
    return rows.select_related("request__submitter").order_by(F("opened_at").asc(nulls_last=True), "pk")


def may_decide(user: Any, steps: Iterable[ApprovalStep]) -> set[int]:
    """Return those of these steps that somebody may decide now, in a constant number of queries."""
    wanted = [step.pk for step in steps]
    return set(inbox(user).filter(pk__in=wanted).values_list("pk", flat=True)) if wanted else set()
