"""A made Salesforce-like export through a real browser: upload, questions, columns, words, check, repair, and back."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import Account
from revops.kernel.exchange.drafts import working
from revops.kernel.exchange.drafts.models import ImportDraft
from revops.kernel.identity.models import User
from tests.browser.test_account import LOOKS, PASSWORD
from tests.cast import Cast, committed_cast, organisation_at_once
from tests.kernel.exchange.wizards import import_dir, worked

__all__ = ["committed_cast", "import_dir", "organisation_at_once"]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("import_dir"),
]

HEADER = (
    "Id,IsDeleted,Name,Type,ParentId,Industry,AnnualRevenue,NumberOfEmployees,Website,Customer Since,Notes\n"
)
ROWS = [
    "001A,FALSE,Harbor Works,Prospect,,Energy,1000.50,10,https://harborworks.com,01/02/2024,seen",
    "001B,FALSE,Quay Works,Prospect,001C,Energy,a lot,20,https://quayworks.com,03/02/2024,seen",
    "001C,FALSE,Pier Works,Key Client,,Energy,a lot,30,https://pierworks.com,05/06/2024,",
    "001D,TRUE,Gone Works,Prospect,,Energy,1,1,https://goneworks.com,05/06/2024,",
]


@pytest.fixture(params=["wide-light", "narrow-dark"])
def browser_context_args(request: Any, live_server: LiveServer) -> dict[str, Any]:
    shared = {"base_url": live_server.url, "reduced_motion": "reduce", "locale": "en-US"}
    return shared | LOOKS[request.param]


@pytest.fixture
def rita(committed_cast: Cast, page: Page, monkeypatch: pytest.MonkeyPatch) -> Page:
    """Rita's page; the work that a worker would do is done by the test."""
    monkeypatch.setattr(working, "send", lambda pk, token: None)
    user = committed_cast.rita
    user.set_password(PASSWORD)
    User.objects.filter(pk=user.pk).update(password=user.password)
    page.goto("/imports/")
    page.get_by_label("E-mail address").fill(user.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="Imports", level=1)).to_be_visible()
    return page


def work() -> None:
    worked(ImportDraft.objects.get())


def upload(page: Page, folder: Path) -> None:
    path = folder / "Account.csv"
    path.write_text(HEADER + "\n".join(ROWS) + "\n", encoding="utf-8")
    page.get_by_role("link", name="New import").click()
    page.get_by_label("Choose a file").set_input_files(path)
    expect(page.locator("[data-file-name]")).to_contain_text("Account.csv")
    page.get_by_role("button", name="Upload and read").click()
    expect(page.get_by_text("4 rows and 11 columns below the header in line 1.")).to_be_visible()


def test_file_goes_from_upload_to_revert(rita: Page, tmp_path: Path, axe: Callable[[], list[str]]):
    page = rita
    assert axe() == []
    upload(page, tmp_path)
    assert axe() == []
    page.get_by_role("button", name="Go on to the columns").click()
    page.get_by_label("Customer Since becomes").select_option("customer_since")
    assert axe() == []
    page.get_by_role("button", name="Go on to the values").click()
    expect(page.get_by_text("1 question that the file does not answer")).to_be_visible()
    page.get_by_role("group", name="Customer Since").get_by_role("radio").first.check()
    page.get_by_role("button", name="Go on to the columns").click()
    page.get_by_role("button", name="Go on to the values").click()
    page.get_by_label("Key Client means").select_option("customer")
    assert axe() == []
    page.get_by_role("button", name="Save and go on to the check").click()
    page.get_by_role("button", name="Check the file").click()
    expect(page.get_by_text("Every row is being checked")).to_be_visible()
    assert axe() == []
    work()
    expect(page.get_by_text("2 of 4 rows would be refused.")).to_be_visible()
    assert axe() == []
    page.get_by_role("link", name="'a lot' is not a number").click()
    first = page.locator(".repair-form").first
    first.get_by_role("textbox").fill("2000")
    first.get_by_role("button", name="Replace everywhere").click()
    expect(page.get_by_text("2 cells written")).to_be_visible()
    assert axe() == []
    page.get_by_role("button", name="Check the repaired rows").click()
    expect(page.get_by_text("No row is refused any more.")).to_be_visible()
    page.get_by_role("link", name="Go on to the import").click()
    assert axe() == []
    page.get_by_role("button", name="Import 3 rows").click()
    expect(page.get_by_text("The rows are being imported")).to_be_visible()
    work()
    expect(page.get_by_role("link", name="New import")).to_be_visible()
    assert axe() == []
    assert sorted(Account.objects.values_list("name", flat=True)) == [
        "Harbor Works",
        "Pier Works",
        "Quay Works",
    ]
    page.locator(".outcome-created a").click()
    expect(page.get_by_role("link", name="Pier Works")).to_be_visible()
    assert axe() == []
    page.get_by_role("link", name="Account.csv").click()
    page.get_by_role("link", name="Take this import back").click()
    expect(page.get_by_text("3 records that the import created would be removed")).to_be_visible()
    assert axe() == []
    page.get_by_role("button", name="Take it back").click()
    expect(page.get_by_text("The import is being taken back")).to_be_visible()
    work()
    expect(page.get_by_text("The import was taken back: 3 records removed")).to_be_visible()
    assert Account.objects.count() == 0


@pytest.mark.parametrize("browser_context_args", ["wide-light"], indirect=True)
def test_option_reads_the_file_again_where_it_stands(rita: Page, tmp_path: Path):
    page = rita
    upload(page, tmp_path)
    page.get_by_label("Columns are separated by").select_option("semicolon")
    expect(page.get_by_text("4 rows and 1 column")).to_be_visible()
    page.get_by_label("Columns are separated by").select_option("comma")
    expect(page.get_by_text("4 rows and 11 columns")).to_be_visible()
