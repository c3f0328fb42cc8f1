"""Writing notifications: the only place that does."""

from collections.abc import Iterable

from django.contrib.auth import get_user_model
from django.db import models

from revops.kernel import clocks
from revops.kernel.identity.models import User, UserKind
from revops.kernel.notifications.models import Notification

Subject = tuple[str, int]


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
    """Tell each recipient once, in the transaction that is open.

    `kind` is a dotted name such as `account.assigned`; `url` is a path on this site; `subject` is the record it
    is about (or its lower-case label and id). `dedupe_key` names the cause: a person who already has a
    notification with it gets none, read or not. Inactive people and services are skipped, and nobody is told
    in their place. A title too long for its column is cut. Raises ValueError for an address that leaves the site
    and for an empty key.
    """
    if url and (not url.startswith("/") or url.startswith(("//", "/\\"))):
        raise ValueError(f"{kind}: {url!r} is not a path on this site.")
    if not dedupe_key:
        raise ValueError(f"{kind}: a notification needs a dedupe_key that names its cause.")
    wanted = {person if isinstance(person, int) else person.pk for person in recipients}
    people = get_user_model().objects.filter(pk__in=wanted, is_active=True, kind=UserKind.PERSON)
    subject_type, subject_id = _subject(subject)
    now = clocks.now()
    Notification.objects.bulk_create(
        [
            Notification(
                recipient_id=person,
                kind=kind,
                title=title if len(title) <= 200 else title[:199] + "…",
                text=text,
                url=url,
                subject_type=subject_type,
                subject_id=subject_id,
                dedupe_key=dedupe_key,
                created_at=now,
            )
            for person in people.order_by("pk").values_list("pk", flat=True)
        ],
        ignore_conflicts=True,
    )


def _subject(subject: models.Model | Subject | None) -> tuple[str, int | None]:
    if subject is None:
        return "", None
    if isinstance(subject, tuple):
        return subject
    return subject._meta.label_lower, subject.pk


def mark_read(user: User, ids: Iterable[int] | None = None) -> int:
    """Mark these notifications of `user` as read, or all of them; return how many had been unread.

    Ids of other people's notifications are ignored.
    """
    mine = Notification.objects.filter(recipient=user).unread()
    if ids is not None:
        mine = mine.filter(pk__in=list(ids))
    return mine.update(read_at=clocks.now())
