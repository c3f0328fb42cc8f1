"""How a lead gets from one column of a board into another: by the actions that say what became of it."""

from collections.abc import Mapping, Sequence
from typing import Any

from accounts.actions.leads import forms
from accounts.enums import LeadStatus
from accounts.models import Lead
from revops.kernel.identity.models import User
from revops.kernel.records.boards import Deed, Move, Mover
from revops.kernel.records.registry import RecordAction

_WAYS = {
    LeadStatus.ACCEPTED: forms.ACCEPT,
    LeadStatus.WORKING: forms.START,
    LeadStatus.NURTURE: forms.NURTURE,
    LeadStatus.RECYCLED: forms.RECYCLE,
    LeadStatus.DISQUALIFIED: forms.DISQUALIFY,
}


def _as(action: RecordAction) -> Move:
    def run(
        *,
        by: User,
        pk: int,
        values: Mapping[str, Any],
        changes: Mapping[str, Any],
        version: int | None,
        reason: str,
        deeds: Sequence[Deed] = (),
    ) -> Any:
        return action.run(by=by, pk=pk, values=values, version=version, reason=reason)

    return Move(action.label, action.asks, run, action.fields)


def _way(lead: Lead, to: str) -> Move | None:
    """Return how a lead gets into the status `to`; a new, routed or converted one nobody makes by a move."""
    action = _WAYS.get(LeadStatus(to)) if to in LeadStatus.values else None
    return _as(action) if action is not None else None


BY_STATUS = Mover("status", "dispose", _way)
