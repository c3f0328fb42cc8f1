"""The one door for writes and the trail it leaves. What the rest of the system uses stands in this list."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from revops.kernel.audit.changes import Change as Change
    from revops.kernel.audit.changes import change as change
    from revops.kernel.audit.changes import current as current
    from revops.kernel.audit.changes import door as door
    from revops.kernel.audit.changes import happening_at as happening_at
    from revops.kernel.audit.changes import on_change as on_change
    from revops.kernel.audit.changes import on_refused as on_refused
    from revops.kernel.audit.enums import Removal as Removal
    from revops.kernel.audit.enums import Source as Source
    from revops.kernel.audit.erasing import erase as erase
    from revops.kernel.audit.history import RecordHistory as RecordHistory
    from revops.kernel.audit.refusals import Blocked as Blocked
    from revops.kernel.audit.refusals import Conflict as Conflict
    from revops.kernel.audit.refusals import Finding as Finding
    from revops.kernel.audit.refusals import Remedy as Remedy
    from revops.kernel.audit.removing import remove_many as remove_many
    from revops.kernel.audit.writing import lock as lock
    from revops.kernel.audit.writing import write as write
    from revops.kernel.audit.writing import write_many as write_many

_HOMES = {
    "Change": "changes",
    "change": "changes",
    "current": "changes",
    "door": "changes",
    "happening_at": "changes",
    "on_change": "changes",
    "on_refused": "changes",
    "Removal": "enums",
    "Source": "enums",
    "erase": "erasing",
    "RecordHistory": "history",
    "Blocked": "refusals",
    "Conflict": "refusals",
    "Finding": "refusals",
    "Remedy": "refusals",
    "remove_many": "removing",
    "lock": "writing",
    "write": "writing",
    "write_many": "writing",
}


def __getattr__(name: str) -> Any:
    """Load the public names when they are first used: models exist only after the app registry is ready."""
    from importlib import import_module

    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    return found
