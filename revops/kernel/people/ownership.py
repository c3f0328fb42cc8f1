"""The ownership ledger: `assign` is the only writer of an owner, and every instant has an answer. Source: M7."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db import connection
from django.db.models import Q, QuerySet

from revops.kernel import audit, clocks, outbox
from revops.kernel.identity.models import User
from revops.kernel.people import ledger
from revops.kernel.people.enums import AssignReason, OwnerRole
from revops.kernel.people.ledger import NOTE, Assignment
from revops.kernel.people.models import Owned, OwnershipInterval, Queue, QueueMembership, TeamMembership


@dataclass(frozen=True, slots=True)
class Holder:
    """Who may hold a record: an active person or a staffed queue, with the team its records carry."""

    owner_id: int | None = None
    queue_id: int | None = None
    team_id: int | None = None


def holder(*, owner: User | None = None, queue: Queue | None = None) -> Holder:
    """Return the holder after checking that it can hold records, now and until this change commits.

    Call it before locking the records themselves: people are the lower layer. Each holder is checked once a
    change. Raises Blocked for a deactivated person or a queue without members.
    """
    change = audit.current()
    held: dict[Any, Holder] = change.notes.setdefault("ownership.holders", [{}])[0]
    place = (owner.pk if owner else None, queue.pk if queue else None)
    if place not in held:
        if (owner is None) == (queue is None):
            raise TypeError("A holder is either a person or a queue.")
        held[place] = _person(owner) if owner is not None else _queue(queue)  # type: ignore[arg-type]
    return held[place]


def _person(owner: User) -> Holder:
    if not _still_active(User, owner.pk):
        raise audit.Blocked(
            [
                audit.Finding(
                    "OWN-001",
                    f"{owner} is deactivated and cannot own records. Choose an active person or a queue.",
                    field="owner",
                    found=str(owner),
                    needed="an active person",
                )
            ]
        )
    home = (
        _open(TeamMembership.objects.filter(user=owner, is_home=True))
        .values_list("team_id", flat=True)
        .first()
    )
    return Holder(owner_id=owner.pk, team_id=home)


def _still_active(model: Any, pk: int) -> bool:
    """Say whether the holder is active, and keep it so until commit (a share lock where the engine has one)."""
    if connection.vendor != "postgresql":
        found: bool = model.objects.filter(pk=pk, is_active=True).exists()
        return found
    with connection.cursor() as cursor:
        table = connection.ops.quote_name(model._meta.db_table)
        cursor.execute(f"SELECT is_active FROM {table} WHERE id = %s FOR SHARE", [pk])  # noqa: S608
        row = cursor.fetchone()
    return bool(row and row[0])


def keep_active(owners: Collection[int]) -> frozenset[int]:
    """Return which of these people are active, and keep them so until this change commits; one query for any number.

    For records that follow the owners of others, where `holder` would ask once a person.
    """
    if not owners:
        return frozenset()
    if connection.vendor != "postgresql":
        return frozenset(User.objects.filter(pk__in=owners, is_active=True).values_list("pk", flat=True))
    with connection.cursor() as cursor:
        table = connection.ops.quote_name(User._meta.db_table)
        ask = f"SELECT id FROM {table} WHERE id = ANY(%s) AND is_active ORDER BY id FOR SHARE"  # noqa: S608
        cursor.execute(ask, [sorted(owners)])
        return frozenset(pk for (pk,) in cursor.fetchall())


def holders(owners: Collection[int]) -> dict[int, Holder]:
    """Return the holder that each of these people is, if active: for many records at once, in two queries."""
    active = keep_active(owners)
    rows = _open(TeamMembership.objects.filter(user__in=active, is_home=True)) if active else None
    home = dict(rows.values_list("user_id", "team_id")) if rows is not None else {}
    return {pk: Holder(owner_id=pk, team_id=home.get(pk)) for pk in active}


def _queue(queue: Queue) -> Holder:
    members = QueueMembership.objects.filter(queue=queue, user__is_active=True)
    if not (_still_active(Queue, queue.pk) and _open(members).exists()):
        raise audit.Blocked(
            [
                audit.Finding(
                    "OWN-002",
                    f"The queue {queue} has no active member, so nobody would see the record. Add a member first.",
                    field="queue",
                    found=str(queue),
                    needed="a queue with at least one active member",
                )
            ]
        )
    return Holder(queue_id=queue.pk, team_id=queue.team_id)


def _open(rows: QuerySet[Any]) -> QuerySet[Any]:
    now = clocks.now()
    return rows.filter(Q(active_to__isnull=True) | Q(active_to__gt=now), active_from__lte=now)


def assign(
    record: Owned,
    *,
    to: Holder | None,
    reason: AssignReason,
    role: OwnerRole = OwnerRole.PRIMARY,
    explicit: bool = True,
    note: str = "",
    rule_ref: str = "",
    effective_at: datetime | None = None,
    told: bool = True,
) -> None:
    """Give `record`, new or locked, to a holder; the caller then writes the record.

    The interval is written at the end of the change. `explicit=False` marks an owner that was derived (from a
    parent, a territory) and may be derived anew. `to=None` takes everybody off a role other than owner. Without `told`
    nobody hears of it: the record follows another one, whose own assignment is told.
    """
    change = audit.current()
    if to is None and role == OwnerRole.PRIMARY:
        raise TypeError("A record always has an owner: assign it to a person or a queue.")
    given = to or Holder()
    if role == OwnerRole.PRIMARY:
        if told and (record.owner_id, record.queue_id) != (given.owner_id, given.queue_id):
            _announce(change, record, given, reason)
        record.owner_id, record.queue_id, record.team_id = given.owner_id, given.queue_id, given.team_id
    change.notes.setdefault(NOTE, []).append(
        Assignment(
            record=record,
            role=role,
            owner_id=given.owner_id,
            queue_id=given.queue_id,
            explicit=explicit,
            reason_code=reason,
            note=note,
            rule_ref=rule_ref,
            effective_at=effective_at or change.occurred_at,
            is_new=record._state.adding,
        )
    )


def settle() -> None:
    """Write the intervals noted so far. For a change that leaves its records as they are: nothing else would.

    Another role, or the same owner made explicit, lives in the ledger alone.
    """
    ledger.settle(audit.current())


def _announce(change: audit.Change, record: Owned, to: Holder, reason: AssignReason) -> None:
    """Tell the world who got the record, unless they created it themselves or it came with a bulk import."""
    if record._state.adding and (to.owner_id in (None, change.by.pk) or change.source == audit.Source.IMPORT):
        return
    outbox.emit(
        f"{record._meta.model_name}.assigned",
        record,
        {
            "owner": to.owner_id,
            "queue": to.queue_id,
            "by": change.by.pk,
            "reason": reason,
            "label": str(record),
        },
    )


def holder_of(record: Owned) -> Holder:
    """Return who holds a record now, as a holder for another one."""
    return Holder(record.owner_id, record.queue_id, record.team_id)


def owned_models() -> list[type[Owned]]:
    """Return every record type that somebody owns, lowest app first."""
    return [model for model in apps.get_models() if issubclass(model, Owned)]


def intervals(record: Any) -> QuerySet[OwnershipInterval]:
    """Return who held the record in which role, newest first."""
    rows: QuerySet[OwnershipInterval] = OwnershipInterval.objects.filter(
        record_type=record._meta.label_lower, record_id=record.pk
    )
    return rows.select_related("owner", "queue").order_by("-active_from", "-pk")


def held_at(record: Any, at: datetime, *, role: OwnerRole = OwnerRole.PRIMARY) -> OwnershipInterval | None:
    """Return the interval that answers "who held it then?", or None before the record existed."""
    return (
        intervals(record)
        .filter(Q(active_to__isnull=True) | Q(active_to__gt=at), role=role, active_from__lte=at)
        .first()
    )


def open_intervals(
    record_type: str, ids: list[int], *, role: OwnerRole = OwnerRole.PRIMARY
) -> dict[int, Any]:
    """Return the open interval of each record id, in one query."""
    rows = OwnershipInterval.objects.filter(
        record_type=record_type, record_id__in=ids, role=role, active_to__isnull=True
    )
    return {row.record_id: row for row in rows}
