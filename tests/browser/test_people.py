"""Contacts and leads through a real browser: what may be the same is shown while typing, and the pages can be read."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.actions import add_email, create_account, create_contact, create_lead
from accounts.models import Lead
from revops.kernel.identity.models import User
from tests.browser.test_account import LOOKS, PASSWORD
from tests.cast import Cast, committed_cast, organisation_at_once

__all__ = ["committed_cast", "organisation_at_once"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(params=["wide-light", "narrow-dark"])
def browser_context_args(request: Any, live_server: LiveServer) -> dict[str, Any]:
    shared = {"base_url": live_server.url, "reduced_motion": "reduce", "locale": "en-US"}
    return shared | LOOKS[request.param]


@pytest.fixture
def people(committed_cast: Cast) -> dict[str, str]:
    """Alice signed up, with an account, its contact and its lead; the address of each page."""
    alice = committed_cast.alice
    alice.set_password(PASSWORD)
    User.objects.filter(pk=alice.pk).update(password=alice.password)
    account = create_account(
        by=alice, values={"name": "Edge Communications", "domain": "edge.com", "country": "US"}
    )
    contact = create_contact(
        by=alice,
        values={
            "salutation": "Ms",
            "first_name": "Rose",
            "last_name": "Gonzalez",
            "title": "SVP, Procurement",
            "account": account.pk,
            "email": "rose@edge.com",
            "phone": "(512) 757-6000",
            "personal_phone": "(512) 757-6001",
        },
    )
    add_email(by=alice, pk=contact.pk, email="rose.gonzalez@edge.com")
    lead = create_lead(
        by=alice,
        values={
            "first_name": "Sean",
            "last_name": "Forbes",
            "company": "Edge",
            "title": "CFO",
            "email": "sean@edge.com",
            "source_original": "trade_show",
        },
    )
    return {
        "account": f"/accounts/{account.pk}/",
        "contact": f"/contacts/{contact.pk}/",
        "lead": f"/leads/{lead.pk}/",
        "contacts": "/contacts/",
        "leads": "/leads/",
        "new contact": "/contacts/new/",
        "new lead": "/leads/new/",
        "disqualify": f"/leads/{lead.pk}/do/disqualify/",
    }


@pytest.fixture
def signed_in(people: dict[str, str], page: Page) -> Page:
    page.goto("/leads/")
    page.get_by_label("E-mail address").fill("alice@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="Leads")).to_be_visible()
    return page


def test_lead_like_a_known_person_is_shown_before_it_is_entered(signed_in: Page):
    page = signed_in
    page.goto("/leads/new/")
    page.get_by_label("First name").fill("Rosa")
    page.get_by_label("Last name").press_sequentially("Gonzales")
    known = page.locator("#likely")
    expect(known.get_by_role("link", name="Rose Gonzalez")).to_be_visible()
    page.get_by_label("Last name").fill("Okonkwo")
    expect(known.get_by_role("link")).to_have_count(0)
    page.get_by_label("Company").fill("Somewhere")
    page.get_by_label("Phone", exact=True).fill("+1 512 757 6005")
    page.get_by_label("Original source").select_option("web")
    page.get_by_role("button", name="Create lead").click()
    expect(page.get_by_role("heading", name="Rosa Okonkwo", level=1)).to_be_visible()
    page.get_by_role("link", name="Accept").click()
    page.get_by_role("button", name="Accept").click()
    expect(page.locator("#record-head")).to_contain_text("Accepted")
    assert Lead.objects.get(last_name="Okonkwo").status == "accepted"


def test_pages_of_people_can_be_read_by_everybody(
    signed_in: Page, people: dict[str, str], axe: Callable[[], list[str]]
):
    found = {}
    for name, address in people.items():
        signed_in.goto(address)
        found[name] = axe()
        wide = signed_in.evaluate("document.documentElement.scrollWidth > innerWidth + 1")
        assert not wide, f"{name} is wider than the screen"
    assert found == {name: [] for name in people}
