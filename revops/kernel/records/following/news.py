"""What followers are told of the changes of one record type, in words: only what each may read, once an hour."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from revops.kernel import clocks, notifications
from revops.kernel.audit.history import history_model
from revops.kernel.identity.models import User
from revops.kernel.notifications.models import Notification
from revops.kernel.notifications.notifying import cut
from revops.kernel.people import access
from revops.kernel.records import registry
from revops.kernel.records.following.choosing import titles_of
from revops.kernel.records.models import Follow
from revops.kernel.records.registry import RecordType

KIND = "followed"
SHOWN = 4
_BOOKKEEPING = frozenset({"id", "version", "created_at", "updated_at"})


@dataclass(slots=True)
class _News:
    """What others changed of one record in one hour: the fields and who it was."""

    fields: list[str] = field(default_factory=list)
    actors: list[int] = field(default_factory=list)

    def add(self, fields: Iterable[str], actors: Iterable[int]) -> None:
        self.fields += [name for name in dict.fromkeys(fields) if name not in self.fields]
        self.actors += [one for one in dict.fromkeys(actors) if one not in self.actors]


@dataclass(frozen=True, slots=True)
class Changed:
    """One change of one followed record."""

    pk: int
    version: int
    actor: int
    at: datetime
    fields: tuple[str, ...]


def changes(kind: RecordType, rows: Sequence[Any]) -> list[Changed]:
    """Return these versions with the fields in which each differs from the one before, in one query."""
    history: Any = history_model(kind.model)
    wanted = {(pk, version - back) for pk, version, *_ in rows for back in (0, 1)}
    held = history._base_manager.filter(id__in={pk for pk, _ in wanted}, version__in={v for _, v in wanted})
    versions = {(one.id, one.version): one for one in held}
    found = []
    for pk, version, actor, at in rows:
        after, before = versions.get((pk, version)), versions.get((pk, version - 1))
        if after is not None and before is not None:
            fields = tuple(one.name for one in kind.fields if _differs(one, before, after))
            found.append(Changed(pk, version, actor, at, fields))
    return found


def _differs(one: registry.Field, before: Any, after: Any) -> bool:
    missing = object()
    old, new = getattr(before, one.attname, missing), getattr(after, one.attname, missing)
    return one.name not in _BOOKKEEPING and old is not missing and old != new


def tell(kind: RecordType, changes: Sequence[Changed]) -> int:
    """Tell the followers of these records of one type; return how many were told."""
    follows = Follow.objects.filter(record_type=kind.label, record_id__in={one.pk for one in changes})
    followers: defaultdict[int, dict[int, datetime]] = defaultdict(dict)
    for person, pk, since in follows.values_list("user", "record_id", "created_at"):
        followers[person][pk] = since
    people = User.objects.filter(is_active=True).in_bulk(list(followers))
    names = dict(User.objects.filter(pk__in={one.actor for one in changes}).values_list("pk", "name"))
    return sum(
        _tell_one(people[person], kind, _news(kind, people[person], since, changes), names)
        for person, since in sorted(followers.items())
        if person in people
    )


def _news(
    kind: RecordType, person: User, since: dict[int, datetime], changes: Sequence[Changed]
) -> dict[tuple[int, str], _News]:
    """Return what `person` is to hear, by record and hour: what others changed since they follow it."""
    readable = access.readable(person, kind.label)
    news: defaultdict[tuple[int, str], _News] = defaultdict(_News)
    for one in changes:
        fields = [name for name in one.fields if name in readable]
        if fields and one.actor != person.pk and one.pk in since and one.at >= since[one.pk]:
            news[one.pk, f"{one.at:%Y%m%d%H}"].add(fields, [one.actor])
    return dict(news)


def _tell_one(
    person: User, kind: RecordType, news: dict[tuple[int, str], _News], names: dict[int, str]
) -> int:
    """Tell one person, adding to what they were told in the same hour; return how many notifications that made."""
    titles = titles_of(person, kind, {pk for pk, _ in news}) if news else {}
    keys = {f"{KIND}:{kind.label}:{pk}:{hour}": (pk, one) for (pk, hour), one in news.items() if pk in titles}
    if not keys:
        return 0
    told = {row.dedupe_key: row for row in Notification.objects.filter(recipient=person, dedupe_key__in=keys)}
    for key, row in told.items():
        _add_to(row, keys[key][1])
    known = {pk for row in told.values() for pk in row.detail["actors"]} - names.keys()
    names = names | dict(User.objects.filter(pk__in=known).values_list("pk", "name")) if known else names
    for key, row in told.items():
        row.title = cut(_said(kind, keys[key][1], titles[keys[key][0]], names))
    Notification.objects.bulk_update(told.values(), ["title", "detail", "read_at", "created_at"])
    fresh = [
        notifications.Note(
            person.pk,
            _said(kind, one, titles[pk], names),
            key,
            url=kind.url(pk),
            subject=(kind.label, pk),
            detail={"fields": one.fields, "actors": one.actors},
        )
        for key, (pk, one) in keys.items()
        if key not in told
    ]
    notifications.tell(KIND, fresh)
    return len(keys)


def _add_to(row: Notification, news: _News) -> None:
    """Add the news to what is unread; what was read already begins anew, and is unread again."""
    if row.read_at is None:
        before = _News(list(row.detail["fields"]), list(row.detail["actors"]))
        before.add(news.fields, news.actors)
        news.fields, news.actors = before.fields, before.actors
    row.detail = {"fields": news.fields, "actors": news.actors}
    row.read_at, row.created_at = None, clocks.now()


def _said(kind: RecordType, news: _News, title: str, names: dict[int, str]) -> str:
    """Return it in a sentence: "Alice and Bob changed stage, amount and 3 more of Northwind"."""
    labels = [kind.by_name[name].label for name in news.fields if name in kind.by_name]
    fields = [label if label[1:2].isupper() else label[:1].lower() + label[1:] for label in labels]
    return (
        f"{_listed([names.get(pk, 'Somebody') for pk in news.actors])} changed {_listed(fields)} of {title}"
    )


def _listed(words: Sequence[str]) -> str:
    shown = (
        list(words[:SHOWN])
        if len(words) <= SHOWN
        else [*words[: SHOWN - 1], f"{len(words) - SHOWN + 1} more"]
    )
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
