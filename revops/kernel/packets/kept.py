"""Kinds of obligations that an app above keeps: what is done about one goes through the record that it is about.

A next step is as much the deal's as its own; done, put off or worded anew, both say so or neither does. The app
registers a keeper in `AppConfig.ready()`; every action on such an obligation is then the keeper's.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import ParamSpec

from revops.kernel.packets.models import Obligation

P = ParamSpec("P")
Deed = Callable[..., Obligation]


@dataclass(frozen=True, slots=True)
class Keeper:
    """What is done instead of the actions of the same names; each takes what that action takes, in its own change."""

    complete: Deed
    cancel: Deed
    reopen: Deed
    reschedule: Deed
    edit: Deed


_keepers: dict[str, Keeper] = {}


def kept_by(kind: str, keeper: Keeper) -> None:
    """Let obligations of `kind` be kept by an app above. Raises ValueError for a second keeper."""
    if _keepers.setdefault(kind, keeper) != keeper:
        raise ValueError(f"Obligations of the kind {kind!r} are kept already.")


def kinds() -> tuple[str, ...]:
    """Return the kinds that are kept: they wait where their keeper shows them, not among the tasks."""
    return tuple(sorted(_keepers))


def keeper_of(pk: int) -> Keeper | None:
    """Return who keeps an obligation, in one query; None for a task, and where there is no such obligation."""
    kind = Obligation.objects.filter(pk=pk, kind__in=_keepers).values_list("kind", flat=True).first()
    return _keepers.get(kind) if kind else None


def through(deed: str) -> Callable[[Callable[P, Obligation]], Callable[P, Obligation]]:
    """Let an action on an obligation be its keeper's `deed`, where it has one."""

    def wrap(action: Callable[P, Obligation]) -> Callable[P, Obligation]:
        @wraps(action)
        def run(*args: P.args, **given: P.kwargs) -> Obligation:
            pk = given.get("pk")
            keeper = keeper_of(pk) if isinstance(pk, int) and _keepers else None
            if keeper is None:
                return action(*args, **given)
            kept: Deed = getattr(keeper, deed)
            return kept(**given)

        return run

    return wrap
