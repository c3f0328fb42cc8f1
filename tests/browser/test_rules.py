"""A rule is drafted in a real browser: its form, what it would change while one types, errors at their place."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.actions import create_account
from revops.kernel.policies.models import PolicyVersion
from tests.browser.conftest import Watch
from tests.browser.test_account import LOOKS
from tests.browser.test_views import enter
from tests.cast import Cast, committed_cast, organisation_at_once

__all__ = ["committed_cast", "organisation_at_once"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(params=["wide-light", "narrow-dark"])
def look(request: Any) -> str:
    name: str = request.param
    return name


@pytest.fixture
def browser_context_args(look: str, live_server: LiveServer) -> dict[str, Any]:
    """Both widths and both themes."""
    return {"base_url": live_server.url, "reduced_motion": "reduce", "locale": "en-US"} | LOOKS[look]


def test_a_change_is_drafted_watched_and_compared(
    committed_cast: Cast, page: Page, live_server: LiveServer, watch: Watch, axe: Callable[[], list[str]]
) -> None:
    for name, employees in (("Mills", 1_500), ("Works", 3_000), ("Shop", 5)):
        create_account(by=committed_cast.alice, values={"name": name, "employees": str(employees)})
    watch.allow("status of 422")
    enter(page, committed_cast.rita, live_server.url)
    page.goto("/rules/accounts.segment/")
    page.get_by_role("link", name="Draft a change").click()
    impact = page.locator("#impact")
    expect(impact).to_contain_text("0 of 3 records")

    # A parameter is another number: what it would change is told while one types.
    large = page.get_by_role("textbox", name="enterprise_from")
    large.fill("2000")
    expect(impact).to_contain_text("1 of 3 records")
    expect(impact.get_by_role("link", name="Mills")).to_be_visible()

    # A condition is changed by rows, and what is wrong stands at its row.
    first = page.locator("#b-segments-0-when")
    first.get_by_role("button", name="Change").click()
    first.get_by_label("Remove this condition").first.click()
    first.get_by_role("button", name="Condition").click()
    first.get_by_label("Field").last.select_option("account.employees")
    first.get_by_label("How Employees compares").last.select_option("gt")
    first.get_by_label("Employees", exact=True).fill("many")
    page.get_by_label("Where this comes from").fill("Agreed with sales on 3 March")
    page.get_by_role("button", name="Save the draft").click()
    expect(first.get_by_role("alert")).to_contain_text("a whole number")
    expect(page.get_by_label("Where this comes from")).to_have_value("Agreed with sales on 3 March")
    first.get_by_label("Employees", exact=True).fill("2,500")
    expect(impact).to_contain_text("1 of 3 records")

    # Items of a list are added and moved; the focus goes along.
    page.get_by_role("button", name="Add to segments").click()
    expect(page.locator("#b-segments-2-item")).to_have_attribute("open", "")
    page.get_by_role("button", name="Take number 3 away").click()
    expect(page.locator("#b-segments-2-item")).to_have_count(0)
    assert axe() == []

    page.get_by_role("button", name="Save the draft").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Version 2")
    expect(page.locator(".compare")).to_contain_text("Employees is above 2,500")
    expect(page.locator("#impact")).to_contain_text("1 of 3 records")
    assert axe() == []
    draft = PolicyVersion.objects.get(n=2)
    assert draft.body["segments"][0]["when"] == {"f": "account.employees", "op": "gt", "v": 2500}
    page.goto("/rules/")
    page.get_by_label("Search the rules").fill("mid-market employees")
    expect(page.locator(".rule-row")).to_have_count(1)
    assert axe() == []
