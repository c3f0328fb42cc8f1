"""A manager grants an exception: from My work to its page, and back with the deal excused."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.hashers import make_password
from playwright.sync_api import Page, expect

from revops.kernel import clocks
from revops.kernel.gates.models import PolicyException
from revops.kernel.identity.models import User
from revops.kernel.records.work.exceptions.forms import request
from tests.browser.conftest import Watch
from tests.browser.test_account import (
    PASSWORD,
    REFUSED,
    browser_context_args,
    committed_cast,
    company,
    enter,
    organisation_at_once,
)
from tests.cast import Cast
from tests.opportunities.conftest import open_deal

__all__ = ["browser_context_args", "committed_cast", "company", "enter", "organisation_at_once"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("browser_context_args", ["wide-light"], indirect=True)
def test_manager_grants_an_exception_from_my_work(
    enter: Callable[[str], Page], company: Cast, watch: Watch, axe: Callable[[], list[str]]
) -> None:
    watch.allow(REFUSED)
    User.objects.filter(pk=company.mona.pk).update(password=make_password(PASSWORD))
    deal = open_deal(company)
    values = {
        "policy_key": "opportunities.exit_criteria",
        "criterion_key": "budget_owner",
        "subject": f"OPP-{deal.pk:06d}",
        "justification": "The buyer's budget owner is on leave until the end of the month.",
        "risk": "low",
        "expires_at": (clocks.now() + timedelta(days=10)).isoformat(),
    }
    held: PolicyException = request(by=company.alice, values=values)
    page = enter("mona")
    page.goto("/my-work/")
    page.get_by_role("link", name="Look at it").click()
    expect(page.get_by_role("heading", name=held.name)).to_be_visible()
    assert axe() == []
    page.get_by_role("link", name="Approve").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Approve").click()
    expect(page.get_by_text("In force until")).to_be_visible()
    held.refresh_from_db()
    assert (held.state, held.approver) == ("approved", company.mona)
    page.goto(f"/opportunities/{deal.pk}/")
    expect(page.get_by_role("link", name=held.name)).to_be_visible()
