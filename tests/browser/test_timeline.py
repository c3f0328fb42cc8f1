"""Logging a call by keys alone: refused with everything kept, saved, on the timeline at once; wide and narrow."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from accounts.actions import create_contact
from accounts.models import Activity
from tests.browser.conftest import Watch
from tests.browser.test_account import (
    REFUSED,
    browser_context_args,
    committed_cast,
    company,
    enter,
    northwind,
    organisation_at_once,
)
from tests.cast import Cast

__all__ = ["browser_context_args", "committed_cast", "company", "enter", "organisation_at_once"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_call_is_logged_by_keys_and_stands_on_the_timeline(
    enter: Callable[[str], Page], company: Cast, watch: Watch, axe: Callable[[], list[str]]
):
    watch.allow(REFUSED)
    account = northwind()
    for name in ("Ann", "Ben"):
        create_contact(by=company.alice, values={"last_name": name, "account": account.pk})
    page = enter("alice")
    page.goto(f"/accounts/{account.pk}/")
    page.keyboard.press("l")
    expect(page.get_by_label(re.compile("^Subject"))).to_be_focused()
    page.keyboard.type("Went through the offer")
    attendees = page.get_by_role("combobox", name="Attendees")
    for name in ("Ann", "Ben"):
        attendees.fill(name)
        expect(page.get_by_role("option", name=name)).to_be_visible()
        attendees.press("Enter")
        expect(page.get_by_role("button", name=f"Take {name} off")).to_be_visible()
    attendees.press("Backspace")
    expect(page.get_by_role("button", name="Take Ben off")).to_have_count(0)
    page.get_by_label("Minutes").fill("x")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("alert")).to_contain_text("“Log a call” was not saved")
    expect(page.get_by_label(re.compile("^Subject"))).to_have_value("Went through the offer")
    expect(page.get_by_role("button", name="Take Ann off")).to_be_visible()
    assert axe() == []
    page.get_by_label("Minutes").fill("3")
    page.get_by_label(re.compile("^How it went")).select_option("connected")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Log a call: saved.")).to_be_visible()
    expect(page.get_by_role("link", name="Log a call")).to_be_focused()
    entry = page.locator(".log-entry", has_text="Went through the offer")
    expect(entry).to_have_count(1)
    expect(entry).to_contain_text("The buyer took part")
    call = Activity.objects.get()
    assert (call.duration_s, call.qualifies_buyer, call.attendees.count()) == (180, True, 1)
    assert axe() == []
    width: Any = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert width == 0


def test_form_is_left_by_escape_and_the_timeline_is_filtered(enter: Callable[[str], Page], company: Cast):
    account = northwind()
    page = enter("alice")
    page.goto(f"/accounts/{account.pk}/")
    page.get_by_role("link", name="Note").click()
    expect(page.get_by_label(re.compile("^Subject"))).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#composer form")).to_have_count(0)
    expect(page.get_by_role("link", name="Note")).to_be_focused()
    page.get_by_role("button", name="Everything").click()
    page.locator("#timeline-kinds").get_by_role("button", name="Owners").click()
    expect(page.locator(".log-entry")).to_have_count(1)
    page.get_by_role("button", name="Alice", exact=True).click()
    expect(page.get_by_role("button", name="Everybody, not only Alice")).to_be_visible()
