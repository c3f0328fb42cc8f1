from datetime import timedelta
from typing import Any

import pytest

from accounts.models import Account
from revops.kernel import clocks
from revops.kernel.audit.models import ChangedRow, ChangeEvent
from revops.kernel.people import actions
from revops.kernel.people.access import organisation
from revops.kernel.people.tokens.models import ApiToken
from tests.api.conftest import Api, Cast, fields_of, problem


def mint(api: Api, **body: Any) -> str:
    response = api.post("tokens/", {"name": "Nightly sync", "scope": "write", **body})
    assert response.status_code == 201, response.content
    text: str = response.json()["token"]
    return text


def test_token_is_shown_once_and_kept_as_a_digest(as_: Any, cast: Cast) -> None:
    alice = as_("alice")
    text = mint(alice, days=30)
    assert len(text) == 64
    held = ApiToken.objects.get()
    kept = (
        str(ApiToken.objects.values()) + str(ChangedRow.objects.values()) + str(ChangeEvent.objects.values())
    )
    assert text not in kept
    assert held.prefix == text[:8]
    assert held.expires_at == held.created_at + timedelta(days=30)
    listed = alice.get("tokens/")
    assert text not in listed.content.decode()
    assert [row["name"] for row in listed.json()["results"]] == ["Nightly sync"]
    assert ChangeEvent.objects.get(action="token.create").actor_id == cast.alice.pk


@pytest.mark.parametrize("scheme", ["Token", "Bearer", "token"])
def test_token_opens_what_its_owner_may_see(as_: Any, account: Any, cast: Cast, scheme: str) -> None:
    account()
    account("Foreign", by=cast.charlie)
    text = mint(as_("alice"))
    response = Api().get("accounts/", Authorization=f"{scheme} {text}")
    assert [row["name"] for row in response.json()["results"]] == ["Northwind"]


def test_reading_token_writes_nothing_by_any_method(as_: Any, account: Any) -> None:
    made = account()
    reader = Api(token=mint(as_("rita"), scope="read"))
    assert reader.get(f"accounts/{made.pk}/").status_code == 200
    before = list(Account.objects.values()), list(ApiToken.objects.values()), ChangeEvent.objects.count()
    for method in ("POST", "PATCH", "PUT", "DELETE"):
        for path in (
            "accounts/",
            f"accounts/{made.pk}/",
            f"accounts/{made.pk}/restore/",
            "tokens/",
            "tokens/1/",
        ):
            problem(
                reader.send(method, path, b'{"name": "x", "version": 1, "to_version": 1}'), 403, "forbidden"
            )
            tunnelled = reader.get(path, {"_method": method}, X_HTTP_Method_Override=method)
            assert tunnelled.status_code in (200, 400, 405)
    assert (
        list(Account.objects.values()),
        list(ApiToken.objects.values()),
        ChangeEvent.objects.count(),
    ) == before


def test_revoked_token_is_dead_at_once(as_: Any) -> None:
    alice = as_("alice")
    bearer = Api(token=mint(alice))
    assert bearer.get("me/").status_code == 200
    pk = alice.get("tokens/").json()["results"][0]["id"]
    assert alice.client.delete(f"/api/v1/tokens/{pk}/").status_code == 204
    problem(bearer.get("me/"), 401, "unauthenticated")


def test_expired_token_is_dead(as_: Any) -> None:
    bearer = Api(token=mint(as_("alice"), days=1))
    with clocks.at(clocks.now() + timedelta(hours=23)):
        assert bearer.get("me/").status_code == 200
    with clocks.at(clocks.now() + timedelta(hours=25)):
        problem(bearer.get("me/"), 401, "unauthenticated")


def test_deactivated_owner_loses_the_tokens_for_good(as_: Any, cast: Cast) -> None:
    bearer = Api(token=mint(as_("bob")))
    actions.deactivate_user(by=cast.admin, user=cast.bob, reason="Left the company")
    problem(bearer.get("me/"), 401, "unauthenticated")
    assert ApiToken.objects.get().revoked_at is not None
    actions.reactivate_user(by=cast.admin, user=cast.bob, reason="Came back")
    organisation.forget()
    problem(bearer.get("me/"), 401, "unauthenticated")


@pytest.mark.parametrize(
    "header", ["Token", "Token a b", "Token " + "0" * 64, "Token \xff", "Bearer é", "Basic YTpi", "Token ''"]
)
def test_header_that_is_no_token_is_401(as_: Any, header: str) -> None:
    mint(as_("alice"))
    problem(Api().get("me/", Authorization=header), 401, "unauthenticated")


def test_token_in_the_address_opens_nothing(as_: Any) -> None:
    text = mint(as_("alice"))
    for name in ("token", "access_token", "api_key"):
        problem(Api().get("me/", {name: text}), 401, "unauthenticated")


def test_password_in_the_header_opens_nothing(cast: Cast) -> None:
    actions.set_password(by=cast.admin, user=cast.alice, password="a-long-enough-password")
    import base64

    header = "Basic " + base64.b64encode(b"alice@acme.test:a-long-enough-password").decode()
    problem(Api().get("me/", Authorization=header), 401, "unauthenticated")


def test_token_cannot_make_one_that_outlives_it(as_: Any) -> None:
    bearer = Api(token=mint(as_("alice"), days=10))
    body = problem(bearer.post("tokens/", {"name": "t", "days": 20}), 422, "blocked")
    assert fields_of(body) == ["days"]
    assert bearer.post("tokens/", {"name": "t", "days": 9}).status_code == 201


def test_tokens_of_others_are_invisible_but_to_the_administrator(as_: Any) -> None:
    mint(as_("alice"))
    pk = ApiToken.objects.get().pk
    assert as_("bob").get("tokens/").json()["results"] == []
    problem(as_("bob").send("DELETE", f"tokens/{pk}/"), 404, "not-found")
    assert ApiToken.objects.get().revoked_at is None
    assert len(as_("admin").get("tokens/").json()["results"]) == 1
    assert as_("admin").send("DELETE", f"tokens/{pk}/").status_code == 204


def test_administrator_makes_tokens_for_services_and_for_nobody_else(as_: Any, cast: Cast) -> None:
    service = actions.create_user(
        by=cast.admin, email="sync@acme.test", name="Sync", kind="service", roles=["REVOPS"]
    )
    organisation.forget()
    bearer = Api(token=mint(as_("admin"), user=service.pk))
    assert bearer.get("me/").json()["id"] == service.pk
    assert fields_of(
        problem(as_("admin").post("tokens/", {"name": "t", "user": cast.rita.pk}), 422, "blocked")
    ) == ["user"]
    problem(as_("rita").post("tokens/", {"name": "t", "user": service.pk}), 403, "forbidden")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 81}, "name"),
        ({"name": "a\x00"}, "name"),
        ({"name": 1}, "name"),
        ({}, "name"),
        ({"name": "t", "scope": "admin"}, "scope"),
        ({"name": "t", "scope": ["write"]}, "scope"),
        ({"name": "t", "days": 0}, "days"),
        ({"name": "t", "days": 366}, "days"),
        ({"name": "t", "days": 10**30}, "days"),
        ({"name": "t", "days": True}, "days"),
        ({"name": "t", "expires_at": "2999-01-01"}, "expires_at"),
        ({"name": "t", "digest": "x"}, "digest"),
        ({"name": "\ud800"}, "name"),
    ],
)
def test_token_request_that_does_not_fit_is_named(as_: Any, body: dict[str, Any], field: str) -> None:
    assert fields_of(problem(as_("alice").post("tokens/", body), 422, "blocked")) == [field]
    assert not ApiToken.objects.exists()


def test_session_write_needs_the_csrf_token(cast: Cast) -> None:
    from django.test import Client

    strict = Client(enforce_csrf_checks=True)
    strict.force_login(cast.rita)
    response = strict.post("/api/v1/accounts/", {"name": "A"}, "application/json")
    problem(response, 403, "forbidden")
    assert not Account.objects.exists()
    assert strict.get("/api/v1/me/").status_code == 200
