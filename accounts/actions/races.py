"""Two people at the same moment: the database lets one of them in, and the other is told why."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import IntegrityError, OperationalError

DEADLOCK = "40P01"

P = ParamSpec("P")
R = TypeVar("R")


def told(action: Callable[P, R]) -> Callable[P, R]:
    """Run an action once more when it met another: the second run reads what the faster one wrote.

    A domain or tax id that was free when it was checked and taken when it was written becomes a finding, and of
    two moves through one tree that wait for each other the one that the database ended comes after the other.
    """

    @wraps(action)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return action(*args, **kwargs)
        except (IntegrityError, OperationalError) as error:
            if isinstance(error, OperationalError) and getattr(error.__cause__, "pgcode", "") != DEADLOCK:
                raise
        return action(*args, **kwargs)

    return run
