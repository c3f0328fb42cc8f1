"""Following a record, naming somebody in a note and reading it in the bell, by keys alone."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from accounts.models import Activity
from revops.kernel import notifications
from revops.kernel.records.models import Follow, Mention
from tests.browser.test_account import (
    committed_cast,
    company,
    enter,
    northwind,
    organisation_at_once,
)
from tests.cast import Cast

__all__ = ["committed_cast", "company", "enter", "organisation_at_once"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_somebody_is_followed_named_and_told_by_keys(
    enter: Callable[[str], Page], company: Cast, axe: Callable[[], list[str]]
):
    account = northwind()
    page = enter("alice")
    page.goto(f"/accounts/{account.pk}/")
    page.keyboard.press("f")
    expect(page.get_by_role("button", name="Follow, 1 follows this")).to_have_attribute(
        "aria-pressed", "true"
    )
    assert Follow.objects.get().user == company.alice
    page.get_by_role("link", name="Note", exact=True).press("Enter")
    page.get_by_label(re.compile("^Subject")).fill("Question")
    body = page.get_by_label("What was said")
    body.press_sequentially("Can @bo")
    option = page.get_by_role("option", name="Bob")
    expect(option).to_have_attribute("aria-selected", "true")
    assert axe() == []
    body.press("Escape")
    expect(option).to_have_count(0)
    expect(body).to_be_focused()
    body.press_sequentially("b")
    expect(option).to_have_attribute("aria-selected", "true")
    body.press("Enter")
    expect(body).to_have_value("Can @Bob ")
    body.press_sequentially("join us?")
    body.press("Control+Enter")
    expect(page.locator(".log-text .mention")).to_have_text("@Bob")
    note = Activity.objects.get()
    assert note.body == f"Can @[Bob](user:{company.bob.pk}) join us?"
    assert Mention.objects.get().user == company.bob
    page.goto(f"/activities/{note.pk}/")
    page.get_by_role("button", name="Edit What was said").press("Enter")
    expect(page.locator("textarea[name=body]")).to_have_value("Can @Bob join us?")


def test_bell_leads_to_what_it_tells_and_choices_are_kept(
    enter: Callable[[str], Page], company: Cast, axe: Callable[[], list[str]]
):
    account = northwind()
    told = ("assigned", "Northwind is yours now", "Assigned by Mona.", f"/accounts/{account.pk}/", account)
    notifications.notify([company.alice], *told, dedupe_key="one")
    page = enter("alice")
    page.goto("/notifications/")
    expect(page.get_by_role("heading", name="Notifications")).to_be_visible()
    assert axe() == []
    page.get_by_role("button", name="Notifications, 1 unread").press("Enter")
    page.locator("#bell-menu").get_by_role("button", name="Northwind is yours now").press("Enter")
    page.wait_for_url(f"**/accounts/{account.pk}/")
    assert notifications.count_unread(company.alice) == 0
    page.goto("/settings/notifications/")
    page.get_by_role("combobox", name="E-mail about Mentions").select_option("Daily digest")
    page.get_by_role("button", name="Save").press("Enter")
    expect(page.get_by_text("Saved.")).to_be_visible()
    expect(page.get_by_role("combobox", name="E-mail about Mentions")).to_have_value("digest")
    assert axe() == []
    page.set_viewport_size({"width": 360, "height": 740})
    width = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(width) == 0
