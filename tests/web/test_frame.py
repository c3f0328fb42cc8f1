"""The frame, the edge, search, the bell, preferences and the pages for what goes wrong."""

import re
from typing import Any

import pytest
from django.conf import settings
from django.test import Client, override_settings

from accounts.actions import edit_account
from accounts.models import Account
from revops.kernel import notifications
from revops.kernel.audit.models import ChangeEvent
from revops.kernel.people.models import Preference
from tests.cast import Cast
from tests.web.conftest import FRAGMENT, made

pytestmark = pytest.mark.django_db


def links(page: str) -> list[str]:
    navigation = page[page.index('id="navigation"') : page.index("</nav>")]
    return re.findall(r'class="nav-link" href="([^"]+)"', navigation)


START, BELOW = ["/", "/my-work/"], ["/campaigns/", "/products/", "/clocks/"]
RECORDS = [
    *("/leads/", "/accounts/", "/contacts/", "/opportunities/", "/activities/", "/tasks/", "/packets/"),
    *("/campaigns/", "/products/", "/pipeline-reviews/", "/evidence/", "/inspection-records/", "/clocks/"),
]
RULES = ["/rules/", "/glossary/", "/rfcs/", "/approvals/", "/council/"]
REPORTS = ["/hygiene/", "/funnel/", "/reasons/", "/gate-attempts/", "/inspections/"]
GOVERNED = [*RECORDS, *REPORTS, *RULES, "/exceptions/"]


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        ("alice", [*START, *GOVERNED, "/bulk/"]),
        ("priya", [*START, "/leads/", "/contacts/", *BELOW, *RULES, "/bulk/"]),
        ("otto", [*START, *GOVERNED, "/imports/", "/bulk/", "/exports/", "/set-up/jobs/"]),
        (
            "rita",
            [*START, *GOVERNED, "/imports/", "/bulk/", "/exports/", "/set-up/jobs/", "/gallery/", "/admin/"],
        ),
        ("ada", [*START, *GOVERNED, "/exports/", "/set-up/jobs/", "/gallery/", "/admin/"]),
    ],
)
def test_navigation_holds_what_the_role_may_open(browse: Any, cast: Cast, who: str, expected: list[str]):
    browser = browse(getattr(cast, who))
    assert links(browser.get("/").content.decode()) == expected
    for address in expected:
        assert browser.get(address).status_code == 200, address


def test_jobs_page_is_for_those_who_run_the_system(browse: Any, cast: Cast):
    assert browse(cast.alice).get("/set-up/jobs/").status_code == 403
    assert "audit.verify" in browse(cast.otto).get("/set-up/jobs/").content.decode()


def test_pages_send_a_strict_policy_and_hold_nothing_inline(browse: Any, account: Account, cast: Cast):
    for path in ("/", "/accounts/", f"/accounts/{account.pk}/", "/accounts/new/", "/settings/appearance/"):
        answer = browse(cast.alice).get(path)
        page = answer.content.decode()
        assert "script-src 'self';" in answer["Content-Security-Policy"] + ";"
        assert answer["Cache-Control"] == "private, no-store"
        assert re.search(r"<script(?![^>]*src=)|<style|\sstyle=|\son\w+=|javascript:", page) is None, path
        assert re.findall(r'(?:src|href|action)="https?://', page) == [], path


def test_request_id_is_kept_if_it_is_one_and_made_if_not(browse: Any, account: Account, cast: Cast):
    browser = browse(cast.alice)
    assert (
        browser.get("/", headers={"X-Request-ID": "trace-0123456789"})["X-Request-ID"] == "trace-0123456789"
    )
    made_up = browser.get("/", headers={"X-Request-ID": 'x"><script>'})["X-Request-ID"]
    assert re.fullmatch(r"[0-9a-f-]{36}", made_up)
    path = f"/accounts/{account.pk}/field/phone/"
    browser.post(path, {"phone": "5", "version": 1}, headers=FRAGMENT | {"X-Request-ID": "trace-abcdefgh"})
    event = ChangeEvent.objects.order_by("-id").first()
    assert (event.source, event.request_id) == ("ui", "trace-abcdefgh")


@pytest.mark.parametrize("query", ["q=%00", "q=%ff%fe", "%00=1", "name=a%00b"])
def test_bytes_that_are_no_text_are_refused(browse: Any, cast: Cast, query: str):
    for path in ("/search/", "/accounts/", "/palette/"):
        assert browse(cast.alice).get(f"{path}?{query}").status_code == 400, path


def test_a_form_with_a_nul_is_refused_by_name(browse: Any, account: Account, cast: Cast):
    answer = browse(cast.alice).post("/accounts/new/", {"name": "A\0B"})
    assert answer.status_code == 400
    assert "“name” holds a NUL" in answer.content.decode()


def test_errors_speak_the_product_s_language(browse: Any, cast: Cast):
    browser = browse(cast.alice)
    with override_settings(DEBUG=False):
        missing = browser.get("/nowhere/")
        api = browser.get("/api/v1/nowhere/", headers={"Accept": "application/json"})
    assert missing.status_code == 404
    assert "There is nothing here that you can see" in missing.content.decode()
    assert (api.status_code, api["Content-Type"]) == (404, "application/problem+json")
    fragment = browser.htmx("/set-up/jobs/")
    assert fragment.status_code == 403
    assert "<html" not in fragment.content.decode()


def test_a_fault_of_ours_has_a_page_that_needs_nothing(rf: Any):
    from revops.web.errors import server_error

    request = rf.get("/")
    request.request_id = "trace-1"
    answer = server_error(request)
    assert (answer.status_code, b"trace-1" in answer.content) == (500, True)


def test_signed_out_one_is_led_to_sign_in_and_back():
    answer = Client().get("/accounts/?status=customer")
    assert answer["Location"] == "/sign-in/login/?next=/accounts/%3Fstatus%3Dcustomer"
    fragment = Client().get(
        "/accounts/", headers=FRAGMENT | {"HX-Current-URL": "http://testserver/accounts/7/"}
    )
    assert fragment["HX-Redirect"] == "/sign-in/login/?next=/accounts/7/"


def test_search_and_palette_find_what_one_sees(browse: Any, account: Account, cast: Cast):
    made(cast.charlie, name="Northern Lights")
    for path in ("/search/?q=north", "/palette/?q=north", "/accounts/options/?q=north"):
        page = re.sub("</?mark>", "", browse(cast.alice).get(path).content.decode())
        assert "Northwind Traders" in page, path
        assert "Northern Lights" not in page, path
    number = browse(cast.alice).get(f"/search/?q=ACC-{account.pk:06d}").content.decode()
    assert f'href="/accounts/{account.pk}/"' in number


def test_palette_offers_places_and_creations_by_role(browse: Any, cast: Cast):
    everything = browse(cast.alice).get("/palette/").content.decode()
    assert 'data-url="/accounts/new/"' in everything
    assert "Jobs" not in everything
    assert 'data-url="/accounts/new/"' not in browse(cast.cleo).get("/palette/").content.decode()
    assert 'data-url="/set-up/jobs/"' in browse(cast.rita).get("/palette/?q=job").content.decode()


def test_people_options_are_those_one_works_with(browse: Any, cast: Cast):
    found = browse(cast.alice).get("/people/options/").content.decode()
    assert [name in found for name in ("Alice", "Bob", "Charlie")] == [True, True, False]
    assert "Charlie" in browse(cast.rita).get("/people/options/?q=char").content.decode()


def test_bell_counts_and_shows_only_what_is_still_visible(browse: Any, account: Account, cast: Cast):
    hidden = made(cast.charlie, name="Far West Foods")
    for record, title in ((account, "About Northwind"), (hidden, "About Far West")):
        notifications.Notification.objects.create(
            recipient=cast.alice, kind="test", title=title, url=f"/accounts/{record.pk}/", dedupe_key=title,
            subject_type="accounts.account", subject_id=record.pk, created_at=account.created_at,
        )  # fmt: skip
    browser = browse(cast.alice)
    assert 'aria-label="Notifications, 1 unread"' in browser.get("/").content.decode()
    page = browser.htmx("/notifications/").content.decode()
    assert "About Northwind" in page
    assert "Far West" not in page
    one = notifications.Notification.objects.get(title="About Northwind")
    answer = browser.post("/notifications/read/", {"id": one.pk, "go": "1"})
    assert (answer.status_code, answer["Location"]) == (303, f"/accounts/{account.pk}/")
    assert 'aria-label="Notifications"' in browser.get("/").content.decode()


def test_preferences_are_stored_and_refused_in_words(browse: Any, cast: Cast):
    browser = browse(cast.alice)
    assert browser.post("/preferences/", {"theme": "dark"}, headers=FRAGMENT).status_code == 204
    browser.post("/preferences/", {"density": "comfortable", "time_zone": "Asia/Tokyo"})
    stored = Preference.objects.get(user=cast.alice)
    assert (stored.theme, stored.density, stored.time_zone) == ("dark", "comfortable", "Asia/Tokyo")
    assert 'data-theme="dark"' in browser.get("/").content.decode()
    assert browser.post("/preferences/", {"theme": "pink"}).status_code == 422
    away = browser.post("/preferences/", {"theme": "light", "next": "https://evil.example/"})
    assert away["Location"] == "/settings/appearance/"


def test_hidden_fields_reach_nobody_through_search(browse: Any, account: Account, cast: Cast):
    edit_account(by=cast.fin, pk=account.pk, changes={"tax_id": "SECRETTAX"})
    for path in ("/search/", "/palette/", "/accounts/options/"):
        assert "Northwind" not in browse(cast.alice).get(path, {"q": "SECRETTAX"}).content.decode(), path


def test_sessions_are_kept_from_scripts():
    assert settings.SESSION_COOKIE_HTTPONLY is True
