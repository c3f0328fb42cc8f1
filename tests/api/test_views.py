"""Saved views over the API: the same actions and refusals as on the pages; conditions of lists."""

import json
from typing import Any

import pytest

from revops.kernel.records.models import SavedView
from tests.api.conftest import fields_of, problem

BODY = {"record_type": "accounts", "name": "Big", "content": {"filters": {"employees__gte": "100"}}}


def test_view_is_kept_changed_shared_pinned_and_archived(as_: Any, cast: Any) -> None:
    mona, alice = as_("mona"), as_("alice")
    made = mona.post("views/", BODY)
    assert made.status_code == 201, made.content
    pk = made.json()["id"]
    assert made["Location"].endswith(f"/api/v1/views/{pk}/")
    assert (made.json()["shared_with"], made.json()["content"]["sort"]) == ([], "")
    problem(alice.get(f"views/{pk}/"), 404, "not-found")
    assert mona.post(f"views/{pk}/share/", {"roles": ["AE", "everyone"]}).json()["shared_with"] == [
        "AE",
        "everyone",
    ]
    assert mona.post(f"views/{pk}/default/", {"roles": ["AE"]}).json()["default_of"] == ["AE"]
    assert alice.post(f"views/{pk}/pin/").json()["is_pinned"] is True
    problem(alice.patch(f"views/{pk}/", {"name": "Mine now"}), 403, "forbidden")
    problem(alice.post(f"views/{pk}/share/", {"roles": []}), 403, "forbidden")
    changed = mona.patch(f"views/{pk}/", {"name": "Bigger", "version": 1}).json()
    assert (changed["name"], changed["version"]) == ("Bigger", 2)
    problem(mona.patch(f"views/{pk}/", {"name": "Late", "version": 1}), 409, "conflict")
    assert [one["name"] for one in alice.get("views/", {"record_type": "accounts"}).json()["results"]] == [
        "Bigger"
    ]
    assert alice.post(f"views/{pk}/unpin/").json()["is_pinned"] is False
    assert mona.post(f"views/{pk}/archive/").json()["is_archived"] is True
    assert alice.get("views/").json()["results"] == []
    assert mona.post(f"views/{pk}/restore/").json()["is_archived"] is False


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"bogus": 1}, ["bogus"]),
        ({"content": "all"}, ["content"]),
        ({"content": {"columns": ["tax_id"]}}, ["columns"]),
        ({"content": {"where": {"f": "tax_id", "op": "not_null"}}}, ["where"]),
        ({"layout": "heap"}, ["layout"]),
        ({"name": 1, "record_type": None}, ["name", "record_type"]),
        ({"record_type": "nothing"}, ["record_type"]),
    ],
)
def test_what_does_not_fit_is_refused_by_name(as_: Any, cast: Any, change: Any, fields: list[str]) -> None:
    assert fields_of(problem(as_("alice").post("views/", BODY | change), 422, "blocked")) == fields
    assert SavedView.objects.count() == 0


def test_list_takes_a_condition_and_a_view(as_: Any, account: Any) -> None:
    account("Small", employees="5")
    account("Large", employees="500")
    alice = as_("alice")
    condition = json.dumps({"all": [{"f": "employees", "op": "gt", "v": 100}]})
    assert [one["name"] for one in alice.get("accounts/", {"where": condition}).json()["results"]] == [
        "Large"
    ]
    pk = alice.post("views/", BODY).json()["id"]
    assert [one["name"] for one in alice.get("accounts/", {"view": pk}).json()["results"]] == ["Large"]
    wrong = json.dumps({"f": "tax_id", "op": "eq", "v": "1"})
    assert fields_of(problem(alice.get("accounts/", {"where": wrong}), 400, "bad-query")) == ["where"]
    assert fields_of(problem(as_("bob").get("accounts/", {"view": pk}), 400, "bad-query")) == ["view"]


def test_views_cost_the_same_for_one_and_for_three(as_: Any, cast: Any) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    alice, counts = as_("alice"), []
    for number in (1, 2, 3):
        alice.post("views/", BODY | {"name": f"View {number}"})
        alice.get("views/")
        with CaptureQueriesContext(connection) as captured:
            assert len(alice.get("views/").json()["results"]) == number
        counts.append(sum("records_" in one["sql"] for one in captured.captured_queries))
    assert counts == [3, 3, 3]  # the views, their shares, one's pins
