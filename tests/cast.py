"""The cast: the people every test knows, created through the actions.

Alice owns, Bob is on her team (East), Charlie is on another team (West), Mona manages Alice and Bob, Marco manages
Charlie, Rita is RevOps, Fin is finance, Ada administers; and one person for every other shipped role.

A test that is rolled back takes `cast`: the people are made once a module, and each test gets them fresh. A test
that commits (`transaction=True`) takes `committed_cast`, and stands in a module of its own kind: a module's people
live in a transaction that is open until its last test. Import what a folder needs into its conftest.py:
`from tests.cast import cast, cast_of_module, committed_cast, organisation_at_once  # noqa: F401`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import transaction

from revops.kernel import clocks
from revops.kernel.guard import permit
from revops.kernel.identity.models import SYSTEM_EMAIL, User, UserKind
from revops.kernel.people import actions
from revops.kernel.people.access import organisation
from revops.kernel.people.enums import Role
from revops.kernel.people.models import Queue, Team

HIRED = datetime(2026, 1, 5, 9, tzinfo=UTC)

# key: (role, team, manager). East and West lie under Sales, Sales under Revenue.
PARTS: dict[str, tuple[Role, str, str]] = {
    "vera": (Role.VP_SALES, "Revenue", ""),
    "dora": (Role.DIRECTOR, "Sales", "vera"),
    "mona": (Role.SALES_MGR, "East", "dora"),
    "marco": (Role.SALES_MGR, "West", "dora"),
    "alice": (Role.AE, "East", "mona"),
    "bob": (Role.AE, "East", "mona"),
    "charlie": (Role.AE, "West", "marco"),
    "sam": (Role.SDR, "East", "mona"),
    "sven": (Role.SE, "East", "mona"),
    "lena": (Role.CS_LEAD, "Success", "vera"),
    "carla": (Role.CSM, "Success", "lena"),
    "ron": (Role.RENEWALS, "Success", "lena"),
    "amy": (Role.AM, "Success", "lena"),
    "rita": (Role.REVOPS, "Operations", ""),
    "olga": (Role.SALES_OPS, "Operations", "rita"),
    "mark": (Role.MKT_OPS, "Operations", "rita"),
    "fin": (Role.FINANCE, "Finance", ""),
    "lara": (Role.LEGAL, "Finance", ""),
    "dan": (Role.DEAL_DESK, "Finance", "fin"),
    "cleo": (Role.EXEC, "", ""),
    "cora": (Role.CRO, "", ""),
    "carl": (Role.CFO, "", ""),
    "connie": (Role.COUNCIL, "", ""),
    "otto": (Role.AUDITOR, "", ""),
    "paul": (Role.PARTNER, "", ""),
    "pia": (Role.PARTNER_MGR, "Operations", "rita"),
    "eddie": (Role.ENABLEMENT, "", ""),
    "priya": (Role.PRIVACY, "", ""),
    "prue": (Role.PRODUCT, "", ""),
    "seth": (Role.SECURITY, "", ""),
}
TEAMS: dict[str, tuple[str, str]] = {
    "Revenue": ("", "vera"),
    "Sales": ("Revenue", "dora"),
    "East": ("Sales", "mona"),
    "West": ("Sales", "marco"),
    "Success": ("Revenue", "lena"),
    "Operations": ("", "rita"),
    "Finance": ("", "fin"),
}


@dataclass(frozen=True)
class Cast:
    """The people by name (`cast.alice`), the teams (`cast.teams["East"]`) and two staffed queues."""

    people: Mapping[str, User]
    teams: Mapping[str, Team]
    unassigned: Queue
    west_queue: Queue

    def __getattr__(self, key: str) -> User:
        try:
            return self.people[key]
        except KeyError:
            raise AttributeError(f"Nobody of the cast is called {key!r}.") from None

    def by_role(self, role: str) -> User:
        """Return somebody who holds `role` and no other; Alice for AE."""
        if role == Role.ADMIN:
            return self.people["ada"]
        if role == Role.AE:
            return self.people["alice"]
        return next(self.people[key] for key, part in PARTS.items() if part[0] == role)

    def fresh(self) -> "Cast":
        """Return the same people, read again."""
        held = User.objects.in_bulk([user.pk for user in self.people.values()])
        people = {key: held[user.pk] for key, user in self.people.items()}
        return Cast(people, self.teams, self.unassigned, self.west_queue)


def system_user() -> User:
    """Return the service user; a test that commits has flushed the one of the migration, so it is made again."""
    found: User | None = User.objects.filter(email=SYSTEM_EMAIL).first()
    if found is None:
        found = User(email=SYSTEM_EMAIL, name="RevOps", kind=UserKind.SERVICE, is_active=False)
        found.created_at = found.updated_at = HIRED
        found.set_unusable_password()
        with permit():
            found.save()
    return found


def make_cast() -> Cast:
    """Create everybody, hired on 5 January 2026."""
    organisation.forget()
    system_user()
    with clocks.at(HIRED):
        ada = actions.bootstrap_admin(email="ada@example.com", name="Ada Admin")
        teams: dict[str, Team] = {}
        for name, (parent, _) in TEAMS.items():
            teams[name] = actions.create_team(by=ada, name=name, parent=teams.get(parent))
        people = {"ada": ada}
        for key, (role, team, manager) in PARTS.items():
            people[key] = actions.create_user(
                by=ada,
                email=f"{key}@example.com",
                name=key.capitalize(),
                roles=[role],
                team=teams.get(team),
                manager=people.get(manager),
            )
        for name, (parent, manager) in TEAMS.items():
            teams[name] = actions.edit_team(
                by=ada, pk=teams[name].pk, parent=teams.get(parent), manager=people[manager]
            )
        unassigned = actions.create_queue(
            by=ada,
            name="Unassigned",
            key="unassigned",
            team=teams["Operations"],
            members=[people["rita"], people["olga"]],
        )
        west_queue = actions.create_queue(
            by=ada, name="West inbound", key="west-inbound", team=teams["West"], members=[people["charlie"]]
        )
    organisation.forget()
    return Cast(people, teams, unassigned, west_queue)


@pytest.fixture(scope="module")
def cast_of_module(django_db_setup: None, django_db_blocker: Any) -> Iterator[Cast]:
    """Make the cast in a transaction that stays open for the module and is rolled back after it."""
    with django_db_blocker.unblock(), transaction.atomic():
        transaction.get_connection().atomic_blocks[-1]._from_testcase = True
        yield make_cast()
        transaction.set_rollback(True)
    organisation.forget()


@pytest.fixture
def cast(cast_of_module: Cast, db: None) -> Cast:
    """Everybody, in a test that is rolled back."""
    return cast_of_module.fresh()


@pytest.fixture
def committed_cast(transactional_db: None) -> Cast:
    """Everybody, in a test that commits."""
    return make_cast()


@pytest.fixture(autouse=True)
def organisation_at_once(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let every question about the organisation look whether it changed, instead of twice a second."""
    monkeypatch.setattr(organisation, "CHECK_EVERY", 0.0)
    organisation.forget()
    yield
    organisation.forget()


@pytest.fixture
def settled_organisation(organisation_at_once: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep one copy of the organisation for the whole test: for tests that count queries."""
    monkeypatch.setattr(organisation, "CHECK_EVERY", float("inf"))
    organisation.current()
