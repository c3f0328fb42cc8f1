"""An export in a real browser: from a filtered list to the file, and nothing serious in anybody's way."""

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.actions import create_account
from revops.kernel.exchange.exporting import writing
from revops.kernel.exchange.exporting.models import DataExport
from revops.kernel.identity.models import User
from tests.browser.test_account import LOOKS, PASSWORD
from tests.cast import Cast, committed_cast, organisation_at_once

__all__ = ["committed_cast", "organisation_at_once"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(params=["wide-light", "narrow-dark"])
def browser_context_args(request: Any, live_server: LiveServer) -> dict[str, Any]:
    shared = {"base_url": live_server.url, "reduced_motion": "reduce", "locale": "en-US"}
    return shared | LOOKS[request.param]


def test_list_becomes_a_file(
    committed_cast: Cast, page: Page, axe: Callable[[], list[str]], settings: Any, tmp_path: Path
):
    settings.EXPORT_DIR = str(tmp_path / "exports")
    alice = committed_cast.alice
    alice.set_password(PASSWORD)
    User.objects.filter(pk=alice.pk).update(password=alice.password)
    for name, employees in (("Harbor Foods", "250"), ("=Quay", "900"), ("Small", "5")):
        create_account(by=alice, values={"name": name, "employees": employees})
    page.goto("/accounts/?employees__gte=100")
    page.get_by_label("E-mail address").fill(alice.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("link", name="Export", exact=True).click()
    expect(page.get_by_text("2 rows that you see in this list")).to_be_visible()
    assert axe() == []
    page.get_by_label("What is the file for?").fill("Territory review on Friday")
    page.get_by_role("button", name="Export", exact=True).click()
    expect(page.get_by_text("0 of 2 rows written")).to_be_visible()
    assert axe() == []
    assert writing.write(DataExport.objects.get().pk) == "ready"
    link = page.get_by_role("link", name="Download account-export")
    expect(link).to_be_visible()
    assert axe() == []
    with page.expect_download() as coming:
        link.click()
    held = Path(coming.value.path()).read_text(encoding="utf-8-sig")
    assert [row[1] for row in csv.reader(io.StringIO(held))] == ["Name", "·=Quay", "Harbor Foods"]
    page.goto("/exports/")
    expect(page.get_by_role("link", name="Accounts").last).to_be_visible()
    assert axe() == []
