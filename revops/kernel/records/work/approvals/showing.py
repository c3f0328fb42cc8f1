"""What the pages and the API show of an approval: its content in words, its steps with who may decide, its preview."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from revops.kernel import clocks
from revops.kernel.approvals import content, courses, purposes, queries
from revops.kernel.approvals.enums import LIVE, RequestState, StepState
from revops.kernel.approvals.models import ApprovalCandidate, ApprovalDecision, ApprovalRequest, ApprovalStep
from revops.kernel.approvals.previewing import Preview, how, preview, who
from revops.kernel.approvals.purposes import Purpose
from revops.kernel.people import access
from revops.kernel.people.access.vocabulary import declarations
from revops.kernel.records import registry
from revops.kernel.records.registry import Panel

STATE_TONES = {
    "pending": "amber", "approved": "green", "rejected": "red", "recalled": "grey", "stale": "grey", "expired": "grey",
}  # fmt: skip
STEP_TONES = {
    "waiting": "grey", "open": "amber", "granted": "green", "rejected": "red", "skipped": "green", "cancelled": "grey",
}  # fmt: skip
# What is stale or lapsed was approved if none of its steps was left undecided.
_ONCE_APPROVED = (RequestState.APPROVED, RequestState.STALE, RequestState.EXPIRED)
WITHHELD = "not shown to your role"


@dataclass(frozen=True, slots=True)
class Said:
    """One decision: who, in whose place, when, and why."""

    who: str
    instead_of: str
    grants: bool
    at: datetime
    comment: str


@dataclass(frozen=True, slots=True)
class StepShown:
    """One step: why it asks, whom, how many must say yes, and what was said."""

    pk: int
    level: int
    title: str
    state: str
    label: str
    tone: str
    reasons: tuple[str, ...]
    asked: tuple[str, ...]
    how: str
    said: tuple[Said, ...]
    because: str
    due_at: datetime | None
    late: bool
    mine: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """A request as somebody reads it. `before` says which approval its content is compared with."""

    request: ApprovalRequest
    about: str
    about_url: str
    lines: tuple[content.Line, ...]
    before: datetime | None
    steps: tuple[StepShown, ...]
    mine: tuple[StepShown, ...]
    may_recall: bool
    state: str
    tone: str


def request(found: ApprovalRequest, user: Any) -> Shown:
    """Return a request as `user` reads it, in a constant number of queries."""
    steps = steps_of(found, user)
    mine = tuple(step for step in steps if step.mine)
    kind = purpose_of(found)
    about, url = about_of(found, user)
    before = last_approved(found)
    lines = _lines(found, kind, before, user, reads_all=bool(mine))
    return Shown(
        found,
        about,
        url,
        tuple(lines),
        before.decided_at if before is not None else None,
        tuple(steps),
        mine,
        found.state == RequestState.PENDING and found.submitter_id == user.pk,
        str(found.get_state_display()),
        STATE_TONES[found.state],
    )


def purpose_of(found: ApprovalRequest) -> Purpose | None:
    """Return the purpose of a request; None once nobody registers it any more."""
    return next((one for one in purposes.every() if one.key == found.purpose), None)


def about_of(found: ApprovalRequest, user: Any) -> tuple[str, str]:
    """Return the record a request is about, and its address where `user` sees it; else its number alone (A08)."""
    kind = next((one for one in registry.every() if one.label == found.subject_type), None)
    if kind is None:
        return found.title, ""
    record = kind.model.objects.filter(pk=found.subject_id).visible_to(user).first()
    number = kind.number(found.subject_id)
    return (f"{record} ({number})", kind.url(found.subject_id)) if record is not None else (number, "")


def last_approved(found: ApprovalRequest) -> ApprovalRequest | None:
    """Return the approval before this request: what its content is compared with."""
    rows = ApprovalRequest.objects.filter(
        subject_type=found.subject_type,
        subject_id=found.subject_id,
        purpose=found.purpose,
        pk__lt=found.pk,
        state__in=_ONCE_APPROVED,
    )
    granted = rows.exclude(steps__state__in=[StepState.CANCELLED, StepState.OPEN, StepState.WAITING])
    earlier: ApprovalRequest | None = granted.order_by("-pk").first()
    return earlier


def _lines(
    found: ApprovalRequest,
    kind: Purpose | None,
    before: ApprovalRequest | None,
    user: Any,
    *,
    reads_all: bool,
) -> Iterable[content.Line]:
    """Return the content in words; fields of the record that a role may not read are withheld, but from who decides."""
    labels: Mapping[str, str] = kind.labels if kind is not None else {}
    hidden = frozenset[str]() if reads_all else _hidden(found.subject_type, user)
    for line in content.lines(found.snapshot, labels, before.snapshot if before is not None else None):
        if line.key in hidden:
            yield content.Line(line.key, line.label, WITHHELD)
        else:
            yield line


def _hidden(record_type: str, user: Any) -> frozenset[str]:
    declared = declarations().get(record_type)
    return declared.fields - access.readable(user, record_type) if declared is not None else frozenset()


def steps_of(found: ApprovalRequest, user: Any) -> list[StepShown]:
    """Return the steps of a request in their order, in six queries at most."""
    rows: Sequence[ApprovalStep] = list(found.steps.order_by("level", "seq"))
    origins = {step.carried_from_id or step.pk: step.pk for step in rows}
    asked: dict[int, list[ApprovalCandidate]] = defaultdict(list)
    for candidate in ApprovalCandidate.objects.filter(step__in=rows).order_by("slot", "pk"):
        asked[candidate.step_id].append(candidate)
    said: dict[int, list[ApprovalDecision]] = defaultdict(list)
    for decision in (
        ApprovalDecision.objects.filter(step__in=origins)
        .order_by("pk")
        .select_related("approver", "delegate_of")
    ):
        said[origins[decision.step_id]].append(decision)
    names = courses.names(one.person_id for held in asked.values() for one in held if one.person_id)
    live = [step for step in rows if step.state == StepState.OPEN and found.state in LIVE]
    mine = queries.may_decide(user, live)
    now = clocks.now()
    return [_step(step, asked[step.pk], said[step.pk], names, step.pk in mine, now) for step in rows]


def _step(
    step: ApprovalStep,
    asked: Sequence[ApprovalCandidate],
    said: Sequence[ApprovalDecision],
    names: Mapping[int, str],
    mine: bool,
    now: datetime,
) -> StepShown:
    people = tuple(dict.fromkeys(who(one.person_id, one.role, one.why, names) for one in asked))
    reasons = [text for rule in step.rules for text in rule.get("said", ())]
    waits = step.state == StepState.OPEN
    return StepShown(
        step.pk,
        step.level,
        step.title,
        step.state,
        str(step.get_state_display()),
        STEP_TONES[step.state],
        tuple(dict.fromkeys(reasons)),
        people,
        how(step.mode, step.needed, len(people)),
        tuple(_said(one) for one in said),
        step.carried_because,
        step.due_at if waits else None,
        waits and step.due_at is not None and step.due_at <= now,
        mine,
    )


def _said(one: ApprovalDecision) -> Said:
    instead = str(one.delegate_of) if one.delegate_of is not None else ""
    return Said(str(one.approver), instead, one.decision == "approve", one.at, one.comment)


@dataclass(frozen=True, slots=True)
class Standing:
    """What the page of a record says about one purpose: the newest request, or who would be asked."""

    title: str
    request: ApprovalRequest | None
    state: str
    tone: str
    current: bool
    preview: Preview | None


def standing(kind: Purpose, record: Any, user: Any) -> Standing:
    """Return how the approval of a record stands, and who would be asked where none is under way or holds."""
    found = queries.request_of(record, kind.key)
    seen = found is not None and ApprovalRequest.objects.filter(pk=found.pk).visible_to(user).exists()
    current = queries.is_current(record, kind.key)
    waits = found is not None and found.state == RequestState.PENDING
    ahead = preview(record, kind.key, user) if not (waits or current) and kind.asks(record) else None
    state = str(found.get_state_display()) if found is not None else "Not asked for yet"
    tone = STATE_TONES[found.state] if found is not None else "grey"
    return Standing(kind.title, found if seen else None, state, tone, current, ahead)


def panel_on(purpose: str) -> None:
    """Put the standing of a purpose on the pages of its record type: who is asked, or who would be."""
    kind = purposes.get(purpose)
    registry.add_panel(
        kind.record_type,
        Panel(
            f"approval-{kind.key.replace('.', '-')}",
            kind.title,
            "approvals/panels/standing.html",
            lambda record, user: standing(kind, record, user),
        ),
    )
