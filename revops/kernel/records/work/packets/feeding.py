"""Packets in My work: those one may decide, and one's own that were sent back."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import F, Q

from revops.kernel.packets.enums import PacketState
from revops.kernel.packets.models import Packet
from revops.kernel.people import access
from revops.kernel.records.work import words
from revops.kernel.records.work.ordering import Urgency
from revops.kernel.records.work.sources import Deed, Subject, WorkItem, WorkSource, register

KEY = "packet"
_COLUMNS = ("pk", "title", "state", "subject_type", "subject_id", "submitted_at", "decided_at")


def waiting(user: Any, now: datetime) -> Any:
    """Return what waits for `user`: submitted packets that they may decide, and their own that were sent back."""
    if not access.may_ever(user, "submit", Packet._meta.label_lower):
        return Packet.objects.none()
    named = Q(pk__in=[])
    for role in sorted(access.roles_of(user)):
        named |= Q(roles__contains=f" {role} ")
    addressed = Q(receiver__isnull=True) | Q(receiver=user)
    to_decide = named & addressed & Q(state=PacketState.SUBMITTED) & ~Q(submitted_by=user) & ~Q(owner=user)
    returned = Q(state=PacketState.RETURNED, owner=user)
    return Packet.objects.visible_to(user).filter(to_decide | returned)


def items(user: Any, now: datetime, limit: int) -> Sequence[WorkItem]:
    """Return the packets that wait for `user`, the longest waiting first, in one query."""
    rows = waiting(user, now).order_by(F("submitted_at").asc(), "pk")
    return [_item(row, now) for row in rows.values(*_COLUMNS)[:limit]]


def _item(row: dict[str, Any], now: datetime) -> WorkItem:
    back = row["state"] == PacketState.RETURNED
    at = row["decided_at"] if back else row["submitted_at"]
    said = "sent back with gaps" if back else "waits for your decision"
    return WorkItem(
        source=KEY,
        pk=row["pk"],
        title=row["title"],
        why=f"{said} {words.since(now, at)}",
        urgency=Urgency.TODAY if back else Urgency.WAITING,
        at=at,
        subject=Subject(row["subject_type"], row["subject_id"]),
        deeds=("fill",) if back else ("decide",),
        url=f"/packets/{row['pk']}/{'fill/' if back else ''}",
    )


register(
    WorkSource(
        KEY,
        "Packets",
        "package",
        items,
        (
            Deed("decide", "Look at it", "file-search", url=lambda item: item.url, shortcut="d"),
            Deed("fill", "Fill the gaps", "pencil", url=lambda item: item.url, shortcut="d"),
        ),
        waiting,
    )
)
