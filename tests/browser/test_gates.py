"""A blocked move through a real browser: it explains itself, offers its remedies, and passes with what it lacked."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from opportunities.models import OppContactRole, Opportunity, StageEvidence
from revops.kernel.gates.models import GateAttempt
from revops.kernel.identity.models import User
from tests.browser.conftest import Watch
from tests.browser.test_account import LOOKS, PASSWORD
from tests.browser.test_board import column, drag, open_board
from tests.cast import Cast, committed_cast, organisation_at_once
from tests.opportunities.conftest import ADVANCE, stepped_deal
from tests.opportunities.people import make_contact

__all__ = ["committed_cast", "organisation_at_once"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def browser_context_args(live_server: LiveServer) -> dict[str, Any]:
    shared = {"base_url": live_server.url, "reduced_motion": "reduce", "locale": "en-US"}
    return shared | LOOKS["wide-light"]


def supply(page: Page, what: str) -> Locator:
    """Unfold the form of what lacks in the dialog of a drop."""
    form = page.locator("#board-dialog .supply", has_text=what)
    form.locator("summary").click()
    return form


def test_a_blocked_drop_tells_what_lacks_and_takes_the_buyer_and_the_evidence_along(
    committed_cast: Cast, page: Page, watch: Watch, axe: Callable[[], list[str]]
) -> None:
    watch.allow("status of 422")
    alice = committed_cast.alice
    alice.set_password(PASSWORD)
    User.objects.filter(pk=alice.pk).update(password=alice.password)
    deal = stepped_deal(committed_cast)
    make_contact(committed_cast, "Ann Buyer", account=deal.account)
    open_board(page)
    drag(page, "discovery")
    dialog = page.locator("#board-dialog")
    expect(dialog.get_by_text("The buyer has stated the need (to leave Qualification)")).to_be_visible()
    expect(dialog.get_by_text("A contact with a role (to leave Qualification)")).to_be_visible()
    assert axe() == []
    dialog.get_by_role("button", name="Cancel").click()
    expect(column(page, "qualification").locator("[data-card]")).to_have_count(1)
    drag(page, "discovery")
    need = supply(page, "The buyer has stated the need")
    expect(need.get_by_role("link", name="ask for an exception")).to_have_attribute(
        "href", re.compile(rf"criterion_key=need_stated&subject=.*:{deal.pk}$")
    )
    need.get_by_label("What was said or done").fill("We retype every order by hand")
    need.get_by_label("Said by").select_option(label="Ann Buyer")
    need.get_by_label("Web address").fill("https://files.example/minutes")
    buyer = supply(page, "A contact with a role")
    buyer.get_by_role("combobox", name="Contact").fill("Ann")
    buyer.get_by_role("option", name="Ann Buyer").click()
    buyer.get_by_label("Role").select_option("economic_buyer")
    assert axe() == []
    dialog.get_by_label("Why it advances").select_option(ADVANCE)
    dialog.get_by_role("button", name="Move to Discovery").click()
    expect(page.get_by_text("Moved to Discovery.")).to_be_visible()
    assert str(Opportunity.objects.get().stage) == "discovery"
    assert OppContactRole.objects.get().role == "economic_buyer"
    assert StageEvidence.objects.get().statement == "We retype every order by hand"
    outcomes = list(GateAttempt.objects.order_by("pk").values_list("outcome", flat=True))
    assert outcomes == ["refused", "refused", "passed"]
    look_at_the_page(page, deal, axe)


def look_at_the_page(page: Page, deal: Opportunity, axe: Callable[[], list[str]]) -> None:
    """See the next gate and what comes after the page; open a tab, which alone is fetched."""
    page.goto(deal.get_absolute_url())
    expect(page.locator("#gate")).to_contain_text("To Evaluation")
    expect(page.locator("#record-aside")).to_contain_text("Ann Buyer")
    assert axe() == []
    page.get_by_role("link", name="Stages", exact=True).click()
    expect(page.locator("#wide-panel")).to_contain_text("Attempts to move it")
    expect(page).to_have_url(re.compile(r"tab=stays$"))
    assert axe() == []
    page.go_back()
    expect(page.locator("#timeline")).to_be_visible()
