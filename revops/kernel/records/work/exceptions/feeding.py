"""Exceptions in My work: those that wait for a decision of mine, and those to be looked at this week."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q

from revops.kernel.gates.exceptions import actions, registry
from revops.kernel.gates.exceptions.enums import ExceptionState, ReviewDecision, Risk
from revops.kernel.gates.models import PolicyException
from revops.kernel.people import access
from revops.kernel.records import drafting
from revops.kernel.records.registry import Field, FieldKind
from revops.kernel.records.work import words
from revops.kernel.records.work.exceptions.forms import LABEL
from revops.kernel.records.work.ordering import Urgency
from revops.kernel.records.work.sources import Deed, Done, Subject, WorkItem, WorkSource, register

ASKED, REVIEWS = "exception", "exception_review"
_COLUMNS = (
    *("pk", "name", "subject_type", "subject_id", "risk", "created_at", "expires_at"),
    "requested_by__name",
)
_RANK = {Risk.LOW.value: 0, Risk.MEDIUM.value: 1, Risk.HIGH.value: 2}
_WHY = Field("reason", "Why", FieldKind.LONG_TEXT, required=True)


def waiting(user: Any, now: datetime) -> Any:
    """Return the exceptions of others that `user` may decide about: their roles excuse the line."""
    lines = _lines_of(user) if access.may_ever(user, "approve", LABEL) else []
    if not lines:
        return PolicyException.objects.none()
    rows = PolicyException.objects.filter(
        reduce(or_, lines), state=ExceptionState.REQUESTED, expires_at__gt=now
    )
    return rows.exclude(Q(requested_by=user) | Q(owner=user)).visible_to(user)


def _lines_of(user: Any) -> list[Q]:
    """Return the lines that the roles of `user` excuse, a condition a policy."""
    roles, found = access.roles_of(user), []
    for one in registry.every():
        keys = [key for key, line in one.lines().items() if roles & set(line.approvers)]
        if keys:
            found.append(Q(policy_key=one.policy_key, criterion_key__in=keys))
    return found


def asked(user: Any, now: datetime, limit: int) -> Sequence[WorkItem]:
    """Return the exceptions that wait for a decision of `user`, the longest waiting first, in one query."""
    if not access.may_ever(user, "approve", LABEL):
        return []
    return [
        WorkItem(
            source=ASKED,
            pk=row["pk"],
            title=f"{row['requested_by__name']} asks: {row['name']}",
            why=f"waits for a decision {words.since(now, row['created_at'])}; {Risk(row['risk']).label.lower()} risk",
            urgency=Urgency.WAITING,
            at=row["created_at"],
            subject=Subject(row["subject_type"], row["subject_id"]),
            deeds=("look", "approve", "reject"),
            url=f"/exceptions/{row['pk']}/",
            priority=_RANK[row["risk"]],
        )
        for row in waiting(user, now).order_by("created_at", "pk").values(*_COLUMNS)[:limit]
    ]


def to_review(user: Any, now: datetime) -> Any:
    """Return the exceptions whose weekly review is open, for who reviews them."""
    if not access.may_ever(user, "review", LABEL):
        return PolicyException.objects.none()
    rows = PolicyException.objects.active(now).filter(review_week__isnull=False)
    return rows.exclude(Q(requested_by=user) | Q(owner=user)).visible_to(user)


def reviews(user: Any, now: datetime, limit: int) -> Sequence[WorkItem]:
    """Return the exceptions to look at this week, the next to end first, in one query."""
    if not access.may_ever(user, "review", LABEL):
        return []
    revokes = access.may_ever(user, "revoke", LABEL)
    rows = to_review(user, now).order_by("expires_at", "pk")
    return [
        WorkItem(
            source=REVIEWS,
            pk=row["pk"],
            title=f"Review: {row['name']}",
            why=f"ends {words.why(now, _day(row['expires_at'], now)).removeprefix('due ')}",
            urgency=Urgency.TODAY,
            at=row["expires_at"],
            subject=Subject(row["subject_type"], row["subject_id"]),
            deeds=("keep", "revoke") if revokes else ("keep",),
            url=f"/exceptions/{row['pk']}/",
            priority=_RANK[row["risk"]],
        )
        for row in rows.values(*_COLUMNS)[:limit]
    ]


def _day(at: datetime, now: datetime) -> Any:
    return at.astimezone(now.tzinfo).date()


def _reason(label: str, values: Mapping[str, Any]) -> str:
    return str(drafting.entered(label, (_WHY,), values)["reason"])


def _approve(*, by: Any, pk: int, values: Mapping[str, Any]) -> Done:
    held = actions.approve(by=by, pk=pk)
    return Done(f"{held.name}: excused until {held.expires_at:%d %B}.")


def _reject(*, by: Any, pk: int, values: Mapping[str, Any]) -> Done:
    held = actions.reject(by=by, pk=pk, reason=_reason("Reject", values))
    return Done(f"{held.name}: rejected.")


def _keep(*, by: Any, pk: int, values: Mapping[str, Any]) -> Done:
    held = actions.review(by=by, pk=pk, decision=ReviewDecision.KEEP, note=_reason("Keep", values))
    return Done(f"{held.name}: kept until {held.expires_at:%d %B}.")


def _revoke(*, by: Any, pk: int, values: Mapping[str, Any]) -> Done:
    held = actions.review(by=by, pk=pk, decision=ReviewDecision.REVOKE, note=_reason("Revoke", values))
    return Done(f"{held.name}: revoked.")


register(
    WorkSource(
        ASKED,
        "Exceptions to decide",
        "shield-off",
        asked,
        (
            Deed("look", "Look at it", "file-search", url=lambda item: item.url),
            Deed("approve", "Approve", "circle-check", _approve, shortcut="d"),
            Deed("reject", "Reject", "ban", _reject, (_WHY,)),
        ),
        waiting,
    )
)
register(
    WorkSource(
        REVIEWS,
        "Exceptions to review",
        "shield-off",
        reviews,
        (
            Deed("keep", "Keep", "circle-check", _keep, (_WHY,), shortcut="d"),
            Deed("revoke", "Revoke", "ban", _revoke, (_WHY,)),
        ),
        to_review,
    )
)
