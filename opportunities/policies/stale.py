"""The policy of silent buyers: after how many days what is done, and what is never closed. ALG-2.2, INV-2.7."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case, CharField, Exists, OuterRef, Q, Value, When
from django.db.models.expressions import Combinable
from pydantic import Field

from accounts.enums import ActivityKind, ActivityOutcome, AttendeeResponse, Segment
from opportunities.enums import OPEN, OpportunityType, SweepStep
from opportunities.models import Opportunity, OpportunityActivity
from opportunities.policies import days
from revops.kernel import policies
from revops.kernel.approvals.enums import RequestState
from revops.kernel.approvals.models import ApprovalRequest
from revops.kernel.gates.models.exceptions import PolicyException
from revops.kernel.policies import documents
from revops.kernel.policies.documents import Body, Part, PolicyDocument, Simulation
from revops.kernel.policies.resolving import InForce
from revops.kernel.policies.rules import RuleError
from revops.kernel.policies.rules.problems import Problem

STALE = "opportunities.stale"
LABEL = "opportunities.opportunity"
# The least business days between a final notice and the end. Source: ALG-2.2.
LEAST_NOTICE = 10
Condition = Callable[[datetime], Q]


class Patience(Part):
    """After how many idle days each step is taken, in one segment."""

    segment: str = Field(pattern=f"^({'|'.join(Segment.values)})$")
    nudge: int = Field(ge=1, le=730)
    escalate: int = Field(ge=1, le=730)
    notice: int = Field(ge=1, le=730)
    close: int = Field(ge=1, le=730)

    def after(self, step: str) -> int:
        """Return the idle days after which a step is taken."""
        return int(getattr(self, step))


class Stale(Body):
    """What is done about silence in every segment, and how long a final notice is."""

    segments: tuple[Patience, ...] = Field(max_length=10, strict=False)
    notice_business_days: int = Field(default=LEAST_NOTICE, ge=LEAST_NOTICE, le=60)
    calendar: str = Field(default="default", min_length=1, max_length=40)

    def of(self, segment: str) -> Patience:
        """Return the days of a segment."""
        return next(one for one in self.segments if one.segment == segment)

    def check(self) -> None:
        """Raise RuleError unless every segment stands here once and its steps follow each other."""
        problems = []
        if [one.segment for one in self.segments] != list(Segment.values):
            found = ", ".join(one.segment for one in self.segments)
            needed = ", ".join(Segment.values)
            problems.append(Problem("/segments", "Every segment stands here once, in order", found, needed))
        for number, one in enumerate(self.segments):
            held = [one.after(step) for step in SweepStep]
            if held != sorted(held) or one.notice >= one.close:
                problems.append(
                    Problem(
                        f"/segments/{number}",
                        "The steps do not follow each other",
                        ", ".join(map(str, held)),
                        "rising days, and the end after the final notice",
                    )
                )
        if problems:
            raise RuleError(problems)

    def lines(self) -> list[str]:
        """Return a line a segment."""
        told = [
            f"{Segment(one.segment).label}: the owner is nudged after {one.nudge} idle days, the manager hears after "
            f"{one.escalate}, final notice after {one.notice}, closed after {one.close}"
            for one in self.segments
        ]
        return [*told, f"At least {self.notice_business_days} business days from final notice to the end"]


@dataclass(frozen=True, slots=True)
class Exclusion:
    """What keeps a silent deal from being closed: its name, when it holds, and how it is said."""

    owner: str
    condition: Condition
    says: str


_exclusions: dict[str, Exclusion] = {}


def excluded_by(owner: str, condition: Condition, says: str = "") -> None:
    """Let deals for which `condition(now)` holds never be closed by the sweep (INV-2.7). One condition an owner.

    Apps above add what they know, such as a contract that is out for signature; `says` is told on the deal.
    """
    made = Exclusion(owner, condition, says or owner.replace(".", " ").replace("_", " "))
    if _exclusions.setdefault(owner, made).condition is not condition:
        raise ValueError(f"{owner!r} keeps deals from being closed already.")


def exclusions() -> list[Exclusion]:
    """Return everything that keeps a silent deal from being closed."""
    return list(_exclusions.values())


def excluded(now: datetime) -> Q:
    """Return the condition that something keeps a deal from being closed at `now`."""
    found = Q(pk__in=[])
    for one in exclusions():
        found |= one.condition(now)
    return found


def meeting_ahead(now: datetime) -> Q:
    """Return the condition that a meeting lies ahead which somebody of the buyer's has accepted."""
    planned = OpportunityActivity.objects.filter(
        opportunity=OuterRef("pk"),
        is_active=True,
        occurred_at__gt=now,
        activity__kind=ActivityKind.MEETING,
        activity__outcome=ActivityOutcome.PLANNED,
        activity__attendees__is_active=True,
        activity__attendees__response=AttendeeResponse.ACCEPTED,
    )
    return Q(Exists(planned))


def _renewal(now: datetime) -> Q:
    return Q(type=OpportunityType.RENEWAL)


def _asked(now: datetime) -> Q:
    waiting = ApprovalRequest.objects.filter(
        subject_type=LABEL, subject_id=OuterRef("pk"), state=RequestState.PENDING
    )
    return Q(Exists(waiting))


def _excused(now: datetime) -> Q:
    granted = PolicyException.objects.active(now).filter(subject_type=LABEL, subject_id=OuterRef("pk"))
    return Q(Exists(granted))


excluded_by("opportunities.renewal", _renewal, "it is a renewal")
excluded_by("opportunities.approval", _asked, "an approval is pending")
excluded_by("opportunities.meeting", meeting_ahead, "the buyer has accepted a meeting")
excluded_by("opportunities.exception", _excused, "an exception is in force")


def in_force(now: datetime | None = None) -> tuple[InForce, Stale]:
    """Return the policy of silence in force and its body; one that cannot be read gives way to the shipped one."""
    policy = policies.get_sound(STALE, {}, now) if now is not None else policies.get_sound(STALE, {})
    return policy, _body(policy)


def _body(policy: InForce) -> Stale:
    if not isinstance(policy.body, Stale):
        raise TypeError(f"{STALE} holds another body than its document says.")
    return policy.body


_SILENT, _KEPT = "silent", "kept"


def _simulated(policy: InForce, now: datetime) -> Combinable:
    """Return in SQL how far a version would go with an open deal by the days of its silence."""
    today, whens = days.today(now), []
    for one in _body(policy).segments:
        for step in reversed(SweepStep):
            held = Q(segment=one.segment) & days.silent_for(one.after(step), today)
            if step == SweepStep.CLOSE:
                whens.append(When(held & excluded(now), then=Value(_KEPT)))
            whens.append(When(held, then=Value(str(step))))
    return Case(*whens, default=Value(_SILENT), output_field=CharField())


_WORDS = {
    _SILENT: "Nothing is done",
    _KEPT: "Silent long enough to be closed, and kept open",
    SweepStep.NUDGE: "Its owner is nudged",
    SweepStep.ESCALATE: "Its manager hears of it",
    SweepStep.NOTICE: "Final notice",
    SweepStep.CLOSE: "Closed once the notice is over",
}


def _days(segment: str, nudge: int, escalate: int, notice: int, close: int) -> dict[str, Any]:
    return {
        "segment": segment,
        "nudge": nudge,
        "escalate": escalate,
        "notice": notice,
        "close": close,
    }


documents.register(
    PolicyDocument(
        key=STALE,
        title="Silent buyers",
        body=Stale,
        default={
            "segments": [
                _days(Segment.SMB, 7, 14, 30, 45),
                _days(Segment.MM, 14, 21, 45, 60),
                _days(Segment.ENT, 30, 45, 75, 90),
                _days(Segment.STRAT, 30, 45, 75, 90),
            ],
            "notice_business_days": LEAST_NOTICE,
            "calendar": "default",
        },
        source="ALG-2.2; 7 to 45 days of silence by segment, SRC[59]",
        simulation=Simulation(
            LABEL,
            rows=lambda: Opportunity.objects.filter(stage__in=OPEN, tombstone_of__isnull=True),
            outcome=_simulated,
            words=lambda outcome: _WORDS.get(outcome, outcome),
        ),
        help="Days are those of the organisation since the buyer was last heard, or the deal was opened.",
    )
)
