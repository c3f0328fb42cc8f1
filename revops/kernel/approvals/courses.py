"""From stored rows to the course of a request, and back: who may speak now, and what a vote changed."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from revops.kernel.approvals.course import Course, Place, Stage, Vote
from revops.kernel.approvals.enums import RequestState, StepMode, StepState, Verdict
from revops.kernel.approvals.models import (
    ApprovalCandidate,
    ApprovalDecision,
    ApprovalRequest,
    ApprovalStep,
    Delegation,
)
from revops.kernel.identity.models import User
from revops.kernel.people.access.organisation import current as organisation


def load(request: ApprovalRequest, steps: Sequence[ApprovalStep], *, owner: int | None) -> Course:
    """Return the course of a request with these steps: who may speak now is asked of the organisation of now."""
    barred = {request.submitter_id, owner}
    places = _places([step.pk for step in steps], barred)
    votes = _votes(steps)
    stages = [
        Stage(
            step.seq,
            step.level,
            StepMode(step.mode),
            step.needed,
            tuple(place for _, place in sorted(places[step.pk].items())),
            StepState(step.state),
            tuple(votes[step.carried_from_id or step.pk]),
            step.second_pair,
        )
        for step in steps
    ]
    return Course(
        RequestState(request.state),
        request.content_hash,
        request.submitter_id,
        owner,
        tuple(stages),
        request.valid_until,
    )


def _places(steps: Sequence[int], barred: set[Any]) -> dict[int, dict[int, Place]]:
    """Return who may speak for each slot of each step now."""
    rows = list(ApprovalCandidate.objects.filter(step__in=steps).order_by("step", "slot", "pk"))
    held = organisation()
    named = {row.person_id for row in rows if row.person_id}
    holders: dict[str, set[int]] = defaultdict(set)
    wanted = {row.role for row in rows if row.role}
    for person, roles in held.roles.items():
        for role in roles & wanted:
            holders[role].add(person)
    everybody = named | {person for people in holders.values() for person in people}
    active = set(
        User.objects.filter(pk__in=everybody, is_active=True, kind="person").values_list("pk", flat=True)
    )
    found: dict[int, dict[int, Place]] = defaultdict(dict)
    for row in rows:
        people = {row.person_id} if row.person_id else holders[row.role]
        before = found[row.step_id].get(row.slot)
        known = before.people if before else frozenset[int]()
        found[row.step_id][row.slot] = Place(known | frozenset((people & active) - barred), row.needed)
    return found


def _votes(steps: Sequence[ApprovalStep]) -> dict[int, list[Vote]]:
    """Return what was said to each step, or to the step it was carried over from."""
    wanted = {step.carried_from_id or step.pk for step in steps}
    rows = ApprovalDecision.objects.filter(step__in=wanted).order_by("pk")
    found: dict[int, list[Vote]] = defaultdict(list)
    for row in rows:
        grants = row.decision == Verdict.APPROVE
        found[row.step_id].append(Vote(row.approver_id, row.voice_id, grants, frozenset(row.slots)))
    return found


def voices(person: int, at: datetime) -> list[int]:
    """Return for whom somebody may speak at an instant: themselves first, then who delegated to them."""
    rows = Delegation.objects.filter(delegate=person, active_from__lte=at, active_to__gt=at)
    return [person, *dict.fromkeys(rows.order_by("pk").values_list("delegator_id", flat=True))]


def names(people: Iterable[int]) -> dict[int, str]:
    """Return the names of people by id, in one query."""
    wanted = set(people)
    return dict(User.objects.filter(pk__in=wanted).values_list("pk", "name")) if wanted else {}
