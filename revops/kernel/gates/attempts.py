"""What was refused is kept as well: who tried what, and every reason that they were told."""

import logging

from django.db import DatabaseError

from revops.kernel import audit
from revops.kernel.audit import Blocked, Change
from revops.kernel.gates.enums import Outcome
from revops.kernel.gates.passing import Refused, write

logger = logging.getLogger(__name__)


def keep(change: Change, error: Blocked) -> None:
    """Store a refused attempt in a change of its own, once what was tried is rolled back."""
    if not isinstance(error, Refused):
        return
    try:
        with audit.change(
            by=change.by,
            action="gate.refused",
            reason=change.reason,
            source=change.source,
            at=change.occurred_at,
            aside=True,
        ):
            write(error.attempt, Outcome.REFUSED)
    except DatabaseError:
        logger.exception("A refused attempt could not be kept; the refusal stands.")


def keep_here(error: Refused) -> None:
    """Store a refused attempt inside the open change: of an import, say, that goes on with its other rows."""
    write(error.attempt, Outcome.REFUSED)
