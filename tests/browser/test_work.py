"""My work by keys alone: moved through, done, taken back, put off, worked through; wide and at 360 px."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from revops.kernel import clocks
from revops.kernel.packets.models import Obligation
from revops.kernel.records.work.tasks.forms import create_task
from tests.browser.conftest import Watch
from tests.browser.test_account import (
    REFUSED,
    browser_context_args,
    committed_cast,
    company,
    enter,
    northwind,
    organisation_at_once,
)
from tests.cast import Cast

__all__ = ["browser_context_args", "committed_cast", "company", "enter", "organisation_at_once"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def tasks(company: Cast) -> None:
    """Give Alice three tasks that are due one after another, the first about Northwind."""
    subject = f"ACC-{northwind().pk:06d}"
    for number, text in enumerate(("First task", "Second task", "Third task")):
        # Far enough ahead that no clock and no zone makes one of them overdue while the test runs.
        due_on = (clocks.now() + timedelta(days=3 + number)).date().isoformat()
        about = {"subject": subject} if not number else {}
        create_task(by=company.alice, values={"text": text, "due_on": due_on, **about})


@pytest.mark.parametrize("browser_context_args", ["wide-light"], indirect=True)
def test_work_is_done_by_keys_alone(
    enter: Callable[[str], Page], company: Cast, watch: Watch, axe: Callable[[], list[str]]
) -> None:
    watch.allow(REFUSED)
    tasks(company)
    page = enter("alice")
    page.goto("/my-work/")
    rows = page.locator("[data-work]")
    expect(rows).to_have_count(3)
    assert axe() == []
    page.keyboard.press("j")
    expect(page.get_by_role("link", name="First task")).to_be_focused()
    page.keyboard.press(" ")
    expect(page.get_by_label("Beside the list")).to_contain_text("Northwind")
    page.keyboard.press("Escape")
    expect(page.get_by_label("Beside the list")).to_be_hidden()
    page.get_by_role("link", name="First task").focus()
    page.keyboard.press("d")
    expect(rows).to_have_count(2)
    expect(page.get_by_role("link", name="Second task")).to_be_focused()
    page.get_by_role("button", name="Undo").press("Enter")
    expect(rows).to_have_count(3)
    assert Obligation.objects.get(text="First task").state == "open"
    page.get_by_role("link", name="Second task").focus()
    page.keyboard.press("s")
    expect(page.get_by_role("button", name="Tomorrow")).to_be_focused()
    assert axe() == []
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Second task")).to_be_focused()
    page.keyboard.press("s")
    expect(page.get_by_role("button", name="Tomorrow")).to_be_focused()
    page.get_by_label("Due on").fill("2000-01-01")
    page.get_by_label("Due on").press("Control+Enter")
    expect(page.get_by_role("alert")).to_contain_text("has passed")
    page.get_by_label("Due on").fill("2190-01-01")
    page.get_by_label("Due on").press("Control+Enter")
    expect(rows).to_have_count(2)
    page.keyboard.press("w")
    expect(page.get_by_role("heading", name="First task")).to_be_visible()
    assert axe() == []
    page.keyboard.press("d")
    expect(page.get_by_role("heading", name="Third task")).to_be_visible()
    page.keyboard.press("d")
    expect(page.get_by_text("That was the last one")).to_be_visible()
    assert sorted(Obligation.objects.filter(state="done").values_list("text", flat=True)) == [
        "First task",
        "Third task",
    ]


@pytest.mark.parametrize("browser_context_args", ["narrow-dark"], indirect=True)
def test_work_fits_a_narrow_screen_and_a_record_finishes_its_task(
    enter: Callable[[str], Page], company: Cast, axe: Callable[[], list[str]]
) -> None:
    tasks(company)
    page = enter("alice")
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto("/my-work/")
    expect(page.locator("[data-work]")).to_have_count(3)
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    assert axe() == []
    page.goto(f"/accounts/{northwind().pk}/")
    tick = page.get_by_role("button", name="Mark as done: First task")
    tick.click()
    expect(tick).to_be_hidden()
    page.get_by_role("button", name="Undo").click()
    expect(tick).to_be_visible()
    page.goto("/")
    expect(page.get_by_role("heading", name="Your work")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    assert axe() == []
