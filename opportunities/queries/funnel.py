"""How deals pass from stage to stage, in two views that are never mixed: of cohorts, and of what left. Source: ALG-2.4.

A cohort are the deals that first came as far as a stage in the period: what was skipped counts as passed, and who fell
back and came again counts once. The flow are the stays that ended in the period, and where each led.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from math import sqrt
from statistics import median
from typing import Any

from django.db.models import Exists, Min, OuterRef, Q, Subquery

from opportunities.enums import CLOSED, OPEN, Stage
from opportunities.models import StageInterval
from revops.kernel.metrics import percent

DIMENSIONS: Mapping[str, str] = {"segment": "opportunity__segment", "source": "opportunity__source"}
ALL = "All"
# Fewer deals than these have a share that says little.
FEW = 10
_Z = 1.959964
_WAY = (*OPEN, Stage.CLOSED_WON)
_WON = len(OPEN)


@dataclass(frozen=True, slots=True)
class Cohort:
    """The deals that came as far as a stage in the period: how many went on, were won, and are decided by now."""

    stage: str
    label: str
    entered: int
    advanced: int
    won: int
    decided: int

    @property
    def percent(self) -> Decimal | None:
        return percent(self.advanced, self.entered)

    @property
    def won_percent(self) -> Decimal | None:
        return percent(self.won, self.entered)

    @property
    def maturity(self) -> Decimal | None:
        """Return which part is decided: what still stands there may go on yet."""
        return percent(self.decided, self.entered)

    @property
    def interval(self) -> tuple[Decimal, Decimal] | None:
        return wilson(self.advanced, self.entered)

    @property
    def is_few(self) -> bool:
        return 0 < self.entered < FEW


@dataclass(frozen=True, slots=True)
class Flow:
    """The stays in a stage that ended in the period: where they led, and how many days they took, by the median."""

    stage: str
    label: str
    left: int
    onward: int
    back: int
    lost: int
    days: Decimal | None


@dataclass(frozen=True, slots=True)
class Funnel:
    """Both views of one group of deals."""

    group: str
    cohorts: Sequence[Cohort]
    flows: Sequence[Flow]


def wilson(part: int, whole: int) -> tuple[Decimal, Decimal] | None:
    """Return the 95 % interval of a share in per cent with one place, after Wilson; None of nothing."""
    if not whole:
        return None
    share, square = part / whole, _Z * _Z
    middle = share + square / (2 * whole)
    half = _Z * sqrt(share * (1 - share) / whole + square / (4 * whole * whole))
    ends = ((middle - half) / (1 + square / whole), (middle + half) / (1 + square / whole))
    low, high = (Decimal(str(max(0.0, min(1.0, end)) * 100)).quantize(Decimal("0.1")) for end in ends)
    return low, high


def funnels(user: Any, since: datetime, until: datetime, *, by: str = "") -> list[Funnel]:
    """Return both views of the deals that `user` sees, all together first and then by group; two statements."""
    column = DIMENSIONS.get(by, "")
    came, left = _came(user, since, until, column), _left(user, since, until, column)
    groups = [ALL, *sorted({*came, *left} - {ALL})]
    return [
        Funnel(group, _cohorts(came.get(group, []), since, until), _flows(left.get(group, [])))
        for group in groups
    ]


Came = tuple[str, Sequence[datetime | None]]
Left = tuple[str, str | None, datetime, datetime]


def _came(user: Any, since: datetime, until: datetime, column: str) -> dict[str, list[Came]]:
    """Return when each deal first came as far as every stage, with the stage it is in now, by group."""
    moved = StageInterval.objects.filter(
        opportunity=OuterRef("opportunity"), active_from__gte=since, active_from__lt=until
    )
    firsts = {f"came_{k}": Min("active_from", filter=Q(stage__in=_WAY[k:])) for k in range(len(_WAY))}
    rows = StageInterval.objects.visible_to(user).filter(Exists(moved)).order_by()
    names = ("opportunity", "opportunity__stage", *((column,) if column else ()))
    found: dict[str, list[Came]] = defaultdict(list)
    for row in rows.values(*names).annotate(**firsts):
        came: Came = (row["opportunity__stage"], [row[name] for name in firsts])
        for group in {ALL, *((row[column] or "–",) if column else ())}:
            found[group].append(came)
    return found


def _cohorts(came: Sequence[Came], since: datetime, until: datetime) -> list[Cohort]:
    found = []
    for k, stage in enumerate(OPEN):
        held = [
            (now, firsts) for now, firsts in came if (at := firsts[k]) is not None and since <= at < until
        ]
        on = [firsts[k + 1] is not None for _, firsts in held]
        decided = sum(went or now in CLOSED for went, (now, _) in zip(on, held, strict=True))
        won = sum(firsts[_WON] is not None for _, firsts in held)
        found.append(Cohort(str(stage), str(stage.label), len(held), sum(on), won, decided))
    return found


def _left(user: Any, since: datetime, until: datetime, column: str) -> dict[str, list[Left]]:
    """Return the stays in open stages that ended in the period, each with the stage that followed, by group."""
    following = StageInterval.objects.filter(
        opportunity=OuterRef("opportunity"), active_from=OuterRef("active_to"), pk__gt=OuterRef("pk")
    )
    rows = StageInterval.objects.visible_to(user).filter(
        stage__in=OPEN, active_to__gte=since, active_to__lt=until
    )
    rows = rows.annotate(to=Subquery(following.order_by("pk").values("stage")[:1])).order_by()
    names = ("stage", "to", "active_from", "active_to", *((column,) if column else ()))
    found: dict[str, list[Left]] = defaultdict(list)
    for stage, to, begun, ended, *group in rows.values_list(*names):
        for name in {ALL, *(one or "–" for one in group)}:
            found[name].append((stage, to, begun, ended))
    return found


def _flows(left: Sequence[Left]) -> list[Flow]:
    found = []
    for k, stage in enumerate(OPEN):
        mine = [(to, ended - begun) for held, to, begun, ended in left if held == stage]
        ranks = [_WAY.index(Stage(to)) for to, _ in mine if to is not None and to in _WAY]
        days = [length.total_seconds() / 86_400 for _, length in mine]
        found.append(
            Flow(
                str(stage),
                str(stage.label),
                len(mine),
                sum(rank > k for rank in ranks),
                sum(rank < k for rank in ranks),
                sum(to == Stage.CLOSED_LOST for to, _ in mine),
                Decimal(str(median(days))).quantize(Decimal("0.1")) if days else None,
            )
        )
    return found
