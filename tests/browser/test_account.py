"""One account through a real browser: sign in, find it, edit it in place, meet a conflict, bring a value back."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.actions import create_account, edit_account
from accounts.models import Account
from revops.kernel.identity.models import User
from tests.browser.conftest import Watch
from tests.cast import Cast, committed_cast, organisation_at_once

__all__ = ["committed_cast", "organisation_at_once"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PASSWORD = "a-long-and-honest-pass-phrase"
WIDE = {"viewport": {"width": 1440, "height": 900}}
NARROW = {"viewport": {"width": 360, "height": 740}, "has_touch": True}
LOOKS = {
    "wide-light": {**WIDE, "color_scheme": "light"},
    "wide-dark": {**WIDE, "color_scheme": "dark"},
    "narrow-light": {**NARROW, "color_scheme": "light"},
    "narrow-dark": {**NARROW, "color_scheme": "dark"},
}
REFUSED = r"the server responded with a status of 4(09|22)"


@pytest.fixture
def company(committed_cast: Cast) -> Cast:
    """The cast with a password each, and three accounts in the East."""
    for user in (committed_cast.alice, committed_cast.rita, committed_cast.cleo):
        user.set_password(PASSWORD)
        User.objects.filter(pk=user.pk).update(password=user.password)
    for name in ("Northwind Traders", "Harbor Foods", "Cobalt Systems"):
        create_account(by=committed_cast.alice, values={"name": name, "country": "US", "employees": "250"})
    return committed_cast


@pytest.fixture(params=["wide-light", "narrow-dark"])
def browser_context_args(request: Any, live_server: LiveServer) -> dict[str, Any]:
    """Both widths and both themes; the accessibility test goes through all four combinations."""
    shared = {"base_url": live_server.url, "reduced_motion": "reduce", "locale": "en-US"}
    return shared | LOOKS[request.param]


@pytest.fixture
def enter(company: Cast, page: Page) -> Callable[[str], Page]:
    """Return a way to sign somebody in through the form; it ends on the list of accounts."""

    def sign_in(who: str) -> Page:
        page.goto("/accounts/")
        page.get_by_label("E-mail address").fill(getattr(company, who).email)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in", exact=True).click()
        expect(page.get_by_role("heading", name="Accounts")).to_be_visible()
        return page

    return sign_in


def northwind() -> Account:
    found: Account = Account.objects.get(name="Northwind Traders")
    return found


def edit(page: Page, label: str) -> None:
    """Open the form of a field that has no value yet: it is folded away under its group."""
    button = page.get_by_role("button", name=f"Edit {label}", include_hidden=True)
    page.locator(".empty-fields", has=button).locator("summary").click()
    button.click()


def test_palette_finds_an_account_by_keys_alone(enter: Callable[[str], Page]):
    page = enter("alice")
    page.keyboard.press("Control+k")
    page.keyboard.type("harb")
    expect(page.get_by_role("option", name="Harbor Foods")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Harbor Foods", level=1)).to_be_visible()


def test_a_field_is_edited_where_it_stands(enter: Callable[[str], Page]):
    page = enter("alice")
    page.goto(f"/accounts/{northwind().pk}/")
    edit(page, "Phone")
    page.get_by_role("textbox", name="Phone").fill("+1 555 0100")
    page.keyboard.press("Enter")
    expect(page.locator("#property-phone .held")).to_have_text("+1 555 0100")
    expect(page.get_by_role("button", name="Edit Phone")).to_be_focused()
    page.keyboard.press("Enter")
    page.get_by_role("textbox", name="Phone").fill("never saved")
    page.keyboard.press("Escape")
    expect(page.locator("#property-phone .held")).to_have_text("+1 555 0100")
    assert northwind().phone == "+1 555 0100"


def test_a_refusal_keeps_the_text_and_says_what_fits(enter: Callable[[str], Page], watch: Watch):
    watch.allow(REFUSED)
    page = enter("alice")
    page.goto(f"/accounts/{northwind().pk}/")
    edit(page, "Website")
    page.get_by_role("textbox", name="Website").fill("no address")
    page.keyboard.press("Enter")
    expect(page.locator("#property-website .field-finding")).to_contain_text("web address")
    expect(page.get_by_role("textbox", name="Website")).to_have_value("no address")


@pytest.mark.parametrize(("choice", "kept"), [("Keep theirs", "111"), ("Save mine", "222")])
def test_a_conflict_shows_both_and_lets_one_choose(
    enter: Callable[[str], Page], company: Cast, watch: Watch, choice: str, kept: str
):
    watch.allow(REFUSED)
    page = enter("alice")
    page.goto(f"/accounts/{northwind().pk}/")
    edit(page, "Phone")
    page.get_by_role("textbox", name="Phone").fill("222")
    edit_account(by=company.bob, pk=northwind().pk, changes={"phone": "111"})
    page.get_by_role("button", name="Save", exact=True).click()
    conflict = page.locator(".conflict")
    expect(conflict).to_contain_text("Bob saved this")
    expect(conflict.get_by_role("row", name="Phone")).to_contain_text("111")
    expect(conflict.get_by_role("row", name="Phone")).to_contain_text("222")
    page.get_by_role("button", name=choice).click()
    expect(page.locator("#property-phone .held")).to_have_text(kept)
    assert northwind().phone == kept


def test_a_value_is_restored_from_the_history(enter: Callable[[str], Page], company: Cast):
    account = northwind()
    edit_account(by=company.bob, pk=account.pk, changes={"description": "First"}, reason="Told on the phone")
    edit_account(by=company.bob, pk=account.pk, changes={"description": "Second"})
    page = enter("alice")
    page.goto(f"/accounts/{account.pk}/")
    page.get_by_role("link", name="History", exact=True).click()
    expect(page.get_by_text("“Told on the phone”")).to_be_visible()
    page.get_by_role("link", name="Restore this value").last.click()
    page.get_by_label("Why does it come back?").fill("The first text was right")
    page.get_by_role("button", name="Restore").click()
    expect(page.get_by_text("“The first text was right”")).to_be_visible()
    assert northwind().description == "First"


def test_a_list_is_filtered_and_walked_by_keys(enter: Callable[[str], Page]):
    page = enter("alice")
    page.get_by_role("button", name="Filter").click()
    page.locator("#filter-menu summary").first.click()
    page.locator("#filter-menu details[open] select").select_option("starts")
    page.locator("#filter-menu details[open] input[name=value]").fill("co")
    page.locator("#filter-menu details[open] button").click()
    expect(page.locator(".chip")).to_contain_text("Name starts with co")
    expect(page.locator("tbody tr")).to_have_count(1)
    assert "name__starts=co" in page.url
    page.get_by_role("link", name="Remove the filter").click()
    expect(page.locator("tbody tr")).to_have_count(3)
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Harbor Foods", level=1)).to_be_visible()


@pytest.mark.parametrize("browser_context_args", LOOKS, indirect=True)
def test_nothing_serious_stands_in_anybodys_way(enter: Callable[[str], Page], axe: Callable[[], list[str]]):
    page = enter("alice")
    account = northwind().pk
    for path in ("/", "/accounts/", f"/accounts/{account}/", f"/accounts/{account}/history/", "/accounts/new/",
                 "/search/?q=har", "/settings/appearance/", "/notifications/",
                 "/accounts/?status=customer"):  # fmt: skip
        page.goto(path)
        assert axe() == [], path
    page.goto(f"/accounts/{account}/")
    edit(page, "Description")
    expect(page.get_by_role("textbox", name="Description")).to_be_focused()
    assert axe() == []
    page.goto("/accounts/")
    page.keyboard.press("Control+k")
    expect(page.get_by_role("option").first).to_be_visible()
    assert axe() == []
