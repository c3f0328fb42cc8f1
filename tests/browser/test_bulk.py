"""Many leads changed from their list: ticked, previewed, confirmed, reported, taken back; by keys alone.

Three hundred of them; SOAK=1 takes five thousand.
"""

import os
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.actions.leads import creating, drafts
from accounts.models import Lead
from revops.kernel import audit
from revops.kernel.exchange.bulk import working
from revops.kernel.exchange.bulk.models import BulkRun
from revops.kernel.identity.models import User
from tests.cast import Cast, committed_cast, organisation_at_once
from tests.kernel.exchange.bulk_runs import WHY

MANY = 5_000 if os.environ.get("SOAK") == "1" else 300
BACKEND = "revops.kernel.people.backends.SignInBackend"
__all__ = ["committed_cast", "organisation_at_once"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def make(owner: User, count: int, name: str) -> None:
    """Create leads fast, in one change, by the checks and writes of a single one."""
    with audit.change(by=owner, action="lead.create"):
        given = {"company": "Farmers Coop", "source_original": "web", "phone": "+1 850 644 4200"}
        ready = [drafts.read({**given, "last_name": f"{name} {n:04}"}, Lead()) for n in range(count)]
        creating.write_new(ready, owner)


@pytest.fixture
def browser_context_args(live_server: LiveServer) -> dict[str, Any]:
    return {"base_url": live_server.url, "reduced_motion": "reduce", "locale": "en-US"}


@pytest.fixture
def alice(committed_cast: Cast, page: Page, live_server: LiveServer, monkeypatch: pytest.MonkeyPatch) -> Page:
    """Alice's list; the work that a worker would do is done by the test."""
    monkeypatch.setattr(working, "send", lambda pk, token: None)
    user = committed_cast.alice
    make(user, MANY, "Boxer")
    make(committed_cast.bob, 2, "Zimmer")
    visitor = Client()
    visitor.force_login(user, backend=BACKEND)
    session = visitor.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}]
    )
    page.goto("/leads/?sort=name&view=all")
    expect(page.get_by_role("heading", name="Leads", level=1)).to_be_visible()
    return page


def work() -> None:
    run = BulkRun.objects.get(state="running")
    working.work(run.pk, str(run.token))


def choose(page: Page, name: str, label: str, value: str) -> None:
    page.get_by_role("button", name="Edit fields").click()
    page.get_by_label("Which field?").select_option(name)
    page.get_by_label(label, exact=True).fill(value)
    page.get_by_label("Why").fill(WHY)
    page.get_by_role("button", name="Preview").click()


def test_whole_list_is_edited_reported_and_taken_back(alice: Page, axe: Callable[[], list[str]]) -> None:
    page, bar = alice, alice.get_by_role("region", name="Selected leads")
    page.get_by_label("Select all rows on this page").check()
    expect(bar).to_contain_text("50 leads selected")
    page.get_by_role("link", name="Next").click()
    expect(page.locator("[data-rows] .pick input").first).not_to_be_checked()
    expect(bar).to_contain_text("50 leads selected")
    page.get_by_label("Select all rows on this page").check()
    expect(bar).to_contain_text("100 leads selected")
    page.get_by_role("button", name="Select all results").click()
    expect(bar).to_contain_text("All results selected")
    choose(page, "city", "City", "Ghent")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text(f"Of the first 200 of {MANY + 2:,} records")
    assert axe() == []
    page.get_by_role("button", name=f"Change {MANY + 2:,} leads").click()
    expect(dialog).to_contain_text(f"0 of {MANY + 2:,} records: 0 %")
    work()
    expect(dialog).to_contain_text(f"{MANY:,} changed")
    expect(dialog).to_contain_text("2 denied")
    expect(dialog.get_by_text("Your role may not change city of this lead.")).to_have_count(2)
    assert Lead.objects.filter(city="Ghent").count() == MANY
    assert axe() == []
    page.get_by_role("button", name="Undo …").click()
    page.get_by_role("button", name=f"Take {MANY:,} leads back").click()
    expect(dialog).to_contain_text(f"0 of {MANY:,} records: 0 %")
    work()
    expect(dialog).to_contain_text(f"{MANY:,} changed")
    assert Lead.objects.filter(city="Ghent").count() == 0
    page.get_by_role("button", name="Close").click()
    expect(bar).to_be_hidden()
    page.goto("/bulk/")
    expect(page.get_by_role("link", name=f"Undo “Edit fields”: {MANY:,} leads")).to_be_visible()


def test_keys_alone_do_it_on_a_narrow_screen(alice: Page, axe: Callable[[], list[str]]) -> None:
    page = alice
    page.set_viewport_size({"width": 360, "height": 740})
    bar = page.get_by_role("region", name="Selected leads")
    for key in ("j", "j", "x", "Shift+J", "Shift+J"):
        page.keyboard.press(key)
    expect(bar).to_contain_text("3 leads selected")
    page.keyboard.press("x")
    expect(bar).to_contain_text("2 leads selected")
    box = bar.bounding_box()
    assert box is not None
    assert (box["x"] >= 0, box["x"] + box["width"] <= 360) == (True, True)
    assert axe() == []
    page.get_by_role("button", name="Edit fields").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Which field?")).to_be_visible()
    page.get_by_label("Which field?").select_option("city")
    page.get_by_label("City", exact=True).fill("Mons")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Change 2 leads")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_contain_text("0 of 2 records: 0 %")
    work()
    expect(page.get_by_role("button", name="Close")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_hidden()
    assert list(Lead.objects.filter(city="Mons").order_by("name").values_list("name", flat=True)) == [
        "Boxer 0001",
        "Boxer 0002",
    ]
    page.get_by_role("row", name="Boxer 0005").get_by_role("checkbox").check()
    page.get_by_role("row", name="Boxer 0008").get_by_role("checkbox").click(modifiers=["Shift"])
    expect(bar).to_contain_text("4 leads selected")
    page.keyboard.press("Escape")
    expect(bar).to_be_hidden()
