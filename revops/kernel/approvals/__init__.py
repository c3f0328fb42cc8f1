"""M6: approvals. An app says what may be approved and submits it; people decide; it holds for that content.

How to use it stands in docs/guide/approvals.md, why it is so in docs/adr/0023.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from revops.kernel.approvals.actions.deciding import decide as decide
    from revops.kernel.approvals.actions.recalling import recall as recall
    from revops.kernel.approvals.actions.submitting import submit as submit
    from revops.kernel.approvals.bodies import document as document
    from revops.kernel.approvals.previewing import preview as preview
    from revops.kernel.approvals.purposes import Purpose as Purpose
    from revops.kernel.approvals.purposes import register as register
    from revops.kernel.approvals.queries import is_current as is_current
    from revops.kernel.approvals.queries import request_of as request_of

_HOMES = {
    "decide": "actions.deciding",
    "recall": "actions.recalling",
    "submit": "actions.submitting",
    "document": "bodies",
    "preview": "previewing",
    "Purpose": "purposes",
    "register": "purposes",
    "is_current": "queries",
    "request_of": "queries",
}


def __getattr__(name: str) -> Any:
    """Load the public names when they are first used: models exist only after the app registry is ready."""
    from importlib import import_module

    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    return found
