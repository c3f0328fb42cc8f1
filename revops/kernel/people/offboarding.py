"""What mechanisms above do in the transaction that deactivates somebody: a named registry, one hook an owner."""

from collections.abc import Callable
from dataclasses import dataclass

from revops.kernel.identity.models import User


@dataclass(frozen=True, slots=True)
class Hook:
    """What one mechanism does when somebody leaves, and what it foresees before that, in words."""

    follow: Callable[[User], None]
    foresee: Callable[[User], str]


_hooks: dict[str, Hook] = {}


def on_leaving(owner: str, *, follow: Callable[[User], None], foresee: Callable[[User], str]) -> None:
    """Register what `owner` does inside the change that deactivates somebody; `foresee` says so for the plan."""
    hook = Hook(follow, foresee)
    if _hooks.setdefault(owner, hook) != hook:
        raise ValueError(f"{owner!r} has a hook on people who leave already.")


def follow(leaver: User) -> None:
    """Let every mechanism do its part, inside the open change. What one refuses, refuses the deactivation."""
    for hook in _hooks.values():
        hook.follow(leaver)


def foreseen(leaver: User) -> tuple[str, ...]:
    """Return what else will happen when somebody leaves, a phrase a mechanism."""
    return tuple(words for hook in _hooks.values() if (words := hook.foresee(leaver)))
