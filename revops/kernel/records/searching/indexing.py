"""The words that find a record, kept with every change in its own transaction."""

from collections.abc import Iterator, Sequence
from functools import cache
from operator import itemgetter
from typing import Any

from django.apps import apps
from django.db import transaction

from revops.kernel.audit import bulk
from revops.kernel.audit.changes import Change
from revops.kernel.folding import words
from revops.kernel.records import registry
from revops.kernel.records.models import SearchWord
from revops.kernel.records.searching.questions import FEWEST_DIGITS, number_of

LONGEST = 80
_COLUMNS = ("record_type", "record_id", "source_type", "source_id", "word")


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
    found = [word[:LONGEST] for word in words(text)]
    for name in source.numbers:
        digits = number_of(str(getattr(record, name) or ""))
        if len(digits) >= FEWEST_DIGITS:
            found.append(number_word(digits))
    for word in dict.fromkeys(found):
        yield record_type.label, getattr(record, source.record_id), source.model, record.pk, word


def number_word(digits: str) -> str:
    """Return the word that finds a phone number by its tail: its digits from behind, marked as no other word is."""
    return f"~{digits[::-1]}"[:LONGEST]


def rebuild(record_type: registry.RecordType, *, batch: int = 2_000) -> int:
    """Write the words of every record of one type anew, a batch a transaction; return how many words there are."""
    count = 0
    for source in record_type.search:
        rows = apps.get_model(source.model)._base_manager.order_by("pk")
        last = 0
        while found := list(rows.filter(pk__gt=last)[:batch]):
            with transaction.atomic():
                _forget(record_type, source, found, set())
                made = [word for record in found for word in _words_of(record_type, source, record)]
                bulk.append(SearchWord, _COLUMNS, made)
            count, last = count + len(made), found[-1].pk
    return count
