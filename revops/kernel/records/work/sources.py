"""The words of the work registry: what waits, why, and what can be done about it; one source a domain's affair."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from revops.kernel.records.registry import Field
from revops.kernel.records.work.ordering import Urgency


@dataclass(frozen=True, slots=True)
class Subject:
    """The record an item is about. Without a title `work` looks it up, one query a record type, within scope."""

    label: str
    pk: int
    title: str = ""


@dataclass(frozen=True, slots=True)
class WorkItem:
    """One thing that waits for somebody.

    `pk` names it within its source; `why` says in words why it stands here ("2 days overdue"); `deeds` are those of
    its source's deeds that fit it now. `at` is when it falls due, or since when it waits. `url` is where it opens:
    that of its subject where it says nothing.
    """

    source: str
    pk: int
    title: str
    why: str
    urgency: Urgency
    at: datetime | None = None
    subject: Subject | None = None
    deeds: tuple[str, ...] = ()
    url: str = ""
    priority: int = 0

    @property
    def key(self) -> str:
        """What names it among all items."""
        return f"{self.source}-{self.pk}"


@dataclass(frozen=True, slots=True)
class Done:
    """What was done, in words, and the deed of the same source that takes it back, with its values."""

    said: str
    undo: str = ""
    undo_values: Mapping[str, str] = field(default_factory=dict)


class Run(Protocol):
    def __call__(self, *, by: Any, pk: int, values: Mapping[str, Any]) -> Done: ...


Form = tuple[Sequence[Field], Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Deed:
    """What can be done about an item from where it stands: one call of an app's action.

    `fields` are asked for in place and begin with `begins`; `quick(now)` offers values for one click, by their names.
    Where what is asked depends on the item, `form(user, pk)` returns the fields and what they begin with. `shortcut`
    is the letter that does it. Where `url` is given the deed is a page of its own (an export is approved where its
    content is shown), and `run` is not called. A `shown` deed has a button; others are offered by what takes them back.
    """

    name: str
    label: str
    icon: str
    run: Run | None = None
    fields: tuple[Field, ...] = ()
    begins: Mapping[str, str] = field(default_factory=dict)
    quick: Callable[[datetime], Sequence[tuple[str, Mapping[str, str]]]] | None = None
    shortcut: str = ""
    form: Callable[[Any, int], Form] | None = None
    url: Callable[[WorkItem], str] | None = None
    shown: bool = True

    @property
    def asks(self) -> bool:
        """Whether it asks for something before it is done."""
        return bool(self.fields) or self.form is not None

    def asked(self, user: Any, pk: int) -> Form:
        """Return what it asks about an item, and what the answers begin with."""
        return self.form(user, pk) if self.form is not None else (self.fields, self.begins)


Query = Callable[[Any, datetime, int], Sequence[WorkItem]]


@dataclass(frozen=True, slots=True)
class WorkSource:
    """What waits for people in one domain: `query(user, now, limit)` returns the most urgent items of `user` first.

    `now` is in the reader's time zone, so that `now.date()` is their day. At most two queries, whatever there is, and
    only what `user` may see. `badge(user, now)` returns rows that count in the navigation, as a queryset.
    """

    key: str
    title: str
    icon: str
    query: Query
    deeds: tuple[Deed, ...] = ()
    badge: Callable[[Any, datetime], Any] | None = None

    def deed(self, name: str) -> Deed | None:
        """Return the deed called `name`."""
        return next((one for one in self.deeds if one.name == name), None)


_sources: dict[str, WorkSource] = {}


def register(source: WorkSource) -> None:
    """Let a source feed My work. Raises ValueError when its key belongs to another one."""
    if _sources.setdefault(source.key, source) != source:
        raise ValueError(f"There is a source of work called {source.key!r} already.")


def every() -> list[WorkSource]:
    """Return all sources, in the order of their registration."""
    return list(_sources.values())


def get(key: str) -> WorkSource | None:
    """Return the source called `key`."""
    return _sources.get(key)
