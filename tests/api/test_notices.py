"""Notifications, choices and follows over the API: one's own alone, and only while one sees the record."""

from typing import Any

import pytest

from accounts.actions import edit_account
from revops.kernel import notifications
from revops.kernel.notifications.models import Notification
from revops.kernel.records.models import Follow
from tests.api.conftest import Api, fields_of, problem

pytestmark = pytest.mark.django_db


def tell(user: Any, title: str, **more: Any) -> int:
    notifications.notify([user], "assigned", title, dedupe_key=title, **more)
    return Notification.objects.get(recipient=user, title=title).pk


def test_notifications_are_listed_by_page_and_marked(as_: Any, cast: Any, account: Any) -> None:
    made = account()
    for title in ("One", "Two", "Three"):
        pk = tell(cast.alice, title, url="/accounts/1/", subject=made)
    alice: Api = as_("alice")
    page = alice.get("notifications/", {"limit": "2", "state": "unread"}).json()
    assert [one["title"] for one in page["results"]] == ["Three", "Two"]
    assert page["results"][0]["subject"] == {"record_type": "accounts.account", "id": made.pk}
    rest = alice.client.get(page["next"]).json()
    assert ([one["title"] for one in rest["results"]], rest["next"]) == (["One"], None)
    read = alice.post(f"notifications/{pk}/read/")
    assert (read.status_code, read.json()["read_at"] is not None) == (200, True)
    assert [one["id"] for one in alice.get("notifications/?state=read").json()["results"]] == [pk]
    assert alice.post(f"notifications/{pk}/unread/").json()["read_at"] is None
    for wrong in ("state=x", "kind=x", "after=x", "limit=0", "colour=red"):
        assert fields_of(problem(alice.get(f"notifications/?{wrong}"), 400, "bad-query")) == [
            wrong.split("=")[0]
        ]


def test_notifications_of_others_and_out_of_sight_do_not_exist(as_: Any, cast: Any, account: Any) -> None:
    theirs, lost = tell(cast.bob, "Bob's"), tell(cast.charlie, "Lost", subject=account())
    for name, pk in (("alice", theirs), ("charlie", lost), ("alice", 10**9)):
        problem(as_(name).post(f"notifications/{pk}/read/"), 404, "not-found")
        assert as_(name).get("notifications/").json()["results"] == []
    assert set(Notification.objects.values_list("read_at", flat=True)) == {None}


def test_choices_are_read_and_changed_together_or_not_at_all(as_: Any, cast: Any) -> None:
    alice: Api = as_("alice")
    before = alice.get("notification-choices/").json()
    first = before["choices"][0]
    assert (first["kind"], first["in_bell"], first["mail"]) == ("assigned", True, "digest")
    assert (before["digest"], before["follow_owned"]) == ({"hour": 8, "weekdays_only": False}, False)
    choice = {"kind": "assigned", "in_bell": False, "mail": "once"}
    after = alice.patch(
        "notification-choices/", {"choices": [choice], "digest": {"hour": 17}, "follow_owned": True}
    ).json()
    assert after["choices"][0] == first | choice
    assert (after["digest"], after["follow_owned"]) == ({"hour": 17, "weekdays_only": False}, True)
    refused = alice.patch(
        "notification-choices/",
        {"choices": [choice | {"in_bell": True}, choice | {"mail": "x"}], "digest": {"hour": 24}},
    )
    assert fields_of(problem(refused, 422, "blocked")) == ["hour", "mail"]
    for body, field in (
        ({"colour": 1}, "colour"),
        ({"choices": [{"kind": "assigned"}]}, "choices"),
        ({"digest": {"hour": True}}, "digest"),
        ({"follow_owned": "yes"}, "follow_owned"),
    ):
        assert fields_of(problem(alice.patch("notification-choices/", body), 422, "blocked")) == [field]
    assert alice.get("notification-choices/").json() == after


def test_follows_are_made_listed_and_ended(as_: Any, cast: Any, account: Any) -> None:
    made = account("Northwind")
    bob: Api = as_("bob")
    answer = bob.post("follows/", {"record_type": "accounts", "record": made.pk})
    assert answer.status_code == 201
    row = answer.json()
    assert (row["record"], row["number"], row["title"]) == (made.pk, f"ACC-{made.pk:06d}", "Northwind")
    assert bob.post("follows/", {"record_type": "accounts", "record": made.pk}).json() == row
    assert (bob.get("follows/").json()["results"], as_("alice").get("follows/").json()["results"]) == (
        [row],
        [],
    )
    problem(as_("alice").send("DELETE", f"follows/{row['id']}/"), 404, "not-found")
    assert bob.send("DELETE", f"follows/{row['id']}/").status_code == 204
    assert Follow.objects.count() == 0


def test_record_out_of_sight_is_followed_as_one_that_does_not_exist(as_: Any, account: Any) -> None:
    made, charlie = account(), as_("charlie")
    answers = [charlie.post("follows/", {"record_type": "accounts", "record": pk}) for pk in (made.pk, 10**9)]
    for answer in answers:
        assert fields_of(problem(answer, 422, "blocked")) == ["record"]
    assert str(made.pk) in answers[0].json()["detail"]
    for body in ({"record_type": "nothing", "record": 1}, {"record_type": "activity-attendees", "record": 1}):
        assert fields_of(problem(charlie.post("follows/", body), 422, "blocked")) == ["record_type"]
    assert Follow.objects.count() == 0


def test_mention_stays_as_it_is_stored(as_: Any, cast: Any, account: Any) -> None:
    made = account()
    text = f"@[Bob Brandt](user:{cast.bob.pk}) knows them."
    edit_account(by=cast.alice, pk=made.pk, changes={"description": text})
    assert as_("alice").get(f"accounts/{made.pk}/").json()["description"] == text
    assert [one["title"] for one in as_("bob").get("notifications/?kind=mention").json()["results"]] == [
        "Alice Adams mentioned you in Northwind"
    ]
