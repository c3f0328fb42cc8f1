"""Reading notifications: only while their recipient may still see what they speak of."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db.models import Q

from revops.kernel.audit import Blocked
from revops.kernel.identity.models import User
from revops.kernel.notifications import kinds
from revops.kernel.notifications.models import Notification

MOST_COUNTED = 100
STATES = ("unread", "read", "all")


def unread(user: User, limit: int = 20) -> list[Notification]:
    """Return what `user` has not read, newest first: at most `limit`, from their newest `limit`.

    Those about records that `user` can no longer see are left out, so there may be fewer.
    """
    mine = Notification.objects.filter(recipient=user).unread().in_bell().order_by("-created_at", "-id")
    return visible(user, list(mine[:limit]))


def count_unread(user: User) -> int:
    """Return how many notifications `unread` would show, counted up to 100 (show that as "99+")."""
    return len(unread(user, MOST_COUNTED))


@dataclass(frozen=True, slots=True)
class Page:
    """One page of somebody's notifications, newest first, and the cursor behind it ("" at the end)."""

    rows: list[Notification]
    next: str


def page(user: User, *, state: str = "all", kind: str = "", after: str = "", limit: int = 30) -> Page:
    """Return one page of what is in the bell of `user`: unread, read or all, of one kind or of every kind.

    What speaks of records that `user` can no longer see is left out, so a page may be shorter. Raises Blocked for
    a state, kind or cursor that does not exist.
    """
    rows = Notification.objects.filter(recipient=user).in_bell()
    if state not in STATES:
        raise _misfit("state", state, "one of " + ", ".join(STATES))
    if state != "all":
        rows = rows.filter(read_at__isnull=state == "unread")
    if kind:
        known = [one.key for one in kinds.every()]
        if kind not in known:
            raise _misfit("kind", kind, "one of " + ", ".join(known))
        rows = rows.filter(kind__in=kinds.names_of(kind))
    if after:
        at, pk = _place(after)
        rows = rows.filter(Q(created_at__lt=at) | Q(created_at=at, pk__lt=pk))
    found = list(rows.order_by("-created_at", "-id")[: limit + 1])
    shown = found[:limit]
    more = f"{shown[-1].created_at.isoformat()}_{shown[-1].pk}" if len(found) > limit else ""
    return Page(visible(user, shown), more)


def _place(cursor: str) -> tuple[datetime, int]:
    moment, _, pk = cursor.partition("_")
    try:
        at = datetime.fromisoformat(moment.replace(" ", "+"))
        if at.tzinfo is None or not (pk.isascii() and pk.isdigit() and len(pk) < 19):
            raise ValueError
    except ValueError:
        raise _misfit("after", cursor, "a cursor that this list gave") from None
    return at, int(pk)


def _misfit(name: str, found: str, needed: str) -> Blocked:
    message = f"{name}: {found[:40]!r} does not fit. Use {needed}."
    return Blocked.because("LST-001", message, field=name, found=found, needed=needed)


def visible(user: User, notifications: Sequence[Notification]) -> list[Notification]:
    """Keep the notifications whose subject `user` may see, in their order; one query a record type.

    A notification without a subject stays, and so does one about a type that has no scopes. One about a type
    that no longer exists goes.
    """
    ids: defaultdict[str, set[int]] = defaultdict(set)
    for notification in notifications:
        if notification.subject_id is not None:
            ids[notification.subject_type].add(notification.subject_id)
    seen = {label: _seen(user, label, wanted) for label, wanted in ids.items()}
    return [n for n in notifications if n.subject_id is None or n.subject_id in seen[n.subject_type]]


def _seen(user: User, label: str, ids: set[int]) -> set[int]:
    try:
        records = _records(label)
    except LookupError:
        return set()
    if not hasattr(records, "visible_to"):
        return ids
    return set(records.visible_to(user).filter(pk__in=ids).values_list("pk", flat=True))


def _records(label: str) -> Any:
    """Return all records of a type. Raises LookupError where there is no such type any more."""
    return apps.get_model(label)._default_manager.all()
