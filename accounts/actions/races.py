"""Two people at the same moment: the database lets one of them in, and the other is told why."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import IntegrityError

P = ParamSpec("P")
R = TypeVar("R")


def told(action: Callable[P, R]) -> Callable[P, R]:
    """Run an action once more when a constraint refused it: the second run reads what the faster one wrote.

    So a domain or tax id that was free when it was checked, and taken when it was written, becomes a finding.
    """

    @wraps(action)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return action(*args, **kwargs)
        except IntegrityError:
            return action(*args, **kwargs)

    return run
