"""Reads of tasks, always from what the asking person may see."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, Q

from revops.kernel import clocks
from revops.kernel.packets import kept
from revops.kernel.packets.days import zone_of
from revops.kernel.packets.enums import ObligationKind, ObligationState, Priority
from revops.kernel.packets.models import Obligation
from revops.kernel.people import access
from revops.kernel.people.access.organisation import current as organisation
from revops.kernel.records import registry
from revops.kernel.records.timeline import Asked, Entry, Link, Mark, Source, source
from revops.kernel.records.work.ordering import Urgency
from revops.kernel.records.work.reading import named
from revops.kernel.records.work.words import urgency, why

SHOWN = 8
TASK = "task"


@dataclass(frozen=True, slots=True)
class About:
    """What a task is about; without a title where the reader does not see it."""

    kind: str
    number: str
    title: str
    url: str


@dataclass(frozen=True, slots=True)
class OpenTask:
    """One open task as the page of a record shows it."""

    pk: int
    text: str
    owner: str
    why: str
    late: bool
    high: bool
    can_complete: bool


@dataclass(frozen=True, slots=True)
class OpenTasks:
    """The open tasks about a record, the next due first; whether there are more, and the list of all of them."""

    tasks: list[OpenTask]
    more: bool
    url: str


def about(task: Obligation, user: Any) -> About | None:
    """Return what a task is about, in one query; the title only where `user` sees the record (A08)."""
    kind = next((one for one in registry.every() if one.label == task.subject_type), None)
    if kind is None or task.subject_id is None:
        return None
    title = named(kind.label, [task.subject_id], user).get(task.subject_id, "")
    return About(kind.singular, task.subject, title, kind.url(task.subject_id) if title else "")


def open_about(record: Any, user: Any) -> OpenTasks | None:
    """Return the open tasks about a record that `user` sees, in two queries; None for a role without tasks."""
    if not access.rights(user, Obligation._meta.label_lower).sees_any:
        return None
    label, now = record._meta.label_lower, clocks.now().astimezone(zone_of(user))
    rows = Obligation.objects.filter(
        ~Q(kind__in=kept.kinds()), subject_type=label, subject_id=record.pk, state=ObligationState.OPEN
    ).visible_to(user)
    found = list(
        rows.order_by(F("due_on").asc(nulls_last=True), "pk").select_related("owner", "queue")[: SHOWN + 1]
    )
    mine = access.allowed_of(user, "complete", Obligation, [one.pk for one in found]) if found else set()
    number = registry.get(label).number(record.pk)
    tasks = [_open(one, now, one.pk in mine and one.kind == ObligationKind.TASK) for one in found[:SHOWN]]
    return OpenTasks(
        tasks, len(found) > SHOWN, f"/tasks/?subject={number}&state={ObligationState.OPEN.value}"
    )


def _open(task: Obligation, now: datetime, mine: bool) -> OpenTask:
    holder = str(task.owner or task.queue)
    late = urgency(now, task.due_on, task.due_at) == Urgency.OVERDUE
    words = why(now, task.due_on, task.due_at)
    return OpenTask(task.pk, task.text, holder, words, late, task.priority == Priority.HIGH, mine)


def entries_of(record: Any, user: Any, asked: Asked) -> Sequence[Entry]:
    """Return the tasks done about a record as entries of its timeline, in one query."""
    rows = Obligation.objects.filter(
        asked.behind(TASK, at="done_at"),
        subject_type=record._meta.label_lower,
        subject_id=record.pk,
        state=ObligationState.DONE,
    ).visible_to(user)
    if asked.person is not None:
        rows = rows.filter(done_by=asked.person)
    columns = ("pk", "text", "outcome", "done_at", "done_by_id", "done_by__name")
    return [
        Entry(
            source=TASK,
            pk=row["pk"],
            at=row["done_at"],
            kind=TASK,
            icon="checkbox",
            title=Link(row["text"], f"/tasks/{row['pk']}/"),
            who_id=row["done_by_id"],
            who=row["done_by__name"],
            text=row["outcome"],
            marks=(Mark("Done", "green"),),
        )
        for row in rows.order_by("-done_at", "-pk").values(*columns)[: asked.limit]
    ]


def waiting(user: Any) -> Any:
    """Return the open tasks that `user` has to do, their own and those of queues they are in, but what others keep."""
    queues = organisation().queues_of.get(user.pk, frozenset())
    mine = Q(owner=user) | Q(queue__in=queues) if queues else Q(owner=user)
    return Obligation.objects.filter(mine, ~Q(kind__in=kept.kinds()), state=ObligationState.OPEN).visible_to(
        user
    )


source(Source(TASK, frozenset(), {TASK: "Tasks"}, entries_of))
