"""How every action on policies runs: this process sees its own change at once."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import IntegrityError

from revops.kernel.policies import store

P = ParamSpec("P")
R = TypeVar("R")


def seen_at_once(action: Callable[P, R]) -> Callable[P, R]:
    """Let this process see its own change at once, and run again when somebody else wrote the same row first."""

    @wraps(action)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            try:
                return action(*args, **kwargs)
            except IntegrityError:
                return action(*args, **kwargs)
        finally:
            store.forget()

    return run
