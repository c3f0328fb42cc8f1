"""My work as its page shows it: rows in groups, each with what can be done about it where it stands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from revops.kernel import clocks
from revops.kernel.records import registry
from revops.kernel.records import work as works
from revops.kernel.records.work import Deed, Urgency, Work, WorkItem, WorkSource
from revops.kernel.records.work.reading import offered
from revops.web import preferences

# So many rows of a group are drawn at first: nobody does more before looking again.
SHOWN = 25
TONES = {Urgency.OVERDUE: "red", Urgency.TODAY: "amber", Urgency.WAITING: "blue", Urgency.MENTION: "violet"}


@dataclass(frozen=True, slots=True)
class Handle:
    """One deed as a row offers it: at once, by a form in place, or on a page of its own."""

    deed: Deed
    url: str
    how: str


@dataclass(frozen=True, slots=True)
class Row:
    """One item of My work: `record` is the page of what it is about, `tick` what finishes it at once."""

    item: WorkItem
    source: WorkSource
    url: str
    record: str
    tone: str
    handles: Sequence[Handle]

    @property
    def tick(self) -> Handle | None:
        """The deed that finishes it with one press, where there is one."""
        return next((one for one in self.handles if one.how == "do" and one.deed.name == "done"), None)

    @property
    def others(self) -> list[Handle]:
        """Everything else that can be done."""
        return [one for one in self.handles if one is not self.tick]


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter by kind of work, with how much there is of it."""

    label: str
    count: str
    url: str
    chosen: bool


def now_of(user: Any) -> datetime:
    """Return the present moment on the clock of `user`."""
    return clocks.now().astimezone(preferences.of(user).zone)


def row(item: WorkItem, keep: Mapping[str, str]) -> Row:
    """Return an item as a row; `keep` is what the addresses of its deeds carry along (the filter, the place)."""
    source = works.get(item.source)
    if source is None:
        raise LookupError(item.source)
    record = registry.get(item.subject.label).url(item.subject.pk) if item.subject else ""
    handles = [_handle(deed, item, keep) for deed in offered(source, item)]
    return Row(item, source, item.url or record, record, TONES.get(item.urgency, "grey"), handles)


def _handle(deed: Deed, item: WorkItem, keep: Mapping[str, str]) -> Handle:
    if deed.url is not None:
        return Handle(deed, deed.url(item), "open")
    query = f"?{urlencode(keep)}" if keep else ""
    url = f"/my-work/{item.source}/{item.pk}/{deed.name}/{query}"
    return Handle(deed, url, "form" if deed.asks else "do")


def groups(found: Work, keep: Mapping[str, str]) -> list[tuple[works.Group, list[Row], int]]:
    """Return the groups of My work, each with its first rows and how many more it has; all of them where `keep` says
    "whole".
    """
    most = None if "whole" in keep else SHOWN
    return [
        (
            group,
            [row(item, keep) for item in group.items[:most]],
            max(0, len(group.items) - (most or len(group.items))),
        )
        for group in found.groups()
    ]


def chips(found: Work, chosen: str) -> list[Chip]:
    """Return the filters by kind: everything, and each kind of which there is something."""
    many = [
        Chip(source.title, _count(found, source.key), f"/my-work/?kind={source.key}", source.key == chosen)
        for source in works.every()
        if found.counts.get(source.key) or source.key == chosen
    ]
    total = sum(found.counts.values())
    every = Chip("Everything", f"{total}{'+' if found.full else ''}", "/my-work/", not chosen)
    return [every, *many] if many else []


def _count(found: Work, key: str) -> str:
    return f"{found.counts.get(key, 0)}{'+' if key in found.full else ''}"


def narrowed(found: Work, kind: str) -> Work:
    """Return the work of one kind alone, with the counts of all."""
    if not kind:
        return found
    return Work(tuple(one for one in found.items if one.source == kind), found.counts, found.full)
