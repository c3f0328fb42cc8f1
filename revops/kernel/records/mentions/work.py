"""Unread mentions in My work: somebody waits for an answer."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from revops.kernel.records.mentions import reading
from revops.kernel.records.models import Mention
from revops.kernel.records.work import Deed, Done, Subject, Urgency, WorkItem, WorkSource, register

KEY = "mention"


def items(user: Any, now: datetime, limit: int) -> Sequence[WorkItem]:
    """Return the mentions that `user` has not read, newest first: a query, and one a record type."""
    return [
        WorkItem(
            source=KEY,
            pk=one.pk,
            title=one.text or "You were mentioned",
            why=f"{one.by.name} mentioned you",
            urgency=Urgency.MENTION,
            at=one.at,
            subject=Subject(one.record_type, one.record_id),
            deeds=("open", "read"),
            url=one.url,
        )
        for one in reading.unread(user, limit)
    ]


def _read(*, by: Any, pk: int, values: Mapping[str, Any]) -> Done:
    if not reading.mark_read(by, [pk]):
        raise LookupError(f"No unread mention {pk}.")
    return Done("Marked as read.", "unread")


def _unread(*, by: Any, pk: int, values: Mapping[str, Any]) -> Done:
    if not Mention.objects.filter(user=by, pk=pk).update(read_at=None):
        raise LookupError(f"No mention {pk}.")
    return Done("Unread again.")


register(
    WorkSource(
        KEY,
        "Mentions",
        "at",
        items,
        (
            Deed("open", "Open", "arrow-right", url=lambda item: item.url),
            Deed("read", "Mark as read", "check", run=_read, shortcut="r"),
            Deed("unread", "Mark as unread", "mail", run=_unread, shown=False),
        ),
    )
)
