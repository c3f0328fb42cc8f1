"""What stands at the gate of a deal, criterion by criterion, and who tried to pass it before."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from opportunities.actions import gating, moving
from opportunities.actions.advancing import following
from opportunities.enums import Stage
from opportunities.models import Opportunity
from opportunities.policies import REQUIRED
from opportunities.queries import blocking, stages
from opportunities.queries.blocking import Need
from revops.kernel import clocks, gates, policies
from revops.kernel.gates import debts, machines
from revops.kernel.gates.models import GateAttempt
from revops.kernel.gates.weighing import Weighed, Weighing, body_of
from revops.kernel.people import access
from revops.kernel.people.access.remembering import once
from revops.kernel.policies import facts, required, rules
from revops.kernel.policies.enums import Mode
from revops.kernel.policies.rules import Outcome

LABEL = "opportunities.opportunity"
MET, MISSING, WARNS, EXCUSED, OBSERVED = "met", "missing", "warns", "excused", "observed"


@dataclass(frozen=True, slots=True)
class Line:
    """One criterion: whether it is met, and where it is not, what is said about it and until when it is excused."""

    title: str
    state: str
    message: str = ""
    until: datetime | None = None
    approver: str = ""
    exception: int | None = None
    owed: bool = False
    need: Need | None = None
    ask: str = ""

    @property
    def why(self) -> str:
        """What was found and is needed, without the title that stands beside it."""
        return self.message.partition("): ")[2] or self.message


@dataclass(frozen=True, slots=True)
class Gate:
    """What a deal is asked for its next step: the version that asks, and every line of it."""

    leads_to: str
    policy: str
    lines: list[Line]
    observed: list[Line]
    debts: list[Any]

    @property
    def met(self) -> int:
        """How many criteria stand in nobody's way: met, or excused."""
        return sum(one.state in (MET, EXCUSED) for one in self.lines)


@dataclass(frozen=True, slots=True)
class Against:
    """Everything that keeps a deal where it is: its next step, required fields, what it owes, criteria of its gate."""

    leads_to: str
    overdue: list[Need]
    blocks: blocking.Blocks
    debts: list[Any]
    criteria: int

    @property
    def nothing(self) -> bool:
        """Whether nothing stands in the way."""
        return not (self.overdue or self.blocks.now or self.blocks.next or self.debts or self.criteria)


@dataclass(frozen=True, slots=True)
class Try:
    """One attempt: who tried what and when, what came of it, and by which version."""

    who: str
    at: datetime
    words: str
    passed: bool
    why: list[str]
    excused: list[str]
    acknowledged: list[str]
    policy: str
    decision: int | None


def weighed(deal: Opportunity, to: Stage) -> Weighing:
    """Weigh an open deal for one step; two queries, and one a collection. A page weighs once."""

    def weigh() -> Weighing:
        return gates.weigh(deal, machine=machines.get(gating.MACHINE), transition=_way(to), to=str(to))

    return once(("weighed", deal.pk, deal.version, to), weigh)


def ahead(deal: Opportunity, user: Any) -> None:
    """Read at once what the criteria and the required fields of a deal's page will ask, in one statement."""
    to = following(deal.stage)
    if to is None:
        return
    machine, schema = machines.get(gating.MACHINE), facts.get(LABEL)
    policy = policies.get(machine.policy_key, machine.scope(deal), clocks.now())
    if policy.broken is not None:
        return
    gates_ahead = machine.gates(_way(to), deal.stage, str(to))
    asked = [path for one in body_of(policy).of(gates_ahead) for path in one.whole.paths]
    asked += required.paths(policies.get_sound(REQUIRED.key, {"segment": deal.segment}))
    schema.about(
        deal.pk, [path for path in asked if path in schema.by_path and not schema.by_path[path].in_hand]
    )


def _way(to: Stage) -> str:
    return gating.WIN if to == Stage.CLOSED_WON else gating.ADVANCE


def gate(deal: Opportunity, user: Any) -> Gate | None:
    """Return the criteria that an open deal is asked for its next step, what is missing first; None for a closed one.

    Three queries.
    """
    to = following(deal.stage)
    if to is None:
        return None
    found = weighed(deal, to)
    supply = blocking.supplier(deal, user)
    lines = [_line(one, supply([one.finding])[0]) for one in found.weighed if _is_asked(one, found)]
    firm = sorted((one for one in lines if one.state != OBSERVED), key=lambda one: _FIRST.index(one.state))
    observed = [one for one in lines if one.state == OBSERVED]
    return Gate(str(to.label), found.policy.ref, firm, observed, _owing(deal))


def _is_asked(one: Weighed, found: Weighing) -> bool:
    """Say whether a criterion is asked of this deal at all: one for another segment is no line of its gate."""
    when = one.parsed.when
    return when is None or rules.evaluate(when, found.values, found.at).outcome != Outcome.FALSE


_FIRST = (MISSING, WARNS, EXCUSED, MET)


def _owing(deal: Opportunity) -> list[Any]:
    return once(("owing", deal.pk), lambda: debts.owing(LABEL, [deal.pk]).get(deal.pk, []))


def against(deal: Opportunity, user: Any) -> Against | None:
    """Return everything that keeps an open deal where it is; nothing for a closed one. Four queries, on a page none."""
    to = following(deal.stage)
    if to is None:
        return None
    missing = [one for one in weighed(deal, to).standing if one.insists == Mode.ENFORCE]
    overdue = blocking.supplier(deal, user)(moving.overdue(deal))
    return Against(str(to.label), overdue, blocking.blocks(deal, user), _owing(deal), len(missing))


def _line(one: Weighed, need: Need) -> Line:
    title, message = one.parsed.criterion.title, one.finding.message
    if one.met:
        return Line(title, MET)
    if one.excuse is not None:
        return Line(
            title,
            EXCUSED,
            message,
            one.excuse.expires_at,
            str(one.excuse.approver or ""),
            one.excuse.pk,
            owed=one.owed,
        )
    if one.insists == Mode.OBSERVE:
        return Line(title, OBSERVED, one.parsed.criterion.note or message)
    ask = next((way.url for way in one.finding.remedies if way.url.startswith("/exceptions/")), "")
    state = WARNS if one.insists == Mode.WARN else MISSING
    return Line(title, state, message, owed=one.owed, need=need, ask=ask)


@dataclass(frozen=True, slots=True)
class Story:
    """What a deal has been through: its stays in the stages, and who tried to move it."""

    stays: list[stages.Stay]
    attempts: list[Try]


def story(deal: Opportunity, user: Any) -> Story:
    """Return what a deal has been through, the latest first; at most three queries."""
    return Story(stages.history(deal, user), attempts(deal, user))


def attempts(deal: Opportunity, user: Any, *, limit: int = 20) -> list[Try]:
    """Return who tried to move a deal, the latest first, as far as the reader sees attempts; one query."""
    if not access.rights(user, "gates.gateattempt").sees_any:
        return []
    rows = GateAttempt.objects.filter(subject_type=LABEL, subject_id=deal.pk).select_related(
        "tried_by", "decision"
    )
    return [_try(row) for row in rows.order_by("-tried_at", "-pk")[:limit]]


def _try(row: GateAttempt) -> Try:
    labels = dict(Stage.choices)
    name = machines.get(gating.MACHINE).by_name[row.transition].label
    return Try(
        who=str(row.tried_by),
        at=row.tried_at,
        words=f"{name}: {labels.get(row.from_state, row.from_state)} → {labels.get(row.to_state, row.to_state)}",
        passed=row.outcome == "passed",
        why=[one["message"] for one in row.findings],
        excused=sorted(row.excused),
        acknowledged=list(row.acknowledged),
        policy=row.decision.ref if row.decision is not None else "",
        decision=row.decision_id,
    )
