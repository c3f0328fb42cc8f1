"""Search over all record types: every word of the question is a prefix, within the scope of who asks."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from operator import itemgetter
from typing import Any

from django.db import connection
from django.db.models import OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Concat

from revops.kernel.audit import bulk
from revops.kernel.audit.changes import Change
from revops.kernel.people import access
from revops.kernel.records import registry
from revops.kernel.records.folding import fold, prefix_end, words
from revops.kernel.records.models import SearchWord

MAX_WORDS = 6
LONGEST = 80
# So many answers are put into order of their titles.
MANY = 4_000
# The list of a word is endless when it is longer than this.
FAR = 60_000
# Of commoner questions, so many answers are looked through for those in scope before all are.
NEAR = 1_000
_COUNT = (
    "(SELECT count(*) FROM (SELECT 1 FROM records_searchword"
    " WHERE record_type = %s AND word >= %s AND word < %s LIMIT %s) some_words)"
)
# Seven digits and more with nothing but what stands between the groups of a phone number.
_NUMBER = re.compile(r"\+?(?:[\s().\-/]*\d){7,15}", re.ASCII)
_DIGITS = re.compile(r"\D", re.ASCII)
_COLUMNS = ("record_type", "record_id", "source_type", "source_id", "word")


@dataclass(frozen=True, slots=True)
class Hit:
    """One record that the question found."""

    record_type: registry.RecordType
    pk: int
    title: str

    @property
    def url(self) -> str:
        return self.record_type.url(self.pk)

    @property
    def number(self) -> str:
        return self.record_type.number(self.pk)


def index(change: Change) -> None:
    """Bring the words of everything this change wrote up to date, in the same transaction."""
    rows: list[tuple[Any, ...]] = []
    for model, records in change.created.items():
        for record_type, source in _sources(model._meta.label_lower):
            rows += [word for record in records for word in _words_of(record_type, source, record)]
    for model, changed in change.changed.items():
        for record_type, source in _sources(model._meta.label_lower):
            read = source.read | {source.record_id}
            stale = [(record, before) for record, before in changed if read & before.keys()]
            if stale:
                moved = {before[source.record_id] for _, before in stale if source.record_id in before}
                _forget(record_type, source, [record for record, _ in stale], moved)
                rows += [word for record, _ in stale for word in _words_of(record_type, source, record)]
    for model, gone in change.removed.items():
        for record_type, source in _sources(model._meta.label_lower):
            _forget(record_type, source, gone, set())
    if rows:
        rows.sort(key=itemgetter(-1))  # the same words go to the same pages of their index
        bulk.append(SearchWord, _COLUMNS, rows)


def _forget(
    record_type: registry.RecordType,
    source: registry.SearchSource,
    records: Sequence[Any],
    besides: set[int],
) -> None:
    """Remove the words of rows of one source, from the records they find and those `besides` that they found."""
    found = {getattr(record, source.record_id) for record in records} | besides
    SearchWord.objects.filter(
        record_type=record_type.label,
        record_id__in=found,
        source_type=source.model,
        source_id__in=[record.pk for record in records],
    ).delete()


@cache
def _sources(label: str) -> tuple[tuple[registry.RecordType, registry.SearchSource], ...]:
    return tuple(
        (kind, source) for kind in registry.every() for source in kind.search if source.model == label
    )


def _words_of(
    record_type: registry.RecordType, source: registry.SearchSource, record: Any
) -> Iterator[tuple[Any, ...]]:
    if source.only and not getattr(record, source.only):
        return
    text = " ".join(str(getattr(record, name) or "") for name in source.fields)
    for word in dict.fromkeys(words(text)):
        yield record_type.label, getattr(record, source.record_id), source.model, record.pk, word[:LONGEST]


def matching(record_type: registry.RecordType, text: str) -> QuerySet[Any] | None:
    """Return the ids of the records in which every word of `text` begins a word; None for no word at all."""
    prefixes = _prefixes(text)
    if not prefixes:
        return None
    (known,) = _counted([record_type], prefixes, FAR) if len(prefixes) > 1 else [[0]]
    return _matching(record_type, prefixes, known)


def _matching(
    record_type: registry.RecordType, prefixes: Sequence[str], known: Sequence[int]
) -> QuerySet[Any]:
    """Return the ids that have all `prefixes`, beginning with the rarest.

    Each find of a rare word is asked for the other words: a join would be left to an estimate of how many words begin
    so, which is far off for rare ones. Of common words the estimate is good, and two lists are joined faster than
    thousands of finds are asked, unless one list is endless and the next few finds have its word anyway.
    """
    rarest = _rarest(prefixes, known)
    rows = _with(record_type, prefixes[rarest])
    for place, prefix in enumerate(prefixes):
        if place == rarest:
            continue
        same = _with(record_type, prefix)
        if known[rarest] > MANY and (known[place] <= FAR or known[rarest] > FAR):
            rows = rows.filter(record_id__in=same.values("record_id"))
            continue
        asked = same.filter(record_id=OuterRef("record_id")).values("id")[:1]
        rows = rows.alias(**{f"also_{place}": Subquery(asked)})
        rows = rows.filter(**{f"also_{place}__isnull": False})
    return rows.values("record_id")


def _rarest(prefixes: Sequence[str], known: Sequence[int]) -> int:
    return min(range(len(prefixes)), key=lambda place: (known[place], -len(prefixes[place])))


def _with(record_type: registry.RecordType, prefix: str) -> QuerySet[SearchWord]:
    return SearchWord.objects.filter(
        record_type=record_type.label, word__gte=prefix, word__lt=prefix_end(prefix)
    )


def _prefixes(text: str) -> list[str]:
    return sorted({word[:LONGEST] for word in _asked(text)}, key=len, reverse=True)[:MAX_WORDS]


def _counted(searched: Sequence[registry.RecordType], prefixes: Sequence[str], most: int) -> list[list[int]]:
    """Return for each record type how many words begin with each prefix, `most` and one at most, in one statement."""
    every = [(kind.label, prefix, prefix_end(prefix), most + 1) for kind in searched for prefix in prefixes]
    if not every:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT " + ", ".join([_COUNT] * len(every)), [value for each in every for value in each]
        )
        found = list(cursor.fetchone())
    size = len(prefixes)
    return [found[start : start + size] for start in range(0, len(found), size)]


def _asked(text: str) -> list[str]:
    """Return the words of a question; a phone number is one word, however its digits are grouped."""
    return [_DIGITS.sub("", text)] if _NUMBER.fullmatch(text.strip()) else words(text)


def first(
    rows: QuerySet[Any], record_type: registry.RecordType, text: str, *, limit: int
) -> list[tuple[int, str]]:
    """Return (id, title) of the first `limit` of `rows` that `text` finds, by title; see `search` for the order."""
    if not (prefixes := _prefixes(text)):
        return []
    (known,) = _counted([record_type], prefixes, MANY)
    return _first(rows, record_type, text, known, limit) if all(known) else []


def _first(
    rows: QuerySet[Any], record_type: registry.RecordType, text: str, known: Sequence[int], limit: int
) -> list[tuple[int, str]]:
    prefixes, field = _prefixes(text), record_type.by_name[record_type.title]

    def cut(some: QuerySet[Any]) -> list[tuple[int, str]]:
        return list(some.order_by(field.compared, "pk").values_list("pk", record_type.title)[:limit])

    if min(known) <= MANY:
        return cut(_having(rows, record_type, prefixes, known))
    found: dict[int, str] = {}
    start = fold(text)
    if field.column:
        opening = {f"{field.column}__gte": start, f"{field.column}__lt": prefix_end(start)}
        found |= cut(rows.filter(**opening))
    if len(found) < limit:
        if len(prefixes) > 1:
            (known,) = _counted([record_type], prefixes, FAR)
        ids = _matching(record_type, prefixes, known)
        near = list(ids.order_by("word", "record_id").values_list("record_id", flat=True)[:NEAR])
        found = {**found, **dict(cut(rows.filter(pk__in=near)))}
        if len(found) < limit and len(near) == NEAR:
            # An order that no index has: else the titles of everybody would be walked for the few in scope.
            title = Concat(field.compared, Value(""))
            every = rows.filter(pk__in=ids).order_by(title, "pk").values_list("pk", record_type.title)
            found = {**found, **dict(every[:limit])}
    return list(found.items())[:limit]


def _having(
    rows: QuerySet[Any], record_type: registry.RecordType, prefixes: Sequence[str], known: Sequence[int]
) -> QuerySet[Any]:
    """Return those of `rows` that have the rarest of `prefixes`; of these, each in scope is asked for the others."""
    rarest = _rarest(prefixes, known)
    rows = rows.filter(pk__in=_with(record_type, prefixes[rarest]).values("record_id")[:MANY])
    for place, prefix in enumerate(prefixes):
        if place != rarest:
            asked = _with(record_type, prefix).filter(record_id=OuterRef("pk")).values("id")[:1]
            rows = rows.alias(**{f"also_{place}": Subquery(asked)})
            rows = rows.filter(**{f"also_{place}__isnull": False})
    return rows


def search(user: Any, text: str, *, limit: int = 20) -> list[Hit]:
    """Return at most `limit` records a type that `user` may see and that `text` finds, by title.

    Where even the rarest word of `text` is in more than MANY records, as one that half the companies carry, titles
    that begin with `text` come first, then those with the shortest such word: nobody waits for a hundred thousand
    titles to be put into order. Whatever is in scope is found, however little it is.
    A number such as ACC-000123 finds its record. A title one may not read is not searched.
    """
    searched = [kind for kind in registry.every() if kind.search and _reads_title(user, kind)]
    numbers = {kind.label: wanted for kind in searched if (wanted := _number(kind, text)) is not None}
    if not (prefixes := _prefixes(text)):
        return []
    hits: list[Hit] = []
    for kind, known in zip(searched, _counted(searched, prefixes, MANY), strict=True):
        wanted = numbers.get(kind.label)
        if wanted is None and not all(known):
            continue
        visible = kind.model.objects.visible_to(user)
        if wanted is not None:
            found = list(visible.filter(pk=wanted).values_list("pk", kind.title))
        else:
            found = _first(visible, kind, text, known, limit)
        hits += [Hit(kind, pk, title) for pk, title in found]
    return hits


def _reads_title(user: Any, record_type: registry.RecordType) -> bool:
    held = access.rights(user, record_type.label)
    return held.sees_any and record_type.title in held.readable


def _number(record_type: registry.RecordType, text: str) -> int | None:
    head, _, digits = text.strip().upper().partition("-")
    fits = head == record_type.prefix and digits.isascii() and digits.isdigit() and len(digits) < 19
    return int(digits) if fits else None
