"""The policy document of the stages: how likely a deal is in each, and how far its forecast may go."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Case, CharField, Value, When
from django.db.models.expressions import Combinable
from pydantic import Field

from opportunities.enums import CLOSED, FORECAST_ORDER, OPEN, ForecastCategory, Stage
from opportunities.models import Opportunity
from revops.kernel import policies
from revops.kernel.policies import documents
from revops.kernel.policies.documents import Body, Part, PolicyDocument, Simulation
from revops.kernel.policies.resolving import InForce
from revops.kernel.policies.rules import RuleError
from revops.kernel.policies.rules.problems import Problem

STAGES = "opportunities.stages"


class StageSetting(Part):
    """What a stage says about the deals in it: how likely they are, and how far their forecast may go."""

    stage: str = Field(pattern=f"^({'|'.join(Stage.values)})$")
    probability: str = Field(pattern=r"^(0|1|0\.\d{1,4})$")
    max_category: str = Field(pattern=f"^({'|'.join(ForecastCategory.values)})$")

    @property
    def share(self) -> Decimal:
        return Decimal(self.probability)


class Stages(Body):
    """Every stage with its setting, and for how long its owner may reopen a lost deal."""

    stages: tuple[StageSetting, ...] = Field(max_length=20, strict=False)
    reopen_days: int = Field(default=30, ge=0, le=365)

    def of(self, stage: str) -> StageSetting:
        """Return the setting of a stage."""
        return next(one for one in self.stages if one.stage == stage)

    def clamp(self, stage: str, category: str) -> str:
        """Return the category, brought down to what the stage allows; closed stages have one of their own."""
        most = self.of(stage).max_category
        if stage in CLOSED or category == ForecastCategory.CLOSED:
            return most
        if category == ForecastCategory.OMITTED:
            return category
        return min(category, most, key=FORECAST_ORDER.index)

    def check(self) -> None:
        """Raise RuleError unless every stage stands here once and the closed ones mean what they say."""
        problems = []
        if [one.stage for one in self.stages] != list(Stage.values):
            found = ", ".join(one.stage for one in self.stages)
            problems.append(
                Problem("/stages", "Every stage stands here once, in order", found, ", ".join(Stage.values))
            )
        fixed: dict[str, Any] = {
            Stage.CLOSED_WON: (Decimal(1), ForecastCategory.CLOSED),
            Stage.CLOSED_LOST: (Decimal(0), ForecastCategory.OMITTED),
        }
        for number, one in enumerate(self.stages):
            wanted = fixed.get(one.stage)
            open_one = one.stage in OPEN and one.max_category in FORECAST_ORDER
            if not open_one and (one.share, one.max_category) != wanted:
                needed = f"{wanted[0]} and {wanted[1]}" if wanted else ", ".join(FORECAST_ORDER)
                problems.append(
                    Problem(f"/stages/{number}", "The setting does not fit its stage", one.stage, needed)
                )
        if problems:
            raise RuleError(problems)

    def lines(self) -> list[str]:
        """Return a line a stage."""
        return [
            f"{Stage(one.stage).label}: {one.share:.0%}, at most {ForecastCategory(one.max_category).label}"
            for one in self.stages
        ]


def _setting(stage: Stage, probability: str, category: ForecastCategory) -> dict[str, str]:
    return {"stage": str(stage), "probability": probability, "max_category": str(category)}


def _simulated(policy: InForce, now: datetime) -> Combinable:
    """Return the forecast category that a version leaves an open deal, and its probability, in SQL."""
    body = _body(policy)
    whens = [
        When(
            stage=stage,
            forecast_category=category,
            then=Value(f"{body.clamp(stage, category)}|{(body.of(stage).share * 100).normalize():f}"),
        )
        for stage in OPEN
        for category in ForecastCategory.values
    ]
    return Case(*whens, default=Value("|"), output_field=CharField())


def _in_words(outcome: str) -> str:
    category, _, share = outcome.partition("|")
    label = ForecastCategory(category).label if category else "Unknown"
    return f"{label}, {share}%"


documents.register(
    PolicyDocument(
        key=STAGES,
        title="Stages of deals",
        body=Stages,
        default={
            "stages": [
                _setting(Stage.QUALIFICATION, "0.10", ForecastCategory.PIPELINE),
                _setting(Stage.DISCOVERY, "0.20", ForecastCategory.BEST_CASE),
                _setting(Stage.EVALUATION, "0.40", ForecastCategory.UPSIDE),
                _setting(Stage.PROPOSAL, "0.60", ForecastCategory.COMMIT),
                _setting(Stage.CONTRACTING, "0.80", ForecastCategory.COMMIT),
                _setting(Stage.CLOSED_WON, "1", ForecastCategory.CLOSED),
                _setting(Stage.CLOSED_LOST, "0", ForecastCategory.OMITTED),
            ],
            "reopen_days": 30,
        },
        source="Domain 2, stages shipped; default probabilities until 30 deals of a segment are decided",
        scopes=("segment",),
        simulation=Simulation(
            "opportunities.opportunity",
            rows=lambda: Opportunity.objects.filter(stage__in=OPEN),
            outcome=_simulated,
            columns={"segment": "segment"},
            words=_in_words,
        ),
        help="A new version brings measured probabilities; intervals keep the one they began with.",
    )
)


def stages(segment: str) -> Stages:
    """Return the stages in force for deals of a segment."""
    return _body(policies.get_sound(STAGES, {"segment": segment}))


def _body(policy: InForce) -> Stages:
    if not isinstance(policy.body, Stages):
        raise TypeError(f"{STAGES} holds another body than its document says.")
    return policy.body
