"""The policy document of stage aging, and the tone of a deal by how long it stands in its stage. Source: ALG-2.3."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from math import floor
from typing import Any

from django.db.models import Case, CharField, Q, Value, When
from django.db.models.expressions import Combinable
from pydantic import Field

from accounts.enums import Segment
from opportunities.enums import OPEN
from opportunities.models import Opportunity, StageBaseline
from opportunities.policies import days
from revops.kernel import policies
from revops.kernel.policies import documents
from revops.kernel.policies.documents import Body, Part, PolicyDocument, Simulation
from revops.kernel.policies.resolving import InForce
from revops.kernel.policies.rules import RuleError
from revops.kernel.policies.rules.problems import Problem

AGING = "opportunities.aging"


class Tone(StrEnum):
    """How the age of a deal in its stage is to be taken."""

    FRESH = ""
    AMBER = "amber"
    RED = "red"


class StageDays(Part):
    """The days that a stage usually takes, where too few deals were won to measure it."""

    stage: str = Field(pattern=f"^({'|'.join(OPEN)})$")
    days: int = Field(ge=1, le=730)


class Aging(Body):
    """What is used where nothing was measured, how many wins a measure needs, and when age is red."""

    stages: tuple[StageDays, ...] = Field(max_length=10, strict=False)
    least_wins: int = Field(default=30, ge=1, le=10_000)
    red_factor: int = Field(default=2, ge=1, le=10)

    def of(self, stage: str) -> int:
        """Return the days of a stage."""
        return next(one.days for one in self.stages if one.stage == stage)

    def check(self) -> None:
        """Raise RuleError unless every open stage stands here once, in order."""
        found = [one.stage for one in self.stages]
        if found != list(OPEN):
            told = Problem(
                "/stages", "Every open stage stands here once, in order", *map(", ".join, (found, OPEN))
            )
            raise RuleError([told])

    def lines(self) -> list[str]:
        """Return the body in plain words."""
        told = ", ".join(f"{one.stage} {one.days}" for one in self.stages)
        return [
            f"Where a segment has fewer than {self.least_wins} wins: {told} days",
            "Amber after the third quartile of won deals",
            f"Red after {self.red_factor} times their median; then the manager hears of it",
        ]


@dataclass(frozen=True, slots=True)
class Usual:
    """For how long deals of a segment usually stand in a stage, and from when on that is red."""

    p75: Decimal
    median: Decimal
    red_after: Decimal
    wins: int
    measured: bool

    def tone(self, age: int) -> Tone:
        """Return how so many whole days are to be taken."""
        if age > self.red_after:
            return Tone.RED
        return Tone.AMBER if age > self.p75 else Tone.FRESH


Key = tuple[str, str]


def in_force(now: datetime | None = None) -> Aging:
    """Return the policy of aging in force; one that cannot be read gives way to the shipped one."""
    return _body(policies.get_sound(AGING, {}, now))


def usual(body: Aging) -> Mapping[Key, Usual]:
    """Return the usual time of every segment and stage, in one query: as measured, else as the policy has it."""
    measured = {(row.segment, row.stage): row for row in StageBaseline.objects.filter(measured=True)}
    return {
        (segment, str(stage)): usual_of(body, str(stage), measured.get((segment, stage)))
        for segment in Segment.values
        for stage in OPEN
    }


def usual_of(body: Aging, stage: str, row: StageBaseline | None) -> Usual:
    """Return the usual time of a stage by its measured row; too few wins, or none, give way to the policy's days."""
    if row is None or row.wins < body.least_wins:
        shipped = Decimal(body.of(stage))
        return Usual(shipped, shipped, shipped * body.red_factor, 0 if row is None else row.wins, False)
    return Usual(row.p75_days, row.median_days, row.median_days * body.red_factor, row.wins, True)


def older_than(limit: Decimal, now: datetime) -> Q:
    """Return the condition that a deal stands in its stage for more than so many whole days of the organisation."""
    return Q(stage_since__lt=days.before(floor(limit) + 1, days.today(now)))


def aging_tone(now: datetime, body: Aging | None = None) -> Combinable:
    """Return in SQL the tone of a deal: red, amber, or empty. Closed deals have none. One query for what is usual."""
    whens = []
    for (segment, stage), held in usual(body or in_force(now)).items():
        here = Q(segment=segment, stage=stage)
        whens.append(When(here & older_than(held.red_after, now), then=Value(str(Tone.RED))))
        whens.append(When(here & older_than(held.p75, now), then=Value(str(Tone.AMBER))))
    return Case(*whens, default=Value(""), output_field=CharField())


def aged(now: datetime, tone: Tone = Tone.RED) -> Q:
    """Return the condition that an open deal has this tone, for metrics and lists. One query for what is usual."""
    found = Q(pk__in=[])
    for (segment, stage), held in usual(in_force(now)).items():
        here = Q(segment=segment, stage=stage)
        red = older_than(held.red_after, now)
        found |= here & (red if tone == Tone.RED else older_than(held.p75, now) & ~red)
    return found


def _body(policy: InForce) -> Aging:
    if not isinstance(policy.body, Aging):
        raise TypeError(f"{AGING} holds another body than its document says.")
    return policy.body


_WORDS = {"": "As usual", "amber": "Longer than usual", "red": "Much longer than usual"}
_SHIPPED: list[dict[str, Any]] = [
    {"stage": str(stage), "days": usually} for stage, usually in zip(OPEN, (14, 21, 30, 21, 14), strict=True)
]

documents.register(
    PolicyDocument(
        key=AGING,
        title="Age of deals in their stage",
        body=Aging,
        default={"stages": _SHIPPED, "least_wins": 30, "red_factor": 2},
        source="ALG-2.3: third quartile and twice the median of won deals, from 30 wins on",
        simulation=Simulation(
            "opportunities.opportunity",
            rows=lambda: Opportunity.objects.filter(stage__in=OPEN, tombstone_of__isnull=True),
            outcome=lambda policy, now: aging_tone(now, _body(policy)),
            words=lambda outcome: _WORDS.get(outcome, outcome),
        ),
        help="Days are those of the organisation since a deal came into its stage. What is usual is measured nightly.",
    )
)
