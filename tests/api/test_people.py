from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from revops.api.people.routes import patterns
from revops.api.people.table import DEEDS
from revops.kernel.audit.models import ChangeEvent
from revops.kernel.identity.models import User
from revops.kernel.people import access
from revops.kernel.people.access import organisation
from revops.kernel.people.models import Queue, RoleAssignment, Team
from tests.api.conftest import Cast, fields_of, problem

# Session, user, the rows, and one each for the teams and the managers they name.
LIST_QUERIES = 5


@pytest.fixture
def still(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(organisation, "CHECK_EVERY", 3_600)


@pytest.mark.parametrize("limit", [1, 3])
def test_list_takes_the_same_queries_for_one_and_three_rows(
    as_: Any, cast: Cast, still: None, limit: int
) -> None:
    admin = as_("admin")
    admin.get("users/")
    with CaptureQueriesContext(connection) as asked:
        response = admin.get(f"users/?after={cast.alice.pk - 1}&limit={limit}")
    assert len(response.json()["results"]) == limit
    assert len(asked) == LIST_QUERIES, [query["sql"] for query in asked]


def test_user_is_shown_with_roles_team_and_manager(as_: Any, cast: Cast) -> None:
    body = as_("admin").get(f"users/{cast.alice.pk}/").json()
    assert body.pop("created_at").endswith("Z")
    assert body.pop("updated_at").endswith("Z")
    assert body == {
        "id": cast.alice.pk,
        "version": cast.alice.version,
        "url": f"http://testserver/api/v1/users/{cast.alice.pk}/",
        "name": "Alice Adams",
        "email": "alice@acme.test",
        "kind": "person",
        "is_active": True,
        "roles": ["AE"],
        "team": {"id": cast.east.pk, "title": "East"},
        "manager": {"id": cast.mona.pk, "name": "Mona Meyer"},
    }


def test_who_sees_which_people(as_: Any, cast: Cast) -> None:
    def names(who: str) -> list[str]:
        return [row["name"] for row in as_(who).get("users/?limit=200").json()["results"]]

    assert names("alice") == ["Alice Adams"]
    assert sorted(names("mona")) == ["Alice Adams", "Bob Brandt", "Mona Meyer"]
    assert "Charlie Chen" in names("rita")
    problem(as_("alice").get(f"users/{cast.bob.pk}/"), 404, "not-found")
    problem(as_("alice").get(f"users/{cast.alice.pk}/offboarding_plan/"), 403, "forbidden")


def test_resource_one_has_no_row_for_does_not_exist(as_: Any, hire: Callable[..., User]) -> None:
    hire("Ina", "intake", {"accounts.account": {"view": "O"}})
    for slug in ("users", "teams", "queues", "territories", "availability"):
        problem(as_("ina").get(f"{slug}/"), 404, "not-found")
        problem(as_("ina").post(f"{slug}/", {}), 404, "not-found")


def test_pages_follow_each_other(as_: Any) -> None:
    admin = as_("admin")
    seen: list[int] = []
    path = "users/?limit=3"
    while path:
        body = admin.get(path).json()
        seen += [row["id"] for row in body["results"]]
        path = (body["next"] or "").partition("/api/v1/")[2]
    assert seen == sorted(User.objects.values_list("pk", flat=True))
    for query in ("limit=0", "limit=201", "after=x", "name=a", "after=1&after=2"):
        problem(admin.get(f"users/?{query}"), 400, "bad-query")


def test_administrator_hires_and_changes_people(as_: Any, cast: Cast) -> None:
    admin = as_("admin")
    given = {
        "email": "nora@acme.test",
        "name": "Nora",
        "roles": ["AE"],
        "team": cast.west.pk,
        "manager": {"id": cast.mona.pk},
    }
    response = admin.post("users/", given, Idempotency_Key="nora")
    assert response.status_code == 201
    nora = response.json()
    assert response.headers["Location"] == nora["url"]
    assert admin.post("users/", given, Idempotency_Key="nora").json() == nora
    assert User.objects.filter(email="nora@acme.test").count() == 1
    path = f"users/{nora['id']}/"
    problem(admin.patch(path, {"name": "Eleonora"}), 428, "precondition-required")
    assert admin.patch(path, {"name": "Eleonora"}, If_Match='"1"').json()["name"] == "Eleonora"
    problem(admin.patch(path, {"name": "Nora"}, If_Match='"1"'), 409, "conflict")
    admin.post(f"{path}move_to_team/", {"team": cast.east.pk, "reason": "Reorganisation"})
    admin.post(f"{path}set_manager/", {"manager": None})
    admin.post(f"{path}grant_role/", {"role": "SDR"})
    admin.post(f"{path}revoke_role/", {"role": "AE", "reason": "Moves on"})
    organisation.forget()
    now = admin.get(path).json()
    assert (now["roles"], now["team"]["id"], now["manager"]) == (["SDR"], cast.east.pk, None)
    plan = admin.get(f"{path}offboarding_plan/").json()
    assert (plan["user"]["id"], plan["holdings"], plan["reports"]) == (nora["id"], [], 0)
    gone = admin.post(f"{path}deactivate/", {"reason": "Left the company"}).json()
    assert gone["is_active"] is False
    assert admin.post(f"{path}reactivate/", {"reason": "Came back"}).json()["is_active"] is True
    assert ChangeEvent.objects.filter(source="api", actor=cast.admin).count() == 8


def test_operations_shape_the_organisation(as_: Any, cast: Cast) -> None:
    rita = as_("rita")
    team = rita.post("teams/", {"name": "South", "parent": cast.west.pk, "manager": cast.mona.pk}).json()
    assert team["parent"] == {"id": cast.west.pk, "title": "West"}
    moved = rita.patch(f"teams/{team['id']}/", {"parent": cast.east.pk}, If_Match='"1"').json()
    assert (moved["parent"]["id"], moved["manager"]["id"]) == (cast.east.pk, cast.mona.pk)
    problem(
        rita.patch(f"teams/{cast.east.pk}/", {"parent": team["id"], "version": moved["version"]}),
        409,
        "conflict",
    )
    queue = rita.post("queues/", {"name": "Inbound", "members": [cast.alice.pk]}).json()
    assert [member["name"] for member in queue["members"]] == ["Alice Adams"]
    more = rita.post(f"queues/{queue['id']}/staff/", {"user": cast.bob.pk}).json()
    assert [member["name"] for member in more["members"]] == ["Alice Adams", "Bob Brandt"]
    less = rita.post(f"queues/{queue['id']}/unstaff/", {"user": cast.alice.pk}).json()
    assert [member["name"] for member in less["members"]] == ["Bob Brandt"]
    made = rita.post(
        "territories/", {"code": "NA", "name": "North America", "default_queue": queue["id"]}
    ).json()
    assert made["default_queue"] == {"id": queue["id"], "title": "Inbound"}
    absence = {"active_from": "2026-12-01T00:00:00Z", "active_to": "2026-12-08T00:00:00Z", "kind": "vacation"}
    noted = as_("alice").post("availability/", {"user": cast.alice.pk, **absence})
    assert noted.status_code == 201, noted.content
    assert noted.json()["user"] == {"id": cast.alice.pk, "name": "Alice Adams"}


AWAY = {"active_from": "2026-12-01T00:00:00Z", "active_to": "2026-12-02T00:00:00Z", "kind": "sick"}
GRANTS: list[tuple[str, str, dict[str, Any]]] = [
    ("users/", "POST", {"email": "x@acme.test", "name": "X", "roles": ["ADMIN"]}),
    ("users/{bob}/", "PATCH", {"name": "X", "version": 1}),
    ("users/{bob}/grant_role/", "POST", {"role": "ADMIN"}),
    ("users/{bob}/revoke_role/", "POST", {"role": "AE"}),
    ("users/{bob}/move_to_team/", "POST", {"team": "{west}"}),
    ("users/{bob}/set_manager/", "POST", {"manager": None}),
    ("users/{bob}/deactivate/", "POST", {"reason": "No more"}),
    ("users/{bob}/reactivate/", "POST", {"reason": "Again"}),
    ("teams/", "POST", {"name": "X"}),
    ("teams/{west}/", "PATCH", {"manager": None, "version": 1}),
    ("queues/", "POST", {"name": "X", "members": []}),
    ("territories/", "POST", {"code": "X", "name": "X"}),
    ("availability/", "POST", {"user": "{bob}", **AWAY}),
]


@pytest.mark.parametrize("who", ["alice", "sven", "otto"])
@pytest.mark.parametrize(("path", "method", "body"), GRANTS)
def test_denied_write_changes_nothing(
    as_: Any, cast: Cast, who: str, path: str, method: str, body: dict[str, Any]
) -> None:
    ids = {"{bob}": cast.bob.pk, "{west}": cast.west.pk}
    for mark, pk in ids.items():
        path = path.replace(mark, str(pk))
    body = {name: ids.get(value, value) if isinstance(value, str) else value for name, value in body.items()}
    api = as_(who)
    before = ChangeEvent.objects.count(), list(User.objects.values()), RoleAssignment.objects.count()
    response = (api.patch if method == "PATCH" else api.post)(path, body)
    assert response.status_code in (403, 404, 422), response.content
    if response.status_code == 422:  # the person it names is not hers to see
        assert fields_of(response.json())
    assert (
        ChangeEvent.objects.count(),
        list(User.objects.values()),
        RoleAssignment.objects.count(),
    ) == before


def test_nobody_grants_themselves_a_role(as_: Any, cast: Cast) -> None:
    problem(as_("admin").post(f"users/{cast.admin.pk}/grant_role/", {"role": "REVOPS"}), 403, "forbidden")
    problem(as_("admin").post(f"users/{cast.admin.pk}/deactivate/", {"reason": "Enough"}), 403, "forbidden")


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("users/", {"email": 1, "name": "X"}, "email"),
        ("users/", {"email": "x@acme.test", "name": "X", "is_superuser": True}, "is_superuser"),
        ("users/", {"email": "x@acme.test", "name": "X", "password": "a-long-password"}, "password"),
        ("users/", {"email": "x@acme.test", "name": "X", "roles": "AE"}, "roles"),
        ("users/", {"email": "x@acme.test", "name": "X", "roles": ["AE"] * 51}, "roles"),
        ("users/", {"email": "x@acme.test", "name": "X", "team": 424242}, "team"),
        ("users/", {"email": "x@acme.test", "name": "X", "manager": 10**30}, "manager"),
        ("users/", {"email": "x@acme.test", "name": "X", "manager": {"id": "1"}}, "manager"),
        ("users/", {"email": "x@acme.test"}, "name"),
        ("users/{bob}/grant_role/", {"role": "AE", "active_from": "2026-01-01"}, "active_from"),
        ("users/{bob}/grant_role/", {"role": "AE\u0000"}, "role"),
        ("users/{bob}/set_manager/", {}, "manager"),
        ("users/{bob}/deactivate/", {}, "reason"),
        ("queues/", {"name": "Q", "members": 1}, "members"),
        (
            "availability/",
            {"user": 1, **AWAY, "active_from": "x"},
            "active_from",
        ),
    ],
)
def test_argument_that_does_not_fit_is_named(
    as_: Any, cast: Cast, path: str, body: dict[str, Any], field: str
) -> None:
    response = as_("admin").post(path.replace("{bob}", str(cast.bob.pk)), body)
    assert field in fields_of(problem(response, 422, "blocked"))


def test_every_deed_names_a_right_of_the_matrix_and_has_an_address() -> None:
    addresses = {pattern.name for pattern in patterns()}
    for deed in DEEDS:
        declared = access.declarations()[deed.resource.label]
        assert deed.right in {"create", "edit"} | declared.actions
        suffix = {"": "", "edit": "-one"}.get(deed.name, f"-{deed.name}")
        assert f"api-{deed.resource.slug}{suffix}" in addresses
    assert Team.objects is not None
    assert Queue.objects is not None
