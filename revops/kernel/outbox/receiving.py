"""Who hears which event, and how what a receiver writes happens exactly once.

One rule serves everything: *the effect row commits in the same transaction as what the receiver writes.* An
effect row is unique per event and receiver, so a second delivery either finds it and does nothing, or runs into
it and is rolled back with everything it wrote. A receiver says which transaction that is:

* `receives(type, key=...)`: it writes bookkeeping (a notification, a counter). It runs inside the delivery's own
  transaction, after its effect row was inserted there. It must be short and must not open `audit.change`.
* `receives(type, key=..., acts=True)`: it calls one action. It runs with no transaction open; when the action's
  change leaves, the outbox's hook on every change inserts the effect row into that change. An action that
  writes nothing (or a receiver that decides not to act) gets its effect row when the event is marked delivered.
  One action call a receiver: a second change in the same run is a TypeError. Two actions are two receivers.

Outside the database the promise is at least once: a receiver that sends something passes `event.id` along.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from revops.kernel import clocks
from revops.kernel.outbox.models import Effect, OutboxEvent

if TYPE_CHECKING:
    from revops.kernel.audit import Change

Function = Callable[[OutboxEvent], None]


@dataclass(frozen=True, slots=True)
class Receiver:
    """A function that hears one type of event under a key that never changes: the effect rows hold it."""

    type: str
    key: str
    function: Function
    acts: bool


@dataclass(slots=True)
class Acting:
    """The acting receiver that runs now, and whether a change of its own has taken the effect row."""

    event_id: UUID
    key: str
    joined: bool = False


_by_key: dict[str, Receiver] = {}
_acting: ContextVar[Acting | None] = ContextVar("outbox_acting", default=None)


def receives(type: str, *, key: str, acts: bool = False) -> Callable[[Function], Function]:
    """Register the decorated function as receiver of events of `type`. One key, one function.

    Registering the same function again is harmless; another one under the same key raises ValueError. Keys are
    stored: rename the function as you like, but not its key.
    """

    def register(function: Function) -> Function:
        known = _by_key.get(key)
        if known is not None and (known.function is not function or known.type != type):
            raise ValueError(f"{key!r} already receives {known.type} with {known.function.__qualname__}.")
        _by_key[key] = Receiver(type, key, function, acts)
        return function

    return register


def of(type: str) -> list[Receiver]:
    """Return the receivers of a type, by key."""
    return sorted((known for known in _by_key.values() if known.type == type), key=lambda known: known.key)


def types() -> list[str]:
    """Return the types that anybody receives."""
    return sorted({known.type for known in _by_key.values()})


@contextmanager
def acting(event: OutboxEvent, key: str) -> Iterator[None]:
    """Let the next change that is written carry the effect of `key` on `event`."""
    token = _acting.set(Acting(event.pk, key))
    try:
        yield
    finally:
        _acting.reset(token)


def join(change: "Change") -> None:
    """Insert the effect row into the change of an acting receiver.

    Raises TypeError for a second change of the same run; `EffectTaken` or IntegrityError when another delivery
    was faster, which rolls this change back.
    """
    running = _acting.get()
    if running is None or change.aside:
        return
    if Effect.objects.filter(event_id=running.event_id, receiver_key=running.key).exists():
        if running.joined:
            raise TypeError(
                f"{change.action}: {running.key} has already acted; one receiver makes one action call."
            )
        raise EffectTaken(f"{change.action}: {running.key} has dealt with event {running.event_id}.")
    Effect.objects.create(event_id=running.event_id, receiver_key=running.key, created_at=clocks.now())
    running.joined = True


class EffectTaken(Exception):
    """Another delivery of the same event has just committed this receiver's effect."""
