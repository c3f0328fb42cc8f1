"""A blocked move through a real browser: it explains itself, offers its remedies, and passes with what it lacked."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from opportunities.models import Opportunity
from revops.kernel.gates.models import GateAttempt
from revops.kernel.identity.models import User
from tests.browser.conftest import Watch
from tests.browser.test_account import LOOKS, PASSWORD
from tests.browser.test_board import open_board
from tests.cast import Cast, committed_cast, organisation_at_once
from tests.opportunities.conftest import make_ready, open_deal

__all__ = ["committed_cast", "organisation_at_once"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def browser_context_args(live_server: LiveServer) -> dict[str, Any]:
    shared = {"base_url": live_server.url, "reduced_motion": "reduce", "locale": "en-US"}
    return shared | LOOKS["wide-light"]


def test_a_blocked_move_explains_itself_and_passes_with_what_it_lacked(
    committed_cast: Cast, page: Page, watch: Watch, axe: Callable[[], list[str]]
) -> None:
    watch.allow("status of 422")
    alice = committed_cast.alice
    alice.set_password(PASSWORD)
    User.objects.filter(pk=alice.pk).update(password=alice.password)
    deal = open_deal(committed_cast, amount=None)
    open_board(page)
    page.locator(".tile-title").focus()
    page.keyboard.press("m")
    page.locator("#move-menu [data-move-to=evaluation]").click()
    dialog = page.locator("#board-dialog")
    expect(dialog.get_by_text("A contact with a role (to leave Qualification)")).to_be_visible()
    expect(dialog.get_by_text("An economic buyer (to leave Discovery)")).to_be_visible()
    expect(dialog.get_by_role("link", name="Add a contact")).to_be_visible()
    asked = dialog.get_by_role("link", name="Ask for an exception").first
    expect(asked).to_have_attribute(
        "href", re.compile(rf"criterion_key=contact_with_role&subject=.*:{deal.pk}$")
    )
    assert axe() == []
    make_ready(committed_cast, deal)
    page.get_by_label("Amount").fill("64000")
    dialog.get_by_role("button", name="Move to Evaluation").click()
    expect(page.get_by_text("Moved to Evaluation.")).to_be_visible()
    assert str(Opportunity.objects.get().stage) == "evaluation"
    assert list(GateAttempt.objects.order_by("pk").values_list("outcome", flat=True)) == ["refused", "passed"]
    page.goto(deal.get_absolute_url())
    expect(page.get_by_text("Three contacts with a role")).to_be_visible()
    assert axe() == []
