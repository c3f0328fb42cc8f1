"""How a request for change gets from one column of a board into another: by its own actions, none of them an edit."""

from collections.abc import Mapping, Sequence
from typing import Any

from governance.actions.rfcs import forms
from governance.enums import RfcState
from governance.models import ChangeRequest
from revops.kernel.identity.models import User
from revops.kernel.records.boards import Deed, Move, Mover
from revops.kernel.records.registry import RecordAction

Values = Mapping[str, Any]
_INTO: Mapping[str, RecordAction] = {
    RfcState.SUBMITTED: forms.SUBMIT,
    RfcState.SCHEDULED: forms.SCHEDULE,
    RfcState.LIVE: forms.GO_LIVE,
    RfcState.ROLLED_BACK: forms.ROLL_BACK,
    RfcState.WITHDRAWN: forms.WITHDRAW,
}


def _way(rfc: ChangeRequest, to: str) -> Move | None:
    """Return the action that brings a request into the state `to`; the board alone approves and rejects."""
    action = _INTO.get(to)
    if action is None or not action.fits(rfc):
        return None

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


BY_STATE = Mover("state", "submit", _way)
