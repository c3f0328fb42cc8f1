"""Evidence that waits for a manager, in My work: verified or rejected where it stands."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import OuterRef, Q, Subquery

from opportunities.actions.evidence import reject_evidence, verify_evidence
from opportunities.actions.evidence.forms import NOTE
from opportunities.enums import CLOSED, EvidenceKind, EvidenceState
from opportunities.models import StageEvidence
from opportunities.policies.evidence import VERIFICATION
from opportunities.queries.evidence import KEY, LABEL
from revops.kernel.people import access
from revops.kernel.people.access import organisation
from revops.kernel.records import drafting, work
from revops.kernel.records.work import Deed, Done, Subject, WorkItem, WorkSource, words
from revops.kernel.sla.models import SlaClock

_COLUMNS = ("pk", "kind", "statement", "submitted_at", "submitted_by__name", "due_at")


def waiting(user: Any, now: datetime) -> Any:
    """Return the evidence that waits for `user`: who was asked, and who leads the owner now, but nobody's own."""
    asked = SlaClock.objects.filter(
        policy_key=VERIFICATION, subject_type=StageEvidence._meta.label_lower, stopped_at__isnull=True
    )
    led = [pk for pk, manager in organisation.current().manager_of.items() if manager == user.pk]
    mine = Q(pk__in=asked.filter(owner=user).values("subject_id")) | Q(opportunity__owner__in=led)
    rows = StageEvidence.objects.visible_to(user)
    return (
        (rows if access.may_ever(user, "verify", LABEL) else rows.none())
        .filter(mine, pk__in=asked.values("subject_id"), state=EvidenceState.SUBMITTED)
        .exclude(opportunity__stage__in=CLOSED)
        .exclude(submitted_by=user)
        .exclude(opportunity__owner=user)
        .annotate(due_at=Subquery(asked.filter(subject_id=OuterRef("pk")).values("due_at")[:1]))
    )


def items(user: Any, now: datetime, limit: int) -> Sequence[WorkItem]:
    """Return the evidence that waits for `user`, the first due in front; one query."""
    rows = waiting(user, now).order_by("due_at", "pk")
    found = rows.values(*_COLUMNS, "opportunity_id", "opportunity__name")[:limit]
    return [_item(row, now) for row in found]


def _item(row: Mapping[str, Any], now: datetime) -> WorkItem:
    due = row["due_at"].astimezone(now.tzinfo) if row["due_at"] else None
    on = due.date() if due else None
    since = words.since(now, row["submitted_at"])
    kind = EvidenceKind(row["kind"]).label
    return WorkItem(
        source=KEY,
        pk=row["pk"],
        title=f"{kind}: “{row['statement']}”",
        why=f"{row['submitted_by__name']} asks you to verify it, {since}; {words.why(now, on, due)}",
        urgency=words.urgency(now, on, due),
        at=due or row["submitted_at"],
        subject=Subject(LABEL, row["opportunity_id"], row["opportunity__name"]),
        deeds=("verify", "reject"),
        url=f"/evidence/{row['pk']}/",
    )


def _verify(*, by: Any, pk: int, values: Mapping[str, Any]) -> Done:
    verify_evidence(by=by, pk=pk)
    return Done("Verified; the criterion counts it.")


def _reject(*, by: Any, pk: int, values: Mapping[str, Any]) -> Done:
    given = drafting.entered("Reject", (NOTE,), values)
    reject_evidence(by=by, pk=pk, note=given["note"])
    return Done("Rejected; who submitted it is told what is missing.")


work.register(
    WorkSource(
        KEY,
        "Evidence to verify",
        "quote",
        items,
        (
            Deed("verify", "Verify", "circle-check", _verify, shortcut="v"),
            Deed("reject", "Reject", "circle-x", _reject, (NOTE,), shortcut="r"),
        ),
        waiting,
    )
)
