"""Records that may be the same as one being typed: by the words of their names, within the scope of who types.

An app declares in `RecordType.extra["likeness"]` what its create form is held against: one `Probe` a record type.
Candidates come from the search words by prefix, never from a scan; which of them are shown is decided by how much
their names have in common. Source: architecture §10 (likely duplicates are shown within one's scope only).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from revops.kernel.folding import fold, words
from revops.kernel.people import access
from revops.kernel.records import registry, searching
from revops.kernel.records.registry import RecordType

SHOWN = 5
CANDIDATES = 25
# Below this share of the name in common two names are two people. Found by trying the pairs of the tests.
ALIKE = 0.72
SHORTEST = 3
# Words that companies share: they say nothing about which one it is.
_FORMS = """
ab ag and as bv co company corp corporation gmbh group holding holdings inc incorporated international kg kk
limited llc llp ltd nv oy plc pte pty sa sarl sas spa srl the und
"""
_COMMON = frozenset(_FORMS.split())


@dataclass(frozen=True, slots=True)
class Probe:
    """What is held against which records: the typed fields that make the name, and what is shown beside a hit."""

    label: str
    fields: tuple[str, ...]
    shown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Like:
    """A record that may be the one being typed."""

    record_type: RecordType
    pk: int
    title: str
    note: str
    likeness: float

    @property
    def url(self) -> str:
        return self.record_type.url(self.pk)

    @property
    def number(self) -> str:
        return self.record_type.number(self.pk)


def probes(record_type: RecordType) -> tuple[Probe, ...]:
    """Return what the create form of a record type is held against; nothing where it declares nothing."""
    found: tuple[Probe, ...] = record_type.extra.get("likeness", ())
    return found


def asked(record_type: RecordType) -> tuple[str, ...]:
    """Return the names of the form's fields that are compared, in order."""
    return tuple(dict.fromkeys(name for probe in probes(record_type) for name in probe.fields))


def likely(record_type: RecordType, user: Any, given: Mapping[str, str], *, limit: int = SHOWN) -> list[Like]:
    """Return at most `limit` visible records like what was typed into a form of `record_type`, most alike first.

    At most two queries a probe, whatever there is.
    """
    found: list[Like] = []
    for probe in probes(record_type):
        text = " ".join(given.get(name, "") for name in probe.fields)
        found += _held_against(probe, text, user)
    found.sort(key=lambda like: (-like.likeness, like.title, like.pk))
    return found[:limit]


def _held_against(probe: Probe, text: str, user: Any) -> Iterable[Like]:
    kind = registry.get(probe.label)
    held = access.rights(user, probe.label)
    telling = [word for word in words(text) if word not in _COMMON]
    if (
        not telling
        or max(map(len, telling)) < SHORTEST
        or not held.sees_any
        or kind.title not in held.readable
    ):
        return
    columns = [name for name in probe.shown if name in held.readable]
    rows = kind.model.objects.visible_to(user)
    seen: dict[int, tuple[Any, ...]] = {}
    for question in dict.fromkeys((" ".join(telling), _loosely(telling))):
        ids = searching.matching(kind, question)
        if ids is not None and len(seen) < SHOWN:
            for row in rows.filter(pk__in=ids).values_list("pk", kind.title, *columns)[:CANDIDATES]:
                seen[row[0]] = row
    for pk, title, *notes in seen.values():
        likeness = alike(telling, title)
        if likeness >= ALIKE:
            yield Like(kind, pk, title, " · ".join(str(note) for note in notes if note), likeness)


def _loosely(telling: list[str]) -> str:
    """Return the beginnings of the words, of the longest nearly all: Jon Gonzalez finds John Gonzales."""
    longest = max(telling, key=len)
    return " ".join([longest[: max(4, len(longest) - 2)], *(word[:2] for word in telling if word != longest)])


def alike(telling: list[str], title: str) -> float:
    """Return what share of two names is the same, from 0 to 1, whatever the order of their words."""
    theirs = [word for word in words(title) if word not in _COMMON] or [fold(title)]
    return SequenceMatcher(None, " ".join(sorted(telling)), " ".join(sorted(theirs))).ratio()
