"""The follow button at the head of a record, the list of what one follows, and mentions as the pages draw them."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.actions import assign_account, edit_account, log_activity
from accounts.models import Account
from revops.kernel.exchange.exporting import tables
from revops.kernel.exchange.exporting.enums import Layout
from revops.kernel.records import following, registry
from revops.kernel.records.models import Follow
from revops.web import mentions
from tests.cast import Cast
from tests.web.conftest import made

pytestmark = pytest.mark.django_db
WHY = "Because the test wants it so"


def test_button_follows_and_follows_no_more(browse: Any, cast: Cast, account: Account) -> None:
    bob, url = browse(cast.bob), f"/accounts/{account.pk}/"
    assert 'aria-pressed="false" aria-label="Follow"' in bob.get(url).content.decode()
    shown = bob.htmx_post(f"{url}follow/", {"on": "1"}).content.decode()
    assert 'aria-pressed="true" aria-label="Follow, 1 follows this"' in shown
    assert list(Follow.objects.values_list("user", "record_type", "record_id")) == [
        (cast.bob.pk, "accounts.account", account.pk)
    ]
    assert 'aria-pressed="true"' in bob.htmx(f"{url}panel/").content.decode()
    answer = bob.post(f"{url}follow/", {"on": "0"})
    assert (answer.status_code, answer["Location"], Follow.objects.count()) == (303, url, 0)


def test_record_out_of_sight_cannot_be_followed(browse: Any, cast: Cast, account: Account) -> None:
    charlie = browse(cast.charlie)
    answers = [charlie.htmx_post(f"/accounts/{pk}/follow/", {"on": "1"}) for pk in (account.pk, 10**9)]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert Follow.objects.count() == 0


def test_list_of_what_one_follows_holds_what_one_sees(
    browse: Any, cast: Cast, account: Account, settled_organisation: None
) -> None:
    def page() -> tuple[str, int]:
        with CaptureQueriesContext(connection) as queries:
            shown = bob.htmx("/following/").content.decode()
        return shown, len(queries)

    bob = browse(cast.bob)
    assert "You follow nothing yet" in page()[0]
    following.follow(by=cast.bob, label="accounts.account", pk=account.pk)
    few = page()[1]
    for name in ("Second", "Third"):
        following.follow(by=cast.bob, label="accounts.account", pk=made(cast.alice, name=name).pk)
    shown, many = page()
    assert (few, many) == (5, 5)
    places = [shown.index(name) for name in ("Third", "Second", "Northwind Traders")]
    assert places == sorted(places)
    assign_account(by=cast.rita, pk=account.pk, owner=cast.charlie, reason=WHY)
    assert "Northwind" not in page()[0]


def test_mention_is_a_pill_wherever_the_text_is_drawn(browse: Any, cast: Cast, account: Account) -> None:
    text = f"Ask @[Bob](user:{cast.bob.pk}) <b>now</b>."
    pill = 'Ask <span class="mention">@Bob</span> &lt;b&gt;now&lt;/b&gt;.'
    edit_account(by=cast.alice, pk=account.pk, changes={"description": text})
    log_activity(by=cast.alice, values={"kind": "note", "subject": "N", "body": text, "account": account.pk})
    browser = browse(cast.alice)
    page = browser.get(f"/accounts/{account.pk}/").content.decode()
    assert page.count(pill) == 2  # property and timeline
    assert pill in browser.get(f"/accounts/{account.pk}/history/").content.decode()
    listed = browser.htmx("/accounts/?columns=name,description").content.decode()
    assert pill in listed
    assert "(user:" not in page + listed
    form = browser.htmx(f"/accounts/{account.pk}/field/description/").content.decode()
    assert "data-mentions" in form
    assert f"@[Bob](user:{cast.bob.pk})" in form


def test_name_in_a_mention_cannot_carry_markup() -> None:
    assert mentions.draw("@[<i>x</i>](user:1) & @y") == (
        '<span class="mention">@&lt;i&gt;x&lt;/i&gt;</span> &amp; @y'
    )


@pytest.mark.parametrize(("again", "cell"), [(False, "Ask @Bob."), (True, "Ask @[Bob](user:7).")])
def test_export_for_people_has_names_and_one_for_an_import_what_is_stored(again: bool, cell: str) -> None:
    field = registry.get("accounts.account").by_name["description"]
    assert Layout.IMPORT in Layout
    draw = tables._draw(field, again, "")
    assert draw({"description": "Ask @[Bob](user:7)."}, {}) == cell


def test_people_who_cannot_be_named_are_told_at_the_field(browse: Any, cast: Cast, account: Account) -> None:
    values = {"subject": "N", "body": f"@[Charlie](user:{cast.charlie.pk}) look"}
    answer = browse(cast.alice).htmx_post(f"/accounts/{account.pk}/compose/note/", values)
    assert answer.status_code == 422
    assert "Charlie does not see this activity, and would not be told." in answer.content.decode()
