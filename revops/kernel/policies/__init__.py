"""Policies (M2): rules are data, their vocabulary is code. How to use it stands in docs/guide/policies.md."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from revops.kernel.policies.resolving import InForce as InForce
    from revops.kernel.policies.resolving import get as get
    from revops.kernel.policies.resolving import get_sound as get_sound

_HOMES = {"InForce": "resolving", "get": "resolving", "get_sound": "resolving"}


def __getattr__(name: str) -> Any:
    """Load the public names when they are first used: models exist only after the app registry is ready."""
    from importlib import import_module

    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    return found
