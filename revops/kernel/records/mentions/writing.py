"""Keep who is named in a text, in the change that writes the text: checked, stored, told, or refused with it.

A field is declared with `mentions=True`; the hook looks at those alone, and asks the database only where a text names
somebody who was not named in it before. Imports bring text as it is: they name nobody.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from revops.kernel import clocks, notifications
from revops.kernel.audit import Blocked, Change, Finding, Remedy, Source
from revops.kernel.identity.models import User, UserKind
from revops.kernel.notifications.models import Notification
from revops.kernel.people import access
from revops.kernel.records import registry
from revops.kernel.records.following.choosing import titles_of
from revops.kernel.records.mentions.text import MARK, named, sentence
from revops.kernel.records.models import Mention
from revops.kernel.records.registry import Field, RecordType

KIND = "mention"
MOST = 20


@dataclass(frozen=True, slots=True)
class _Text:
    """A text of this change that names somebody new; `people` are those, by id, as the text calls them."""

    kind: RecordType
    entry: Any
    field: Field
    text: str
    people: dict[int, str]

    @property
    def place(self) -> tuple[str, int, str]:
        return self.kind.label, self.entry.pk, self.field.name


def keep(change: Change) -> None:
    """Join the change: check and keep the new mentions of its texts, and take back those that are gone.

    Raises Blocked with a finding for everybody who cannot be named, and for a text that names more than 20.
    """
    for model, gone in change.removed.items():
        if _fields(model._meta.label_lower):
            _forget(model._meta.label_lower, [row.pk for row in gone])
    if change.source == Source.IMPORT:
        return
    texts = list(_written(change))
    _take_back(change)
    if texts:
        _add(change, texts)


@cache
def _fields(label: str) -> tuple[Field, ...]:
    """Return the fields of a record type in which people are named."""
    found = [kind for kind in registry.every() if kind.label == label]
    return tuple(field for kind in found for field in kind.fields if field.mentions)


def _written(change: Change) -> Iterator[_Text]:
    """Yield each text of this change that names somebody it did not name before."""
    for model, records in change.created.items():
        for field in _fields(label := model._meta.label_lower):
            for record in records:
                text = getattr(record, field.name) or ""
                if MARK in text and (people := named(text)):
                    yield _Text(registry.get(label), record, field, text, people)
    for record, before, field in _rewritten(change):
        text, known = getattr(record, field.name) or "", named(before[field.name])
        if MARK in text and (people := {pk: name for pk, name in named(text).items() if pk not in known}):
            yield _Text(registry.get(record._meta.label_lower), record, field, text, people)


def _rewritten(change: Change) -> Iterator[tuple[Any, dict[str, Any], Field]]:
    for model, pairs in change.changed.items():
        for field in _fields(model._meta.label_lower):
            for record, before in pairs:
                if field.name in before:
                    yield record, before, field


def _take_back(change: Change) -> None:
    """Forget who is named no more: their mention, and what their notification quoted."""
    for record, before, field in _rewritten(change):
        if MARK not in (before[field.name] or ""):
            continue
        gone = named(before[field.name]).keys() - named(getattr(record, field.name)).keys()
        if gone:
            place = record._meta.label_lower, record.pk, field.name
            Mention.objects.filter(
                entry_type=place[0], entry_id=place[1], field=place[2], user__in=gone
            ).delete()
            Notification.objects.filter(recipient__in=gone, dedupe_key=_key(place)).update(text="")


def _forget(label: str, ids: Sequence[int]) -> None:
    Mention.objects.filter(entry_type=label, entry_id__in=ids).delete()


def _key(place: tuple[str, int, str]) -> str:
    return f"mention:{place[0]}:{place[1]}:{place[2]}"


def _add(change: Change, texts: Sequence[_Text]) -> None:
    """Check and keep the mentions of these texts: some statements a person and record type, however many texts."""
    people = User.objects.in_bulk({pk for one in texts for pk in one.people})
    seen = _seen(texts, people)
    findings = [finding for one in texts for finding in _checked(one, people, seen, change.by)]
    if findings:
        raise Blocked(findings)
    now = clocks.now()
    told = [(one, people[pk], *_about(one)) for one in texts for pk in one.people if pk != change.by.pk]
    Mention.objects.bulk_create(
        [
            Mention(
                user=person,
                by=change.by,
                record_type=label,
                record_id=pk,
                entry_type=one.place[0],
                entry_id=one.place[1],
                field=one.place[2],
                created_at=now,
            )
            for one, person, label, pk in told
        ],
        batch_size=1_000,
        ignore_conflicts=True,
    )
    if told:
        notifications.tell(KIND, _notes(told, change.by))


def _seen(texts: Sequence[_Text], people: dict[int, User]) -> dict[tuple[str, int], set[int]]:
    """Return the ids of the rows that each named person sees, by record type; one query a person and type."""
    wanted: defaultdict[tuple[str, int], set[int]] = defaultdict(set)
    for one in texts:
        for pk in one.people.keys() & people.keys():
            wanted[one.kind.label, pk].add(one.entry.pk)
    return {
        (label, pk): set(
            registry.get(label)
            .model.objects.visible_to(people[pk])
            .filter(pk__in=rows)
            .values_list("pk", flat=True)
        )
        for (label, pk), rows in wanted.items()
    }


def _checked(
    one: _Text, people: dict[int, User], seen: dict[tuple[str, int], set[int]], by: User
) -> Iterable[Finding]:
    """Yield what speaks against the new mentions of a text: too many, nobody, somebody who left or does not see it."""
    label, name = one.field.label, one.field.name
    if (count := len(named(one.text))) > MOST:
        message = f"{label} names {count} people; at most {MOST} can be. Take some out."
        yield Finding("MEN-001", message, field=name, found=str(count), needed=f"at most {MOST}")
        return
    for pk, called in one.people.items():
        person = people.get(pk)
        if person is None or person.kind != UserKind.PERSON or person.name != called:
            message = f"{label} names “{called}”, and there is nobody by this name and id ({pk}). "
            message += "Type @ and choose somebody."
            yield Finding("MEN-002", message, field=name, found=called, needed="somebody who is offered")
        elif not person.is_active:
            message = f"{label} names {called}, who is no longer here. Name somebody else."
            yield Finding("MEN-003", message, field=name, found=called, needed="somebody who is here")
        elif one.entry.pk not in seen[one.kind.label, pk] or name not in access.readable(
            person, one.kind.label
        ):
            yield _unseen(one, person, by)


def _unseen(one: _Text, person: User, by: User) -> Finding:
    what = one.kind.singular.lower()
    message = f"{person.name} does not see this {what}, and would not be told. "
    message += f"Ask its owner or operations to put {person.name} on it, or take the name out."
    label, pk = _about(one)
    about = registry.get(label)
    shared = next((action for action in about.actions if action.name == "assign"), None)
    remedies: tuple[Remedy, ...] = ()
    if shared is not None:
        record = about.model.objects.visible_to(by).filter(pk=pk).first()
        if record is not None and access.allowed(by, shared.asks, record):
            remedies = (
                Remedy(f"Put {person.name} on the {about.singular.lower()}", f"{about.url(pk)}do/assign/"),
            )
    needed = "somebody who sees it"
    return Finding(
        "MEN-004", message, field=one.field.name, found=person.name, needed=needed, remedies=remedies
    )


def _about(one: _Text) -> tuple[str, int]:
    """Return the record a text is about: the first that its row refers to by what its type names, or itself."""
    for name in one.kind.extra.get("about", ()):
        field = one.kind.by_name[name]
        if (pk := getattr(one.entry, field.attname)) is not None:
            return field.reference, pk
    return one.kind.label, one.entry.pk


def _notes(told: Sequence[tuple[_Text, User, str, int]], by: User) -> list[notifications.Note]:
    """Return what each person is told; the titles cost one query a person and record type."""
    wanted: defaultdict[tuple[int, str], list[int]] = defaultdict(list)
    for _, person, label, pk in told:
        wanted[person.pk, label].append(pk)
    people = {person.pk: person for _, person, _, _ in told}
    titles = {
        (who, label): titles_of(people[who], registry.get(label), ids) for (who, label), ids in wanted.items()
    }
    return [
        _note(one, person, by, titles[person.pk, label].get(pk) or one.kind.number(one.entry.pk))
        for one, person, label, pk in told
    ]


def _note(one: _Text, person: User, by: User, title: str) -> notifications.Note:
    label, pk = _about(one)
    home = one.kind.url(one.entry.pk) if one.kind.has_pages else registry.get(label).url(pk)
    return notifications.Note(
        recipient=person.pk,
        title=f"{by.name} mentioned you in {title}",
        text=sentence(one.text, person.pk),
        url=home,
        subject=(one.kind.label, one.entry.pk),
        dedupe_key=_key(one.place),
    )
