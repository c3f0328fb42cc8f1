"""What the API shows of the organisation: which rows one sees, and how each member is read.

Members are those of the access matrix that one may read; everything a page of rows refers to is read in a
constant number of queries.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import QuerySet
from rest_framework.request import Request

from revops.api.representation import instant, link, register_reader
from revops.api.schema.operation import (
    INSTANT,
    RECORD_ID,
    TEXT,
    YES_OR_NO,
    Schema,
    many,
    nullable,
    ref,
)
from revops.kernel.identity.models import User
from revops.kernel.people import access, queries
from revops.kernel.people.access import organisation
from revops.kernel.people.models import Availability, Queue, QueueMembership, Team, Territory

Names = Mapping[str, Mapping[int, str]]
Read = Callable[[Any, Names], Any]


@dataclass(frozen=True, slots=True)
class Member:
    """One member of a resource: its schema and how it is read from a row and the names around it."""

    schema: Schema
    read: Read


@dataclass(frozen=True, slots=True)
class Resource:
    """One kind of thing in the organisation. `around` reads the names that a page of rows refers to."""

    slug: str
    label: str
    singular: str
    rows: Callable[[Any], QuerySet[Any]]
    members: Mapping[str, Member]
    around: Callable[[Sequence[Any], Any], Names]

    def shown(self, rows: Sequence[Any], request: Request) -> list[dict[str, Any]]:
        """Return the rows as their reader may see them."""
        readable = access.readable(request.user, self.label)
        members = [(name, member.read) for name, member in self.members.items() if name in readable]
        base, names = address(request, self), self.around(rows, request.user)
        return [
            {"id": row.pk, "version": row.version, "url": f"{base}{row.pk}/"}
            | {name: read(row, names) for name, read in members}
            for row in rows
        ]

    def one(self, pk: int, request: Request) -> dict[str, Any]:
        """Return one row. Raises ObjectDoesNotExist for what is not visible."""
        row = self.rows(request.user).filter(pk=pk).first()
        if row is None:
            raise ObjectDoesNotExist
        return self.shown([row], request)[0]


def address(request: Request, resource: Resource) -> str:
    """Return the full address of a resource's list."""
    return request.build_absolute_uri(f"/api/v1/{resource.slug}/")


def visible(model: Any, user: Any) -> QuerySet[Any]:
    """Return the rows of a scoped model that `user` sees."""
    rows: QuerySet[Any] = model.objects.visible_to(user)
    return rows


def _plain(schema: Schema, name: str) -> Member:
    return Member(schema, lambda row, names: getattr(row, name))


def _person(name: str) -> Member:
    """Read a foreign key to a user as {"id", "name"}."""
    return Member(
        nullable(ref("Person")), lambda row, names: _named(getattr(row, f"{name}_id"), names["person"])
    )


def _named(pk: int | None, names: Mapping[int, str]) -> dict[str, Any] | None:
    return None if pk is None else {"id": pk, "name": names.get(pk, "")}


def _link(name: str, kind: str) -> Member:
    """Read a foreign key to a row that may lie outside one's scope as {"id", "title"}."""
    return Member(nullable(ref("Link")), lambda row, names: _titled(getattr(row, f"{name}_id"), names[kind]))


def _titled(pk: int | None, names: Mapping[int, str]) -> dict[str, Any] | None:
    return None if pk is None else link(pk, names)


def _moment(name: str) -> Member:
    return Member(INSTANT, lambda row, names: instant(getattr(row, name)))


def _people(ids: Iterable[int | None]) -> dict[int, str]:
    return dict(User.objects.filter(pk__in={pk for pk in ids if pk}).values_list("pk", "name"))


def _titles(model: Any, ids: Iterable[int | None], user: Any) -> dict[int, str]:
    return dict(visible(model, user).filter(pk__in={pk for pk in ids if pk}).values_list("pk", "name"))


def _around_users(rows: Sequence[User], user: Any) -> Names:
    held = organisation.current()
    return {
        "team": _titles(Team, (held.home_team.get(row.pk) for row in rows), user),
        "person": _people(held.manager_of.get(row.pk) for row in rows),
    }


def _around_teams(rows: Sequence[Team], user: Any) -> Names:
    above = (row.parent_id for row in rows)
    return {"team": _titles(Team, above, user), "person": _people(row.manager_id for row in rows)}


def _around_queues(rows: Sequence[Queue], user: Any) -> Names:
    members: dict[int, dict[int, str]] = {}
    held = QueueMembership.objects.filter(queue__in=rows, active_to__isnull=True)
    ordered = held.order_by("user__name", "user_id").values_list("queue_id", "user_id", "user__name")
    for queue, member, name in ordered:
        members.setdefault(queue, {})[member] = name
    teams = _titles(Team, (row.team_id for row in rows), user)
    return {"team": teams, **{f"members {pk}": names for pk, names in members.items()}}


def _around_territories(rows: Sequence[Territory], user: Any) -> Names:
    queue = _titles(Queue, (row.default_queue_id for row in rows), user)
    return {"person": _people(row.default_owner_id for row in rows), "queue": queue}


USERS = Resource(
    "users",
    "identity.user",
    "User",
    queries.visible_users,
    {
        "name": _plain(TEXT, "name"),
        "email": _plain(TEXT, "email"),
        "kind": _plain(ref("UserKind"), "kind"),
        "is_active": _plain(YES_OR_NO, "is_active"),
        "roles": Member(many(TEXT), lambda row, names: sorted(organisation.current().roles.get(row.pk, ()))),
        "team": Member(
            nullable(ref("Link")),
            lambda row, names: _titled(organisation.current().home_team.get(row.pk), names["team"]),
        ),
        "manager": Member(
            nullable(ref("Person")),
            lambda row, names: _named(organisation.current().manager_of.get(row.pk), names["person"]),
        ),
        "created_at": _moment("created_at"),
        "updated_at": _moment("updated_at"),
    },
    _around_users,
)
TEAMS = Resource(
    "teams",
    "people.team",
    "Team",
    partial(visible, Team),
    {
        "name": _plain(TEXT, "name"),
        "parent": _link("parent", "team"),
        "manager": _person("manager"),
        "is_active": _plain(YES_OR_NO, "is_active"),
    },
    _around_teams,
)
QUEUES = Resource(
    "queues",
    "people.queue",
    "Queue",
    partial(visible, Queue),
    {
        "name": _plain(TEXT, "name"),
        "key": _plain(TEXT, "key"),
        "team": _link("team", "team"),
        "is_active": _plain(YES_OR_NO, "is_active"),
        "members": Member(
            many(ref("Person")),
            lambda row, names: [
                {"id": pk, "name": name} for pk, name in names.get(f"members {row.pk}", {}).items()
            ],
        ),
    },
    _around_queues,
)
TERRITORIES = Resource(
    "territories",
    "people.territory",
    "Territory",
    partial(visible, Territory),
    {
        "code": _plain(TEXT, "code"),
        "name": _plain(TEXT, "name"),
        "default_owner": _person("default_owner"),
        "default_queue": _link("default_queue", "queue"),
        "is_active": _plain(YES_OR_NO, "is_active"),
    },
    _around_territories,
)
ABSENCES = Resource(
    "availability",
    "people.availability",
    "Absence",
    partial(visible, Availability),
    {
        "user": _person("user"),
        "active_from": _moment("active_from"),
        "active_to": _moment("active_to"),
        "kind": _plain(TEXT, "kind"),
        "source": _plain(TEXT, "source"),
        "all_day": _plain(YES_OR_NO, "all_day"),
    },
    lambda rows, user: {"person": _people(row.user_id for row in rows)},
)
RESOURCES = (USERS, TEAMS, QUEUES, TERRITORIES, ABSENCES)
IDENTITY: Mapping[str, Schema] = {
    "id": RECORD_ID,
    "version": {"type": "integer"},
    "url": {"type": "string", "format": "uri"},
}

for _resource in RESOURCES:
    register_reader(_resource.label, _resource.one)
