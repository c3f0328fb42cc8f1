"""Who waits to be answered: the mentions somebody has not read, while they still see the text."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef

from revops.kernel import clocks, notifications
from revops.kernel.identity.models import User
from revops.kernel.notifications.models import Notification
from revops.kernel.people import access
from revops.kernel.records import registry
from revops.kernel.records.mentions.text import sentence
from revops.kernel.records.models import Mention

KIND = "mention"


@dataclass(frozen=True, slots=True)
class Waiting:
    """One unread mention: who named one, when, the sentence, and where it stands."""

    pk: int
    by: User
    at: datetime
    text: str
    record_type: str
    record_id: int
    url: str


def unread(user: User, limit: int = 20) -> list[Waiting]:
    """Return the mentions that `user` has not read and may still read, newest first; a query and one a record type."""
    rows = Mention.objects.filter(user=user, read_at__isnull=True).select_related("by")
    found = list(rows.order_by("-created_at", "-pk")[:limit])
    wanted: defaultdict[str, set[int]] = defaultdict(set)
    for row in found:
        wanted[row.entry_type].add(row.entry_id)
    entries = {
        label: registry.get(label).model.objects.visible_to(user).in_bulk(ids)
        for label, ids in wanted.items()
        if any(kind.label == label for kind in registry.every())
    }
    waiting = []
    for row in found:
        entry = entries.get(row.entry_type, {}).get(row.entry_id)
        if entry is None or row.field not in access.readable(user, row.entry_type):
            continue
        kind = registry.get(row.entry_type)
        url = kind.url(entry.pk) if kind.has_pages else registry.get(row.record_type).url(row.record_id)
        text = sentence(getattr(entry, row.field) or "", user.pk)
        waiting.append(Waiting(row.pk, row.by, row.created_at, text, row.record_type, row.record_id, url))
    return waiting


def mark_read(user: User, ids: Iterable[int]) -> int:
    """Mark these mentions of `user` as read, and what told them of it; return how many had been unread."""
    rows = list(Mention.objects.filter(user=user, read_at__isnull=True, pk__in=list(ids)))
    keys = [f"mention:{row.entry_type}:{row.entry_id}:{row.field}" for row in rows]
    told = Notification.objects.filter(recipient=user, kind=KIND, dedupe_key__in=keys, read_at__isnull=True)
    Mention.objects.filter(pk__in=[row.pk for row in rows]).update(read_at=clocks.now())
    if rows:
        notifications.mark_read(user, list(told.values_list("pk", flat=True)))
    return len(rows)


def follow_bell(user: User) -> None:
    """Mark as read the mentions whose notification somebody has read."""
    told = Notification.objects.filter(
        recipient=user,
        kind=KIND,
        read_at__isnull=False,
        subject_type=OuterRef("entry_type"),
        subject_id=OuterRef("entry_id"),
    )
    Mention.objects.filter(user=user, read_at__isnull=True).filter(Exists(told)).update(read_at=clocks.now())
