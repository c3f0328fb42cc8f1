"""A board through a real browser: cards are dragged, moved by key and menu, taken back, and never lost to a refusal."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from opportunities.models import Opportunity
from revops.kernel.identity.models import User
from tests.browser.conftest import Watch
from tests.browser.test_account import LOOKS, PASSWORD
from tests.cast import Cast, committed_cast, organisation_at_once
from tests.opportunities.conftest import ADVANCE, ready_deal

__all__ = ["committed_cast", "organisation_at_once"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def deal(committed_cast: Cast) -> Opportunity:
    """A deal of Alice without an amount, which Evaluation asks for; Alice has a password."""
    alice = committed_cast.alice
    alice.set_password(PASSWORD)
    User.objects.filter(pk=alice.pk).update(password=alice.password)
    return ready_deal(committed_cast, amount=None)


@pytest.fixture
def looks() -> str:
    return "wide-light"


@pytest.fixture
def browser_context_args(looks: str, live_server: LiveServer) -> dict[str, Any]:
    shared = {"base_url": live_server.url, "reduced_motion": "reduce", "locale": "en-US"}
    return shared | LOOKS[looks]


def open_board(page: Page) -> None:
    page.goto("/opportunities/?layout=board")
    page.get_by_label("E-mail address").fill("alice@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("[data-page][data-ready]").first).to_be_attached()


def column(page: Page, key: str) -> Locator:
    return page.locator(f'[data-column="{key}"]')


def drag(page: Page, to: str) -> None:
    """Drag the one card into a column, in steps, as a hand does."""
    card = page.locator("#board [data-card]").bounding_box()
    there = column(page, to).locator("[data-cards]").bounding_box()
    assert card is not None
    assert there is not None
    page.mouse.move(card["x"] + 30, card["y"] + 30)
    page.mouse.down()
    page.mouse.move(card["x"] + 50, card["y"] + 40, steps=3)
    page.mouse.move(there["x"] + 60, there["y"] + 30, steps=10)
    expect(column(page, to).locator(".tile-ghost")).to_be_attached()
    page.mouse.up()


def say_why(page: Page, stage: str) -> None:
    """Say in the dialog why the card advances, and let it."""
    page.get_by_label("Why it advances").select_option(ADVANCE)
    page.locator("#board-dialog").get_by_role("button", name=f"Move to {stage}").click()


def stage_of(deal: Opportunity) -> str:
    return str(Opportunity.objects.get(pk=deal.pk).stage)


def test_card_is_dragged_and_taken_back_by_the_rules(
    deal: Opportunity, page: Page, watch: Watch, axe: Callable[[], list[str]]
) -> None:
    watch.allow("status of 422")
    open_board(page)
    expect(page.locator("#figures-qualification")).to_contain_text("1")
    assert axe() == []
    drag(page, "discovery")
    say_why(page, "Discovery")
    expect(page.get_by_text("Moved to Discovery.")).to_be_visible()
    expect(column(page, "discovery").locator("[data-card]")).to_have_count(1)
    expect(page.locator("#figures-discovery")).to_contain_text("1")
    assert stage_of(deal) == "discovery"
    page.get_by_role("button", name="Undo").click()
    page.get_by_label("Why it moves back").select_option("champion_lost")
    page.locator("#board-dialog").get_by_role("button", name="Move to Qualification").click()
    expect(page.get_by_text("Moved to Qualification.")).to_be_visible()
    assert stage_of(deal) == "qualification"


def test_blocked_drop_asks_for_what_is_missing_and_cancel_puts_the_card_back(
    deal: Opportunity, page: Page, watch: Watch, axe: Callable[[], list[str]]
) -> None:
    watch.allow("status of 422")
    open_board(page)
    drag(page, "evaluation")
    expect(page.get_by_label("Amount")).to_be_focused()
    assert axe() == []
    page.get_by_role("button", name="Cancel").click()
    expect(column(page, "qualification").locator("[data-card]")).to_have_count(1)
    assert stage_of(deal) == "qualification"
    drag(page, "evaluation")
    page.get_by_label("Amount").fill("64000")
    say_why(page, "Evaluation")
    expect(column(page, "evaluation").locator("[data-card]")).to_contain_text("$64,000")
    now = Opportunity.objects.get()
    assert (now.stage, int(now.amount or 0)) == ("evaluation", 64000)


@pytest.mark.parametrize("looks", ["narrow-dark"])
def test_card_moves_by_keyboard_on_a_narrow_screen(
    deal: Opportunity, page: Page, watch: Watch, axe: Callable[[], list[str]]
) -> None:
    watch.allow("status of 422")
    open_board(page)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.locator("#board").focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator(".tile-title")).to_be_focused()
    page.keyboard.press("m")
    expect(page.locator("#move-menu [data-move-to=discovery]")).to_be_focused()
    assert axe() == []
    page.keyboard.press("Enter")
    say_why(page, "Discovery")
    expect(page.get_by_text("Moved to Discovery.")).to_be_visible()
    expect(page.locator(".tile-title")).to_be_focused()
    page.keyboard.press("Shift+ArrowRight")
    expect(page.get_by_label("Amount")).to_be_focused()
    page.keyboard.press("Escape")
    expect(column(page, "discovery").locator("[data-card]")).to_have_count(1)
    page.locator("[data-show-column=closed_lost]").click()
    expect(page.locator("[data-show-column=closed_lost]")).to_have_attribute("aria-pressed", "true")
    assert stage_of(deal) == "discovery"
