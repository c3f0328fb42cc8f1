"""Bring parked events back."""

from uuid import UUID

from revops.kernel import clocks
from revops.kernel.outbox.models import OutboxEvent


def replay(event_id: UUID | None = None) -> int:
    """Put one dead event, or all of them, back into delivery with fresh attempts; return how many.

    Receivers that have already dealt with it are not run again. Later events of the same subject may have been
    delivered in the meantime: a replayed event comes after them.
    """
    dead = OutboxEvent.objects.filter(dead=True)
    if event_id is not None:
        dead = dead.filter(pk=event_id)
    return dead.update(dead=False, attempts=0, next_attempt_at=clocks.now(), carried_at=None)
