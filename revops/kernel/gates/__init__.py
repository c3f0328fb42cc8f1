"""M3 and M4: what a record must show before it moves on, and the exceptions that excuse it for a while.

gates.pass_through(deal, machine=STAGES, transition="advance", to="discovery")   # inside the open change
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from revops.kernel.gates.guarding import take_as_found as take_as_found
    from revops.kernel.gates.passing import Refused as Refused
    from revops.kernel.gates.passing import pass_through as pass_through
    from revops.kernel.gates.weighing import weigh as weigh

_HOMES = {
    "Refused": "passing",
    "pass_through": "passing",
    "take_as_found": "guarding",
    "weigh": "weighing",
}


def __getattr__(name: str) -> Any:
    """Load the public names when they are first used: models exist only after the app registry is ready."""
    from importlib import import_module

    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    return found
