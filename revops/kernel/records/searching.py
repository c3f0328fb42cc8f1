"""Search over all record types: every word of the question is a prefix, within the scope of who asks."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db.models import QuerySet

from revops.kernel.audit import bulk
from revops.kernel.audit.changes import Change
from revops.kernel.people import access
from revops.kernel.records import registry
from revops.kernel.records.folding import fold, prefix_end, words
from revops.kernel.records.models import SearchWord

MAX_WORDS = 6
LONGEST = 80
# So many answers are put into order of their titles.
MANY = 5_000
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
    prefixes = sorted({word[:LONGEST] for word in _asked(text)}, key=len, reverse=True)[:MAX_WORDS]
    found: QuerySet[Any] | None = None
    for prefix in prefixes:
        rows = SearchWord.objects.filter(
            record_type=record_type.label, word__gte=prefix, word__lt=prefix_end(prefix)
        )
        if found is not None:
            rows = rows.filter(record_id__in=found)
        found = rows.values("record_id")
    return found


def _asked(text: str) -> list[str]:
    """Return the words of a question; a phone number is one word, however its digits are grouped."""
    return [_DIGITS.sub("", text)] if _NUMBER.fullmatch(text.strip()) else words(text)


def first(
    rows: QuerySet[Any], record_type: registry.RecordType, text: str, *, limit: int
) -> list[tuple[int, str]]:
    """Return (id, title) of the first `limit` of `rows` that `text` finds, by title.

    Of a text with more than MANY answers among all records, as of a word that half the companies carry, titles that
    begin with it come first, then those with the shortest such word: nobody waits for a hundred thousand titles to
    be put into order. Whatever is among `rows` is found, however few they are.
    """
    ids = matching(record_type, text)
    if ids is None:
        return []
    field = record_type.by_name[record_type.title]

    def cut(some: QuerySet[Any]) -> list[tuple[int, str]]:
        return list(some.order_by(field.compared, "pk").values_list("pk", record_type.title)[:limit])

    if not ids[MANY:].exists():
        return cut(rows.filter(pk__in=ids[:MANY]))
    found: dict[int, str] = {}
    start = fold(text)
    if field.column:
        opening = {f"{field.column}__gte": start, f"{field.column}__lt": prefix_end(start)}
        found |= cut(rows.filter(**opening))
    for more in (ids.order_by("word", "record_id")[:MANY], ids):
        if len(found) < limit:
            found = {**found, **dict(cut(rows.filter(pk__in=more)))}
    return list(found.items())[:limit]


def search(user: Any, text: str, *, limit: int = 20) -> list[Hit]:
    """Return at most `limit` records a type that `user` may see and that `text` finds, as `first` orders them.

    A number such as ACC-000123 finds its record. A title one may not read is not searched.
    """
    hits: list[Hit] = []
    for record_type in registry.every():
        held = access.rights(user, record_type.label)
        if not held.sees_any or record_type.title not in held.readable:
            continue
        wanted = _number(record_type, text)
        if wanted is None and not words(text):
            continue
        visible = record_type.model.objects.visible_to(user)
        if wanted is None:
            found = first(visible, record_type, text, limit=limit)
        else:
            found = list(visible.filter(pk=wanted).values_list("pk", record_type.title))
        hits += [Hit(record_type, pk, title) for pk, title in found]
    return hits


def _number(record_type: registry.RecordType, text: str) -> int | None:
    head, _, digits = text.strip().upper().partition("-")
    fits = head == record_type.prefix and digits.isascii() and digits.isdigit() and len(digits) < 19
    return int(digits) if fits else None
