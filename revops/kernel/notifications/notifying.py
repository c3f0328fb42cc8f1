"""Writing notifications: the only place that does."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth import get_user_model
from django.db import models

from revops.kernel import clocks
from revops.kernel.identity.models import User, UserKind
from revops.kernel.notifications import choosing, kinds
from revops.kernel.notifications.choosing import Choice
from revops.kernel.notifications.enums import Mail
from revops.kernel.notifications.models import Notification

Subject = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Note:
    """What one person is to be told; the meanings are those of `notify`."""

    recipient: int
    title: str
    dedupe_key: str
    text: str = ""
    url: str = ""
    subject: models.Model | Subject | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)


def notify(
    recipients: Iterable[User | int],
    kind: str,
    title: str,
    text: str = "",
    url: str = "",
    subject: models.Model | Subject | None = None,
    *,
    dedupe_key: str,
) -> None:
    """Tell each recipient once, in the transaction that is open, as they have chosen for this kind.

    `kind` is a declared kind or a dotted name such as `account.assigned`; `url` is a path on this site; `subject` is
    the record it is about (or its lower-case label and id). `dedupe_key` names the cause: a person who already has a
    notification with it gets none, read or not. Inactive people and services are skipped, and nobody is told
    in their place; who wants neither bell nor e-mail for it gets none. A title too long for its column is cut.
    Raises ValueError for an address that leaves the site and for an empty key.
    """
    wanted = {person if isinstance(person, int) else person.pk for person in recipients}
    tell(kind, [Note(person, title, dedupe_key, text, url, subject) for person in sorted(wanted)])


def tell(kind: str, notes: Sequence[Note]) -> None:
    """Write these notes of one kind, as `notify` would, in a constant number of statements."""
    for note in notes:
        _check(kind, note)
    wanted = {note.recipient for note in notes}
    people = get_user_model().objects.filter(pk__in=wanted, is_active=True, kind=UserKind.PERSON)
    there = set(people.values_list("pk", flat=True)) if wanted else set()
    chosen = choosing.of_people(kinds.of(kind), there) if there else {}
    rows = [
        _row(kind, note, chosen[note.recipient])
        for note in notes
        if note.recipient in there and chosen[note.recipient].wanted
    ]
    Notification.objects.bulk_create(rows, ignore_conflicts=True)


def _check(kind: str, note: Note) -> None:
    if note.url and (not note.url.startswith("/") or note.url.startswith(("//", "/\\"))):
        raise ValueError(f"{kind}: {note.url!r} is not a path on this site.")
    if not note.dedupe_key:
        raise ValueError(f"{kind}: a notification needs a dedupe_key that names its cause.")


def _row(kind: str, note: Note, choice: Choice) -> Notification:
    subject_type, subject_id = _subject(note.subject)
    now = clocks.now()
    return Notification(
        recipient_id=note.recipient,
        kind=kind,
        title=cut(note.title),
        text=note.text,
        url=note.url,
        subject_type=subject_type,
        subject_id=subject_id,
        dedupe_key=note.dedupe_key,
        created_at=now,
        in_bell=choice.in_bell,
        mail=choice.mail,
        mail_from=now if choice.mail == Mail.ONCE else None,
        detail=dict(note.detail),
    )


def cut(title: str) -> str:
    """Return a title that fits its column."""
    return title if len(title) <= 200 else title[:199] + "…"


def _subject(subject: models.Model | Subject | None) -> tuple[str, int | None]:
    if subject is None:
        return "", None
    if isinstance(subject, tuple):
        return subject
    return subject._meta.label_lower, subject.pk


Hook = Callable[[User], None]
_read_hooks: dict[str, Hook] = {}


def on_read(owner: str, hook: Hook) -> None:
    """Register what a mechanism above does when somebody has read notifications. One hook an owner."""
    if _read_hooks.setdefault(owner, hook) is not hook:
        raise ValueError(f"{owner!r} hears already that notifications were read.")


def mark_read(user: User, ids: Iterable[int] | None = None) -> int:
    """Mark these notifications of `user` as read, or all in the bell; return how many had been unread.

    Ids of other people's notifications are ignored.
    """
    mine = Notification.objects.filter(recipient=user).unread()
    mine = mine.in_bell() if ids is None else mine.filter(pk__in=list(ids))
    count = mine.update(read_at=clocks.now())
    if count:
        for hook in _read_hooks.values():
            hook(user)
    return count


def mark_unread(user: User, ids: Iterable[int]) -> int:
    """Put these notifications of `user` back among what waits to be read; return how many had been read."""
    mine = Notification.objects.filter(recipient=user, read_at__isnull=False, pk__in=list(ids))
    return mine.update(read_at=None)
