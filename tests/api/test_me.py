"""One's own name and preferences over the API."""

from typing import Any

import pytest

from revops.kernel.audit.models import ChangeEvent
from revops.kernel.people.models import Preference
from tests.api.conftest import Cast, fields_of, problem

pytestmark = pytest.mark.django_db


def test_preferences_and_name_are_changed_together(as_: Any, cast: Cast) -> None:
    alice = as_("alice")
    sent = {
        "name": "Alice Ashworth",
        "preferences": {"locale": "nl_NL", "page_size": 100, "single_keys": False},
    }
    answer = alice.patch("me/", sent)
    assert answer.status_code == 200, answer.content
    body = answer.json()
    assert (body["name"], body["preferences"]["locale"]) == ("Alice Ashworth", "nl_NL")
    assert body["preferences"] == alice.get("me/").json()["preferences"]
    assert ChangeEvent.objects.get(action="user.rename").actor_id == cast.alice.pk


def test_what_is_not_offered_changes_nothing(as_: Any, cast: Cast) -> None:
    answer = as_("alice").patch("me/", {"name": "New", "preferences": {"theme": "pink", "page_size": "50"}})
    assert fields_of(problem(answer, 422, "blocked")) == ["theme"]
    assert not Preference.objects.exists()
    assert not ChangeEvent.objects.filter(action="user.rename").exists()


@pytest.mark.parametrize(
    "body", [{"email": "x@example.com"}, {"name": 3}, {"name": None}, {"preferences": []}]
)
def test_names_and_kinds_that_do_not_fit_are_refused(as_: Any, body: dict[str, Any]) -> None:
    assert fields_of(problem(as_("alice").patch("me/", body), 422, "blocked")) == [next(iter(body))]
