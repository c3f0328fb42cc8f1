"""A view through a real browser: built from conditions, kept, shared with a role, and opened by a colleague."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.actions import create_account
from revops.kernel.identity.models import User
from revops.kernel.records.models import SavedView
from tests.browser.test_account import LOOKS
from tests.cast import Cast, committed_cast, organisation_at_once
from tests.web.conftest import Browser

__all__ = ["committed_cast", "organisation_at_once"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(params=["wide-light", "narrow-dark"])
def look(request: Any) -> str:
    name: str = request.param
    return name


@pytest.fixture
def browser_context_args(look: str, live_server: LiveServer) -> dict[str, Any]:
    """Both widths and both themes: the wide one is worked by the keyboard alone, the narrow one by a finger."""
    return {"base_url": live_server.url, "reduced_motion": "reduce", "locale": "en-US"} | LOOKS[look]


def enter(page: Page, user: User, host: str) -> None:
    """Sign somebody in, without the form."""
    cookie = Browser(user).cookies["sessionid"].value
    page.context.clear_cookies()
    page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": host}])


def press(one: Locator, look: str) -> None:
    """Press a button: by the keyboard where the look is wide."""
    if look == "wide-light":
        one.focus()
        one.press("Enter")
    else:
        one.click()


def test_view_is_built_shared_and_opened_by_a_colleague(
    committed_cast: Cast, page: Page, live_server: LiveServer, look: str, axe: Callable[[], list[str]]
) -> None:
    for owner, name, employees in (
        ("alice", "East Mills", 500),
        ("alice", "Little", 5),
        ("charlie", "West Mills", 700),
    ):
        values = {"name": name, "employees": str(employees)}
        create_account(by=committed_cast.people[owner], values=values)
    enter(page, committed_cast.mona, live_server.url)
    page.goto("/accounts/")
    expect(page.locator("tbody tr")).to_have_count(2)
    press(page.get_by_role("button", name="Conditions"), look)
    field = page.get_by_label("Field")
    expect(field).to_be_focused()
    field.select_option("employees")
    expect(page.get_by_label("How Employees compares")).to_be_focused()
    page.get_by_label("Employees", exact=True).fill("100")
    assert axe() == []
    page.get_by_label("Employees", exact=True).press("Enter")
    expect(page.locator(".chip")).to_contain_text("Employees is at least 100")
    expect(page.locator("tbody tr")).to_have_count(1)
    press(page.get_by_role("button", name="Save as view"), look)
    page.get_by_label("Name of the view").fill("Big ones")
    page.get_by_label("Name of the view").press("Enter")
    expect(page.locator(".tabs [aria-current]")).to_have_text("Big ones")
    assert axe() == []

    view = SavedView.objects.get()
    page.goto(f"/accounts/views/{view.pk}/")
    page.get_by_label("Share with Account executive").check()
    assert axe() == []
    press(page.get_by_role("button", name="Save sharing"), look)
    expect(page.locator(".notice-success")).to_contain_text("shared")

    enter(page, committed_cast.charlie, live_server.url)
    page.goto("/accounts/")
    press(page.get_by_role("button", name="Views"), look)
    press(page.get_by_role("link", name="Big ones Mona"), look)
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("tbody tr")).to_contain_text("West Mills")
    press(page.get_by_role("button", name="Columns"), look)
    move = page.get_by_role("button", name="Move Owner up")
    expect(move).to_be_visible()
    assert axe() == []
