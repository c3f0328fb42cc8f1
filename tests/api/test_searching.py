from typing import Any

import pytest

from tests.api.conftest import Cast, fields_of, problem


def test_search_finds_what_one_may_see(as_: Any, account: Any, cast: Cast) -> None:
    mine = account("Northwind Traders")
    account("Northwind Foreign", by=cast.charlie)
    [hit] = as_("alice").get("search/", {"q": "trad north"}).json()["results"]
    assert hit == {
        "type": "accounts.account",
        "id": mine.pk,
        "number": f"ACC-{mine.pk:06d}",
        "title": "Northwind Traders",
        "url": f"http://testserver/api/v1/accounts/{mine.pk}/",
    }
    assert [hit["id"] for hit in as_("alice").get("search/", {"q": hit["number"]}).json()["results"]] == [
        mine.pk
    ]
    assert as_("alice").get("search/", {"q": "foreign"}).json() == {"results": []}
    assert len(as_("rita").get("search/", {"q": "northwind", "limit": "1"}).json()["results"]) == 1


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("", "q"),
        ("q=", "q"),
        ("q=%20", "q"),
        ("q=" + "x" * 201, "q"),
        ("q=a&limit=0", "limit"),
        ("q=a&limit=101", "limit"),
        ("q=a&x=1", "x"),
        ("q=a&q=b", "q"),
    ],
)
def test_search_that_does_not_fit_is_named(as_: Any, query: str, field: str) -> None:
    assert fields_of(problem(as_("alice").get(f"search/?{query}"), 400, "bad-query")) == [field]


def test_me_tells_roles_and_rights(as_: Any, cast: Cast) -> None:
    body = as_("alice").get("me/").json()
    assert (body["id"], body["name"], body["roles"]) == (cast.alice.pk, "Alice Adams", ["AE"])
    assert body["token_scope"] is None
    rights = next(each for each in body["record_types"] if each["type"] == "accounts.account")
    assert (rights["view"], rights["edit"]) == ("team", ["description", "phone", "website"])
    assert "tax_id" not in rights["read"]
    assert rights["actions"] == []
