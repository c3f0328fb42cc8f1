"""Approvals in My work: the steps that one may decide, the next due first, approved or rejected in place."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F

from revops.kernel import approvals
from revops.kernel.approvals import queries
from revops.kernel.people import access
from revops.kernel.records import drafting, registry
from revops.kernel.records.registry import Field, FieldKind
from revops.kernel.records.work import words
from revops.kernel.records.work.ordering import Urgency
from revops.kernel.records.work.sources import Deed, Done, Subject, WorkItem, WorkSource, register

KEY, LABEL = "approval", "approvals.approvalrequest"
SOON = timedelta(hours=4)
_WHY = Field("comment", "Why", FieldKind.LONG_TEXT, required=True, help="Whoever asked is told.")
_COLUMNS = (
    "pk", "title", "request_id", "request__title", "request__submitter__name", "request__subject_type",
    "request__subject_id", "opened_at", "due_at",
)  # fmt: skip


def waiting(user: Any, now: datetime) -> Any:
    """Return the steps that `user` may decide."""
    if not access.may_ever(user, "decide", LABEL):
        return queries.inbox(user, now).none()
    return queries.inbox(user, now)


def items(user: Any, now: datetime, limit: int) -> Sequence[WorkItem]:
    """Return the steps that wait for the decision of `user`, the next due first, in two queries."""
    rows = waiting(user, now).order_by(F("due_at").asc(nulls_last=True), "pk")
    known = {one.label for one in registry.every()}
    return [_item(row, now, known) for row in rows.values(*_COLUMNS)[:limit]]


def _item(row: Mapping[str, Any], now: datetime, known: set[str]) -> WorkItem:
    late = row["due_at"] is not None and row["due_at"] <= now
    soon = row["due_at"] is not None and row["due_at"] <= now + SOON
    asked = f"{row['request__submitter__name']} asks {words.since(now, row['opened_at'])}: {row['title']}"
    label = row["request__subject_type"]
    return WorkItem(
        source=KEY,
        pk=row["pk"],
        title=row["request__title"],
        why=f"{'overdue, ' if late else ''}{asked}",
        urgency=Urgency.OVERDUE if late else Urgency.TODAY if soon else Urgency.WAITING,
        at=row["due_at"] or row["opened_at"],
        subject=Subject(label, row["request__subject_id"]) if label in known else None,
        deeds=("approve", "reject"),
        url=f"/approvals/{row['request_id']}/",
        priority=1,
    )


def _approve(*, by: Any, pk: int, values: Mapping[str, Any]) -> Done:
    request = approvals.decide(by=by, step=pk, decision="approve", comment=str(values.get("comment") or ""))
    return Done(f"Approved. {request.title} is {str(request.get_state_display()).lower()}.")


def _reject(*, by: Any, pk: int, values: Mapping[str, Any]) -> Done:
    comment = drafting.entered("Reject", (_WHY,), values)["comment"]
    approvals.decide(by=by, step=pk, decision="reject", comment=comment)
    return Done("Rejected. Whoever asked is told why.")


register(
    WorkSource(
        KEY,
        "Approvals",
        "rubber-stamp",
        items,
        (
            Deed("approve", "Approve", "circle-check", _approve, shortcut="d"),
            Deed("reject", "Reject", "circle-x", _reject, (_WHY,), shortcut="x"),
        ),
        waiting,
    )
)
