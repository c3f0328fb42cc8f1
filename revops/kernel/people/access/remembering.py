"""What was asked once while one page is read is not asked again.

A page asks the same question many times: what somebody holds in another role, and whether a record lies within a
scope. `with remembered():` keeps each answer until the block ends. It is for reading alone: nothing moves meanwhile
through the code inside, and the next page asks anew, so that a right taken away holds from the next request on.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

Answer = TypeVar("Answer")
_held: ContextVar[dict[Any, Any] | None] = ContextVar("remembered", default=None)


@contextmanager
def remembered() -> Iterator[None]:
    """Keep the answers about access until the block ends; a block inside a block shares what is known."""
    if _held.get() is not None:
        yield
        return
    token = _held.set({})
    try:
        yield
    finally:
        _held.reset(token)


def reading() -> bool:
    """Say whether a page is being read, so that no record in hand has changed since it was found."""
    return _held.get() is not None


def once(question: Any, ask: Callable[[], Answer]) -> Answer:
    """Return the answer to `question`, asked at most once within `remembered`."""
    known = _held.get()
    if known is None:
        return ask()
    if question not in known:
        known[question] = ask()
    answer: Answer = known[question]
    return answer
