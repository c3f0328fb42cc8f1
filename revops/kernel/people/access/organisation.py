"""The organisation in memory: who is on which team, reports to whom and holds which roles, right now.

Each process keeps one copy. It looks at most every half second whether the stamp in the database moved, so a
change of a role, team or manager holds everywhere within a second (P3), and no request pays more than
one small query.
"""

import time
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from django.apps import apps
from django.db import connection
from django.db.models import Q

from revops.kernel import clocks
from revops.kernel.people.access.vocabulary import Grant

CHECK_EVERY = 0.5  # seconds


@dataclass(frozen=True)
class Organisation:
    """One consistent picture of the organisation, valid until the next dated row begins or ends."""

    stamp: int
    valid_from: datetime
    valid_until: datetime | None
    roles: dict[int, frozenset[str]]
    home_team: dict[int, int]
    teams_of: dict[int, frozenset[int]]
    queues_of: dict[int, frozenset[int]]
    manager_of: dict[int, int]
    parent_team: dict[int, int | None]
    team_manager: dict[int, int | None]
    custom_roles: dict[str, dict[str, Grant]]
    compiled: dict[Any, Any] = field(default_factory=dict)

    @cached_property
    def _reports(self) -> dict[int, list[int]]:
        reports: dict[int, list[int]] = defaultdict(list)
        for person, manager in self.manager_of.items():
            reports[manager].append(person)
        return reports

    @cached_property
    def _members(self) -> dict[int, set[int]]:
        members: dict[int, set[int]] = defaultdict(set)
        for person, team in self.home_team.items():
            members[team].add(person)
        return members

    def subtree(self, person: int) -> frozenset[int]:
        """Return everybody who reports to `person`, directly or not, and `person`."""
        found, open_ends = {person}, [person]
        while open_ends:
            for report in self._reports.get(open_ends.pop(), ()):
                if report not in found:
                    found.add(report)
                    open_ends.append(report)
        return frozenset(found)

    def subtree_keys(self, person: int) -> tuple[frozenset[int], frozenset[int]]:
        """Return (teams, people) that cover the subtree: whole teams where possible, the rest one by one."""
        people = self.subtree(person)
        teams = {team for team, manager in self.team_manager.items() if manager in people}
        grew = True
        while grew:
            below = {
                team for team, parent in self.parent_team.items() if parent in teams and team not in teams
            }
            teams |= below
            grew = bool(below)
        teams |= {team for team, members in self._members.items() if members <= people}
        return frozenset(teams), frozenset(p for p in people if self.home_team.get(p) not in teams)


@dataclass
class _Copy:
    organisation: Organisation | None = None
    looked_at: float = 0.0


_copies: dict[str, _Copy] = defaultdict(_Copy)


def forget() -> None:
    """Drop this process's copy; the next question reads anew."""
    _copies.clear()


def current() -> Organisation:
    """Return the organisation as of now."""
    copy = _copies[str(connection.settings_dict["NAME"])]
    held, now = copy.organisation, clocks.now()
    if held is not None and held.valid_from <= now and (held.valid_until is None or now < held.valid_until):
        if time.monotonic() - copy.looked_at < CHECK_EVERY:
            return held
        if _stamp() == held.stamp:
            copy.looked_at = time.monotonic()
            return held
    copy.organisation = read(now)
    copy.looked_at = time.monotonic()
    return copy.organisation


def _stamp() -> int:
    stamp = apps.get_model("people", "OrganisationStamp").objects.values_list("stamp", flat=True).first()
    return stamp or 0


def read(now: datetime) -> Organisation:
    """Read the organisation as of `now` from the database."""
    from revops.kernel.people.access.custom import parse_grants

    stamp = _stamp()
    ends: list[datetime] = []

    def in_force(model: str, *names: str) -> list[Any]:
        rows = apps.get_model("people", model).objects
        ends.extend(
            rows.filter(active_from__gt=now).values_list("active_from", flat=True).order_by("active_from")[:1]
        )
        ends.extend(
            rows.filter(active_to__gt=now).values_list("active_to", flat=True).order_by("active_to")[:1]
        )
        held = rows.filter(Q(active_to__isnull=True) | Q(active_to__gt=now), active_from__lte=now)
        return list(held.values_list(*names))

    roles, teams_of, queues_of = defaultdict(set), defaultdict(set), defaultdict(set)
    for person, role in in_force("RoleAssignment", "user_id", "role"):
        roles[person].add(role)
    home: dict[int, int] = {}
    for person, team, is_home in in_force("TeamMembership", "user_id", "team_id", "is_home"):
        teams_of[person].add(team)
        if is_home:
            home[person] = team
    for person, queue in in_force("QueueMembership", "user_id", "queue_id"):
        queues_of[person].add(queue)
    manager_of = dict(in_force("ReportingLine", "user_id", "manager_id"))
    teams = list(apps.get_model("people", "Team").objects.values_list("pk", "parent_id", "manager_id"))
    custom = (
        apps.get_model("people", "CustomRole").objects.filter(is_active=True).values_list("code", "grants")
    )
    return Organisation(
        stamp=stamp,
        valid_from=now,
        valid_until=min(ends, default=None),
        roles={person: frozenset(held) for person, held in roles.items()},
        home_team=home,
        teams_of={person: frozenset(held) for person, held in teams_of.items()},
        queues_of={person: frozenset(held) for person, held in queues_of.items()},
        manager_of=manager_of,
        parent_team={team: parent for team, parent, _ in teams},
        team_manager={team: manager for team, _, manager in teams},
        custom_roles={code: parse_grants(grants) for code, grants in custom},
    )
