"""Every kind of page, in both themes: nothing serious or critical by axe-core, and nothing jumps while it loads.

What the console and the content security policy have to say comes by the watch over each page (conftest.py).
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.actions import create_contact, create_lead
from opportunities.models import Opportunity
from revops.kernel.identity.models import User
from tests.cast import Cast, committed_cast, organisation_at_once
from tests.opportunities.conftest import open_deal

__all__ = ["committed_cast", "organisation_at_once"]

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

BACKEND = "revops.kernel.people.backends.SignInBackend"
COUNT_SHIFTS = """
window.shifted = 0;
new PerformanceObserver(list => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted += entry.value;
}).observe({type: "layout-shift", buffered: true});
"""
STEADY = 0.02
LATE = """enough => new Promise(done => {
    const late = document.createElement("div");
    late.style.height = "300px";
    let looks = 0;
    setTimeout(() => document.body.prepend(late), 300);
    const look = setInterval(() => {
        looks += 1;
        if (window.shifted > enough || looks > 400) {
            clearInterval(look);
            done(window.shifted);
        }
    }, 50);
})"""
# What a rep opens, and what operations open besides. `{deal}` and so on are the ids of records.
REP = (
    "/",
    "/my-work/",
    "/opportunities/",
    "/opportunities/?layout=board",
    "/opportunities/{deal}/",
    "/opportunities/{deal}/edit/",
    "/opportunities/{deal}/history/",
    "/opportunities/{deal}/access/",
    "/accounts/{account}/",
    "/leads/{lead}/",
    "/contacts/new/",
    "/tasks/",
    "/clocks/",
    "/hygiene/?of=all",
    "/reasons/",
    "/gate-attempts/",
    "/exceptions/",
    "/exceptions/new/",
    "/packets/",
    "/inspections/",
    "/pipeline-reviews/",
    "/approvals/",
    "/glossary/",
    "/definitions/",
    "/search/?q=acme",
    "/following/",
    "/settings/profile/",
    "/settings/appearance/",
    "/settings/notifications/",
    "/settings/sessions/",
    "/settings/tokens/",
    "/settings/delegations/",
    "/sign-in/second-factor/",
)
OPERATIONS = (
    "/gallery/",
    "/imports/new/",
    "/exports/",
    "/bulk/",
    "/set-up/jobs/",
    "/products/",
    "/rfcs/",
    "/council/",
    "/rules/",
    "/rules/accounts.segment/",
)
# What can differ between the themes, asked of the second one alone.
OF_COLOUR = {"light": (), "dark": ("color-contrast", "link-in-text-block")}
NOTHING_JUMPS = {"/my-work/", "/opportunities/", "/opportunities/?layout=board", "/opportunities/{deal}/"}


@pytest.fixture
def ids(committed_cast: Cast) -> dict[str, int]:
    """A deal, its account, a contact there and a lead, all of Alice."""
    deal: Opportunity = open_deal(committed_cast)
    alice = committed_cast.alice
    create_contact(by=alice, values={"first_name": "Ines", "last_name": "Ortiz", "account": deal.account_id})
    lead = create_lead(
        by=alice,
        values={
            "last_name": "Park",
            "company": "Park Ltd",
            "email": "lee@park.example",
            "source_original": "web",
        },
    )
    return {"deal": deal.pk, "account": deal.account_id, "lead": lead.pk}


@pytest.fixture(params=["light", "dark"])
def browser_context_args(request: Any, live_server: LiveServer) -> dict[str, Any]:
    """A wide window in each theme."""
    return {
        "base_url": live_server.url,
        "viewport": {"width": 1440, "height": 900},
        "color_scheme": request.param,
        "reduced_motion": "reduce",
        "locale": "en-US",
    }


@pytest.fixture
def become(context: BrowserContext, live_server: LiveServer) -> Iterator[Callable[[User], None]]:
    """Return a way to be signed in as somebody, without the form."""

    def sign_in(user: User) -> None:
        client = Client()
        client.force_login(user, backend=BACKEND)
        key = client.cookies[settings.SESSION_COOKIE_NAME].value
        context.clear_cookies()
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": key, "url": live_server.url}])

    return sign_in


def test_no_page_stands_in_anybodys_way_or_jumps(
    ids: dict[str, int],
    committed_cast: Cast,
    become: Callable[[User], None],
    page: Page,
    axe: Callable[..., list[str]],
    browser_context_args: dict[str, Any],
):
    page.add_init_script(COUNT_SHIFTS)
    only = OF_COLOUR[browser_context_args["color_scheme"]]
    found: dict[str, list[str]] = {}
    for user, addresses in ((committed_cast.alice, REP), (committed_cast.rita, OPERATIONS)):
        become(user)
        for address in addresses:
            answer = page.goto(address.format(**ids))
            assert answer is not None
            assert answer.status == 200, address
            expect(page.locator(".htmx-request")).to_have_count(0)
            findings = axe(only)
            shifted = page.evaluate("window.shifted")
            if address in NOTHING_JUMPS and shifted >= STEADY:
                findings.append(f"the page jumps by {shifted:.3f}")
            if findings:
                found[address] = findings
    assert found == {}


@pytest.mark.control
@pytest.mark.parametrize("browser_context_args", ["light"], indirect=True)
def test_a_page_that_jumps_is_measured(page: Page, live_server: LiveServer):
    """The measure sees what it is there for: something that pushes the page down after it was drawn."""
    page.add_init_script(COUNT_SHIFTS)
    page.goto("/sign-in/login/")
    assert page.evaluate(LATE, STEADY) > STEADY
