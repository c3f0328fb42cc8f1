"""The weekly inspections through a real browser: ten deals by keys, one of them brought down when it is saved."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from opportunities.models import InspectionRecord, Opportunity
from revops.kernel.guard import permit
from revops.kernel.identity.models import User
from tests.browser.test_account import (
    PASSWORD,
    browser_context_args,
    committed_cast,
    company,
    organisation_at_once,
)
from tests.cast import Cast
from tests.opportunities.conftest import brought_to
from tests.opportunities.inspected import committed

__all__ = ["browser_context_args", "committed_cast", "company", "organisation_at_once"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("browser_context_args", ["wide-light"], indirect=True)
def test_a_manager_inspects_ten_deals_by_keys_and_one_comes_down(
    company: Cast, page: Page, axe: Callable[[], list[str]]
) -> None:
    company.mona.set_password(PASSWORD)
    User.objects.filter(pk=company.mona.pk).update(password=company.mona.password)
    firm = committed(company)
    last = InspectionRecord.objects.get()
    last.week -= timedelta(days=7)
    with permit():
        last.save()
    for _ in range(9):
        brought_to(company, "proposal")
    page.goto("/inspections/")
    page.get_by_label("E-mail address").fill(company.mona.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="Inspection queue")).to_be_visible()
    assert axe() == []
    page.keyboard.press("w")
    for left in range(10, 0, -1):
        expect(page.locator(".inspect-one .page-head")).to_contain_text(f"{left} waiting")
        if left == 10:
            assert axe() == []
        page.keyboard.press("d" if left == 10 else "y")  # Commit stands first
    expect(page.get_by_text("Nothing is left to inspect")).to_be_visible()
    assert InspectionRecord.objects.filter(inspector=company.mona).count() == 11
    assert Opportunity.objects.get(pk=firm.pk).forecast_category == "best_case"
