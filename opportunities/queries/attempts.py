"""Attempts to bring deals past their gates: by criterion how often asked, failed and excused. Source: d2 dashboards."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from opportunities.enums import Stage
from opportunities.metrics.hygiene import DEAL
from opportunities.models import Opportunity
from opportunities.policies.exit_criteria import EXIT_CRITERIA
from revops.kernel import policies
from revops.kernel.gates.criteria import GateBody
from revops.kernel.gates.enums import Outcome
from revops.kernel.gates.models import GateAttempt
from revops.kernel.metrics import percent

# So many of the latest attempts are read; the page says so where there are more.
MOST, MOST_SHOWN = 5_000, 100
_COLUMNS = ("pk", "subject_id", "outcome", "findings", "excused", "observed", "decision__verdicts")


@dataclass(frozen=True, slots=True)
class Line:
    """One criterion: in how many attempts it was asked, in how many it stood in the way, was excused, or observed."""

    key: str
    title: str
    asked: int
    failed: int
    excused: int
    observed: int
    by_segment: Sequence[int]

    @property
    def percent(self) -> Decimal | None:
        """Return which part of those asked failed, in per cent."""
        return percent(self.failed, self.asked)


@dataclass(frozen=True, slots=True)
class Attempts:
    """The attempts of a period, criterion by criterion, the one that failed most often first."""

    total: int
    refused: int
    more: bool
    lines: Sequence[Line]
    segments: Sequence[str]

    @property
    def percent(self) -> Decimal | None:
        return percent(self.refused, self.total)


@dataclass(frozen=True, slots=True)
class Try:
    """One attempt in which a criterion stood in the way or was excused."""

    deal: int
    name: str
    who: str
    at: datetime
    words: str
    outcome: str
    message: str


def attempts(user: Any, since: datetime, until: datetime) -> Attempts:
    """Return what came of the attempts that `user` sees, the latest 5,000 of the period; three statements."""
    rows = list(_rows(user, since, until).values_list(*_COLUMNS)[: MOST + 1])
    more, rows = len(rows) > MOST, rows[:MOST]
    segment_of = dict(
        Opportunity.objects.visible_to(user)
        .filter(pk__in={row[1] for row in rows})
        .values_list("pk", "segment")
    )
    asked, excused, observed = Counter[str](), Counter[str](), Counter[str]()
    failed: dict[str, Counter[str]] = defaultdict(Counter)
    for _, deal, _, findings, excuses, seen, verdicts in rows:
        held = {one["rule_key"] for one in verdicts or ()}
        stood = {name for one in findings if (name := _named(one))}
        asked.update(held | stood)
        excused.update(excuses)
        observed.update(seen)
        for name in stood:
            failed[name][segment_of.get(deal, "–")] += 1
    segments = sorted({segment for counted in failed.values() for segment in counted})
    refused = sum(1 for row in rows if row[2] == Outcome.REFUSED)
    named = titles()
    lines = [
        Line(
            key,
            named.get(key, key.replace("_", " ").capitalize()),
            n,
            failed[key].total(),
            excused[key],
            observed[key],
            [failed[key][segment] for segment in segments],
        )
        for key, n in asked.items()
    ]
    lines.sort(key=lambda line: (-line.failed, -line.excused, -line.observed, line.title))
    return Attempts(len(rows), refused, more, lines, segments)


def _named(finding: Mapping[str, Any]) -> str:
    """Return what a finding is about: a criterion, or the field that another rule asks for."""
    return str(finding.get("criterion") or finding.get("field") or finding.get("code") or "")


def titles() -> dict[str, str]:
    """Return the titles of the criteria in force, by key."""
    body = policies.get_sound(EXIT_CRITERIA.key).body
    if not isinstance(body, GateBody):
        raise TypeError(f"{EXIT_CRITERIA.key} holds no exit criteria.")
    return {one.key: one.title for one in body.criteria}


def _rows(user: Any, since: datetime, until: datetime) -> Any:
    found = GateAttempt.objects.visible_to(user).filter(subject_type=DEAL, tried_at__range=(since, until))
    return found.order_by("-tried_at", "-pk")


def of_criterion(user: Any, key: str, since: datetime, until: datetime) -> list[Try]:
    """Return the latest attempts in which a criterion failed or was excused, at most 100; two statements."""
    found = []
    for row in _rows(user, since, until).select_related("tried_by")[:MOST]:
        stood = [one["message"] for one in row.findings if _named(one) == key]
        if stood or key in row.excused:
            found.append((row, stood[0] if stood else "Excused"))
        if len(found) == MOST_SHOWN:
            break
    pks = {row.subject_id for row, _ in found}
    names = dict(Opportunity.objects.visible_to(user).filter(pk__in=pks).values_list("pk", "name"))
    stages = dict(Stage.choices)
    return [
        Try(
            row.subject_id if row.subject_id in names else 0,
            names.get(row.subject_id, "A deal that you do not see"),
            str(row.tried_by),
            row.tried_at,
            f"{stages.get(row.from_state, row.from_state)} → {stages.get(row.to_state, row.to_state)}",
            str(Outcome(row.outcome).label),
            message,
        )
        for row, message in found
    ]
