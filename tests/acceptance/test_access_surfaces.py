"""Shown-by 5 over pages and API: invisible is 404, visible but forbidden 403, and what is denied changes nothing."""

import json
from typing import Any

import pytest
from django.test import Client

from tests.acceptance import expectations as expected
from tests.acceptance.test_access_matrix import ROLES
from tests.acceptance.worlds import WHY, World, for_roles, world_of_role  # noqa: F401
from tests.cast import Cast
from tests.evidence import rolled_back, unchanged

pytestmark = pytest.mark.django_db
BACKEND = "revops.kernel.people.backends.SignInBackend"
# One field of each group of the table: what a seller, a success manager, operations and finance edit, and nobody.
FIELDS = ("description", "success_note", "name", "tax_id", "primary_domain")


class Surface:
    """The pages and the API as one person uses them; each call returns the status."""

    def __init__(self, world: World) -> None:
        self.client, self.world = Client(), world
        self.client.force_login(world.user, backend=BACKEND)

    def api(self, method: str, path: str, body: Any = None, version: int | None = None) -> Any:
        headers = {"If-Match": f'"{version}"'} if version else {}
        content = json.dumps(body or {})
        return self.client.generic(
            method, f"/api/v1/accounts/{path}", content, "application/json", headers=headers
        )

    def page(self, method: str, path: str, data: Any = None) -> Any:
        return getattr(self.client, method.lower())(f"/accounts/{path}", data)


def wrong(found: dict[Any, int], wanted: dict[Any, int]) -> dict[Any, tuple[int, int]]:
    """Return every cell in which the answer is another than the table's: (found, wanted)."""
    return {cell: (found[cell], wanted[cell]) for cell in wanted if found[cell] != wanted[cell]}


@for_roles(*ROLES)
def test_what_is_seen_is_the_same_everywhere(cast: Cast, world: World) -> None:
    row = expected.ACCOUNTS[world.role]
    surface, reach = Surface(world), expected.REACH[row.view]
    found, wanted = {}, {}
    for position, account in world.records.items():
        seen = 200 if position in reach else 404
        edits = row.fields and position in expected.REACH[row.edit]
        for path in ("", "history/"):
            wanted["api", position, path] = wanted["page", position, path] = seen
            found["api", position, path] = surface.api("GET", f"{account.pk}/{path}").status_code
            found["page", position, path] = surface.page("GET", f"{account.pk}/{path}").status_code
        wanted["form", position] = 200 if edits else 403 if position in reach else 404
        found["form", position] = surface.page("GET", f"{account.pk}/edit/").status_code
    assert wrong(found, wanted) == {}
    listed = surface.api("GET", "?limit=50")
    assert listed.status_code == (200 if reach else 404)
    if reach:
        names = {account.pk: position for position, account in world.records.items()}
        assert {names[one["id"]] for one in listed.json()["results"]} == reach
        assert surface.api("GET", "?count=exact").json()["count"] == len(reach)
    page = surface.page("GET", "")
    assert page.status_code == (200 if reach else 404)
    for position, account in world.records.items():
        assert (account.name in page.content.decode()) == (position in reach)


@for_roles(*ROLES)
def test_search_finds_what_is_seen(cast: Cast, world: World) -> None:
    reach = expected.REACH[expected.ACCOUNTS[world.role].view]
    client = Surface(world).client
    asked = ("/api/v1/search/", "/search/", "/search/box/", "/palette/")
    answers = [client.get(path, {"q": "zq1"}).content.decode() for path in asked]
    answers = [answer.replace("<mark>", "").replace("</mark>", "") for answer in answers]
    for position, account in world.records.items():
        assert [account.name in answer for answer in answers] == [position in reach] * len(asked), position
        number = f"ACC-{account.pk:06d}"
        answer = client.get("/api/v1/search/", {"q": number}).content.decode()
        assert (account.name in answer) == (position in reach)


def attempts(surface: Surface, position: str, fields: set[str]) -> dict[Any, Any]:
    """Return every write on one record over both surfaces, as calls by cell."""
    account = surface.world.records[position]
    pk, version = account.pk, account.version
    value = expected.NEW_VALUES
    calls: dict[Any, Any] = {}
    for name in fields:
        given = value.get(name, "x.com")
        calls["api", position, name] = lambda n=name, g=given: surface.api("PATCH", f"{pk}/", {n: g}, version)
        calls["inline", position, name] = lambda n=name, g=given: surface.page(
            "POST", f"{pk}/field/{n}/", {n: g, "version": version}
        )
    calls["api", position, "assign"] = lambda: surface.api(
        "POST", f"{pk}/assign/", {"owner": surface.world.report.pk, "reason": WHY}, version
    )
    calls["page", position, "assign"] = lambda: surface.page(
        "POST", f"{pk}/do/assign/", {"owner": surface.world.report.pk, "reason": WHY, "version": version}
    )
    calls["page", position, "add_domain"] = lambda: surface.page(
        "POST", f"{pk}/do/add_domain/", {"domain": "brand-new.com", "version": version}
    )
    return calls


def answer(row: expected.Row, role: str, cell: tuple[str, str, str]) -> int:
    """Return the status the table asks for."""
    surface, position, name = cell
    if position not in expected.REACH[row.view]:
        return 404
    if name in ("assign", "add_domain"):
        return (200 if surface == "api" else 303) if position in expected.REACH[row.actions] else 403
    if surface == "inline" and name in expected.BILLING and role not in expected.READERS_OF_BILLING:
        return 404  # a field one may not read does not exist on the page
    return 200 if name in row.fields and position in expected.REACH[row.edit] else 403


@for_roles(*ROLES)
def test_writes_are_answered_as_the_table_says(cast: Cast, world: World) -> None:
    role, row = world.role, expected.ACCOUNTS[world.role]
    surface = Surface(world)
    calls: dict[Any, Any] = {}
    for position in world.records:
        calls |= attempts(surface, position, set(FIELDS))
    wanted = {cell: answer(row, role, cell) for cell in calls}
    found = {}
    with unchanged():
        for cell in [cell for cell in calls if wanted[cell] >= 400]:
            found[cell] = calls[cell]().status_code
    for cell in [cell for cell in calls if wanted[cell] < 400]:
        with rolled_back():
            found[cell] = calls[cell]().status_code
    assert wrong(found, wanted) == {}


@for_roles(*ROLES)
def test_creation_is_answered_as_the_table_says(cast: Cast, world: World) -> None:
    row = expected.ACCOUNTS[world.role]
    surface = Surface(world)
    if row.create:
        for call in (
            lambda: surface.api("POST", "", {"name": "Made"}),
            lambda: surface.page("POST", "new/", {"name": "Made"}),
        ):
            with rolled_back():
                assert call().status_code in (201, 303)
        with unchanged():
            for name in ("tax_id", "billing_city", "team"):
                assert surface.api("POST", "", {"name": "Made", name: "1"}).status_code == 403
        return
    status = 403 if row.view != "-" else 404
    with unchanged():
        assert surface.api("POST", "", {"name": "Made"}).status_code == status
        assert surface.page("GET", "new/").status_code == status
        assert surface.page("POST", "new/", {"name": "Made"}).status_code == status


@for_roles("REVOPS")
def test_signed_out_person_gets_nothing(cast: Cast, world: World) -> None:
    pk, client = world.records["own"].pk, Client()
    with unchanged():
        for path in ("", f"{pk}/", f"{pk}/history/"):
            assert client.get(f"/api/v1/accounts/{path}").status_code == 401
            assert client.get(f"/accounts/{path}").status_code == 302
        for method, path in (("PATCH", f"{pk}/"), ("POST", ""), ("POST", f"{pk}/assign/")):
            answered = client.generic(method, f"/api/v1/accounts/{path}", "{}", "application/json")
            assert answered.status_code == 401
        assert client.post(f"/accounts/{pk}/field/name/", {"name": "X"}).status_code == 302


@for_roles("AE")
def test_answer_about_an_invisible_record_is_that_about_none(cast: Cast, world: World) -> None:
    surface, hidden, none = Surface(world), world.records["other"].pk, 99_999_999
    for method, path, body in (
        ("GET", "{}/", None),
        ("GET", "{}/history/", None),
        ("PATCH", "{}/", {"name": "X"}),
        ("POST", "{}/assign/", {"owner": 1, "reason": WHY}),
        ("POST", "{}/restore/", {"to": 1, "fields": ["name"]}),
    ):
        one = surface.api(method, path.format(hidden), body, 1)
        other = surface.api(method, path.format(none), body, 1)
        assert one.status_code == other.status_code
        clean = one.content.decode().replace(one["X-Request-ID"], "").replace(str(hidden), str(none))
        assert clean == other.content.decode().replace(other["X-Request-ID"], "")


@for_roles(*[role for role in ROLES if not expected.ACCOUNTS[role].fields])
def test_form_of_who_edits_nothing_tells_nothing_of_what_it_cannot_see(cast: Cast, world: World) -> None:
    surface, reach = Surface(world), expected.REACH[expected.ACCOUNTS[world.role].view]
    wanted = {99_999_999: 404} | {
        account.pk: 403 if position in reach else 404 for position, account in world.records.items()
    }
    for call in (
        lambda pk: surface.page("GET", f"{pk}/edit/"),
        lambda pk: surface.page("POST", f"{pk}/edit/", {"name": "X"}),
        lambda pk: surface.page("POST", f"{pk}/field/name/", {"name": "X"}),
        lambda pk: surface.page("POST", f"{pk}/restore/1/", {"reason": WHY}),
    ):
        assert {pk: call(pk).status_code for pk in wanted} == wanted


@for_roles("AE")
@pytest.mark.control
def test_matrix_tells_a_view_scope_that_is_too_wide(
    cast: Cast, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    queryset = type(world.records["own"]).objects.all().__class__
    monkeypatch.setattr(queryset, "visible_to", lambda rows, user: rows)
    found = {key: Surface(world).api("GET", f"{a.pk}/").status_code for key, a in world.records.items()}
    assert found["other"] == 200
