"""Inspect a deal: keep what is written down about it, and bring its forecast down where it fails. Source: §10.3."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from accounts.actions import races
from opportunities.actions import categories
from opportunities.actions.inspecting import asking, refusing, telling
from opportunities.actions.inspecting.asking import Said
from opportunities.enums import FORECAST_ORDER, CategoryWhy, ForecastCategory, InspectionOutcome
from opportunities.models import InspectionRecord, Opportunity
from opportunities.policies import inspections as policy
from opportunities.queries import inspections as queries
from opportunities.queries.inspections.answering import Answer, Answered
from opportunities.weeks import week_of
from revops.kernel import audit, clocks, outbox
from revops.kernel.gates.exceptions import finding as exceptions
from revops.kernel.identity.models import User
from revops.kernel.people import access
from revops.kernel.policies import decisions
from revops.kernel.policies.enums import Mode

KEEP, DOWNGRADE, REMOVE = InspectionOutcome.KEEP, InspectionOutcome.DOWNGRADE, InspectionOutcome.REMOVE
COMMIT = ForecastCategory.COMMIT


@races.told
def inspect(
    *, by: User, pk: int, values: Mapping[str, Any], version: int | None = None, reason: str = ""
) -> InspectionRecord:
    """Inspect the open deal `pk` of somebody else; `values` are as somebody typed them (`asking.FIELDS`).

    The five questions are answered from the records at this instant. A deal in Commit that fails one of them comes
    down in the same transaction, to what its evidence carries and to Best case at most; what the owner says against it
    is kept as a note. An exception to the question (M4) is the only way round. Raises Blocked with every finding,
    Conflict when somebody was faster, Forbidden for who may not inspect it, DoesNotExist outside one's scope.
    """
    with audit.change(by=by, action="opportunity.inspect", reason=reason):
        deal: Opportunity = audit.lock(Opportunity.objects.visible_to(by), pk=pk, version=version)
        access.require(by, "inspect", deal)
        said = asking.read(values)
        refusing.stop(deal, by, said)
        now = clocks.now()
        answered = _with_said(queries.answers(deal, by, now), said, deal)
        scales = categories.Scales([deal.pk], now)
        to = _target(deal, said.outcome, answered, scales)
        found = refusing.against(deal, said.outcome, answered, to, scales)
        if found:
            raise audit.Blocked([*said.findings, *found])
        return _write(deal, by, said, answered, to, now)


def _with_said(answered: Answered, said: Said, deal: Opportunity) -> Answered:
    """Put what the inspector said into the first answer: a change that no field captures fails (Q1)."""
    first, *others = answered.answers
    if not said.unsaid:
        return answered
    question = policy.body_of(answered.policy).questions[0]
    excuse = queries.excuse_of(deal.pk, first.key, clocks.now())
    failed = replace(first, fails=True, excuse=excuse, remedies=queries.remedies(deal, question))
    return replace(answered, answers=(failed, *others))


def _target(deal: Opportunity, outcome: str, answered: Answered, scales: categories.Scales) -> str:
    """Return what the deal is forecast as afterwards: never more than now, nor than its evidence carries."""
    held = deal.forecast_category
    if outcome == REMOVE:
        return ForecastCategory.OMITTED
    if held not in FORECAST_ORDER[1:]:
        return held
    if held == COMMIT and (answered.failing or outcome == DOWNGRADE):
        return scales.within(deal, policy.MOST)
    if outcome == DOWNGRADE:
        return scales.within(deal, FORECAST_ORDER[FORECAST_ORDER.index(ForecastCategory(held)) - 1])
    if refusing.lacks(deal, scales):
        return scales.within(deal, FORECAST_ORDER[FORECAST_ORDER.index(ForecastCategory(held)) - 1])
    return held


def _write(
    deal: Opportunity, by: User, said: Said, answered: Answered, to: str, now: datetime
) -> InspectionRecord:
    before = deal.forecast_category
    excused = _used(deal, said, answered)
    question = {"unsaid": said.unsaid, "excused": sorted(excused)}
    answer = policy.body_of(answered.policy).decide(question, answered.values, now, answered.policy)
    decision = decisions.record(
        answered.policy, deal, answer, question=question, values=answered.values, at=now
    )
    exceptions.used(list(excused.values()), decision)
    if to != before:
        categories.bring_down([deal], to, why=CategoryWhy.INSPECTION, note=_because(answered.failing, said))
    row: InspectionRecord = audit.write(
        InspectionRecord(
            opportunity=deal,
            week=week_of(now),
            inspected_at=now,
            inspector=by,
            deal_owner_id=deal.owner_id,
            stage=deal.stage,
            answers=[_kept(one, said) for one in answered.answers],
            fails=[one.key for one in answered.answers if one.fails],
            excused={key: held.pk for key, held in excused.items()},
            outcome=said.outcome,
            category_before=before,
            category_after=deal.forecast_category,
            minutes=said.minutes,
            note=said.note,
            dissent=said.dissent,
        )
    )
    outbox.emit("opportunity.inspected", row, telling.payload(row))
    telling.tell(row, deal, by)
    return row


def _used(deal: Opportunity, said: Said, answered: Answered) -> dict[str, Any]:
    """Return the exceptions that let a deal in Commit stay there, by the question that they excuse."""
    if deal.forecast_category != COMMIT or said.outcome in (DOWNGRADE, REMOVE) or answered.failing:
        return {}
    return {
        one.key: one.excuse
        for one in answered.answers
        if one.fails and one.excuse is not None and one.mode == Mode.ENFORCE
    }


def _because(failing: Sequence[Answer], said: Said) -> str:
    told = "; ".join(one.title for one in failing)
    return (f"Failed: {told}" if told else said.note or "Decided by its inspector")[:400]


def _kept(one: Answer, said: Said) -> dict[str, Any]:
    """Return what an inspection keeps of one answer."""
    kept = {
        "key": one.key,
        "title": one.title,
        "fails": one.fails,
        "mode": str(one.mode),
        "needed": one.needed,
        "facts": [shown.as_json() for shown in one.facts],
        "exception": one.excuse.pk if one.excuse is not None else None,
    }
    if one.key != policy.CHANGED:
        return kept
    turn = next((each for each in one.suggested if each.path == said.field_path), None)
    old, new = (turn.old, turn.new) if turn is not None else ("", "")
    return kept | {"changed": said.changed, "field": said.field_path, "old": old, "new": new}
