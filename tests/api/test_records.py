import re
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Account
from revops.kernel.audit.models import ChangeEvent
from revops.kernel.people.access import organisation
from tests.api.conftest import fields_of, problem

# Session, user, other ownership roles, the rows, and one for each model that they link to (team).
LIST_QUERIES = 5


def follow(api: Any, url: str) -> Any:
    parts = urlsplit(url)
    return api.client.get(f"{parts.path}?{parts.query}")


@pytest.mark.parametrize("count", [1, 3])
def test_list_takes_the_same_queries_for_one_and_three_rows(
    as_: Any, account: Any, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(organisation, "CHECK_EVERY", 3_600)
    for number in range(count):
        account(f"Account {number}")
    api = as_("alice")
    api.get("accounts/")
    with CaptureQueriesContext(connection) as asked:
        response = api.get("accounts/")
    assert len(response.json()["results"]) == count
    assert len(asked) == LIST_QUERIES, [query["sql"] for query in asked]


def test_record_shows_every_readable_field_and_no_other(as_: Any, cast: Any, account: Any) -> None:
    made = account(annual_revenue="1250000.5", employees="120", country="DE")
    body = as_("alice").get(f"accounts/{made.pk}/").json()
    created = body.pop("created_at")
    assert created.endswith("Z")
    assert created == body.pop("updated_at")
    assert body == {
        "id": made.pk,
        "number": f"ACC-{made.pk:06d}",
        "version": 1,
        "url": f"http://testserver/api/v1/accounts/{made.pk}/",
        "name": "Northwind",
        "status": "prospect",
        "segment": "MM",
        "kind": "legal_entity",
        "legal_name": "",
        "industry": "",
        "industry_note": "",
        "employees": 120,
        "annual_revenue": "1250000.50",
        "currency": "USD",
        "primary_domain": "",
        "website": "",
        "phone": "",
        "description": "",
        "owner": {"id": cast.alice.pk, "name": "Alice Adams"},
        "queue": None,
        "team": {"id": cast.east.pk, "title": "East"},
        "territory": None,
        "parent": None,
        "ultimate_parent": None,
        "inherit_ownership": True,
        "shared_domain_of": None,
        "country": "DE",
        "region": "",
        "city": "",
        "customer_since": None,
        "success_note": "",
        "clm_party_ext": "",
        "source_original": "",
        "tombstone_of": None,
    }


def test_list_and_record_show_the_same(as_: Any, account: Any) -> None:
    made = account(annual_revenue="7.125")
    listed = as_("rita").get("accounts/").json()["results"]
    assert listed == [as_("rita").get(f"accounts/{made.pk}/").json()]
    assert listed[0]["annual_revenue"] == "7.1250"


def test_hidden_field_is_absent_and_cannot_be_asked_for(as_: Any, account: Any) -> None:
    made = account()
    assert "tax_id" in as_("otto").get(f"accounts/{made.pk}/").json()
    assert "tax_id" not in as_("alice").get(f"accounts/{made.pk}/").json()
    for query in ({"fields": "tax_id"}, {"tax_id": "1"}, {"tax_id__starts": "1"}, {"sort": "tax_id"}):
        refused = problem(as_("alice").get("accounts/", query), 400, "bad-query")
        unknown = {
            key.replace("tax_id", "no_such"): text.replace("tax_id", "no_such") for key, text in query.items()
        }
        same = problem(as_("alice").get("accounts/", unknown), 400, "bad-query")
        assert [f["code"] for f in refused["findings"]] == [f["code"] for f in same["findings"]]
        assert [f["needed"] for f in refused["findings"]] == [f["needed"] for f in same["findings"]]


def test_record_outside_the_scope_is_like_one_that_does_not_exist(as_: Any, cast: Any, account: Any) -> None:
    foreign = account(by=cast.charlie)
    alice = as_("alice")
    for path in (f"accounts/{foreign.pk}/", f"accounts/{foreign.pk}/history/"):
        hidden = problem(alice.get(path), 404, "not-found")
        missing = problem(alice.get(path.replace(str(foreign.pk), "424242")), 404, "not-found")
        assert {**hidden, "instance": ""} == {**missing, "instance": ""}
    assert alice.get("accounts/").json()["results"] == []
    problem(alice.patch(f"accounts/{foreign.pk}/", {"description": "x", "version": 1}), 404, "not-found")
    problem(alice.post(f"accounts/{foreign.pk}/restore/", {"to_version": 1, "version": 1}), 404, "not-found")
    assert Account.objects.get(pk=foreign.pk).version == 1


def test_link_to_an_invisible_record_shows_its_id_only(as_: Any, cast: Any, account: Any) -> None:
    parent = account("Holding ZQ41", by=cast.charlie)
    child = account("Daughter")
    edited = as_("rita").patch(
        f"accounts/{child.pk}/", {"parent": parent.pk, "inherit_ownership": False, "version": 1}
    )
    assert edited.json()["parent"] == {"id": parent.pk, "title": "Holding ZQ41"}
    seen = as_("alice").get(f"accounts/{child.pk}/")
    assert seen.json()["parent"] == {"id": parent.pk}
    assert b"ZQ41" not in seen.content
    assert b"ZQ41" not in as_("alice").get("accounts/").content
    assert b"ZQ41" not in as_("alice").get(f"accounts/{child.pk}/history/").content


def test_role_that_sees_no_record_of_a_type_finds_no_such_address(as_: Any, hire: Any) -> None:
    hire("Pat", "PARTNER")
    problem(as_("pat").get("accounts/"), 404, "not-found")
    problem(as_("pat").post("accounts/", {"name": "A"}), 404, "not-found")


def test_sparse_fields_keep_the_identity_and_bring_the_currency(as_: Any, account: Any) -> None:
    made = account(annual_revenue="10")
    wanted = {"id", "number", "version", "url", "annual_revenue", "currency"}
    assert set(as_("alice").get("accounts/?fields=annual_revenue").json()["results"][0]) == wanted
    assert set(as_("alice").get(f"accounts/{made.pk}/?fields=annual_revenue,id").json()) == wanted
    assert set(as_("alice").get(f"accounts/{made.pk}/?fields=").json()) == {"id", "number", "version", "url"}


def test_pages_lead_forward_and_back(as_: Any, account: Any) -> None:
    for letter in "ABCDE":
        account(letter)
    alice = as_("alice")
    first = alice.get("accounts/?limit=2&sort=-name&fields=name&count=exact").json()
    assert [row["name"] for row in first["results"]] == ["E", "D"]
    assert first["count"] == 5
    assert first["previous"] is None
    second = follow(alice, first["next"]).json()
    third = follow(alice, second["next"]).json()
    assert [row["name"] for row in second["results"] + third["results"]] == ["C", "B", "A"]
    assert third["next"] is None
    assert follow(alice, third["previous"]).json()["results"] == second["results"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("count=1", "count"),
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=1e3", "limit"),
        ("limit=9" + "9" * 30, "limit"),
        ("sort=password", "sort"),
        ("owner__password__startswith=a", "owner__password__startswith"),
        ("after=x", "after"),
        ("status=a&status=b", "status"),
        ("columns=name", "columns"),
        ("format=api", "format"),
        ("name=%01", "name"),
        ("annual_revenue__gte=NaN", "annual_revenue__gte"),
        ("created_at__gte=0001-01-01", "created_at__gte"),
        ("id=x", "id"),
    ],
)
def test_parameter_that_does_not_fit_is_named(as_: Any, query: str, field: str) -> None:
    body = problem(as_("rita").get(f"accounts/?{query}"), 400, "bad-query")
    assert fields_of(body) == [field]


def test_create_answers_the_record_with_its_address_and_version(as_: Any, cast: Any) -> None:
    response = as_("alice").post("accounts/", {"name": "Contoso", "employees": 5, "annual_revenue": 10.5})
    assert response.status_code == 201
    body = response.json()
    assert response.headers["ETag"] == '"1"'
    assert response.headers["Location"] == body["url"]
    assert (body["name"], body["employees"], body["annual_revenue"]) == ("Contoso", 5, "10.50")
    assert body == as_("alice").get(f"accounts/{body['id']}/").json()
    event = ChangeEvent.objects.get(action="account.create")
    assert (event.source, event.actor_id) == ("api", cast.alice.pk)
    assert event.request_id == response.headers["X-Request-ID"]


def test_create_lists_every_reason_against_it(as_: Any) -> None:
    given = {
        "name": "",
        "employees": {"a": 1},
        "annual_revenue": "NaN",
        "country": [1],
        "kind": 5,
        "inherit_ownership": 1,
        "parent": True,
        "customer_since": "0000-01-01",
        "website": "a\x00b",
    }
    body = problem(as_("rita").post("accounts/", given), 422, "blocked")
    assert fields_of(body) == sorted(given)
    assert not Account.objects.exists()


SYSTEM_NAMES = [
    "id",
    "pk",
    "version",
    "name_key",
    "owner_id",
    "owner__id",
    "created_by",
    "is_superuser",
    "team_id",
    "queue.id",
    "password",
    "_state",
    "history",
    "__class__",
]


@pytest.mark.parametrize("name", SYSTEM_NAMES)
def test_unknown_field_is_a_finding_and_changes_nothing(as_: Any, account: Any, name: str) -> None:
    made = account()
    before = Account.objects.values().get(pk=made.pk)
    for value in (1, "x", [1], {"id": 1}, None, True):
        body = problem(as_("rita").post("accounts/", {"name": "A", name: value}), 422, "blocked")
        assert fields_of(body) == [name]
        if name != "version":
            body = problem(
                as_("rita").patch(f"accounts/{made.pk}/", {"version": 1, name: value}), 422, "blocked"
            )
            assert fields_of(body) == [name]
    assert Account.objects.values().get() == before


@pytest.mark.parametrize(
    "name", ["team", "created_at", "primary_domain", "tombstone_of", "tax_id", "owner", "status"]
)
def test_field_one_may_not_write_is_forbidden(as_: Any, account: Any, name: str) -> None:
    made = account()
    problem(as_("alice").post("accounts/", {"name": "A", name: "x"}), 403, "forbidden")
    problem(as_("alice").patch(f"accounts/{made.pk}/", {"version": 1, name: "x"}), 403, "forbidden")
    assert Account.objects.get().version == 1


def test_foreign_id_in_a_link_is_refused_like_one_that_does_not_exist(
    as_: Any, cast: Any, account: Any, hire: Any
) -> None:
    grants = {
        "accounts.account": {"view": "O", "create": ["name"], "edit": [{"scope": "O", "fields": ["parent"]}]}
    }
    mover = hire("Max", "mover", grants)
    mine, foreign = account(by=mover), account("Foreign", by=cast.charlie)
    for given in (foreign.pk, {"id": foreign.pk}, str(foreign.pk)):
        found = [
            problem(
                as_("max").patch(f"accounts/{mine.pk}/", {"version": 1, "parent": parent}), 422, "blocked"
            )
            for parent in (given, 424242)
        ]
        texts = [re.sub(rf"\b{foreign.pk}\b", "424242", str({**body, "instance": ""})) for body in found]
        assert texts[0] == texts[1]
    assert Account.objects.get(pk=mine.pk).version == 1


def test_edit_needs_the_version_one_holds(as_: Any, account: Any) -> None:
    made = account()
    alice, path = as_("alice"), f"accounts/{made.pk}/"
    body = problem(alice.patch(path, {"description": "x"}), 428, "precondition-required")
    assert body["remedies"][0]["label"]
    problem(alice.patch(path, {"description": "x"}, If_Match="*"), 428, "precondition-required")
    problem(alice.patch(path, {"description": "x"}, If_Match="1"), 400, "malformed")
    problem(alice.patch(path, {"description": "x"}, If_Match='"abc"'), 412, "precondition-failed")
    problem(alice.patch(path, {"description": "x", "version": 2}, If_Match='"1"'), 422, "blocked")
    for wrong in ("1", 0, -1, True, 1.0, None, [1], 2**31):
        assert alice.patch(path, {"description": "x", "version": wrong}).status_code in (422, 428)
    assert Account.objects.get().version == 1
    assert alice.patch(path, {"description": "a"}, If_Match='"1"').headers["ETag"] == '"2"'
    assert alice.patch(path, {"description": "b"}, If_Match='W/"2"').headers["ETag"] == '"3"'
    assert alice.patch(path, {"description": "c", "version": 3}).json()["description"] == "c"


def test_stale_edit_is_refused_and_shows_both_versions(as_: Any, account: Any) -> None:
    made = account()
    path = f"accounts/{made.pk}/"
    assert as_("rita").patch(path, {"description": "hers", "city": "Rome", "version": 1}).status_code == 200
    stale = {"description": "mine", "phone": "1"}
    for body in (
        problem(as_("alice").patch(path, stale, If_Match='"1"'), 412, "precondition-failed"),
        problem(as_("alice").patch(path, {**stale, "version": 1}), 409, "conflict"),
    ):
        assert (body["expected_version"], body["current_version"], body["changed_by"]) == (1, 2, "Rita Rossi")
        assert sorted(body["differences"], key=lambda each: each["field"]) == [
            {"field": "city", "theirs": "Rome"},
            {"field": "description", "theirs": "hers", "yours": "mine"},
        ]
    assert Account.objects.get().description == "hers"


def test_conflict_hides_fields_one_may_not_read(as_: Any, account: Any, hire: Any) -> None:
    hire("Fin", "FINANCE")
    made = account()
    edited = as_("fin").patch(f"accounts/{made.pk}/", {"tax_id": "ZQ-77", "version": 1})
    assert edited.json()["tax_id"] == "ZQ-77"
    response = as_("alice").patch(f"accounts/{made.pk}/", {"description": "x", "version": 1})
    assert problem(response, 409, "conflict")["differences"] == []
    assert b"ZQ-77" not in response.content
    history = as_("alice").get(f"accounts/{made.pk}/history/")
    assert [version["changes"] == [] for version in history.json()["results"]] == [True, False]
    assert b"ZQ-77" not in history.content


def test_history_tells_who_when_why_and_how(as_: Any, cast: Any, account: Any) -> None:
    made = account(annual_revenue="5")
    as_("rita").patch(f"accounts/{made.pk}/", {"annual_revenue": "6.5", "reason": "New report", "version": 1})
    body = as_("alice").get(f"accounts/{made.pk}/history/?limit=1").json()
    [version] = body["results"]
    assert version["recorded_at"].endswith("Z")
    told = {key: version[key] for key in ("version", "kind", "who", "reason", "source", "action", "changes")}
    assert told == {
        "version": 2,
        "kind": "changed",
        "who": {"id": cast.rita.pk, "name": "Rita Rossi"},
        "reason": "New report",
        "source": "api",
        "action": "account.edit",
        "changes": [{"field": "annual_revenue", "old": "5.00", "new": "6.50", "erased": False}],
    }
    [first] = follow(as_("alice"), body["next"]).json()["results"]
    assert (first["version"], first["kind"]) == (1, "created")
    owner = next(change for change in first["changes"] if change["field"] == "owner")
    assert owner["new"] == {"id": cast.alice.pk, "name": "Alice Adams"}
    for query in ("limit=0", "before=x", "before=0", "after=1", "limit=1&limit=2"):
        problem(as_("alice").get(f"accounts/{made.pk}/history/?{query}"), 400, "bad-query")


def test_restore_brings_fields_back_as_a_new_version(as_: Any, account: Any) -> None:
    made = account(description="first", phone="1")
    alice, path = as_("alice"), f"accounts/{made.pk}/"
    alice.patch(path, {"description": "second", "phone": "2", "version": 1})
    one = alice.post(f"{path}restore/", {"to_version": 1, "fields": ["phone"], "version": 2}).json()
    assert (one["phone"], one["description"], one["version"]) == ("1", "second", 3)
    every = alice.post(f"{path}restore/", {"to_version": 1, "reason": "Typing error"}, If_Match='"3"').json()
    assert (every["phone"], every["description"], every["version"]) == ("1", "first", 4)
    assert ChangeEvent.objects.order_by("-id").first().reason == "Typing error"  # type: ignore[union-attr]


def test_restore_refuses_what_does_not_fit(as_: Any, account: Any) -> None:
    made = account()
    alice, path = as_("alice"), f"accounts/{made.pk}/restore/"
    problem(alice.post(path, {"to_version": 1}), 428, "precondition-required")
    problem(alice.post(path, {"to_version": 1, "version": 9}), 409, "conflict")
    for body, field in (
        ({}, "to_version"),
        ({"to_version": 9}, "to_version"),
        ({"to_version": True}, "to_version"),
        ({"to_version": 1, "fields": "name"}, "fields"),
        ({"to_version": 1, "fields": ["tax_id"]}, "fields"),
        ({"to_version": 1, "fields": [1]}, "fields"),
        ({"to_version": 1, "name": "x"}, "name"),
    ):
        assert fields_of(problem(alice.post(path, {**body, "version": 1}), 422, "blocked")) == [field]
    problem(alice.post(path, {"to_version": 1, "fields": ["name"], "version": 1}), 403, "forbidden")
    assert Account.objects.get().version == 1


def test_writer_who_no_longer_sees_the_record_learns_its_number_only(as_: Any, cast: Any, hire: Any) -> None:
    grants = {"accounts.account": {"view": "-", "create": ["name", "owner"]}}
    hire("Ina", "intake", grants)
    response = as_("ina").post("accounts/", {"name": "Given away", "owner": cast.charlie.pk})
    assert response.status_code == 201
    assert set(response.json()) == {"id", "number", "version", "url"}
    problem(as_("ina").get(f"accounts/{response.json()['id']}/"), 404, "not-found")
