"""The policy document of next steps: how far ahead one may lie, what it must say, and who hears of an overdue one."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Case, CharField, Q, Value, When
from django.db.models.expressions import Combinable
from pydantic import Field

from accounts.enums import Segment
from opportunities.enums import OPEN, Stage
from opportunities.models import Opportunity
from revops.kernel import policies
from revops.kernel.policies import documents
from revops.kernel.policies.documents import Body, Part, PolicyDocument, Simulation
from revops.kernel.policies.resolving import InForce
from revops.kernel.policies.rules.problems import Problem, RuleError

KEY = "opportunities.next_steps"


class Horizon(Part):
    """How many days ahead the next step of a deal of one segment may lie."""

    segment: str = Field(pattern=f"^({'|'.join(Segment.values)})$", title="Segment")
    days: int = Field(ge=1, le=365, title="Days ahead at most")


class NextSteps(Body):
    """What a next step must be, how long one is waited for, and when its manager hears that it is overdue."""

    horizon_days: int = Field(default=30, ge=1, le=365, title="Days ahead at most")
    horizons: tuple[Horizon, ...] = Field(default=(), max_length=10, strict=False, title="Other segments")
    least_text: int = Field(default=10, ge=1, le=100, title="Characters at least")
    contact_from: str = Field(
        default=str(Stage.EVALUATION),
        pattern=f"^({'|'.join(OPEN)})$",
        title="The buyer's contact is needed from this stage on",
    )
    placeholder_days: int = Field(default=3, ge=0, le=30, title="Days until a step must be agreed on")
    manager_days: int = Field(default=3, ge=1, le=30, title="Days overdue until the manager is told")

    def horizon(self, segment: str) -> int:
        """Return how many days ahead the next step of a deal of this segment may lie."""
        return next((one.days for one in self.horizons if one.segment == segment), self.horizon_days)

    def needs_contact(self, stage: str) -> bool:
        """Say whether a next step in this stage names somebody of the buyer's."""
        return stage in OPEN and OPEN.index(Stage(stage)) >= OPEN.index(Stage(self.contact_from))

    def check(self) -> None:
        """Raise RuleError where a segment stands here twice."""
        held = [one.segment for one in self.horizons]
        if twice := sorted({one for one in held if held.count(one) > 1}):
            raise RuleError(
                [Problem("/horizons", "A segment stands here twice", ", ".join(twice), "each segment once")]
            )

    def lines(self) -> list[str]:
        """Return what holds, a line a rule."""
        others = [f"{one.segment}: at most {one.days} days ahead" for one in self.horizons]
        return [
            f"At most {self.horizon_days} days ahead",
            *others,
            f"At least {self.least_text} characters",
            f"With the buyer's contact from {Stage(self.contact_from).label} on",
            f"Agreed on within {self.placeholder_days} days of opening a deal",
            f"The manager hears of one that is {self.manager_days} days overdue",
        ]


def day_of(now: datetime) -> date:
    """Return the day it is in the organisation at an instant."""
    return now.astimezone(ZoneInfo(settings.ORG_TIME_ZONE)).date()


def fresh(policy: InForce, now: datetime) -> Q:
    """Return the condition that a next step was said, and lies between today and the horizon, under a version."""
    held, today = _body(policy), day_of(now)
    within = Q()
    for segment in Segment.values:
        end = today + timedelta(days=held.horizon(segment))
        within |= Q(segment=segment, next_step_on__range=(today, end))
    return ~Q(next_step="") & within


def _simulated(policy: InForce, now: datetime) -> Combinable:
    """Return how a version finds the next step of an open deal, in SQL."""
    return Case(
        When(next_step_on__isnull=True, then=Value("none")),
        When(next_step_on__lt=day_of(now), then=Value("overdue")),
        When(fresh(policy, now), then=Value("fresh")),
        default=Value("far"),
        output_field=CharField(),
    )


_WORDS = {
    "none": "It has no next step",
    "overdue": "Its next step is overdue",
    "fresh": "Its next step is fresh",
    "far": "Its next step lies too far ahead",
}

documents.register(
    PolicyDocument(
        key=KEY,
        title="Next steps of deals",
        body=NextSteps,
        default={
            "horizons": [
                {"segment": str(Segment.ENT), "days": 45},
                {"segment": str(Segment.STRAT), "days": 45},
            ]
        },
        source="Domain 2, NextStep and INV-2.3; next_step.max_horizon 30 days, enterprise 45; own defaults",
        scopes=("segment",),
        simulation=Simulation(
            "opportunities.opportunity",
            rows=lambda: Opportunity.objects.filter(stage__in=OPEN),
            outcome=_simulated,
            columns={"segment": "segment"},
            words=lambda outcome: _WORDS.get(outcome, outcome),
        ),
        help="Every open deal has one next step, said, dated, and not too far ahead.",
    )
)


def in_force(segment: str) -> InForce:
    """Return the version in force for deals of a segment, or the shipped one where that is broken."""
    return policies.get_sound(KEY, {"segment": segment})


def of(segment: str) -> NextSteps:
    """Return what holds for the next steps of deals of a segment."""
    return _body(in_force(segment))


def horizon(segment: str) -> int:
    """Return how many days ahead the next step of a deal of a segment may lie."""
    return of(segment).horizon(segment)


def _body(policy: InForce) -> NextSteps:
    if not isinstance(policy.body, NextSteps):
        raise TypeError(f"{KEY} holds another body than its document says.")
    return policy.body
