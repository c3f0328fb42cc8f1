"""Reads of people and their organisation, always from what the asking person may see."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from revops.kernel.identity.models import User
from revops.kernel.people import access
from revops.kernel.people.access.organisation import current
from revops.kernel.people.models import Availability, OwnershipInterval, Queue, Team


def visible_users(user: Any) -> QuerySet[User]:
    """Return the people `user` sees: themselves, their reports, or all. (The matrix lies above identity.)"""
    people: QuerySet[User] = access.ScopedQuerySet(User).visible_to(user)
    return people


def known_people(user: Any) -> QuerySet[User]:
    """Return the people `user` may name: those they see, and the colleagues on their teams."""
    organisation = current()
    teams = organisation.teams_of.get(user.pk, frozenset())
    colleagues = [person for person, theirs in organisation.teams_of.items() if theirs & teams]
    people: QuerySet[User] = User.objects.filter(
        Q(pk__in=visible_users(user).values("pk")) | Q(pk__in=colleagues)
    )
    return people


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody stands in the organisation now."""

    user: User
    roles: tuple[str, ...]
    team: str
    manager: str


def places(users: QuerySet[User]) -> list[Place]:
    """Return each person with roles, home team and manager, by name, in a constant number of queries."""
    organisation = current()
    teams = dict(Team.objects.values_list("pk", "name"))
    names = dict(User.objects.filter(pk__in=set(organisation.manager_of.values())).values_list("pk", "name"))
    return [
        Place(
            user=user,
            roles=tuple(sorted(organisation.roles.get(user.pk, ()))),
            team=teams.get(organisation.home_team.get(user.pk, 0), ""),
            manager=names.get(organisation.manager_of.get(user.pk, 0), ""),
        )
        for user in users.order_by("name", "pk")
    ]


def assignable_people() -> QuerySet[User]:
    """Return everybody who can own a record now."""
    people: QuerySet[User] = User.objects.filter(is_active=True, kind="person")
    return people.order_by("name", "pk")


def staffed_queues() -> QuerySet[Queue]:
    """Return the queues that can hold a record now."""
    held = {queue for queues in current().queues_of.values() for queue in queues}
    queues: QuerySet[Queue] = Queue.objects.filter(pk__in=held, is_active=True)
    return queues.order_by("name", "pk")


def absences(user: Any) -> QuerySet[Availability]:
    """Return the absences `user` may see, next first."""
    rows: QuerySet[Availability] = Availability.objects.visible_to(user)
    return rows.order_by("active_from", "pk")


def holds_records(queue: Queue) -> bool:
    """Say whether any record waits in this queue."""
    held: bool = OwnershipInterval.objects.filter(queue=queue, active_to__isnull=True).exists()
    return held


def holdings_in_words(user: User) -> str:
    """Return how many records somebody holds, by type and role, as a phrase."""
    rows = OwnershipInterval.objects.filter(owner=user, active_to__isnull=True)
    counts = sorted(Counter(rows.values_list("record_type", "role")).items())
    return (
        ", ".join(f"{count} × {name.split('.')[-1]} ({role})" for (name, role), count in counts) or "nothing"
    )
