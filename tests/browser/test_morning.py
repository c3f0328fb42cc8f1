"""The morning by keyboard alone, as a rep beside My work (wide and at 360 px) and as a manager on the pages.

A manager sees the next step of a rep and does not change it: that is the rep's, so there a call is logged.

Counted is every press: letters that are shortcuts, Tab, Enter, Escape, arrows, the letter that chooses an outcome, the
digits of a day. Not counted are the letters of free text, which is entered with one insert each: the subject of the
call and the words of the next step. A record lasts from My work until its task is done and the next one has the focus.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from accounts.enums import ActivityKind
from accounts.models import Activity
from opportunities.models import Opportunity
from opportunities.policies.next_steps import NextSteps
from revops.kernel import clocks
from revops.kernel.identity.models import User
from revops.kernel.packets.models import Obligation
from revops.kernel.records.work.tasks.forms import create_task
from tests.browser.test_account import NARROW, PASSWORD, WIDE
from tests.cast import Cast, committed_cast, organisation_at_once
from tests.opportunities.conftest import open_deal

__all__ = ["committed_cast", "organisation_at_once"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

FEWER_THAN = 20
# A step that lies ahead on every clock; the form begins with its day, and the digits write over month and day.
STEP_ON, MOVED_TO, DIGITS = date(2090, 5, 10), date(2090, 6, 15), "0615"
CALLED, STEP, WAITED = "Asked about the pilot", "Send the offer", "Wait for them"


@dataclass
class Keys:
    """A keyboard that counts what is pressed since the last record."""

    page: Page
    count: int = 0
    records: list[int] = field(default_factory=list)

    def press(self, *keys: str) -> None:
        """Press these keys one after another."""
        for key in keys:
            self.page.keyboard.press(key)
            self.count += 1

    def write(self, text: str) -> None:
        """Enter free text, which is not counted."""
        self.page.keyboard.insert_text(text)

    def next_record(self) -> None:
        """Keep the count of the record that is done."""
        self.records.append(self.count)
        self.count = 0


@dataclass(frozen=True)
class Morning:
    """Two deals of Alice's, and an overdue task about each for whoever works."""

    page: Page
    keys: Keys
    user: User
    deals: list[Opportunity]

    def task(self, number: int) -> Any:
        """Return where My work names one of the tasks."""
        return self.page.locator("#work").get_by_role("link", name=f"Call about deal {number}", exact=True)


@pytest.fixture(params=[WIDE], ids=["wide"])
def browser_context_args(request: Any, live_server: Any) -> dict[str, Any]:
    return {"base_url": live_server.url, "reduced_motion": "reduce", "locale": "en-US"} | request.param


@pytest.fixture
def begin(committed_cast: Cast, page: Page, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Morning]:
    """Return a way to sign somebody in and stand on My work, before the first key. Steps may lie any time ahead."""
    monkeypatch.setattr(NextSteps, "horizon", lambda body, segment: 36_500)

    def start(who: str) -> Morning:
        user = committed_cast.people[who]
        user.set_password(PASSWORD)
        User.objects.filter(pk=user.pk).update(password=user.password)
        step = {"next_step": WAITED, "next_step_on": STEP_ON.isoformat()}
        deals = [open_deal(committed_cast, **step) for _ in range(2)]
        now = clocks.now()
        for number, deal in enumerate(deals, 1):
            about = {"text": f"Call about deal {number}", "subject": f"OPP-{deal.pk:06d}"}
            with clocks.at(now - timedelta(days=9)):
                create_task(
                    by=user,
                    values={**about, "due_on": (now - timedelta(days=7 - number)).date().isoformat()},
                )
        page.goto("/my-work/")
        page.get_by_label("E-mail address").fill(user.email)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in", exact=True).click()
        expect(page.locator("[data-work]")).to_have_count(2)
        return Morning(page, Keys(page), user, deals)

    return start


def call(morning: Morning) -> None:
    """Log a call on the record that has the focus."""
    page, keys = morning.page, morning.keys
    keys.press("l")
    expect(page.locator("#composer #input-subject")).to_be_focused()
    keys.write(CALLED)
    keys.press("Tab", "c", "Control+Enter")
    expect(page.locator("#timeline-list")).to_contain_text(CALLED)
    expect(page.locator("[data-composer=call]")).to_be_focused()


def set_step(morning: Morning) -> None:
    """Write over the next step, and move it to another day."""
    page, keys = morning.page, morning.keys
    keys.press("s")
    expect(page.locator("#input-next_step")).to_be_focused()
    keys.press("Control+a")
    keys.write(STEP)
    keys.press("Tab", *DIGITS, "Enter")
    expect(page.locator("#next-step")).to_contain_text(STEP)
    expect(page.locator("[data-next-edit]")).to_be_focused()


def check(morning: Morning, step: tuple[str, date]) -> None:
    """Compare what was written with what was entered, and the count of each record with what a morning bears."""
    for deal in morning.deals:
        deal.refresh_from_db()
    assert [(one.next_step, one.next_step_on) for one in morning.deals] == [step] * 2
    calls = Activity.objects.order_by("pk").values_list(
        "kind", "subject", "outcome", "owner", "opportunity_links__opportunity"
    )
    expected = [(ActivityKind.CALL, CALLED, "connected", morning.user.pk, one.pk) for one in morning.deals]
    assert list(calls) == expected
    assert (
        list(Obligation.objects.filter(kind="task").order_by("pk").values_list("state", "done_by"))
        == [("done", morning.user.pk)] * 2
    )
    print("keys a record:", morning.keys.records)
    assert max(morning.keys.records) < FEWER_THAN


@pytest.mark.parametrize("browser_context_args", [WIDE, NARROW], ids=["wide", "narrow"], indirect=True)
def test_rep_goes_through_the_morning_beside_my_work(begin: Callable[[str], Morning]) -> None:
    morning = begin("alice")
    page, keys, panel = morning.page, morning.keys, morning.page.locator("#side-panel")
    narrow = page.viewport_size == NARROW["viewport"]
    keys.press("j")
    for number, deal in enumerate(morning.deals, 1):
        expect(morning.task(number)).to_be_focused()
        keys.press("Space")
        expect(panel.locator(".panel-head .number")).to_have_text(f"OPP-{deal.pk:06d}")
        if narrow:  # the panel covers the page and has the focus at once
            expect(panel.get_by_role("button", name="Close the panel")).to_be_focused()
        else:
            keys.press("Space")
            expect(panel.locator(".panel-head h2 a")).to_be_focused()
        call(morning)
        set_step(morning)
        keys.press("Escape")
        expect(panel).to_be_hidden()
        expect(morning.task(number)).to_be_focused()
        keys.press("d")
        expect(morning.task(number)).to_have_count(0)
        keys.next_record()
    check(morning, (STEP, MOVED_TO))


def test_manager_goes_through_the_morning_on_the_pages(begin: Callable[[str], Morning]) -> None:
    morning = begin("mona")
    page, keys = morning.page, morning.keys
    keys.press("j")
    for number, deal in enumerate(morning.deals, 1):
        expect(morning.task(number)).to_be_focused()
        keys.press("Tab", "Enter")
        expect(page.locator(f"main article.record[data-record='{deal.get_absolute_url()}']")).to_be_visible()
        call(morning)
        set_step(morning)
        keys.press("g", "w")
        expect(morning.task(number)).to_be_visible()
        keys.press("j")
        expect(morning.task(number)).to_be_focused()
        keys.press("d")
        expect(morning.task(number)).to_have_count(0)
        keys.next_record()
    check(morning, (STEP, MOVED_TO))
