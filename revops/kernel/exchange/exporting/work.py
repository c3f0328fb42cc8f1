"""Exports that wait for an approval, in the work of those who may give it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from revops.kernel.exchange.exporting.enums import ExportState
from revops.kernel.exchange.exporting.models import DataExport
from revops.kernel.people import access
from revops.kernel.records import registry
from revops.kernel.records.work import Deed, Urgency, WorkItem, WorkSource, register, words

KEY, LABEL = "export", "exchange.dataexport"


def items(user: Any, now: datetime, limit: int) -> Sequence[WorkItem]:
    """Return the exports of others that wait for `user`'s approval, the longest waiting first, in one query."""
    if not access.may_ever(user, "approve", LABEL):
        return []
    rows = waiting(user, now).order_by("created_at", "pk")
    columns = ("pk", "record_type", "counted", "requested_by__name", "created_at")
    return [
        WorkItem(
            source=KEY,
            pk=row["pk"],
            title=f"{row['requested_by__name']} asks for {row['counted']:,} {_plural(row['record_type'])}",
            why=f"waits for approval {words.since(now, row['created_at'])}",
            urgency=Urgency.WAITING,
            at=row["created_at"],
            deeds=("decide",),
            url=f"/exports/{row['pk']}/",
        )
        for row in rows.values(*columns)[:limit]
    ]


def waiting(user: Any, now: datetime) -> Any:
    """Return the exports that `user` may approve."""
    if not access.may_ever(user, "approve", LABEL):
        return DataExport.objects.none()
    return DataExport.objects.filter(state=ExportState.WAITING).exclude(requested_by=user).visible_to(user)


def _plural(label: str) -> str:
    kind = next((one for one in registry.every() if one.label == label), None)
    return kind.plural.lower() if kind else "rows"


register(
    WorkSource(
        KEY,
        "Exports to approve",
        "file-export",
        items,
        (Deed("decide", "Look at it", "file-search", url=lambda item: item.url, shortcut="d"),),
        waiting,
    )
)
