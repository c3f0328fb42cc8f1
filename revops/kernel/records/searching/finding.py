"""Records by words: every word of the question begins a word of theirs, within the scope of who asks."""

from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.db.models import Case, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Concat

from revops.kernel.folding import fold, prefix_end, words
from revops.kernel.records import registry
from revops.kernel.records.models import SearchWord
from revops.kernel.records.searching.indexing import LONGEST, number_word
from revops.kernel.records.searching.questions import FEWEST_DIGITS, Meaning, read

MAX_WORDS = 6
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


def matching(record_type: registry.RecordType, text: str) -> QuerySet[Any] | None:
    """Return the ids of the records in which every word of `text` begins a word; None for no word at all.

    A phone number is compared by its digits, however they are grouped.
    """
    asked = read(text, {}, {})
    if asked.meaning is Meaning.PHONE:
        return with_number(record_type, asked.text).values("record_id")
    prefixes = prefixes_of(text)
    if not prefixes:
        return None
    (known,) = counted([record_type], prefixes, FAR) if len(prefixes) > 1 else [[0]]
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
    rows = with_word(record_type, prefixes[rarest])
    for place, prefix in enumerate(prefixes):
        if place == rarest:
            continue
        same = with_word(record_type, prefix)
        if known[rarest] > MANY and (known[place] <= FAR or known[rarest] > FAR):
            rows = rows.filter(record_id__in=same.values("record_id"))
            continue
        asked = same.filter(record_id=OuterRef("record_id")).values("id")[:1]
        rows = rows.alias(**{f"also_{place}": Subquery(asked)})
        rows = rows.filter(**{f"also_{place}__isnull": False})
    return rows.values("record_id")


def _rarest(prefixes: Sequence[str], known: Sequence[int]) -> int:
    return min(range(len(prefixes)), key=lambda place: (known[place], -len(prefixes[place])))


def with_word(record_type: registry.RecordType, prefix: str) -> QuerySet[SearchWord]:
    """Return the words of a record type that begin with `prefix`."""
    return SearchWord.objects.filter(
        record_type=record_type.label, word__gte=prefix, word__lt=prefix_end(prefix)
    )


def with_number(record_type: registry.RecordType, digits: str) -> QuerySet[SearchWord]:
    """Return the words of phone numbers of which `digits` are the tail, or that are a tail of `digits`, or begin so."""
    tail = number_word(digits)
    shorter = [tail[:length] for length in range(FEWEST_DIGITS + 1, len(tail))]
    within = Q(word__gte=tail, word__lt=prefix_end(tail)) | Q(word__in=shorter)
    begins = Q(word__gte=digits, word__lt=prefix_end(digits))
    return SearchWord.objects.filter(within | begins, record_type=record_type.label)


def prefixes_of(text: str) -> list[str]:
    """Return the words of a question, the longest first."""
    return sorted({word[:LONGEST] for word in words(text)}, key=len, reverse=True)[:MAX_WORDS]


def counted(searched: Sequence[registry.RecordType], prefixes: Sequence[str], most: int) -> list[list[int]]:
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


def first(
    rows: QuerySet[Any], record_type: registry.RecordType, text: str, *, limit: int
) -> list[tuple[int, str]]:
    """Return (id, title) of the first `limit` of `rows` that `text` finds, by title; see `search` for the order."""
    asked = read(text, {}, {})
    if asked.meaning is Meaning.PHONE:
        return titled(
            rows.filter(pk__in=with_number(record_type, asked.text).values("record_id")[:MANY]),
            record_type,
            limit,
        )
    if not (prefixes := prefixes_of(text)):
        return []
    (known,) = counted([record_type], prefixes, MANY)
    return first_of(rows, record_type, text, known, limit) if all(known) else []


def first_of(
    rows: QuerySet[Any], record_type: registry.RecordType, text: str, known: Sequence[int], limit: int
) -> list[tuple[int, str]]:
    """Return what `first` does, for who has counted the words already."""
    prefixes, field = prefixes_of(text), record_type.by_name[record_type.title]

    def cut(some: QuerySet[Any]) -> list[tuple[int, str]]:
        return titled(some, record_type, limit)

    if min(known) <= MANY:
        return titled(_having(rows, record_type, prefixes, known), record_type, limit, begins=fold(text))
    found: dict[int, str] = {}
    start = fold(text)
    if field.column:
        opening = {f"{field.column}__gte": start, f"{field.column}__lt": prefix_end(start)}
        found |= cut(rows.filter(**opening))
    if len(found) < limit:
        if len(prefixes) > 1:
            (known,) = counted([record_type], prefixes, FAR)
        ids = _matching(record_type, prefixes, known)
        near = list(ids.order_by("word", "record_id").values_list("record_id", flat=True)[:NEAR])
        found = {**found, **dict(cut(rows.filter(pk__in=near)))}
        if len(found) < limit and len(near) == NEAR:
            # An order that no index has: else the titles of everybody would be walked for the few in scope.
            title = Concat(field.compared, Value(""))
            every = rows.filter(pk__in=ids).order_by(title, "pk").values_list("pk", record_type.title)
            found = {**found, **dict(every[:limit])}
    return list(found.items())[:limit]


def titled(
    rows: QuerySet[Any], record_type: registry.RecordType, limit: int, *, begins: str = ""
) -> list[tuple[int, str]]:
    """Return (id, title) of the first rows by title; those whose title begins with `begins` before all others."""
    field = record_type.by_name[record_type.title]
    order: list[Any] = [field.compared, "pk"]
    if begins and field.column:
        opening = When(**{f"{field.column}__gte": begins, f"{field.column}__lt": prefix_end(begins)}, then=0)
        order.insert(0, Case(opening, default=1))
    return list(rows.order_by(*order).values_list("pk", record_type.title)[:limit])


def _having(
    rows: QuerySet[Any], record_type: registry.RecordType, prefixes: Sequence[str], known: Sequence[int]
) -> QuerySet[Any]:
    """Return those of `rows` that have the rarest of `prefixes`; of these, each in scope is asked for the others."""
    rarest = _rarest(prefixes, known)
    rows = rows.filter(pk__in=with_word(record_type, prefixes[rarest]).values("record_id")[:MANY])
    for place, prefix in enumerate(prefixes):
        if place != rarest:
            asked = with_word(record_type, prefix).filter(record_id=OuterRef("pk")).values("id")[:1]
            rows = rows.alias(**{f"also_{place}": Subquery(asked)})
            rows = rows.filter(**{f"also_{place}__isnull": False})
    return rows
