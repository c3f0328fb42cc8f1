"""A deal through a real browser: its path is read, a stage is clicked, it moves, and nobody stands in the way."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from opportunities.models import Opportunity
from revops.kernel.identity.models import User
from tests.browser.test_account import LOOKS, PASSWORD
from tests.cast import Cast, committed_cast, organisation_at_once
from tests.opportunities.conftest import ADVANCE, ready_deal

__all__ = ["committed_cast", "organisation_at_once"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def deal(committed_cast: Cast) -> Opportunity:
    """A deal of Alice, who has a password."""
    alice = committed_cast.alice
    alice.set_password(PASSWORD)
    User.objects.filter(pk=alice.pk).update(password=alice.password)
    return ready_deal(committed_cast)


@pytest.fixture(params=["wide-light", "narrow-dark"])
def browser_context_args(request: Any, live_server: LiveServer) -> dict[str, Any]:
    """Both widths and both themes."""
    shared = {"base_url": live_server.url, "reduced_motion": "reduce", "locale": "en-US"}
    return shared | LOOKS[request.param]


def test_deal_moves_by_a_click_on_its_path(
    deal: Opportunity, page: Page, axe: Callable[[], list[str]]
) -> None:
    page.goto(deal.get_absolute_url())
    page.get_by_label("E-mail address").fill("alice@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.locator(".step-now")).to_contain_text("Qualification")
    assert axe() == []
    page.locator(".stage-path").get_by_role("link", name="Proposal").click()
    expect(page.get_by_label("To the stage")).to_have_value("proposal")
    assert axe() == []
    page.get_by_label("Why", exact=True).select_option(ADVANCE)
    page.get_by_role("button", name="Move to a stage").click()
    expect(page.locator(".step-now")).to_contain_text("Proposal")
    page.goto("/opportunities/")
    expect(page.locator("tbody tr")).to_have_count(1)
    assert axe() == []
    assert Opportunity.objects.get().stage == "proposal"
