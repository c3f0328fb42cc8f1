"""What waits for one person, read from all sources; and doing one of the things that it offers."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from revops.kernel.people import access
from revops.kernel.records import registry
from revops.kernel.records.work import sources
from revops.kernel.records.work.ordering import Group, groups, in_order
from revops.kernel.records.work.sources import Deed, Done, Subject, WorkItem, WorkSource

LIMIT = 100
BADGE = 100


@dataclass(frozen=True, slots=True)
class Work:
    """What waits for somebody: all items in order, and how many of each source; `full` names sources with more."""

    items: tuple[WorkItem, ...]
    counts: Mapping[str, int]
    full: frozenset[str]

    def groups(self) -> list[Group]:
        """Return the items by urgency."""
        return groups(self.items)


def work(user: Any, now: datetime, *, kinds: Collection[str] = (), limit: int = LIMIT) -> Work:
    """Return what waits for `user`, of the sources `kinds` or of all; `now` is in the reader's time zone.

    At most `limit` items a source. Two queries a source and one a record type at most, whatever there is.
    """
    found: list[WorkItem] = []
    counts: dict[str, int] = {}
    full = set()
    for one in sources.every():
        if kinds and one.key not in kinds:
            continue
        theirs = list(one.query(user, now, limit + 1))
        if len(theirs) > limit:
            full.add(one.key)
        counts[one.key] = min(len(theirs), limit)
        found += theirs[:limit]
    return Work(tuple(in_order(_named(found, user))), counts, frozenset(full))


def badge(user: Any, now: datetime) -> int:
    """Return how much of what waits counts in the navigation, at most 100, in one query."""
    rows = [one.badge(user, now).order_by().values("pk") for one in sources.every() if one.badge is not None]
    if not rows:
        return 0
    return len(rows[0].union(*rows[1:], all=True)[:BADGE])


def do(*, by: Any, source: str, pk: int, name: str, values: Mapping[str, Any]) -> Done:
    """Do one deed about one item, with values as somebody typed them.

    Raises LookupError for a deed there is not, and what its action raises.
    """
    kind = sources.get(source)
    deed = kind.deed(name) if kind else None
    if deed is None or deed.run is None:
        raise LookupError(f"{source} has no deed {name}.")
    return deed.run(by=by, pk=pk, values=values)


def offered(source: WorkSource, item: WorkItem) -> list[Deed]:
    """Return what can be done about an item, in the order of its source."""
    return [one for one in source.deeds if one.shown and one.name in item.deeds]


def _named(items: Iterable[WorkItem], user: Any) -> list[WorkItem]:
    """Put titles to the subjects that have none, one query a record type; one out of sight is left out (A08)."""
    found = list(items)
    wanted: dict[str, set[int]] = {}
    for item in found:
        if item.subject and not item.subject.title:
            wanted.setdefault(item.subject.label, set()).add(item.subject.pk)
    titles = {label: named(label, pks, user) for label, pks in wanted.items()}
    return [_with(item, titles) for item in found]


def named(label: str, pks: Collection[int], user: Any) -> dict[int, str]:
    """Return the titles of those of these records that `user` sees, in one query; none of what is no record type."""
    kind = next((one for one in registry.every() if one.label == label), None)
    if kind is None:
        return {}
    if kind.title not in access.readable(user, label):
        return {}
    rows = kind.model.objects.visible_to(user).filter(pk__in=pks)
    return dict(rows.order_by("pk").values_list("pk", kind.title))


def _with(item: WorkItem, titles: Mapping[str, Mapping[int, str]]) -> WorkItem:
    if item.subject is None or item.subject.title:
        return item
    title = titles[item.subject.label].get(item.subject.pk)
    return replace(item, subject=Subject(item.subject.label, item.subject.pk, title) if title else None)


__all__ = ["BADGE", "LIMIT", "Work", "badge", "do", "named", "offered", "work"]
