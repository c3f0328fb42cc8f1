"""An approval through a real browser: from My work, and from the link of the e-mail, which decides nothing itself."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from revops.kernel.approvals.models import ApprovalRequest
from revops.kernel.identity.models import User
from tests.approving import key_accounts, resize, submit
from tests.browser.conftest import Watch
from tests.browser.test_account import (
    PASSWORD,
    REFUSED,
    browser_context_args,
    committed_cast,
    company,
    northwind,
    organisation_at_once,
)
from tests.cast import Cast

__all__ = ["browser_context_args", "committed_cast", "company", "key_accounts", "organisation_at_once"]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("key_accounts"),
]


@pytest.mark.parametrize("browser_context_args", ["wide-light"], indirect=True)
def test_approval_is_given_from_the_mails_link_and_refused_from_my_work(
    company: Cast, page: Page, watch: Watch, axe: Callable[[], list[str]]
) -> None:
    watch.allow(REFUSED)
    company.mona.set_password(PASSWORD)
    User.objects.filter(pk=company.mona.pk).update(password=company.mona.password)
    account = northwind()
    first = submit(company.alice, account)
    page.goto(f"/approvals/{first.pk}/")
    page.get_by_label("E-mail address").fill(company.mona.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="Key account: Northwind Traders")).to_be_visible()
    assert ApprovalRequest.objects.get().state == "pending"
    assert axe() == []
    page.get_by_role("button", name="Approve", exact=True).click()
    expect(page.get_by_text("Approved by Mona")).to_be_visible()
    assert ApprovalRequest.objects.get().state == "approved"
    resize(company.rita, account, 400)
    second = submit(company.alice, account)
    page.goto("/my-work/?kind=approval")
    row = page.locator("[data-work]")
    expect(row).to_have_count(1)
    row.get_by_role("button", name="Reject").click()
    page.get_by_label("Why").fill("Too big for us")
    page.get_by_label("Why").press("Control+Enter")
    expect(row).to_have_count(0)
    second.refresh_from_db()
    assert (second.state, second.note) == ("rejected", "Mona: Too big for us")
    page.goto("/approvals/")
    expect(page.get_by_text("Nothing waits for you")).to_be_visible()
    assert axe() == []
