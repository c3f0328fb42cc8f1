"""Requests whose time has passed are marked so. What holds is asked of the clock; this brings the words in line. M6."""

from datetime import datetime

from revops.kernel import audit, clocks
from revops.kernel.approvals import purposes, storing
from revops.kernel.approvals.actions import recalling
from revops.kernel.approvals.enums import LIVE, RequestState
from revops.kernel.approvals.models import ApprovalRequest
from revops.kernel.identity.models import User

MOST = 500


def expire_due(now: datetime | None = None) -> int:
    """Mark the requests that have lapsed by `now`, each in a change of its own; return how many there were."""
    at = now or clocks.now()
    lapsed = ApprovalRequest.objects.filter(state__in=LIVE, valid_until__lte=at)
    ids = list(lapsed.order_by("pk").values_list("pk", flat=True)[:MOST])
    return sum(_expire(pk, at) for pk in ids)


def _expire(pk: int, at: datetime) -> bool:
    system = User.objects.system()
    with audit.change(by=system, action="approval.expire", at=at):
        seen = ApprovalRequest.objects.get(pk=pk)
        if (purpose := purposes.find(seen.purpose)) is not None:
            purpose.model._base_manager.select_for_update().filter(pk=seen.subject_id).first()
        request = audit.lock(ApprovalRequest.objects.all(), pk=pk)
        if request.state not in LIVE or request.valid_until is None or request.valid_until > at:
            return False
        waited = request.state == RequestState.PENDING
        recalling.cancel(request)
        note = "Nobody decided in time." if waited else "The approval was valid until then."
        storing.end(request, RequestState.EXPIRED, by=system, now=at, note=note)
        return True
