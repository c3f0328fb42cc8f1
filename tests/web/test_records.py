"""The page of one record: its properties, forms, inline edits and conflicts."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.actions import edit_account
from accounts.models import Account
from revops.kernel.audit.models import ChangeEvent
from tests.cast import Cast
from tests.web.conftest import FRAGMENT, Browser, made

pytestmark = pytest.mark.django_db


def page_of(browser: Browser, path: str) -> str:
    answer = browser.get(path)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_record_costs_the_same_however_many_neighbours_it_has(
    browse: Any, cast: Cast, settled_organisation: None
):
    account = made(cast.alice, name="Alone")
    browser = browse(cast.alice)

    def cost() -> int:
        browser.get(f"/accounts/{account.pk}/")
        with CaptureQueriesContext(connection) as captured:
            browser.get(f"/accounts/{account.pk}/")
        return len(captured)

    alone = cost()
    for name in ("One", "Two"):
        made(cast.alice, name=name)
    assert (alone, cost()) == (24, 24)


def test_record_shows_what_one_may_read_and_not_a_byte_more(browse: Any, account: Account, cast: Cast):
    edit_account(
        by=cast.fin, pk=account.pk, changes={"tax_id": "DE-SECRET-77", "billing_city": "Hiddenville"}
    )
    assert "DE-SECRET-77" in page_of(browse(cast.fin), f"/accounts/{account.pk}/")
    for path in ("", "history/", "edit/", "field/phone/"):
        answer = browse(cast.alice).get(f"/accounts/{account.pk}/{path}").content.decode()
        assert "SECRET" not in answer, path
        assert "Hiddenville" not in answer, path
        assert "Tax id" not in answer, path
    assert browse(cast.alice).get(f"/accounts/{account.pk}/field/tax_id/").status_code == 404
    assert browse(cast.alice).get(f"/accounts/{account.pk}/restore/1/?field=tax_id").status_code == 404


def test_record_out_of_scope_does_not_exist(browse: Any, account: Account, cast: Cast):
    gone = ["", "edit/", "history/", "field/phone/", "restore/1/", "do/assign/"]
    for path in gone:
        assert browse(cast.charlie).get(f"/accounts/{account.pk}/{path}").status_code == 404, path
        assert browse(cast.alice).get(f"/accounts/{account.pk + 999}/{path}").status_code == 404, path
    assert browse(cast.alice).get(f"/accounts/{2**63}/").status_code == 404


def test_record_in_scope_that_one_may_not_change_is_forbidden(browse: Any, account: Account, cast: Cast):
    before = ChangeEvent.objects.count()
    for path in ("edit/", "restore/1/", "do/assign/", "field/phone/"):
        answer = browse(cast.cleo).post(f"/accounts/{account.pk}/{path}", {"phone": "1", "reason": "x"})
        assert answer.status_code == 403, path
        assert "You may not do this" in answer.content.decode()
    answer = browse(cast.alice).post(
        f"/accounts/{account.pk}/field/name/", {"name": "Mine now", "version": 1}
    )
    assert answer.status_code == 403
    account.refresh_from_db()
    assert (account.name, ChangeEvent.objects.count()) == ("Northwind Traders", before)


def test_a_new_record_is_created_through_the_form(browse: Any, cast: Cast):
    answer = browse(cast.alice).post(
        "/accounts/new/", {"name": "Fresh Foods", "country": "DE", "employees": "12"}
    )
    account = Account.objects.get(name="Fresh Foods")
    assert (answer.status_code, answer["Location"]) == (303, f"/accounts/{account.pk}/")
    assert (account.owner, account.country, account.employees) == (cast.alice, "DE", 12)
    assert ChangeEvent.objects.order_by("-recorded_at").first().source == "ui"


def test_a_refused_form_keeps_what_was_typed_and_says_why_at_the_field(browse: Any, cast: Cast):
    answer = browse(cast.alice).post("/accounts/new/", {"name": "", "employees": "many", "city": "Oslo"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "The account was not created" in page
    assert 'id="input-employees-finding-1"' in page
    assert 'value="many"' in page
    assert 'value="Oslo"' in page
    assert not Account.objects.exists()


def test_a_form_offers_only_what_one_may_set(browse: Any, cast: Cast):
    assert 'name="territory"' not in page_of(browse(cast.alice), "/accounts/new/")
    assert 'name="territory"' in page_of(browse(cast.rita), "/accounts/new/")
    assert browse(cast.cleo).get("/accounts/new/").status_code == 403
    answer = browse(cast.alice).post("/accounts/new/", {"name": "Sly", "segment": "STRAT"})
    assert answer.status_code == 303
    assert Account.objects.get(name="Sly").segment != "STRAT"


def test_edit_form_writes_what_was_changed_with_its_reason(browse: Any, account: Account, cast: Cast):
    form = {"version": 1, "description": "First words", "phone": "+1 555 0100", "reason": "They moved"}
    assert browse(cast.alice).post(f"/accounts/{account.pk}/edit/", form).status_code == 303
    account.refresh_from_db()
    assert (account.phone, account.description, account.version) == ("+1 555 0100", "First words", 2)
    page = page_of(browse(cast.alice), f"/accounts/{account.pk}/history/")
    assert "They moved" in page
    assert "Web page" in page


def test_inline_edit_saves_and_draws_the_properties_again(browse: Any, account: Account, cast: Cast):
    browser = browse(cast.alice)
    form = browser.htmx(f"/accounts/{account.pk}/field/phone/").content.decode()
    assert 'name="version" value="1"' in form
    answer = browser.post(
        f"/accounts/{account.pk}/field/phone/", {"phone": "+49 30 1", "version": 1}, headers=FRAGMENT
    )
    assert (answer.status_code, answer["HX-Retarget"]) == (200, "#properties")
    assert "+49 30 1" in answer.content.decode()
    assert "record-head" in answer.content.decode()


def test_inline_edit_that_is_refused_keeps_the_text(browse: Any, account: Account, cast: Cast):
    path = f"/accounts/{account.pk}/field/website/"
    answer = browse(cast.alice).post(path, {"website": "not an address", "version": 1}, headers=FRAGMENT)
    assert answer.status_code == 422
    assert 'value="not an address"' in answer.content.decode()
    assert "web address" in answer.content.decode()


def test_inline_conflict_shows_both_and_saves_mine_on_demand(browse: Any, account: Account, cast: Cast):
    edit_account(by=cast.bob, pk=account.pk, changes={"phone": "111", "description": "Bob's words"})
    browser, path = browse(cast.alice), f"/accounts/{account.pk}/field/phone/"
    answer = browser.post(path, {"phone": "222", "version": 1}, headers=FRAGMENT)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert all(
        words in page for words in ("Bob", "111", "222", "Keep theirs", "Save mine", "Bob&#x27;s words")
    )
    account.refresh_from_db()
    assert account.phone == "111"
    again = browser.post(
        path, {"phone": "222", "version": answer.context["comparison"].version}, headers=FRAGMENT
    )
    assert again.status_code == 200
    account.refresh_from_db()
    assert (account.phone, account.description) == ("222", "Bob's words")


def test_form_conflict_sends_again_only_what_one_changed(browse: Any, account: Account, cast: Cast):
    edit_account(by=cast.bob, pk=account.pk, changes={"description": "Bob's words"})
    form = {"version": 1, "description": "First words", "phone": "222", "website": ""}
    answer = browse(cast.alice).post(f"/accounts/{account.pk}/edit/", form)
    assert answer.status_code == 409
    assert dict(answer.context["comparison"].again) == {"phone": "222"}
    mine = {"version": answer.context["comparison"].version, "phone": "222"}
    assert browse(cast.alice).post(f"/accounts/{account.pk}/edit/", mine).status_code == 303
    account.refresh_from_db()
    assert (account.phone, account.description) == ("222", "Bob's words")


def test_conflict_tells_nothing_about_hidden_fields(browse: Any, account: Account, cast: Cast):
    edit_account(by=cast.fin, pk=account.pk, changes={"tax_id": "SECRET-1"})
    answer = browse(cast.alice).post(f"/accounts/{account.pk}/edit/", {"version": 1, "phone": "222"})
    assert answer.status_code == 409
    assert "SECRET" not in answer.content.decode()
    assert "Tax" not in answer.content.decode()


def test_special_action_asks_why_and_does_it(browse: Any, account: Account, cast: Cast):
    browser, path = browse(cast.rita), f"/accounts/{account.pk}/do/assign/"
    assert "To a person" in page_of(browser, path)
    form = {"owner": cast.bob.pk, "version": 1, "reason": "short"}
    refused = browser.post(path, form)
    assert refused.status_code == 422
    assert "20 characters" in refused.content.decode()
    answer = browser.post(path, form | {"reason": "Bob knows their buying centre best"})
    assert answer.status_code == 303
    account.refresh_from_db()
    assert account.owner == cast.bob


def test_a_form_without_its_token_is_refused(account: Account, cast: Cast):
    browser = Browser(cast.alice, enforce_csrf_checks=True)
    answer = browser.post(f"/accounts/{account.pk}/field/phone/", {"phone": "1", "version": 1})
    assert answer.status_code == 403
    assert "out of date" in answer.content.decode()
    account.refresh_from_db()
    assert account.phone == ""
