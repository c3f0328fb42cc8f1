"""What happened around a record, newest first, from every domain that feeds it. Source: addenda (`TimelineEvent`).

An app registers a `Source` in `AppConfig.ready()`: what happened is read where it is kept, never copied. A page is
merged from all sources; a source is asked for one row more than fits, within the scope of who asks.
"""

import base64
import binascii
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import Q

from revops.kernel.audit import Blocked

_LONGEST_CURSOR = 400


@dataclass(frozen=True, slots=True)
class Mark:
    """A short word beside an entry (an outcome, a state), with the tone it is drawn in."""

    label: str
    tone: str = "grey"


@dataclass(frozen=True, slots=True)
class Link:
    """A name with the address it leads to; without one it is plain text."""

    label: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened. `who` did it, `with_whom` names the others, `is_buyer` says that the buyer took part."""

    source: str
    pk: int
    at: datetime
    kind: str
    icon: str
    title: Link
    who_id: int | None = None
    who: str = ""
    text: str = ""
    marks: tuple[Mark, ...] = ()
    with_whom: tuple[Link, ...] = ()
    is_buyer: bool = False

    @property
    def place(self) -> "Place":
        return Place(self.at, self.source, self.pk)


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where an entry stands among all: by its time, then its source, then its row."""

    at: datetime
    source: str
    pk: int

    def rows_behind(self, source: str, *, at: str, pk: str = "pk") -> Q:
        """Return the condition that rows of `source` come after this place, newest first; `at`, `pk` name columns."""
        if source == self.source:
            return Q(**{f"{at}__lte": self.at}) & (Q(**{f"{at}__lt": self.at}) | Q(**{f"{pk}__lt": self.pk}))
        return Q(**{f"{at}__lte" if source < self.source else f"{at}__lt": self.at})


@dataclass(frozen=True, slots=True)
class Asked:
    """What a source is asked for: some of its kinds, of one person or of all, behind a place, at most `limit`."""

    kinds: frozenset[str]
    person: int | None
    after: Place | None
    limit: int

    def behind(self, source: str, *, at: str, pk: str = "pk") -> Q:
        """Return the condition for the rows behind the place one has read to."""
        return self.after.rows_behind(source, at=at, pk=pk) if self.after is not None else Q()


Find = Callable[[Any, Any, Asked], Sequence[Entry]]


@dataclass(frozen=True, slots=True)
class Source:
    """What feeds timelines: `find(record, user, asked)` returns entries, newest first, of what `user` may see.

    `of` are the record types it knows something about, none for all of them; `kinds` its kinds of entries with their
    labels.
    """

    key: str
    of: frozenset[str]
    kinds: Mapping[str, str]
    find: Find


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a timeline, and the cursor behind it ("" at the end)."""

    entries: tuple[Entry, ...]
    next: str


_sources: dict[str, Source] = {}


def source(one: Source) -> None:
    """Register a source. Raises ValueError when its key belongs to another one."""
    if _sources.setdefault(one.key, one) != one:
        raise ValueError(f"The timeline has a source called {one.key!r} already.")


def kinds_of(record_type: str) -> dict[str, str]:
    """Return the kinds of entries that a record of this type can have, with their labels."""
    return {kind: label for one in _of(record_type) for kind, label in one.kinds.items()}


def page(
    record: Any,
    user: Any,
    *,
    kinds: Sequence[str] = (),
    person: int | None = None,
    after: str = "",
    limit: int = 20,
) -> Page:
    """Return one page of what happened around a record. Raises Blocked for an unknown kind or cursor."""
    wanted, place = _kinds(record._meta.label_lower, kinds), _decode(after) if after else None
    found: list[Entry] = []
    for one in _of(record._meta.label_lower):
        theirs = wanted & one.kinds.keys()
        if theirs:
            found += one.find(record, user, Asked(frozenset(theirs), person, place, limit + 1))
    found.sort(key=lambda entry: entry.place, reverse=True)
    shown = tuple(found[:limit])
    return Page(shown, _encode(shown[-1].place) if len(found) > limit else "")


def _of(record_type: str) -> list[Source]:
    return [one for one in _sources.values() if not one.of or record_type in one.of]


def _kinds(record_type: str, asked: Sequence[str]) -> set[str]:
    known = kinds_of(record_type)
    for kind in asked:
        if kind not in known:
            needed = "one of " + ", ".join(known)
            message = f"kind: {kind[:40]!r} does not fit. Use {needed}."
            raise Blocked.because("LST-001", message, field="kind", found=kind, needed=needed)
    return set(asked) or set(known)


def _encode(place: Place) -> str:
    content = json.dumps([place.at.astimezone(UTC).isoformat(), place.source, place.pk])
    return base64.urlsafe_b64encode(content.encode()).decode().rstrip("=")


def _decode(cursor: str) -> Place:
    try:
        if len(cursor) > _LONGEST_CURSOR:
            raise ValueError
        at, key, pk = json.loads(base64.urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4)))
        moment = datetime.fromisoformat(at)
        if moment.tzinfo is None or not isinstance(key, str) or type(pk) is not int or not 0 <= pk < 2**63:
            raise ValueError
        return Place(moment.astimezone(UTC), key, pk)
    except (ValueError, TypeError, RecursionError, OverflowError, binascii.Error, UnicodeError):
        needed = "a cursor that this timeline gave"
        message = f"after: {cursor[:40]!r} does not fit. Use {needed}."
        raise Blocked.because("LST-001", message, field="after", found=cursor, needed=needed) from None
