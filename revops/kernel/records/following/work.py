"""What changed of what one follows, in My work, until one has read it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from revops.kernel import notifications
from revops.kernel.notifications.models import Notification
from revops.kernel.records.work import Deed, Done, Subject, Urgency, WorkItem, WorkSource, register

KEY = "followed"


def items(user: Any, now: datetime, limit: int) -> Sequence[WorkItem]:
    """Return what `user` has not read about what they follow, newest first: a query, and one a record type."""
    rows = Notification.objects.filter(recipient=user, kind=KEY, in_bell=True).unread()
    found = notifications.visible(user, list(rows.order_by("-created_at", "-id")[:limit]))
    return [
        WorkItem(
            source=KEY,
            pk=one.pk,
            title=one.title,
            why="you follow it",
            urgency=Urgency.CHANGED,
            at=one.created_at,
            subject=Subject(one.subject_type, one.subject_id or 0),
            deeds=("open", "read"),
            url=one.url,
        )
        for one in found
    ]


def _read(*, by: Any, pk: int, values: Mapping[str, Any]) -> Done:
    if not notifications.mark_read(by, [pk]):
        raise LookupError(f"No unread notification {pk}.")
    return Done("Marked as read.", "unread")


def _unread(*, by: Any, pk: int, values: Mapping[str, Any]) -> Done:
    if not notifications.mark_unread(by, [pk]):
        raise LookupError(f"No notification {pk}.")
    return Done("Unread again.")


register(
    WorkSource(
        KEY,
        "What you follow",
        "bell-ringing",
        items,
        (
            Deed("open", "Open", "arrow-right", url=lambda item: item.url),
            Deed("read", "Mark as read", "check", run=_read, shortcut="r"),
            Deed("unread", "Mark as unread", "mail", run=_unread, shown=False),
        ),
    )
)
