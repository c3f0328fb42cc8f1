"""Two at the same moment: threads with a database connection each, and a place where they meet."""

import threading
from collections.abc import Callable
from typing import Any

from django.db import connections
from django.db.models import QuerySet

PATIENCE = 1.0


def together(*works: Callable[[], Any]) -> list[Any]:
    """Do every work in a thread of its own; return what each returned, or the exception it raised."""
    results: list[Any] = [None] * len(works)

    def do(place: int, work: Callable[[], Any]) -> None:
        try:
            results[place] = work()
        except Exception as error:  # noqa: BLE001 - it is a result here
            results[place] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=do, args=pair) for pair in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads)
    return results


class Meeting:
    """Where `parties` threads wait for each other; who waits alone because a lock keeps the others out goes on."""

    def __init__(self, parties: int = 2) -> None:
        self._barrier = threading.Barrier(parties)

    def wait(self) -> None:
        try:
            self._barrier.wait(PATIENCE)
        except threading.BrokenBarrierError:
            return

    def after(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return `function`, followed by the meeting."""

        def met(*args: Any, **kwargs: Any) -> Any:
            result = function(*args, **kwargs)
            self.wait()
            return result

        return met


def kinds(results: list[Any]) -> list[str]:
    """Return the names of the exceptions among results, "ok" for the others, sorted."""
    return sorted(type(r).__name__ if isinstance(r, Exception) else "ok" for r in results)


def remove_locks(monkeypatch: Any) -> None:
    """Let every row lock be an ordinary read: for negative controls."""
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, *args, **kwargs: rows.all())
