"""Events in the same transaction as the change, their delivery, and the jobs that a clock starts (M10).

What the rest of the system uses stands in this list; how delivery works is told in `receiving.py` and `delivery.py`.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from revops.kernel.outbox.emitting import emit as emit
    from revops.kernel.outbox.jobs import job as job
    from revops.kernel.outbox.models import JobRun as JobRun
    from revops.kernel.outbox.models import OutboxEvent as OutboxEvent
    from revops.kernel.outbox.receiving import receives as receives

_HOMES = {
    "emit": "emitting",
    "job": "jobs",
    "JobRun": "models",
    "OutboxEvent": "models",
    "receives": "receiving",
}


def __getattr__(name: str) -> Any:
    """Load the public names when they are first used: models exist only after the app registry is ready."""
    from importlib import import_module

    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
