"""Clocks that run over business hours towards a target; what they measured is a ledger (M5, docs/guide/clocks.md).

sla.document(key=…, title=…, target=sla.length(5, "business_days"), source=…)      in policies.py of an app
sla.start(key, record, at=…, facts=…, owner=…)                                     in the change that is open
sla.signal(record, "lead.called", at=…, evidence={…}) ; sla.cancel(record, key)
sla.status(clock, at=…) ; sla.running([record]) ; sla.poll(now)
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from revops.kernel.sla.documents import document as document
    from revops.kernel.sla.documents import length as length
    from revops.kernel.sla.models import SlaClock as SlaClock
    from revops.kernel.sla.polling import poll as poll
    from revops.kernel.sla.reading import Status as Status
    from revops.kernel.sla.reading import running as running
    from revops.kernel.sla.reading import status as status
    from revops.kernel.sla.reading import statuses as statuses
    from revops.kernel.sla.signalling import cancel as cancel
    from revops.kernel.sla.signalling import signal as signal
    from revops.kernel.sla.starting import start as start

_HOMES = {
    "SlaClock": "models",
    "Status": "reading",
    "cancel": "signalling",
    "document": "documents",
    "length": "documents",
    "poll": "polling",
    "running": "reading",
    "signal": "signalling",
    "start": "starting",
    "status": "reading",
    "statuses": "reading",
}


def __getattr__(name: str) -> Any:
    """Load the public names when they are first used: models exist only after the app registry is ready."""
    from importlib import import_module

    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    return found
