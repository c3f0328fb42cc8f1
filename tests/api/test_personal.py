"""Favourites and recent records over the API: one's own alone, and only while one sees the record."""

from typing import Any

import pytest

from revops.kernel.records import personal
from tests.api.conftest import Api, fields_of, problem

pytestmark = pytest.mark.django_db


def test_favourites_are_given_moved_and_taken_back(as_: Any, account: Any, cast: Any) -> None:
    one, two = account("Northwind Traders"), account("Harbor Foods")
    alice: Api = as_("alice")
    made = alice.post("favourites/", {"record_type": "accounts", "record": one.pk})
    assert made.status_code == 201
    body = made.json()
    assert (body["title"], body["number"]) == ("Northwind Traders", f"ACC-{one.pk:06d}")
    second = alice.post("favourites/", {"record_type": "accounts", "record": two.pk}).json()
    moved = alice.patch(f"favourites/{second['id']}/", {"place": 0}).json()["results"]
    assert [each["record"] for each in moved] == [two.pk, one.pk]
    assert as_("bob").get("favourites/").json() == {"results": []}
    problem(as_("bob").send("delete", f"favourites/{body['id']}/"), 404, "not-found")
    problem(as_("bob").patch(f"favourites/{body['id']}/", {"place": 0}), 404, "not-found")
    assert alice.send("delete", f"favourites/{body['id']}/").status_code == 204
    assert [each["record"] for each in alice.get("favourites/").json()["results"]] == [two.pk]


def test_favourite_of_what_is_hidden_is_refused_like_what_is_not_there(
    as_: Any, account: Any, cast: Any
) -> None:
    hidden = account("Foreign", by=cast.charlie)
    for pk in (hidden.pk, 10**9):
        answer = problem(
            as_("alice").post("favourites/", {"record_type": "accounts", "record": pk}), 422, "blocked"
        )
        assert fields_of(answer) == ["record"]
    wrong = as_("alice").post("favourites/", {"record_type": "users", "record": "1", "x": 1})
    assert fields_of(problem(wrong, 422, "blocked")) == ["record", "record_type", "x"]
    assert as_("alice").get("favourites/").json() == {"results": []}


def test_recent_records_are_those_one_opened_and_sees(as_: Any, account: Any, cast: Any) -> None:
    made = account("Northwind Traders")
    personal.note_visit(by=cast.alice, record_type="accounts.account", pk=made.pk)
    [recent] = as_("alice").get("recent/").json()["results"]
    assert (recent["record"], recent["title"]) == (made.pk, "Northwind Traders")
    assert as_("bob").get("recent/").json() == {"results": []}
