"""The transitions of deals: who may, where they lead, and the action that each of them is. Source: appendix B."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from opportunities.actions import gating
from opportunities.actions.closing import close_lost, close_won, last_open_stage, reopen
from opportunities.actions.forms import LOSE, MOVE, REOPEN, WIN, acknowledged
from opportunities.actions.gating import MACHINE
from opportunities.actions.moving import move_stage
from opportunities.enums import CLOSED, OPEN, Stage
from opportunities.models import Opportunity
from opportunities.policies import EXIT_CRITERIA
from revops.kernel.gates import machines
from revops.kernel.gates.machines import StateMachine, Transition, Way
from revops.kernel.identity.models import User
from revops.kernel.people import access
from revops.kernel.records.drafting import answers
from revops.kernel.records.registry import RecordAction

Given = Mapping[str, Any]
_STATES = tuple(str(stage) for stage in OPEN)


def _run(
    act: Callable[..., Opportunity],
    asked: RecordAction,
    *,
    by: User,
    pk: int,
    payload: Given,
    version: int | None,
    idem: str,
) -> Opportunity:
    """Call an action with what its form asks for, as somebody gave it. Raises Blocked for what does not fit."""
    given = dict(payload)
    reason = str(given.pop("reason", ""))[:500]
    values = {name: value for name, value in answers(asked, given).items() if value not in (None, "")}
    if "acknowledge" in values:
        values["acknowledge"] = acknowledged(values)
    return act(by=by, pk=pk, version=version, reason=reason, idem=idem, **values)


def _moves(way: str) -> Callable[..., Opportunity]:
    return partial(_run, partial(move_stage, way=way), MOVE)


def _later(deal: Opportunity) -> tuple[str, ...]:
    return _STATES[_STATES.index(deal.stage) + 1 :] if deal.stage in OPEN else ()


def _earlier(deal: Opportunity) -> tuple[str, ...]:
    return _STATES[: _STATES.index(deal.stage)] if deal.stage in OPEN else ()


def _end(stage: Stage) -> Callable[[Opportunity], tuple[str, ...]]:
    return lambda deal: (str(stage),) if deal.stage in OPEN else ()


def _back_in(deal: Opportunity) -> tuple[str, ...]:
    return (str(last_open_stage(deal)),) if deal.stage in CLOSED else ()


def _may(deal: Opportunity, user: User) -> bool:
    return access.allowed(user, "transition", deal)


def _may_reopen(deal: Opportunity, user: User) -> bool:
    return access.allowed(user, "reopen_won" if deal.stage == Stage.CLOSED_WON else "transition", deal)


STAGES = machines.register(
    StateMachine(
        key=MACHINE,
        record_type="opportunities.opportunity",
        field="stage",
        states=_STATES,
        ends=tuple(str(stage) for stage in CLOSED),
        policy_key=EXIT_CRITERIA.key,
        labels={str(stage): str(stage.label) for stage in Stage},
        transitions=(
            Transition(gating.ADVANCE, "Advance", Way.FORWARD, _moves(gating.ADVANCE), _later, _may),
            Transition(gating.REGRESS, "Move back", Way.FREE, _moves(gating.REGRESS), _earlier, _may),
            Transition(
                gating.WIN, "Win", Way.CLOSING, partial(_run, close_won, WIN), _end(Stage.CLOSED_WON), _may
            ),
            Transition(
                gating.LOSE, "Lose", Way.OWN, partial(_run, close_lost, LOSE), _end(Stage.CLOSED_LOST), _may
            ),
            Transition(
                gating.REOPEN, "Reopen", Way.FREE, partial(_run, reopen, REOPEN), _back_in, _may_reopen
            ),
        ),
        scope=lambda deal: {"segment": deal.segment},
        remedies=gating.remedies,
    )
)
