"""A morning at a list: records beside it, cells, calls, next steps and the next record, all from the keyboard."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from accounts.models import Activity
from opportunities.models import Opportunity
from revops.kernel.identity.models import User
from tests.browser.test_account import PASSWORD
from tests.cast import Cast, committed_cast, organisation_at_once
from tests.opportunities.conftest import ADVANCE, make_ready, open_deal

__all__ = ["committed_cast", "organisation_at_once"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def deals(committed_cast: Cast) -> list[Opportunity]:
    """Three deals of Alice, who has a password; the one that closes last is first in the list."""
    alice = committed_cast.alice
    alice.set_password(PASSWORD)
    User.objects.filter(pk=alice.pk).update(password=alice.password)
    days = ("2027-09-03", "2027-09-02", "2027-09-01")
    return [open_deal(committed_cast, close_date=day) for day in days]


def sign_in(page: Page, path: str) -> None:
    page.goto(path)
    page.get_by_label("E-mail address").fill("alice@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_load_state("networkidle")


class Keys:
    """A keyboard that counts what is pressed."""

    def __init__(self, page: Page) -> None:
        self.page, self.count = page, 0

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)
        self.count += 1

    def type(self, text: str) -> None:
        for letter in text:
            self.press(letter)


def test_a_record_of_the_morning_takes_fewer_than_twenty_keys(deals: list[Opportunity], page: Page) -> None:
    first, second, _ = deals
    sign_in(page, "/opportunities/")
    expect(page.locator("tbody tr")).to_have_count(3)
    keys = Keys(page)
    page.keyboard.press("j")
    expect(page.locator("tr.chosen")).to_have_count(1)
    keys.press("Enter")
    expect(page.locator(".stage-path")).to_be_visible()
    expect(page.locator("[data-neighbour=next][href]")).to_have_count(1)
    keys.press("l")
    expect(page.locator("#input-subject")).to_be_focused()
    keys.press("Tab")
    keys.press("c")
    keys.press("Control+Enter")
    expect(page.locator("#timeline-list")).to_contain_text("Connected")
    expect(page.locator("[data-composer=call]")).to_be_focused()
    keys.press("s")
    expect(page.locator("#input-next_step")).to_be_focused()
    keys.type("Send offer")
    keys.press("Enter")
    expect(page.locator("#next-step")).to_contain_text("In 7 days")
    keys.press("]")
    expect(page).to_have_url(f"{page.url.rsplit('/', 2)[0]}/{second.pk}/")
    assert keys.count < 20
    first.refresh_from_db()
    assert (first.next_step, Activity.objects.get().outcome) == ("Send offer", "connected")


def test_panel_opens_beside_the_list_and_follows_it(
    deals: list[Opportunity], page: Page, axe: Callable[[], list[str]]
) -> None:
    sign_in(page, "/opportunities/?columns=name,stage,amount,next_step")
    panel = page.locator("#side-panel")
    place = panel.locator(".neighbours-place")
    page.keyboard.press("j")
    page.keyboard.press("Space")
    expect(panel.locator(".panel-head .number")).to_have_text(f"OPP-{deals[0].pk:06d}")
    expect(place).to_have_text("1 of 3")
    assert axe() == []
    page.keyboard.press("j")
    expect(panel.locator(".panel-head .number")).to_have_text(f"OPP-{deals[1].pk:06d}")
    expect(panel.locator("[data-neighbour=next][href]")).to_have_count(1)
    page.keyboard.press("]")
    expect(panel.locator(".panel-head .number")).to_have_text(f"OPP-{deals[2].pk:06d}")
    expect(page.locator(f"tr.chosen[data-pk='{deals[2].pk}']")).to_have_count(1)
    page.keyboard.press("s")
    expect(page.locator("#input-next_step")).to_be_focused()
    page.keyboard.type("Visit them")
    page.keyboard.press("Enter")
    expect(panel.locator("#next-step")).to_contain_text("Visit them")
    expect(page.locator(f"tr[data-pk='{deals[2].pk}']")).to_contain_text("Visit them")
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()


def test_cells_are_walked_edited_and_refused_in_their_place(
    deals: list[Opportunity], page: Page, watch: Any, axe: Callable[[], list[str]]
) -> None:
    watch.allow("status of 422")
    watch.allow("status of 403")
    sign_in(page, "/opportunities/?columns=name,amount,close_date,stage")
    page.keyboard.press("j")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("F2")
    field = page.locator("[data-cell-form] input[type=text]")
    expect(field).to_be_focused()
    assert axe() == []
    page.keyboard.type("abc")
    page.keyboard.press("Enter")
    expect(page.locator("[data-cell-form] .field-finding")).to_be_visible()
    page.keyboard.press("Control+a")
    page.keyboard.type("75000")
    page.keyboard.press("Tab")
    expect(page.locator("tbody tr").first).to_contain_text("75,000")
    expect(page.locator("[data-cell-form] input[type=date]")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("[data-cell-form]")).to_have_count(0)
    deals[0].refresh_from_db()
    assert (deals[0].amount, str(deals[0].close_date)) == (75_000, "2027-09-03")


def test_stage_is_moved_in_a_dialog_and_the_page_follows(
    committed_cast: Cast, deals: list[Opportunity], page: Page, axe: Callable[[], list[str]]
) -> None:
    make_ready(committed_cast, deals[0])
    sign_in(page, deals[0].get_absolute_url())
    page.locator(".stage-path").get_by_role("link", name="Proposal").click()
    dialog = page.locator("dialog#dialog")
    expect(dialog.get_by_label("To the stage")).to_be_focused()
    assert axe() == []
    dialog.get_by_label("Why", exact=True).select_option(ADVANCE)
    dialog.get_by_role("button", name="Move to a stage").click()
    expect(dialog).to_be_hidden()
    expect(page.locator(".step-now")).to_contain_text("Proposal")
    expect(page.locator("#gate")).to_contain_text("To Contracting")
    page.get_by_role("button", name="More actions").click()
    page.get_by_role("link", name="Who can see this").click()
    expect(dialog).to_contain_text("Owns it")
    assert axe() == []
    page.keyboard.press("Escape")
    assert Opportunity.objects.get(pk=deals[0].pk).stage == "proposal"
