"""The pump: seals the audit trail and dispatches the outbox, over and over, until it is told to stop.

Any number may run; the locks inside let one of them work at a time. It is a process of its own and not a Celery
tick, because it is what brings work back when Celery or its broker has lost it.
"""

import logging
from collections.abc import Callable, Sequence
from threading import Event

from django.db import close_old_connections, connections

from revops.kernel.outbox.dispatch import dispatch

SHORTEST_SLEEP = 0.2
LONGEST_SLEEP = 1.0
LONGEST_PAUSE = 30.0

Step = Callable[[], bool]
logger = logging.getLogger(__name__)


def seal_trail() -> bool:
    """Seal what has been written to the audit trail; tell whether there was anything."""
    from revops.kernel.audit.sealing import seal

    return bool(seal())


def dispatch_outbox() -> bool:
    """Dispatch the outbox; tell whether there may be more to do at once."""
    return dispatch().worked


STEPS: Sequence[Step] = (seal_trail, dispatch_outbox)


def run(stopping: Event, *, once: bool = False, steps: Sequence[Step] = STEPS) -> None:
    """Take the steps in turn until `stopping` is set, or only once.

    Sleeps 0.2 s to 1 s, ever longer, while there is nothing to do. A step that raises is logged and does not
    keep the others from their turn; then connections are opened afresh and the pause grows to 30 s.
    """
    idle = failing = 0
    while not stopping.is_set():
        outcomes = [_take(step) for step in steps]
        if once:
            return
        failing = failing + 1 if None in outcomes else 0
        idle = 0 if any(outcomes) else idle + 1
        if failing:
            stopping.wait(min(2.0 ** (failing - 1), LONGEST_PAUSE))
        elif idle:
            stopping.wait(min(SHORTEST_SLEEP * idle, LONGEST_SLEEP))


def _take(step: Step) -> bool | None:
    """Take one step; return whether it found work, None when it failed."""
    try:
        close_old_connections()
        return step()
    except Exception:
        logger.exception("The pump's step %s failed; it will be tried again.", step.__name__)
        connections.close_all()
        return None
