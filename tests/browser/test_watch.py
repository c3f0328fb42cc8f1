"""The watch itself: a page that misbehaves is seen to do so. The pages are planted, not the product's."""

import pytest
from playwright.sync_api import Page, Route

pytestmark = [pytest.mark.browser, pytest.mark.control]

POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'"
FRAME = "<!doctype html><html lang=en><title>Planted</title><main><h1>Planted</h1>{}</main></html>"


def plant(page: Page, body: str) -> None:
    """Serve `body` under our policy at /planted, and a script that throws at /planted.js."""

    def answer(route: Route) -> None:
        if route.request.url.endswith(".js"):
            route.fulfill(content_type="text/javascript", body='throw new Error("boom")')
        else:
            headers = {"Content-Security-Policy": POLICY}
            route.fulfill(content_type="text/html", headers=headers, body=FRAME.format(body))

    page.route("**/planted*", answer)
    page.goto("/planted")
    page.wait_for_load_state("networkidle")


@pytest.mark.parametrize(
    ("body", "finding"),
    [
        ("<p style='color: red'>red</p>", "content security policy: style-src"),
        ("<script>alert(1)</script>", "content security policy: script-src"),
        ("<img alt='' src='http://127.0.0.2:9/x.png'>", "request to another host"),
        ("<img alt='' src='http://127.0.0.2:9/x.png'>", "content security policy: img-src"),
        ("<script src='/planted.js'></script>", "uncaught error: boom"),
        ("<script src='/nothing-here.js'></script>", "console error"),
    ],
)
def test_watch_sees_a_misbehaving_page(page, watch, body, finding):
    plant(page, body)
    found = watch.findings()
    watch.allow("")
    assert [each for each in found if each.startswith(finding)], found


def test_watch_is_silent_on_a_sound_page(page, watch):
    plant(page, "<p>Sound.</p>")
    assert watch.seen == []


def test_axe_finds_a_button_without_a_name(page, watch, axe):
    plant(page, "<button></button>")
    assert [finding.split(" ")[0] for finding in axe()] == ["button-name"]
