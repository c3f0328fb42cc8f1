"""What follows when nobody ratifies an emergency in time. Source: d1 (emergency RFC)."""

from governance.actions.rfcs import checking
from governance.enums import RfcState
from governance.models import ChangeRequest
from revops.kernel import audit
from revops.kernel.identity.models import User


def demand_rollback(*, by: User, pk: int) -> ChangeRequest:
    """Ask operations to roll an emergency back that nobody ratified in time; once, however often it is called."""
    with audit.change(by=by, action="rfc.demand_rollback"):
        rfc: ChangeRequest = audit.lock(ChangeRequest.objects.all(), pk=pk)
        if rfc.state == RfcState.LIVE and rfc.ratified_at is None:
            checking.ask_for_rollback(rfc, "Nobody ratified it within the time there was.")
        return rfc
