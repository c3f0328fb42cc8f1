"""A packet through a real browser: opened on a deal, filled in, submitted; what lacks is named beside its field."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from opportunities.models import Opportunity
from revops.kernel.identity.models import User
from revops.kernel.packets.models import Packet
from tests.browser.test_account import PASSWORD
from tests.cast import Cast, committed_cast, organisation_at_once
from tests.opportunities.conftest import open_deal

__all__ = ["committed_cast", "organisation_at_once"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def deal(committed_cast: Cast) -> Opportunity:
    """A deal of Alice, who has a password."""
    alice = committed_cast.alice
    alice.set_password(PASSWORD)
    User.objects.filter(pk=alice.pk).update(password=alice.password)
    return open_deal(committed_cast)


def test_packet_is_filled_in_and_submitted(
    deal: Opportunity, page: Page, axe: Callable[[], list[str]], watch: object
) -> None:
    watch.allow("status of 422")  # type: ignore[attr-defined]
    page.goto(deal.get_absolute_url())
    page.get_by_label("E-mail address").fill("alice@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("button", name="Deal desk request").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Deal desk request: OPP-")
    assert axe() == []
    page.get_by_label("What is asked").select_option("structure")
    page.get_by_role("button", name="Submit", exact=True).click()
    expect(page.locator(".field-finding").first).to_contain_text("Why is empty")
    assert axe() == []
    page.get_by_label("Why").fill("They buy in two steps")
    page.get_by_label("Term in months").fill("24")
    page.get_by_label("Payment terms").select_option("net_30")
    page.get_by_label("Needed by").fill("2027-06-20")
    page.get_by_role("button", name="Submit", exact=True).click()
    expect(page.locator(".packet-lines")).to_contain_text("They buy in two steps")
    assert axe() == []
    assert Packet.objects.get().state == "submitted"
