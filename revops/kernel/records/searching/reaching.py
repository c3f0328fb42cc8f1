"""Records by a whole address, domain or phone number, and by who owns them: each by an index made for it."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.apps import apps
from django.db.models import Q, QuerySet

from revops.kernel.folding import prefix_end, words
from revops.kernel.people import access
from revops.kernel.people.queries import known_people
from revops.kernel.records import registry
from revops.kernel.records.searching import finding
from revops.kernel.records.searching.questions import Meaning, Question

# So many people may carry a name that is asked for.
PEOPLE = 20


def reached(user: Any, question: Question, kind: registry.RecordType, limit: int) -> list[tuple[int, str]]:
    """Return (id, title) of the records of one type that an address, a domain or a phone number leads to.

    The record with exactly this address comes first. Fields one may not read lead nowhere.
    """
    rows, readable = kind.model.objects.visible_to(user), access.readable(user, kind.label)
    if question.meaning is Meaning.PHONE:
        numbered = [source for source in kind.search if source.numbers]
        if not numbered or not all(readable.issuperset(source.reads) for source in numbered):
            return []
        having = finding.with_number(kind, question.text).values("record_id")[: finding.MANY]
        return finding.titled(rows.filter(pk__in=having), kind, limit)
    found: dict[int, str] = {}
    for reach in kind.reach:
        if reach.reads not in readable:
            continue
        for where in _conditions(question, kind, reach):
            if len(found) < limit and (ids := _ids(kind, reach, where)) is not None:
                found |= dict(finding.titled(rows.filter(ids), kind, limit))
    return list(found.items())[:limit]


def _conditions(question: Question, kind: registry.RecordType, reach: registry.Reach) -> list[Q]:
    """Return what is asked of the rows of `reach`: exactly this, then what begins so."""
    column = reach.email if question.meaning is Meaning.EMAIL else reach.domain
    if column:
        text = question.text if question.meaning is Meaning.EMAIL else _ascii(question.text)
        whole = [text] if question.meaning is Meaning.EMAIL else [text, *_parents(text)]
        begins = Q(**{f"{column}__gte": text, f"{column}__lt": prefix_end(text)})
        return [Q(**{f"{column}__in": whole}), begins]
    if question.meaning is Meaning.DOMAIN and reach.email:
        rarest = max(words(question.text), key=len)
        having = finding.with_word(kind, rarest).filter(source_type=reach.model).values("source_id")
        return [Q(**{f"{reach.email}__contains": f"@{question.text}"}, pk__in=having[: finding.MANY])]
    return []


def _ids(kind: registry.RecordType, reach: registry.Reach, where: Q) -> Q:
    """Return the condition on records of `kind` that rows of `reach` lead to them."""
    narrowed = where & Q(**reach.only)
    if reach.model == kind.label:
        return narrowed
    rows: QuerySet[Any] = apps.get_model(reach.model)._base_manager.filter(narrowed)
    return Q(pk__in=rows.values(reach.record_id)[: finding.MANY])


def _ascii(host: str) -> str:
    """Return a host as it is stored: letters beyond ASCII in punycode."""
    try:
        return host.encode("idna").decode() if not host.isascii() else host
    except UnicodeError:
        return host


def _parents(host: str) -> list[str]:
    """Return the domains above a host: mail.acme.com is asked as acme.com too."""
    labels = host.split(".")
    return [".".join(labels[place:]) for place in range(1, len(labels) - 1)]


def owned(
    user: Any, text: str, kinds: Sequence[registry.RecordType], limit: int
) -> Mapping[str, list[tuple[int, str]]]:
    """Return what the people called `text` own, by title; of a longer text the last words narrow that down.

    "@me" is who asks. "@alice acme" is what Alice owns that has the word. People one does not see own nothing.
    """
    people, rest = _people(user, text)
    if not people:
        return {}
    found = {}
    for kind in kinds:
        owner = kind.by_name.get("owner")
        if owner is None or "owner" not in access.readable(user, kind.label):
            continue
        rows = kind.model.objects.visible_to(user).filter(owner__in=people)
        found[kind.label] = (
            finding.first(rows, kind, rest, limit=limit) if rest else finding.titled(rows, kind, limit)
        )
    return found


def _people(user: Any, text: str) -> tuple[list[int], str]:
    """Return the people a text begins with, and what else it says."""
    asked = text.split()
    if asked[0].lower() == "me":
        return [user.pk], " ".join(asked[1:])
    for count in dict.fromkeys((len(asked), 1)):
        named = known_people(user)
        for word in asked[:count]:
            named = named.filter(Q(name__istartswith=word) | Q(name__icontains=f" {word}"))
        if people := list(named.order_by("pk").values_list("pk", flat=True)[:PEOPLE]):
            return people, " ".join(asked[count:])
    return [], ""
