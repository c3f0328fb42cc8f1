"""Reads ahead: while the database works at one chunk, the next one is read and its cells are understood.

Only reading is done ahead, in one thread without a connection of its own; every decision is taken in order, by the
thread that writes. What was read ahead is used once: a chunk that is tried again is read again.
"""

from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from contextvars import copy_context
from typing import TypeVar

from revops.kernel.exchange.importers import ImportRow
from revops.kernel.exchange.plan import Plan
from revops.kernel.exchange.reading import Record

Chunk = tuple[int, list[Record]]
Read = tuple[int, list[Record], dict[int, ImportRow]]
T = TypeVar("T")


def read_ahead(chunks: Generator[Chunk, None, None], plan: Plan) -> Iterator[Read]:
    """Yield each chunk with its rows as read, by line; while the caller works at one, the next is read."""

    def take() -> Read | None:
        following = next(chunks, None)
        if following is None:
            return None
        level, records = following
        return level, records, {one.line: plan.read(one) for one in records if not plan.skips(one)}

    # Closed from the inside out: the reader lets go of the file before the file is closed.
    with closing(chunks), ThreadPoolExecutor(1, thread_name_prefix="read-ahead") as reader:
        pending = reader.submit(_as_here(take))
        while (chunk := pending.result()) is not None:
            pending = reader.submit(_as_here(take))
            yield chunk


def _as_here(work: Callable[[], T]) -> Callable[[], T]:
    """Return `work` as it would run in this thread: with the same clock and the same door."""
    context = copy_context()
    return lambda: context.run(work)
