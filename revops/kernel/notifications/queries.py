"""Reading notifications: only while their recipient may still see what they speak of."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.apps import apps

from revops.kernel.identity.models import User
from revops.kernel.notifications.models import Notification

MOST_COUNTED = 100


def unread(user: User, limit: int = 20) -> list[Notification]:
    """Return what `user` has not read, newest first: at most `limit`, from their newest `limit`.

    Those about records that `user` can no longer see are left out, so there may be fewer.
    """
    mine = Notification.objects.filter(recipient=user).unread().order_by("-created_at", "-id")
    return visible(user, list(mine[:limit]))


def count_unread(user: User) -> int:
    """Return how many notifications `unread` would show, counted up to 100 (show that as "99+")."""
    return len(unread(user, MOST_COUNTED))


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
