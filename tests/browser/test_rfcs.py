"""A request for change in a browser: from a draft into the form, to the board, live, and back again."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from governance.actions import rfcs
from governance.models import ChangeRequest
from revops.kernel import policies
from revops.kernel.identity.models import User
from revops.kernel.policies.actions import draft_version
from tests.browser.conftest import Watch
from tests.browser.test_accessibility import become
from tests.cast import Cast, committed_cast, organisation_at_once
from tests.governance.conftest import decide_all

__all__ = ["become", "committed_cast", "organisation_at_once"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
KEY = "accounts.required_fields_of_contacts"
BACK = "One click brings the rule of today back; operations watch for a day."


@pytest.fixture
def browser_context_args(live_server: LiveServer) -> dict[str, Any]:
    """A wide window."""
    return {
        "base_url": live_server.url,
        "viewport": {"width": 1440, "height": 900},
        "reduced_motion": "reduce",
        "locale": "en-US",
    }


def lines() -> list[str]:
    return [line["field"] for line in policies.get(KEY).raw["fields"]]


def do(page: Page, button: str) -> None:
    """Open a deed from the head or its menu, and do what its dialog offers."""
    page.get_by_role("button", name="More actions").click()
    page.locator(f"a[data-dialog]:visible:has-text('{button}')").first.click()
    page.get_by_role("dialog").get_by_role("button", name=button).click()


def test_request_is_submitted_approved_put_live_and_rolled_back(
    committed_cast: Cast,
    become: Callable[[User], None],
    page: Page,
    watch: Watch,
    axe: Callable[..., list[str]],
) -> None:
    watch.allow("status of 422")
    body = {"fields": [{"field": "contact.title", "mode": "observe", "code": "CON-020"}]}
    draft = draft_version(by=committed_cast.olga, key=KEY, body=body, source_note="Ask for titles")
    become(committed_cast.olga)
    page.goto(f"/rfcs/add/?version={draft.pk}")
    expect(page.get_by_text("accounts.required_fields_of_contacts version 2")).to_be_visible()
    page.get_by_label("Title").fill("Know the title of every contact")
    page.get_by_label("Problem").fill("Buying committees are guessed at")
    page.get_by_label("Proposal").fill("Count contacts without a title")
    page.get_by_role("button", name="Create request for change").click()
    expect(page.get_by_role("heading", name="Know the title of every contact")).to_be_visible()
    expect(page.get_by_label("Before it can be submitted")).to_contain_text("Say how it is taken back")
    assert axe() == []
    rfc = ChangeRequest.objects.get()
    words = {"impact": "Reps see one more field asked for", "rollback_plan": BACK}
    rfcs.edit_rfc(by=committed_cast.olga, pk=rfc.pk, changes=words)
    page.reload()
    do(page, "Submit to the change board")
    expect(page.locator(".record-head")).to_contain_text("Submitted")
    decide_all(rfc, committed_cast.rita, committed_cast.dora)
    become(committed_cast.rita)
    page.goto(f"/rfcs/{rfc.pk}/?tab=diff")
    expect(page.locator(".differences")).to_contain_text("Title")
    assert axe() == []
    do(page, "Go live now")
    expect(page.get_by_label("What came of it")).to_contain_text("Live since")
    assert lines() == ["contact.title"]
    page.get_by_role("link", name="Roll back").click()
    page.get_by_role("dialog").get_by_label("Why").fill("More was asked for than anybody can fill in")
    page.get_by_role("dialog").get_by_role("button", name="Roll back").click()
    expect(page.locator(".record-head")).to_contain_text("Rolled back")
    assert lines() == ["contact.country"]
