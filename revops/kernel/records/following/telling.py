"""Tell followers what changed, from the sealed trail: whoever writes a followed record pays nothing for it.

Seals number the changes without gaps and in the order in which they committed, so that reading on from the last one
misses none. One person hears of one record once an hour: what else changes in that hour is added to what they were
told. Only fields they may read are named, and only while they see the record.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, Max, Min, OuterRef

from revops.kernel import clocks, notifications
from revops.kernel.audit.enums import Kind
from revops.kernel.audit.history import history_model
from revops.kernel.audit.models import ChangedRow, Seal
from revops.kernel.identity.models import User
from revops.kernel.notifications.models import Notification
from revops.kernel.notifications.notifying import cut
from revops.kernel.outbox import jobs
from revops.kernel.people import access
from revops.kernel.people.enums import OwnerRole
from revops.kernel.people.models import OwnershipInterval
from revops.kernel.records import registry
from revops.kernel.records.following.choosing import titles_of
from revops.kernel.records.models import Follow, FollowingChoice, FollowReading
from revops.kernel.records.registry import RecordType

KIND = "followed"
BATCH, MOST_BATCHES = 500, 20
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
class _Changed:
    """One change of one followed record."""

    pk: int
    version: int
    actor: int
    at: datetime
    fields: tuple[str, ...]


@jobs.job("records.followed", owner="REVOPS", every=60, limit=300)
def tell_followers() -> str:
    """Tell people what changed of the records they follow, and let them follow what became theirs."""
    read = told = 0
    for _ in range(MOST_BATCHES):
        if not _is_ahead():
            break
        with transaction.atomic():
            seals, notes = _read_on()
        read, told = read + seals, told + notes
        if seals < BATCH:
            break
    return f"{read} changes read, {told} notifications written"


def _is_ahead() -> bool:
    """Say whether there is anything to read, without a transaction."""
    reading = FollowReading.objects.first()
    if reading is None:
        return Follow.objects.exists() or FollowingChoice.objects.filter(owned=True).exists()
    return Seal.objects.filter(seq__gt=reading.seal).exists()


def _read_on() -> tuple[int, int]:
    """Read the next seals; return how many there were and how many notifications came of them."""
    reading = FollowReading.objects.select_for_update().first() or _begin()
    if reading is None:
        return 0, 0
    ahead = list(
        Seal.objects.filter(seq__gt=reading.seal).order_by("seq").values_list("seq", flat=True)[:BATCH]
    )
    if not ahead:
        return 0, 0
    rows = ChangedRow.objects.filter(event__seal__seq__gt=reading.seal, event__seal__seq__lte=ahead[-1])
    told = _tell(rows)
    _follow_owned(rows)
    held = FollowReading.objects.filter(seal=reading.seal).update(seal=ahead[-1])
    if not held:
        raise RuntimeError("Another run has told the followers meanwhile; nothing of this one is kept.")
    return len(ahead), told


def _begin() -> FollowReading | None:
    """Begin behind the last seal before the first follow; None while nobody follows anything."""
    followed = Follow.objects.aggregate(first=Min("created_at"))["first"]
    chosen = FollowingChoice.objects.filter(owned=True).aggregate(first=Min("since"))["first"]
    since = min((one for one in (followed, chosen) if one is not None), default=None)
    if since is None:
        return None
    last = Seal.objects.filter(sealed_at__lt=since).aggregate(last=Max("seq"))["last"]
    return FollowReading.objects.create(seal=last or 0)


def _follow_owned(rows: Any) -> None:
    """Let those who want it follow what became theirs in these changes."""
    people = FollowingChoice.objects.filter(owned=True, user__is_active=True)
    if not people.exists():
        return
    begun = rows.filter(record_type=OwnershipInterval._meta.label_lower, kind=Kind.CREATED)
    held = OwnershipInterval.objects.filter(
        Exists(people.filter(user=OuterRef("owner"), since__lte=OuterRef("active_from"))),
        pk__in=begun.values("record_id"),
        role=OwnerRole.PRIMARY,
        active_to__isnull=True,
    )
    pages = {kind.label for kind in registry.every() if kind.has_pages}
    now = clocks.now()
    Follow.objects.bulk_create(
        [
            Follow(user_id=owner, record_type=label, record_id=pk, by_itself=True, created_at=now)
            for owner, label, pk in held.values_list("owner", "record_type", "record_id")
            if label in pages
        ],
        batch_size=1_000,
        ignore_conflicts=True,
    )


def _tell(rows: Any) -> int:
    follows = Follow.objects.filter(record_type=OuterRef("record_type"), record_id=OuterRef("record_id"))
    found = rows.filter(Exists(follows), kind=Kind.CHANGED).order_by("event__seal__seq", "id")
    columns = ("record_type", "record_id", "row_version", "event__actor", "event__recorded_at")
    by_type: defaultdict[str, list[Any]] = defaultdict(list)
    for label, *row in found.values_list(*columns):
        by_type[label].append(row)
    types = {kind.label: kind for kind in registry.every()}
    return sum(
        _tell_of(types[label], _changes(types[label], found))
        for label, found in by_type.items()
        if label in types
    )


def _changes(kind: RecordType, rows: Sequence[Any]) -> list[_Changed]:
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
            found.append(_Changed(pk, version, actor, at, fields))
    return found


def _differs(one: registry.Field, before: Any, after: Any) -> bool:
    missing = object()
    old, new = getattr(before, one.attname, missing), getattr(after, one.attname, missing)
    return one.name not in _BOOKKEEPING and old is not missing and old != new


def _tell_of(kind: RecordType, changes: Sequence[_Changed]) -> int:
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
    kind: RecordType, person: User, since: dict[int, datetime], changes: Sequence[_Changed]
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
