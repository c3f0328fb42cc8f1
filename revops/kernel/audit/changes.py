"""`audit.change(...)`: one action, one transaction, one event.

Everything written inside belongs to the change. At its end the hooks of upper mechanisms join their rows
(outbox, search words), then the event and its changed rows are written and signed, then it commits.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter
from typing import TYPE_CHECKING, Any
from uuid import UUID

import uuid_utils.compat as uuid_utils
from django.db import transaction
from django.db.models import Model

from revops.kernel import clocks
from revops.kernel.audit import bulk, signing
from revops.kernel.audit.enums import Source
from revops.kernel.audit.models import ChangedRow, ChangeEvent
from revops.kernel.audit.refusals import Blocked
from revops.kernel.guard import permit

if TYPE_CHECKING:
    from revops.kernel.identity.models import User


@dataclass(frozen=True, slots=True)
class Door:
    """Where a request entered: set once by the edge (middleware, task, command), read by every change in it."""

    source: Source
    request_id: str = ""
    acting_for: "User | None" = None


@dataclass(slots=True)
class Written:
    """What a `ChangedRow` will say about one row, as long as the change is open; its columns by their names."""

    event_id: UUID
    record_type: str
    record_id: int
    row_version: int
    history_id: int | None
    kind: str
    tracked: str
    digest: str
    commitments: dict[str, str] | None = None
    salts: dict[str, str] | None = None


_COLUMNS = tuple(Written.__slots__)
_read = attrgetter(*_COLUMNS)


@dataclass(slots=True)
class Change:
    """The open change: what the writer collects until the end of the action."""

    id: UUID
    by: "User"
    action: str
    reason: str
    source: Source
    request_id: str
    acting_for: "User | None"
    policy_refs: list[str]
    occurred_at: datetime
    recorded_at: datetime
    aside: bool = False
    rows: list[Written] = field(default_factory=list)
    created: dict[type[Model], list[Any]] = field(default_factory=dict)
    changed: dict[type[Model], list[tuple[Any, dict[str, Any]]]] = field(default_factory=dict)
    removed: dict[type[Model], list[Any]] = field(default_factory=dict)
    notes: dict[str, list[Any]] = field(default_factory=dict)


_current: ContextVar[Change | None] = ContextVar("audit_change", default=None)
_door: ContextVar[Door] = ContextVar("audit_door", default=Door(Source.COMMAND))  # noqa: B039 (frozen)
_first: dict[str, Callable[[Change], None]] = {}
_hooks: dict[str, Callable[[Change], None]] = {}
_last: dict[str, Callable[[Change], None]] = {}
_refused: dict[str, Callable[[Change, Blocked], None]] = {}


def on_change(owner: str, hook: Callable[[Change], None], *, first: bool = False, last: bool = False) -> None:
    """Register what `owner` (a mechanism) adds to every change before it commits. One hook an owner.

    One that is `first` runs before all others: it may still write records and emit events, as the action itself. One
    that is `last` runs after all others and writes no governed record: it looks at everything they wrote.
    """
    known = _first if first else _last if last else _hooks
    if owner in known and known[owner] is not hook:
        raise ValueError(f"{owner!r} already has a hook on every change.")
    known[owner] = hook


def on_refused(owner: str, hook: Callable[[Change, Blocked], None]) -> None:
    """Register what `owner` does once a change was refused and rolled back, in transactions of its own."""
    if owner in _refused and _refused[owner] is not hook:
        raise ValueError(f"{owner!r} already has a hook on every refusal.")
    _refused[owner] = hook


@contextmanager
def door(source: Source, *, request_id: str = "", acting_for: "User | None" = None) -> Iterator[None]:
    """Say through which door the changes inside come."""
    token = _door.set(Door(source, request_id, acting_for))
    try:
        yield
    finally:
        _door.reset(token)


def current() -> Change:
    """Return the open change. Raises TypeError outside one: only an action may write."""
    change = _current.get()
    if change is None:
        raise TypeError("No change is open: write inside `with audit.change(by=..., action=...)`.")
    return change


def happening_at() -> datetime:
    """Return when the open change happens; now where none is open, as for a rehearsal, which writes nothing."""
    opened = _current.get()
    return opened.occurred_at if opened is not None else clocks.now()


@contextmanager
def change(
    *,
    by: "User",
    action: str,
    reason: str = "",
    source: Source | None = None,
    policy_refs: Sequence[str] = (),
    at: datetime | None = None,
    aside: bool = False,
) -> Iterator[Change]:
    """Open the one door for writes, for one action of `by`.

    `at` is when it happened, if not now (business time; the recorded time is always the clock's). Hooks see a
    change that wrote rows or left notes (a note may become rows, as in the ownership ledger); without rows in the
    end there is no event. What was refused is rolled back, then told to the hooks of `on_refused`. A change that is
    `aside` keeps what became of another one: whoever notes what came of a request, a bulk run or an event passes
    over it. Raises TypeError inside another change, RuntimeError inside another transaction: an action is the
    outermost transaction, so that what is refused leaves no trace among the records.
    """
    if _current.get() is not None:
        raise TypeError(f"{action}: an action may not call another action; share an inner function instead.")
    if getattr(by, "pk", None) is None:
        raise TypeError(f"{action}: `by` must name a stored user, got {by!r}.")
    through, now = _door.get(), clocks.now()
    opened = Change(
        id=uuid_utils.uuid7(),
        by=by,
        action=action,
        reason=reason.strip(),
        source=source or through.source,
        request_id=through.request_id,
        acting_for=through.acting_for,
        policy_refs=list(policy_refs),
        occurred_at=at or now,
        recorded_at=now,
        aside=aside,
    )
    token, refusal = _current.set(opened), None
    try:
        with transaction.atomic(durable=True):
            yield opened
            if opened.rows or opened.notes:
                for hook in (*_first.values(), *_hooks.values(), *_last.values()):
                    hook(opened)
            if opened.rows:
                _record(opened)
    except Blocked as error:
        refusal = error
        raise
    finally:
        _current.reset(token)
        if refusal is not None:
            for told in _refused.values():
                told(opened, refusal)


def _record(change: Change) -> None:
    """Write the event and its rows, signed."""
    event = ChangeEvent(
        id=change.id,
        occurred_at=change.occurred_at,
        recorded_at=change.recorded_at,
        actor=change.by,
        acting_for=change.acting_for,
        source=change.source,
        action=change.action,
        reason=change.reason,
        request_id=change.request_id,
        policy_refs=change.policy_refs,
        key_id=signing.current_key_id(),
    )
    event.mac = signing.event_mac(event, change.rows) or ""
    with permit():
        event.save(force_insert=True)
        bulk.append(ChangedRow, _COLUMNS, [_read(row) for row in change.rows])
