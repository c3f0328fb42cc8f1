"""News about requests for change, as rows of the outbox."""

from typing import Any

from governance.models import ChangeRequest
from revops.kernel import audit, outbox


def tell(event: str, rfc: ChangeRequest, **more: Any) -> None:
    """Put an event about a request into the outbox, inside the open change."""
    payload = {"requester": rfc.requester_id, "state": str(rfc.state), "by": audit.current().by.pk}
    outbox.emit(event, rfc, payload | more)
