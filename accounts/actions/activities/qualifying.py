"""Whether an activity shows that the buyer is engaged. Pure. Source: ALG-2.1, INV-2.10, INV-6.2."""

from datetime import datetime

from accounts.enums import ActivityKind, ActivityOutcome, Direction

CONNECTED_CALL_S = 120


def qualifies(
    *,
    kind: str,
    direction: str,
    outcome: str,
    duration_s: int | None,
    occurred_at: datetime,
    now: datetime,
    attendees: int,
) -> bool:
    """Say whether a buyer took part: seconds, instants with a zone, and the number of people on the buyer's side.

    A meeting counts when it was held with at least one of them, a call when it was connected for 120 seconds, an
    e-mail or message when it came from the buyer, and what they did in a portal or with a document always. Nothing
    that lies ahead counts, and nothing that only we did. A lead that an activity is with is one of the attendees.
    """
    if occurred_at > now:
        return False
    match kind:
        case ActivityKind.MEETING:
            return outcome == ActivityOutcome.HELD and attendees > 0
        case ActivityKind.CALL:
            return outcome == ActivityOutcome.CONNECTED and (duration_s or 0) >= CONNECTED_CALL_S
        case ActivityKind.EMAIL | ActivityKind.MESSAGE:
            return direction == Direction.INBOUND
        case ActivityKind.PORTAL | ActivityKind.SIGNATURE:
            return True
    return False
