"""The history of a record and the way back."""

from typing import Any

import pytest

from accounts.actions import edit_account
from accounts.models import Account
from tests.cast import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def changed(account: Account, cast: Cast) -> Account:
    """Alice's account after Bob changed two fields of it."""
    changes = {"phone": "111", "description": "Second words"}
    return edit_account(by=cast.bob, pk=account.pk, changes=changes, reason="After the call")


def test_history_tells_who_why_and_each_field(browse: Any, changed: Account, cast: Cast):
    entries = browse(cast.alice).get(f"/accounts/{changed.pk}/history/").context["entries"]
    newest = entries[0]
    assert (newest.who, newest.reason, newest.door, newest.version) == (
        cast.bob,
        "After the call",
        "Command line",
        2,
    )
    shown = {line.field.name: (line.old, line.new) for line in newest.lines}
    assert shown == {"phone": ("", "111"), "description": ("First words", "Second words")}
    assert entries[-1].deed == "created this"


def test_history_comes_in_pages(browse: Any, account: Account, cast: Cast):
    for number in range(25):
        edit_account(by=cast.alice, pk=account.pk, changes={"phone": str(number)})
    browser = browse(cast.alice)
    first = browser.get(f"/accounts/{account.pk}/history/")
    assert [len(first.context["entries"]), first.context["older"]] == [20, 7]
    rest = browser.get(f"/accounts/{account.pk}/history/?before=7")
    assert [len(rest.context["entries"]), rest.context["older"]] == [6, 0]


def test_one_value_comes_back_with_a_reason(browse: Any, changed: Account, cast: Cast):
    browser, path = browse(cast.alice), f"/accounts/{changed.pk}/restore/1/?field=description"
    page = browser.get(path).content.decode()
    assert "First words" in page
    assert "Phone" not in page
    refused = browser.post(path, {"version": 2, "reason": " "})
    assert refused.status_code == 422
    assert "needs a reason" in refused.content.decode()
    answer = browser.post(path, {"version": 2, "reason": "The old text was right"})
    assert (answer.status_code, answer["Location"]) == (303, f"/accounts/{changed.pk}/history/")
    changed.refresh_from_db()
    assert (changed.description, changed.phone, changed.version) == ("First words", "111", 3)
    newest = browser.get(f"/accounts/{changed.pk}/history/").context["entries"][0]
    assert (newest.reason, newest.door, newest.who) == ("The old text was right", "Web page", cast.alice)


def test_a_whole_version_comes_back_as_far_as_one_may(browse: Any, changed: Account, cast: Cast):
    edit_account(by=cast.rita, pk=changed.pk, changes={"name": "Renamed"})
    path = f"/accounts/{changed.pk}/restore/1/"
    assert browse(cast.alice).post(path, {"version": 3, "reason": "Back to the start"}).status_code == 303
    changed.refresh_from_db()
    assert (changed.description, changed.phone, changed.name) == ("First words", "", "Renamed")


def test_restore_meets_a_conflict_like_any_other_edit(browse: Any, changed: Account, cast: Cast):
    edit_account(by=cast.bob, pk=changed.pk, changes={"description": "Third words"})
    path = f"/accounts/{changed.pk}/restore/1/?field=description"
    answer = browse(cast.alice).post(path, {"version": 2, "reason": "The old text was right"})
    assert answer.status_code == 409
    assert "Third words" in answer.content.decode()
    changed.refresh_from_db()
    assert changed.description == "Third words"


def test_a_version_that_never_was_does_not_exist(browse: Any, changed: Account, cast: Cast):
    assert browse(cast.alice).get(f"/accounts/{changed.pk}/restore/99/").status_code == 404


def test_restoring_what_is_already_so_says_so(browse: Any, changed: Account, cast: Cast):
    page = browse(cast.alice).get(f"/accounts/{changed.pk}/restore/2/").content.decode()
    assert "nothing to restore" in page
