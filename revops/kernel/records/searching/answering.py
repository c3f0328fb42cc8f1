"""The answer to a question over all record types: what is in scope, the best first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from revops.kernel.folding import fold
from revops.kernel.people import access
from revops.kernel.records import registry
from revops.kernel.records.searching import finding, reaching
from revops.kernel.records.searching.questions import Meaning, Question, read

Found = list[tuple[int, str]]


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


def search(user: Any, text: str, *, limit: int = 20) -> list[Hit]:
    """Return at most `limit` records a type that `user` may see and that `text` finds, the best first.

    A number such as ACC-000123 finds its record, an address the records that have it, a domain the companies and
    people behind it, a phone number those who have it in any spelling, `@name` what somebody owns; `deal: acme` asks
    of deals alone. What finds nothing so, and everything else, is looked for as words.

    Within a type titles that begin with the question come first, then all by title. Where even the rarest word is in
    more than MANY records, as one that half the companies carry, those with the shortest such word follow: nobody
    waits for a hundred thousand titles to be put into order. Whatever is in scope is found, however little it is. The
    type with the best hit comes first. A title one may not read is not searched.
    """
    question = asked(text)
    kinds = [
        kind
        for kind in registry.every()
        if kind.search and question.only in ("", kind.label) and _reads_title(user, kind)
    ]
    answers = _answers(user, question, kinds, limit)
    if not any(answers.values()) and question.meaning not in (Meaning.WORDS, Meaning.NUMBER, Meaning.NOTHING):
        answers = _by_words(user, text.rpartition(":")[2] if question.only else text, kinds, limit)
    best = fold(question.text)
    ranked = sorted(kinds, key=lambda kind: _rank(answers.get(kind.label, []), best))
    return [Hit(kind, pk, title) for kind in ranked for pk, title in answers.get(kind.label, [])]


def asked(text: str) -> Question:
    """Return what `text` means here, where there are these record types."""
    kinds = registry.every()
    prefixes = {kind.prefix.lower(): kind.label for kind in kinds}
    names = {
        fold(name): kind.label
        for kind in kinds
        if kind.search
        for name in (kind.prefix, kind.slug, kind.singular, kind.plural, kind.label.rpartition(".")[2])
    }
    return read(text, names, prefixes)


def _answers(
    user: Any, question: Question, kinds: Sequence[registry.RecordType], limit: int
) -> Mapping[str, Found]:
    match question.meaning:
        case Meaning.NOTHING:
            return {kind.label: _newest(user, kind, limit) for kind in kinds if question.only}
        case Meaning.NUMBER:
            return _by_number(user, question, kinds, limit)
        case Meaning.WORDS:
            return _by_words(user, question.text, kinds, limit)
        case Meaning.PERSON:
            return reaching.owned(user, question.text, kinds, limit)
        case _:
            return {kind.label: reaching.reached(user, question, kind, limit) for kind in kinds}


def _by_words(user: Any, text: str, kinds: Sequence[registry.RecordType], limit: int) -> dict[str, Found]:
    if not (prefixes := finding.prefixes_of(text)):
        return {}
    counts = finding.counted(kinds, prefixes, finding.MANY)
    return {
        kind.label: finding.first_of(_visible(user, kind), kind, text, known, limit)
        for kind, known in zip(kinds, counts, strict=True)
        if all(known)
    }


def _by_number(
    user: Any, question: Question, kinds: Sequence[registry.RecordType], limit: int
) -> dict[str, Found]:
    """Return the record of that number, and before or after it what has these words ("PRO 2" may be a name)."""
    found = {} if question.only else _by_words(user, question.text, kinds, limit)
    for kind in kinds:
        if kind.label == question.numbered and question.number < 2**63:
            numbered = list(_visible(user, kind).filter(pk=question.number).values_list("pk", kind.title))
            rest = [one for one in found.get(kind.label, []) if one not in numbered]
            found[kind.label] = [*numbered, *rest][:limit]
    return found


def _newest(user: Any, kind: registry.RecordType, limit: int) -> Found:
    return list(_visible(user, kind).order_by("-pk").values_list("pk", kind.title)[:limit])


def _visible(user: Any, kind: registry.RecordType) -> QuerySet[Any]:
    rows: QuerySet[Any] = kind.model.objects.visible_to(user)
    return rows


def _rank(found: Found, best: str) -> int:
    """Say how good the best of a type is: its title is the question, begins with it, or it was found otherwise."""
    titles = [fold(title) for _, title in found]
    if best in titles:
        return 0
    if best and any(title.startswith(best) for title in titles):
        return 1
    return 2 if titles else 3


def _reads_title(user: Any, record_type: registry.RecordType) -> bool:
    held = access.rights(user, record_type.label)
    return held.sees_any and record_type.title in held.readable
