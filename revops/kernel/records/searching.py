"""Search over all record types: every word of the question is a prefix, within the scope of who asks."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db.models import QuerySet

from revops.kernel.audit import bulk
from revops.kernel.audit.changes import Change
from revops.kernel.people import access
from revops.kernel.records import registry
from revops.kernel.records.folding import prefix_end, words
from revops.kernel.records.models import SearchWord

MAX_WORDS = 6
LONGEST = 80
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
            stale = [record for record, before in changed if source.read & before.keys()]
            if stale:
                ids = [record.pk for record in stale]
                SearchWord.objects.filter(
                    source_type=source.model, source_id__in=ids, record_type=record_type.label
                ).delete()
                rows += [word for record in stale for word in _words_of(record_type, source, record)]
    for model, gone in change.removed.items():
        if _sources(label := model._meta.label_lower):
            SearchWord.objects.filter(
                source_type=label, source_id__in=[record.pk for record in gone]
            ).delete()
    if rows:
        bulk.append(SearchWord, _COLUMNS, rows)


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
    prefixes = sorted({word[:LONGEST] for word in words(text)}, key=len, reverse=True)[:MAX_WORDS]
    found: QuerySet[Any] | None = None
    for prefix in prefixes:
        rows = SearchWord.objects.filter(
            record_type=record_type.label, word__gte=prefix, word__lt=prefix_end(prefix)
        )
        if found is not None:
            rows = rows.filter(record_id__in=found)
        found = rows.values("record_id")
    return found


def search(user: Any, text: str, *, limit: int = 20) -> list[Hit]:
    """Return at most `limit` records a type that `user` may see and that `text` finds, by name.

    A number such as ACC-000123 finds its record. A title one may not read is not searched.
    """
    hits: list[Hit] = []
    for record_type in registry.every():
        if not record_type.has_pages:
            continue
        held = access.rights(user, record_type.label)
        if not held.sees_any or record_type.title not in held.readable:
            continue
        visible = record_type.model.objects.visible_to(user)
        wanted = _number(record_type, text)
        ids = matching(record_type, text)
        if wanted is None and ids is None:
            continue
        rows = visible.filter(pk=wanted) if wanted is not None else visible.filter(pk__in=ids)
        order = record_type.by_name[record_type.title].compared
        found = rows.order_by(order, "pk").values_list("pk", record_type.title)[:limit]
        hits += [Hit(record_type, pk, title) for pk, title in found]
    return hits


def _number(record_type: registry.RecordType, text: str) -> int | None:
    head, _, digits = text.strip().upper().partition("-")
    fits = head == record_type.prefix and digits.isascii() and digits.isdigit() and len(digits) < 19
    return int(digits) if fits else None
