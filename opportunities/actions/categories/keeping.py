"""What every change does about categories before it commits: hold the deals that it touched, write down what changed.

It joins every change, so that no door can forget: evidence that is rejected, a review that blocks, a next step that is
moved, an import and an edit alike. A change that touches no deal costs nothing. Source: d2, "on any input change".
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from opportunities.actions.categories import holding
from opportunities.actions.categories.holding import NOTE, Step
from opportunities.actions.categories.weighing import rank
from opportunities.enums import CLOSED, OPEN, CategoryWhy
from opportunities.models import (
    CategoryChange,
    DealReviewStatus,
    InspectionRecord,
    Meddicc,
    OppContactRole,
    Opportunity,
    SlipEvent,
    StageEvidence,
)
from opportunities.policies.categories import GATED, LABEL
from revops.kernel import audit, outbox
from revops.kernel.audit import Change
from revops.kernel.audit.writing import lock_many, remember
from revops.kernel.packets.models import Obligation

OWNER = "opportunities.categories"
# Changes that say themselves why a category moved; all others are told as clamped.
_BY_HAND = (CategoryWhy.SET, CategoryWhy.CLOSED)


def _of_part(record: Any) -> int | None:
    deal: int = record.opportunity_id
    return deal


def _of_obligation(record: Obligation) -> int | None:
    return record.subject_id if record.subject_type == LABEL else None


# What a category rests on besides the deal itself, with the deal that each row belongs to.
_INPUTS: dict[type[Any], Callable[[Any], int | None]] = {
    StageEvidence: _of_part,
    Meddicc: _of_part,
    DealReviewStatus: _of_part,
    OppContactRole: _of_part,
    SlipEvent: _of_part,
    InspectionRecord: _of_part,
    Obligation: _of_obligation,
}


def settle(change: Change) -> None:
    """Join a change: bring the deals down whose inputs it changed, then keep every category that moved."""
    written = _written(change)
    elsewhere = _touched(change) - written.keys()
    if not written and not elsewhere:
        return
    created = {id(deal) for deal in change.created.get(Opportunity, ())}
    here = [deal for deal in written.values() if holding.promises(deal)]
    for deal in here:
        if id(deal) in created:
            remember(deal)  # inserted in this change: nobody else sees it yet
    holding.hold([*here, *_locked(elsewhere)])
    _keep(change)


def _written(change: Change) -> dict[int, Opportunity]:
    """Return the deals that the change wrote, each as it was written last."""
    rows = [*change.created.get(Opportunity, ()), *(deal for deal, _ in change.changed.get(Opportunity, ()))]
    return {deal.pk: deal for deal in rows}


def _touched(change: Change) -> set[int]:
    found: set[int | None] = set()
    for model, deal_of in _INPUTS.items():
        changed = (record for record, _ in change.changed.get(model, ()))
        for record in (*change.created.get(model, ()), *changed, *change.removed.get(model, ())):
            found.add(deal_of(record))
    return {pk for pk in found if pk is not None}


def _locked(ids: Iterable[int]) -> list[Opportunity]:
    """Lock those of these deals that promise something; one statement, none without ids."""
    wanted = sorted(ids)
    if not wanted:
        return []
    rows = Opportunity.objects.filter(pk__in=wanted, stage__in=OPEN, forecast_category__in=GATED)
    return lock_many(rows)


def _keep(change: Change) -> None:
    """Write a row for every step that a category took in the change, and tell it."""
    steps = list(_steps(change))
    by = change.by
    audit.write_many(
        [
            CategoryChange(
                opportunity=one.deal,
                before=one.before,
                after=one.after,
                why=one.why,
                criteria=list(one.criteria),
                rule=one.rule[:80],
                note=one.note,
                occurred_at=change.occurred_at,
                changed_by=by,
            )
            for one in steps
        ]
    )
    for one in steps:
        name = "opportunity.category_changed" if one.why in _BY_HAND else "opportunity.category_clamped"
        outbox.emit(name, one.deal, _payload(one, by.pk))


def _payload(one: Step, by: int) -> dict[str, Any]:
    return {
        "from": one.before,
        "to": one.after,
        "why": str(one.why),
        "criteria": [line["key"] for line in one.criteria],
        "rule": one.rule,
        "note": one.note,
        "owner": one.deal.owner_id,
        "name": one.deal.name,
        "by": by,
    }


def _steps(change: Change) -> Iterator[Step]:
    """Yield the steps of each deal in order: those that said why, and between them those that did not."""
    said: dict[int, list[Step]] = {}
    for step in change.notes.get(NOTE, ()):
        said.setdefault(step.deal.pk, []).append(step)
    before: dict[int, dict[str, Any]] = {}
    for deal, changed in change.changed.get(Opportunity, ()):
        held = before.setdefault(deal.pk, {})
        for name in _LOOKED_AT & changed.keys():
            held.setdefault(name, changed[name])
    for pk, deal in _written(change).items():
        held = before.get(pk, {})
        present = held.get("forecast_category", said[pk][0].before if pk in said else deal.forecast_category)
        for step in said.get(pk, ()):
            if step.before != present:
                yield Step(deal, present, step.before, _why(deal, held, present, step.before))
            yield step
            present = step.after
        if present != deal.forecast_category:
            yield Step(
                deal, present, deal.forecast_category, _why(deal, held, present, deal.forecast_category)
            )


_LOOKED_AT = {"forecast_category", "stage", "segment"}


def _why(deal: Opportunity, held: dict[str, Any], before: str, after: str) -> CategoryWhy:
    """Return why a category moved where nobody said so: the deal closed or opened, its stage, or somebody set it."""
    if deal.stage in CLOSED or held.get("stage") in CLOSED:
        return CategoryWhy.CLOSED
    if rank(after) < rank(before) and held.keys() & {"stage", "segment"}:
        return CategoryWhy.STAGE
    return CategoryWhy.SET
