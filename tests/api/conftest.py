"""A small company and clients that speak JSON: Alice and Bob are on one team, Charlie on another, Mona manages."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from accounts.actions import create_account
from accounts.models import Account
from revops.api import health
from revops.kernel import clocks
from revops.kernel.guard import permit
from revops.kernel.identity.models import SYSTEM_EMAIL, User, UserKind
from revops.kernel.people import actions
from revops.kernel.people.access import organisation
from revops.kernel.people.models import Team

JSON = "application/json"


@dataclass
class Cast:
    """The people by first name, and their teams."""

    admin: User
    rita: User
    otto: User
    mona: User
    alice: User
    bob: User
    charlie: User
    sven: User
    east: Team
    west: Team


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    """Forget what processes keep between requests."""
    organisation.forget()
    health.forget()
    yield
    organisation.forget()


@pytest.fixture
def cast(db: None) -> Cast:
    """Create the company through the actions."""
    if not User.objects.filter(email=SYSTEM_EMAIL).exists():
        now = clocks.now()
        system = User(
            email=SYSTEM_EMAIL, name="RevOps", kind=UserKind.SERVICE, created_at=now, updated_at=now
        )
        with permit():
            system.save()
    admin = actions.bootstrap_admin(email="admin@acme.test", name="Ada Admin")
    organisation.forget()

    def person(name: str, role: str) -> User:
        return actions.create_user(
            by=admin, email=f"{name.split(maxsplit=1)[0].lower()}@acme.test", name=name, roles=[role]
        )

    mona = person("Mona Meyer", "SALES_MGR")
    made = Cast(
        admin=admin,
        rita=person("Rita Rossi", "REVOPS"),
        otto=person("Otto Oduya", "AUDITOR"),
        mona=mona,
        alice=person("Alice Adams", "AE"),
        bob=person("Bob Brandt", "AE"),
        charlie=person("Charlie Chen", "AE"),
        sven=person("Sven Stone", "SE"),
        east=actions.create_team(by=admin, name="East", manager=mona),
        west=actions.create_team(by=admin, name="West"),
    )
    for user, team in ((made.alice, made.east), (made.bob, made.east), (made.charlie, made.west)):
        actions.move_to_team(by=admin, user=user, team=team)
    for user in (made.alice, made.bob):
        actions.set_manager(by=admin, user=user, manager=mona)
    organisation.forget()
    return made


class Api:
    """A client of one person, in JSON both ways."""

    def __init__(self, user: User | None = None, token: str = "") -> None:
        self.client = Client(headers={"Authorization": f"Token {token}"} if token else None)
        if user is not None:
            self.client.force_login(user)

    def get(self, path: str, data: Any = None, **headers: str) -> Any:
        return self.client.get(f"/api/v1/{path}", data, headers=_named(headers))

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.client.post(f"/api/v1/{path}", body or {}, JSON, headers=_named(headers))

    def patch(self, path: str, body: Any, **headers: str) -> Any:
        return self.client.patch(f"/api/v1/{path}", body, JSON, headers=_named(headers))

    def send(self, method: str, path: str, content: bytes = b"", content_type: str = JSON) -> HttpResponse:
        return self.client.generic(method, f"/api/v1/{path}", content, content_type)  # type: ignore[return-value]


def _named(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): text for name, text in headers.items()}


@pytest.fixture
def hire(cast: Cast) -> Callable[..., User]:
    """Create somebody with a role, shipped or made of these grants, who is known at once."""

    def make(name: str, role: str, grants: dict[str, Any] | None = None) -> User:
        if grants is not None:
            actions.define_custom_role(
                by=cast.admin, code=role, name=role, grants=grants, reason="For this test"
            )
        email = f"{name.lower()}@acme.test"
        user = actions.create_user(by=cast.admin, email=email, name=name, roles=[role])
        setattr(cast, name.lower(), user)
        organisation.forget()
        return user

    return make


@pytest.fixture
def as_(cast: Cast) -> Callable[[str], Api]:
    """Return a client by first name."""
    return lambda name: Api(getattr(cast, name))


@pytest.fixture
def account(cast: Cast) -> Callable[..., Account]:
    """Create an account; by Alice unless told."""

    def make(name: str = "Northwind", *, by: User | None = None, **values: Any) -> Account:
        return create_account(by=by or cast.alice, values={"name": name, **values})

    return make


def problem(response: Any, status: int, kind: str) -> dict[str, Any]:
    """Return the body of a problem after checking its shape."""
    assert response.status_code == status, response.content
    assert response.headers["Content-Type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    assert body["type"] == f"urn:revops:problem:{kind}"
    assert body["status"] == status
    assert body["instance"] == f"urn:revops:request:{response.headers['X-Request-ID']}"
    assert body["title"]
    assert body["detail"]
    return body


def fields_of(body: dict[str, Any]) -> list[str]:
    """Return the fields that the findings of a problem name, sorted."""
    return sorted(finding["field"] for finding in body["findings"])
