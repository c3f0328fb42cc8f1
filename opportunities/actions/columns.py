"""How a deal gets from one column of a board into another: by the actions that move, close and reopen it."""

from collections.abc import Mapping, Sequence
from typing import Any

from opportunities.actions import forms
from opportunities.actions.closing import close_won
from opportunities.actions.filling import supply
from opportunities.actions.moving import move_stage
from opportunities.enums import CLOSED, OPEN, Stage
from opportunities.models import Opportunity
from revops.kernel.identity.models import User
from revops.kernel.records.boards import Deed, Move, Mover
from revops.kernel.records.drafting import answers
from revops.kernel.records.registry import RecordAction

Values = Mapping[str, Any]
_ORDER = {stage: place for place, stage in enumerate(OPEN)}


def _into(to: str) -> Any:
    def run(
        *,
        by: User,
        pk: int,
        values: Values,
        changes: Values,
        version: int | None,
        reason: str,
        deeds: Sequence[Deed] = (),
    ) -> Opportunity:
        given = answers(forms.MOVE, {**values, "to": to})
        return move_stage(
            by=by,
            pk=pk,
            to=to,
            reason_code=given.get("reason_code") or "",
            version=version,
            reason=reason,
            changes=changes,
            deeds=deeds,
            acknowledge=forms.acknowledged(given),
        )

    return run


def _win(
    *,
    by: User,
    pk: int,
    values: Values,
    changes: Values,
    version: int | None,
    reason: str,
    deeds: Sequence[Deed] = (),
) -> Opportunity:
    seen = forms.acknowledged(values)
    return close_won(
        by=by, pk=pk, version=version, reason=reason, changes=changes, deeds=deeds, acknowledge=seen
    )


def _as(action: RecordAction) -> Move:
    """Return the move that is an action as it stands: what it asks for, it asks."""

    def run(
        *,
        by: User,
        pk: int,
        values: Values,
        changes: Values,
        version: int | None,
        reason: str,
        deeds: Sequence[Deed] = (),
    ) -> Any:
        return action.run(by=by, pk=pk, values=values, version=version, reason=reason)

    return Move(action.label, action.asks, run, action.fields)


def _way(deal: Opportunity, to: str) -> Move | None:
    """Return how a deal gets into the stage `to`; what is closed opens in the stage it was closed in."""
    if to not in Stage.values:
        return None
    if deal.stage in CLOSED and to in OPEN:
        return _as(forms.REOPEN_WON if deal.stage == Stage.CLOSED_WON else forms.REOPEN)
    if to == Stage.CLOSED_LOST:
        return _as(forms.LOSE)
    if to == Stage.CLOSED_WON:
        return Move(forms.WIN.label, forms.WIN.asks, _win, forms.WIN.fields, fills=True, supplies=supply)
    is_back = _ORDER[Stage(to)] < _ORDER[Stage(deal.stage)]
    fields = (forms.REGRESSES,) if is_back else (forms.ADVANCES, forms.ACKNOWLEDGE)
    return Move(f"Move to {Stage(to).label}", forms.MOVE.asks, _into(to), fields, fills=True, supplies=supply)


BY_STAGE = Mover("stage", "transition", _way)
