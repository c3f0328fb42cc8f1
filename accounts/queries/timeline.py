"""What the accounts domain tells on timelines: activities, owners, and what became of a record."""

from collections.abc import Sequence
from typing import Any

from django.db.models import F, Q, QuerySet, Window
from django.db.models.functions import Lag, Left

from accounts.enums import ActivityKind, ActivityOutcome, Direction
from accounts.models import Activity
from accounts.queries.activity import Attendee, attendees_of
from revops.kernel.audit.history import history_model
from revops.kernel.people import access
from revops.kernel.people.models import OwnershipInterval
from revops.kernel.records import mentions, registry
from revops.kernel.records.timeline import Asked, Entry, Link, Mark, Source, source

ACTIVITY, OWNERSHIP, RECORD = "activity", "ownership", "record"
EXCERPT = 400
ICONS = {
    ActivityKind.CALL: "phone",
    ActivityKind.MEETING: "calendar-event",
    ActivityKind.EMAIL: "mail",
    ActivityKind.MESSAGE: "message",
    ActivityKind.PORTAL: "file-check",
    ActivityKind.SIGNATURE: "signature",
    ActivityKind.NOTE: "note",
}
TONES = {
    ActivityOutcome.PLANNED: "blue",
    ActivityOutcome.HELD: "green",
    ActivityOutcome.CONNECTED: "green",
    ActivityOutcome.NO_SHOW: "amber",
}
# How the activities of a record are found, by its type.
AROUND = {
    "accounts.account": lambda pk: Q(account=pk),
    "accounts.lead": lambda pk: Q(lead=pk),
    "accounts.contact": lambda pk: Q(attendees__contact=pk, attendees__is_active=True),
}


def activities_of(record: Any, user: Any, asked: Asked) -> list[Entry]:
    """Return the activities at an account, with a lead or with a contact, in three queries."""
    rows = Activity.objects.filter(AROUND[record._meta.label_lower](record.pk))
    return activity_entries(rows, user, asked)


def activity_entries(
    rows: "QuerySet[Activity]", user: Any, asked: Asked, *, key: str = ACTIVITY
) -> list[Entry]:
    """Return those of `rows` that `user` sees as entries of the source `key`; upper apps pass their own rows."""
    rows = rows.visible_to(user).filter(asked.behind(key, at="occurred_at"), kind__in=asked.kinds)  # type: ignore[attr-defined]
    if asked.person is not None:
        rows = rows.filter(owner=asked.person)
    found = list(
        rows.order_by("-occurred_at", "-pk")
        .annotate(excerpt=Left("body", EXCERPT + 1), owner_name=F("owner__name"))
        .values(
            *("pk", "kind", "direction", "outcome", "subject", "excerpt", "occurred_at", "duration_s"),
            *("qualifies_buyer", "owner_id", "owner_name"),
        )[: asked.limit]
    )
    people = attendees_of([row["pk"] for row in found], user) if found else {}
    return [_activity(key, row, people.get(row["pk"], ())) for row in found]


def _activity(key: str, row: dict[str, Any], people: Sequence[Attendee]) -> Entry:
    text = row["excerpt"]
    named = tuple(Link(one.name, f"/contacts/{one.pk}/") for one in people if one.name)
    hidden = len(people) - len(named)
    return Entry(
        source=key,
        pk=row["pk"],
        at=row["occurred_at"],
        kind=row["kind"],
        icon=ICONS[row["kind"]],
        title=Link(row["subject"], f"/activities/{row['pk']}/"),
        who_id=row["owner_id"],
        who=row["owner_name"],
        text=mentions.cut(text, EXCERPT),
        marks=_marks(row),
        with_whom=(*named, Link(f"{hidden} not visible to you")) if hidden else named,
        is_buyer=row["qualifies_buyer"],
    )


def _marks(row: dict[str, Any]) -> tuple[Mark, ...]:
    """Return what tells at a glance: how it went, from whom, how long."""
    marks = []
    if row["outcome"] not in ("", ActivityOutcome.DONE):
        marks.append(Mark(str(ActivityOutcome(row["outcome"]).label), TONES.get(row["outcome"], "grey")))
    if row["direction"] == Direction.INBOUND:
        marks.append(Mark(str(Direction.INBOUND.label)))
    if row["duration_s"]:
        minutes, seconds = divmod(row["duration_s"], 60)
        marks.append(Mark(f"{minutes} min" if minutes else f"{seconds} s"))
    return tuple(marks)


def owners_of(record: Any, user: Any, asked: Asked) -> list[Entry]:
    """Return from when on who held a record, in one query. Who sees the record sees its holders."""
    if "owner" not in access.readable(user, record._meta.label_lower):
        return []
    rows = OwnershipInterval.objects.filter(
        asked.behind(OWNERSHIP, at="active_from"), record_type=record._meta.label_lower, record_id=record.pk
    )
    if asked.person is not None:
        rows = rows.filter(owner=asked.person)
    rows = rows.select_related("owner", "queue").order_by("-active_from", "-pk")
    return [
        Entry(
            source=OWNERSHIP,
            pk=row.pk,
            at=row.active_from,
            kind=OWNERSHIP,
            icon="user-check",
            title=Link(f"{row.get_role_display()}: {row.owner or row.queue}"),
            who_id=row.owner_id,
            who=row.owner.name if row.owner else "",
            text=row.note,
            marks=(Mark(str(row.get_reason_code_display())),),
        )
        for row in rows[: asked.limit]
    ]


def states_of(record: Any, user: Any, asked: Asked) -> list[Entry]:
    """Return when a record was created and how its state changed since, from its history, in one query."""
    kind = registry.get(record._meta.label_lower)
    name = kind.extra["state"]
    model: Any = type(record)
    history: Any = history_model(model)
    if name not in access.readable(user, kind.label):
        return []
    rows = history._base_manager.filter(id=record.pk).annotate(
        before=Window(Lag(name), order_by=F("version").asc()),
        happened_at=F("history_change__occurred_at"),
        who_id=F("history_change__actor"),
        who=F("history_change__actor__name"),
        why=F("history_change__reason"),
    )
    rows = rows.filter(Q(before__isnull=True) | ~Q(before=F(name)))
    rows = rows.filter(asked.behind(RECORD, at="happened_at", pk="version"))
    if asked.person is not None:
        rows = rows.filter(who_id=asked.person)
    columns = ("version", "happened_at", "who_id", "who", "why", "before", name)
    labels = {code: str(label) for code, label in kind.by_name[name].choices}
    tones = kind.extra.get("tones", {}).get(name, {})
    return [
        Entry(
            source=RECORD,
            pk=row["version"],
            at=row["happened_at"],
            kind=RECORD,
            icon="circle-plus" if row["version"] == 1 else "exchange",
            title=Link(_deed(kind, labels, row, name)),
            who_id=row["who_id"],
            who=row["who"],
            text=row["why"],
            marks=(Mark(labels.get(row[name], row[name]), tones.get(row[name], "grey")),)
            if row[name]
            else (),
        )
        for row in rows.order_by("-happened_at", "-version").values(*columns)[: asked.limit]
    ]


def _deed(kind: registry.RecordType, labels: dict[str, str], row: dict[str, Any], name: str) -> str:
    if row["version"] == 1:
        return f"{kind.singular} created"
    before, after = (labels.get(row[key], row[key]) for key in ("before", name))
    return f"{kind.by_name[name].label}: {before} → {after}"


PEOPLE_AND_COMPANIES = frozenset(AROUND)
source(
    Source(
        ACTIVITY,
        PEOPLE_AND_COMPANIES,
        {kind.value: str(kind.label) for kind in ActivityKind},
        activities_of,
    )
)
source(Source(OWNERSHIP, PEOPLE_AND_COMPANIES, {OWNERSHIP: "Owners"}, owners_of))
source(Source(RECORD, PEOPLE_AND_COMPANIES, {RECORD: "State"}, states_of))
