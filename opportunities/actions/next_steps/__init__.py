"""Next steps: every open deal has exactly one, as an obligation that the deal copies. Source: INV-2.3."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from opportunities.actions.next_steps.checking import check as check
    from opportunities.actions.next_steps.checking import deals_with as deals_with
    from opportunities.actions.next_steps.keeping import begin as begin
    from opportunities.actions.next_steps.keeping import keep as keep
    from opportunities.actions.next_steps.keeping import place as place
    from opportunities.actions.next_steps.setting import set_next_step as set_next_step

_HOMES = {
    "begin": "keeping",
    "check": "checking",
    "deals_with": "checking",
    "keep": "keeping",
    "place": "keeping",
    "set_next_step": "setting",
}


def __getattr__(name: str) -> Any:
    """Load the public names when they are first used: what edits fields is below what sets next steps."""
    from importlib import import_module

    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
