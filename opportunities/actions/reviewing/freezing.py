"""Freeze each team's open pipeline once a week, with what changed since the week before. Source: d2, addenda."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from accounts.actions import races
from opportunities.enums import OPEN
from opportunities.models import Opportunity, PipelineReview, PipelineRun
from opportunities.queries.pipeline.building import COLUMNS, Asked, Row, rows
from opportunities.queries.pipeline.comparing import GONE, compared
from opportunities.weeks import WEEK, week_of
from revops.kernel import audit, clocks, outbox
from revops.kernel.identity.models import User
from revops.kernel.people import ownership
from revops.kernel.people.access.organisation import current
from revops.kernel.people.enums import AssignReason
from revops.kernel.people.models import Team

LABELS = [list(column) for column in COLUMNS]


@dataclass(frozen=True, slots=True)
class Frozen:
    """What one run of the job did: how many teams it froze, and how many were frozen already."""

    made: int
    known: int

    def __str__(self) -> str:
        return f"{self.made} pipelines frozen, {self.known} were frozen already"


@outbox.job("opportunities.pipeline_reviews", owner="SALES_OPS", local="06:30", weekday=0)
def weekly() -> str:
    """Freeze each team's open pipeline, every Monday."""
    return str(freeze(clocks.now()))


def freeze(now: datetime) -> Frozen:
    """Freeze the pipeline of every team that has one, once for the week of `now`. Safe to repeat.

    Each team is one transaction of its own, so that a run that dies leaves the teams before it done. A team counts
    while it has open deals, and one week longer, so that what became of the last ones is told.
    """
    week, asked = week_of(now), Asked(now)
    open_ones = Opportunity.objects.filter(stage__in=OPEN, tombstone_of__isnull=True, team__isnull=False)
    teams = set(open_ones.order_by().values_list("team_id", flat=True).distinct())
    teams |= set(
        PipelineRun.objects.filter(week=week - WEEK, row_count__gt=0).values_list("team_id", flat=True)
    )
    done = set(PipelineRun.objects.filter(week=week, team__in=teams).values_list("team_id", flat=True))
    made = [freeze_team(by=User.objects.system(), team=team, asked=asked) for team in sorted(teams - done)]
    return Frozen(sum(one is not None for one in made), len(done))


@races.told
def freeze_team(*, by: User, team: int, asked: Asked) -> PipelineRun | None:
    """Freeze the open pipeline of one team for the week of `asked.now`, and lay its review; None where it is frozen.

    The checksum covers the team, the week, the instant, the columns and every row as they are stored.
    """
    week = week_of(asked.now)
    with audit.change(by=by, action="pipeline_review.freeze"):
        if PipelineRun.objects.filter(team=team, week=week).exists():
            return None
        before = PipelineRun.objects.filter(team=team, week__lt=week).order_by("-week").first()
        found = compared(rows(team, asked), None if before is None else before.rows)
        kept = [row for row in found if row["change"] != GONE]
        run = PipelineRun(
            week=week,
            team_id=team,
            as_of=asked.now,
            row_count=len(kept),
            columns=LABELS,
            rows=found,
            checksum=checksum(team, week, asked.now, LABELS, found),
            previous=before,
        )
        audit.write(run)
        told = {"team": team, "week": week.isoformat(), "rows": len(kept), "checksum": run.checksum}
        outbox.emit("pipeline_review.frozen", run, told)
        _lay(run)
        return run


def _lay(run: PipelineRun) -> None:
    """Write the review of a frozen pipeline: it belongs to the manager of the team, or of one above it."""
    manager = _manager(run.team_id)
    if manager is None:
        return
    review = PipelineReview(week=run.week, reviewed_team_id=run.team_id, run=run)
    ownership.assign(review, to=ownership.holder(owner=manager), reason=AssignReason.CREATED)
    audit.write(review)


def _manager(team: int) -> User | None:
    """Return who reviews a team: its own manager, else the next one above, as far as they are active."""
    managers = current().team_manager
    parents = dict(Team.objects.values_list("pk", "parent_id"))
    place: int | None = team
    while place is not None:
        found: User | None = User.objects.filter(pk=managers.get(place) or 0, is_active=True).first()
        if found is not None:
            return found
        place = parents.get(place)
    return None


def checksum(team: int, week: date, as_of: datetime, columns: Sequence[Any], frozen: Sequence[Row]) -> str:
    """Return the SHA-256 of a frozen pipeline in one spelling: the same from the rows as they were built and stored."""
    whole: Mapping[str, Any] = {
        "team": team,
        "week": week.isoformat(),
        "as_of": as_of.isoformat(),
        "columns": list(columns),
        "rows": list(frozen),
    }
    spelled = json.dumps(whole, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(spelled.encode()).hexdigest()


def is_whole(run: PipelineRun) -> bool:
    """Say whether a stored pipeline still has the checksum that it was frozen with."""
    return run.checksum == checksum(run.team_id, run.week, run.as_of, run.columns, run.rows)
