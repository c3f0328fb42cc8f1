"""Bring a deal one step further, wherever it stands: what its page offers first. Source: d2, M3."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from opportunities.actions import forms
from opportunities.actions.moving import move_stage
from opportunities.enums import OPEN, Stage
from opportunities.models import Opportunity
from revops.kernel.identity.models import User
from revops.kernel.records.drafting import answers
from revops.kernel.records.registry import RecordAction

# The last open stage is left by winning or losing: its button is “Close as won”.
_BEFORE_THE_LAST = OPEN[:-1]


def following(stage: str) -> Stage | None:
    """Return where the next step of an open deal leads: the stage after its own, or the win."""
    if stage not in OPEN:
        return None
    place = OPEN.index(Stage(stage)) + 1
    return OPEN[place] if place < len(OPEN) else Stage.CLOSED_WON


def _advance(
    *, by: User, pk: int, values: Mapping[str, Any], version: int | None = None, reason: str = ""
) -> Opportunity:
    given = answers(ADVANCE, values)
    stage = Opportunity.objects.visible_to(by).values_list("stage", flat=True).get(pk=pk)
    return move_stage(
        by=by,
        pk=pk,
        to=str(following(stage) or stage),
        reason_code=given.get("reason_code") or "",
        version=version,
        reason=reason,
        acknowledge=forms.acknowledged(given),
        way="advance",
    )


ADVANCE = RecordAction(
    "advance",
    "Advance",
    # The action asks for its reason, together with everything else that speaks against the move.
    (replace(forms.ADVANCES, required=False), forms.ACKNOWLEDGE),
    _advance,
    icon="arrow-right",
    help="Into the next stage, past what its gate asks for.",
    right="transition",
    fits=lambda deal: deal.stage in _BEFORE_THE_LAST,
    primary=True,
)
