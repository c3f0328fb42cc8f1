"""Anything in two keystrokes, through a real browser: palette, search box, favourites, keys."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.actions import create_account
from revops.kernel.identity.models import User
from revops.kernel.people.models import Preference
from revops.kernel.records import personal
from tests.browser.test_account import LOOKS, PASSWORD
from tests.cast import Cast, committed_cast, organisation_at_once

__all__ = ["committed_cast", "organisation_at_once"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def browser_context_args(request: Any, live_server: LiveServer) -> dict[str, Any]:
    shared = {"base_url": live_server.url, "reduced_motion": "reduce", "locale": "en-US"}
    return shared | LOOKS[getattr(request, "param", "wide-light")]


@pytest.fixture
def pages(committed_cast: Cast) -> dict[str, str]:
    """Alice with a password and three accounts: the page of each; she opened Northwind and starred Harbor."""
    alice = committed_cast.alice
    alice.set_password(PASSWORD)
    User.objects.filter(pk=alice.pk).update(password=alice.password)
    made = {
        name: create_account(
            by=alice, values={"name": name, "country": "US", "domain": f"{name.lower()}.com"}
        )
        for name in ("Northwind", "Harbor", "Cobalt")
    }
    personal.note_visit(by=alice, record_type="accounts.account", pk=made["Northwind"].pk)
    personal.add(by=alice, record_type="accounts.account", pk=made["Harbor"].pk)
    return {name: f"/accounts/{account.pk}/" for name, account in made.items()}


@pytest.fixture
def enter(pages: dict[str, str], page: Page) -> Callable[[str], Page]:
    """Return a way to sign Alice in that ends on a page whose navigation is filled."""

    def sign_in(path: str) -> Page:
        page.goto(path)
        page.get_by_label("E-mail address").fill("alice@example.com")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in", exact=True).click()
        return listening(page)

    return sign_in


def listening(page: Page) -> Page:
    """Wait until the scripts of the page run: they fill its favourites."""
    page.wait_for_load_state("load")
    expect(page.locator("[data-favourite]")).not_to_have_count(0)
    return page


def test_last_record_is_two_keystrokes_away_and_deeds_follow(
    enter: Callable[[str], Page], pages: dict[str, str], axe: Callable[[], list[str]]
):
    page = enter("/my-work/")
    page.keyboard.press("Control+k")
    expect(page.get_by_role("option").first).to_have_attribute("aria-selected", "true")
    assert axe() == []
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Northwind", level=1)).to_be_visible()
    listening(page).keyboard.press("Control+k")
    page.keyboard.type(">edit")
    expect(page.get_by_role("option", name="Edit this account")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{pages['Northwind']}edit/")


def test_search_box_opens_the_first_and_keys_go_places(enter: Callable[[str], Page], pages: dict[str, str]):
    page = enter("/my-work/")
    page.keyboard.press("/")
    page.keyboard.type("https://www.cobalt.com/about")
    page.keyboard.press("Enter")  # before its answer: it waits for it
    expect(page.get_by_role("heading", name="Cobalt", level=1)).to_be_visible()
    listening(page).keyboard.press("g")
    page.keyboard.press("d")
    expect(page.get_by_role("heading", name="Deals")).to_be_visible()
    listening(page).keyboard.press("?")
    listed = page.get_by_role("dialog", name="Keyboard shortcuts")
    page.get_by_role("textbox", name="Find a shortcut").fill("contacts")
    expect(listed.locator("dd")).to_have_text(["Contacts"])
    expect(listed.locator("dt")).to_have_text(["gc"])


def test_star_and_order_of_favourites_by_keys(enter: Callable[[str], Page], pages: dict[str, str]):
    page = enter(pages["Cobalt"])
    page.keyboard.press("*")
    favourites = page.locator("[data-favourite]")
    expect(favourites).to_have_text(["Harbor", "Cobalt"])
    expect(page.locator("[data-star]")).to_have_attribute("aria-pressed", "true")
    favourites.last.get_by_role("link").focus()
    page.keyboard.press("Alt+ArrowUp")
    expect(favourites).to_have_text(["Cobalt", "Harbor"])
    expect(favourites.first.get_by_role("link")).to_be_focused()
    page.reload()
    expect(listening(page).locator("[data-star]")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("*")
    expect(favourites).to_have_text(["Harbor"])


def test_opened_record_is_remembered_and_single_keys_can_be_off(
    enter: Callable[[str], Page], pages: dict[str, str], committed_cast: Cast
):
    page = enter("/my-work/")
    with page.expect_response("**/visits/"):
        page.goto(pages["Cobalt"])
    assert [line.title for line in personal.recent(committed_cast.alice)] == ["Cobalt", "Northwind"]
    Preference.objects.create(user=committed_cast.alice, single_keys=False)
    page.goto("/accounts/")
    listening(page).keyboard.press("?")
    page.keyboard.press("g")
    page.keyboard.press("d")
    page.keyboard.press("Control+k")
    expect(page.get_by_role("option", name="Cobalt")).to_be_visible()
    expect(page).to_have_url(re.compile("/accounts/$"))
    expect(page.locator("#shortcuts[open]")).to_have_count(0)


def test_request_that_ends_with_its_page_is_no_fault(enter: Callable[[str], Page]):
    page = enter("/accounts/")
    page.route("**/palette/*", lambda route: None)  # it is never answered
    with page.expect_request("**/palette/*"):
        page.keyboard.press("Control+k")
    page.evaluate("htmx.trigger('#palette input', 'htmx:abort')")
    expect(page.get_by_role("combobox", name="Go to")).to_be_focused()


@pytest.mark.parametrize("browser_context_args", ["narrow-dark"], indirect=True)
def test_everything_is_found_on_a_narrow_screen(
    enter: Callable[[str], Page], pages: dict[str, str], axe: Callable[[], list[str]]
):
    page = enter("/my-work/")
    page.get_by_label("Search everything").fill("harb")
    expect(page.get_by_role("option", name="Harbor")).to_be_visible()
    assert axe() == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.get_by_role("option", name="Harbor").click()
    expect(page.get_by_role("heading", name="Harbor", level=1)).to_be_visible()
    listening(page).get_by_role("button", name="Open the navigation").click()
    expect(page.locator("[data-favourite]")).to_have_text(["Harbor"])
