"""The timeline of a record page, and the short forms above it."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from accounts.actions import create_contact, log_activity
from accounts.models import Account, Activity
from revops.kernel import clocks
from revops.web import preferences
from tests.cast import Cast
from tests.evidence import unchanged
from tests.web.conftest import FRAGMENT

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
CALL = {"subject": "Asked about price", "outcome": "connected", "direction": "outbound", "minutes": "2"}


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    with clocks.at(NOW):
        yield


def compose(browser: Any, account: Account, form: str, values: dict[str, Any]) -> Any:
    return browser.post(f"/accounts/{account.pk}/compose/{form}/", values, headers=FRAGMENT)


def test_page_begins_with_what_happened_by_days(browse: Any, account: Account, cast: Cast) -> None:
    preferences.save(cast.alice, {"time_zone": "America/New_York"})
    note = {"kind": "note", "account": account.pk}
    for subject, ago in (("Late", 13), ("Early", 7), ("Older", 60)):
        moment = NOW - timedelta(hours=ago)
        log_activity(by=cast.alice, values={**note, "subject": subject}, at=moment)
    page = browse(cast.alice).get(f"/accounts/{account.pk}/").content.decode()
    # 13 hours before 8 in the morning of New York it was yesterday there, not yet in UTC
    places = [
        page.index(f">{text}<") for text in ("Today", "Early", "Yesterday", "Late", "May 29, 2026", "Older")
    ]
    assert places == sorted(places)
    assert page.index("record-tabs") < page.index('id="timeline"')
    assert "1:00 AM</time>" in page


def test_each_form_shows_what_it_asks_and_begins_with_now(browse: Any, account: Account, cast: Cast) -> None:
    preferences.save(cast.alice, {"time_zone": "Europe/Berlin"})
    browser = browse(cast.alice)
    asked = {
        "call": ("subject", "outcome", "direction", "minutes", "occurred_at", "contacts", "body"),
        "meeting": ("subject", "occurred_at", "outcome", "minutes", "contacts", "body"),
        "email": ("subject", "direction", "occurred_at", "contacts", "body"),
        "note": ("subject", "body"),
    }
    for form, names in asked.items():
        shown = browser.htmx(f"/accounts/{account.pk}/compose/{form}/").content.decode()
        places = [shown.index(f'id="input-{name}"') for name in names]
        assert places == sorted(places), form
        assert ('value="2026-06-01T14:00"' in shown) == ("occurred_at" in names), form
        assert browser.get(f"/accounts/{account.pk}/compose/{form}/").status_code == 200


def test_call_is_logged_from_the_page_on_the_clock_of_its_writer(
    browse: Any, account: Account, cast: Cast
) -> None:
    preferences.save(cast.alice, {"time_zone": "Europe/Berlin"})
    ann, ben = (
        create_contact(by=cast.alice, values={"last_name": name, "account": account.pk})
        for name in ("Ann", "Ben")
    )
    values = {**CALL, "occurred_at": "2026-06-01T13:30", "contacts": ["", str(ann.pk), str(ben.pk)]}
    answer = compose(browse(cast.alice), account, "call", values)
    assert (answer.status_code, answer["HX-Retarget"], answer["HX-Reswap"]) == (200, "#timeline", "outerHTML")
    assert json.loads(answer["HX-Trigger-After-Swap"]) == {
        "timeline-added": {"name": "call", "said": "Log a call: saved."}
    }
    call = Activity.objects.get()
    assert (call.occurred_at, call.duration_s) == (datetime(2026, 6, 1, 11, 30, tzinfo=UTC), 120)
    assert (call.account_id, call.owner, call.qualifies_buyer) == (account.pk, cast.alice, True)
    assert call.attendees.count() == 2
    shown = answer.content.decode()
    assert "Asked about price" in shown
    assert "The buyer took part" in shown


def test_refusal_keeps_what_was_entered_and_marks_the_fields(
    browse: Any, account: Account, cast: Cast
) -> None:
    ann = create_contact(by=cast.alice, values={"last_name": "Ann", "account": account.pk})
    values = {**CALL, "outcome": "", "minutes": "x", "contacts": ["", str(ann.pk)], "body": "Long <talk>"}
    browser = browse(cast.alice)
    with unchanged():
        answer = compose(browser, account, "call", values)
    shown = answer.content.decode()
    assert (answer.status_code, answer.has_header("HX-Retarget")) == (422, False)
    assert shown.count('aria-invalid="true"') == 2
    for kept in (
        "Asked about price",
        "Long &lt;talk&gt;",
        f'name="contacts" value="{ann.pk}"',
        ">Ann<",
        'value="x"',
    ):
        assert kept in shown
    with unchanged():
        assert compose(browser, account, "call", {**CALL, "minutes": "1441"}).status_code == 422
        ahead = {"subject": "A", "direction": "inbound", "occurred_at": "2026-07-01T08:00"}
        answer = compose(browser, account, "email", ahead)
        assert answer.status_code == 422
    assert "cannot lie ahead" in answer.content.decode()


def test_meeting_ahead_is_planned_and_without_htmx_one_returns_to_the_record(
    browse: Any, account: Account, cast: Cast
) -> None:
    values = {"subject": "Demo", "occurred_at": "2026-06-03T09:00", "outcome": ""}
    answer = browse(cast.alice).post(f"/accounts/{account.pk}/compose/meeting/", values)
    assert (answer.status_code, answer["Location"]) == (303, f"/accounts/{account.pk}/")
    assert Activity.objects.get().outcome == "planned"


def test_contact_and_lead_pages_log_about_themselves(browse: Any, account: Account, cast: Cast) -> None:
    ann = create_contact(by=cast.alice, values={"last_name": "Ann", "account": account.pk})
    browser = browse(cast.alice)
    form = browser.htmx(f"/contacts/{ann.pk}/compose/call/").content.decode()
    assert 'name="contacts"' not in form
    values = {"subject": "Likes cats"}
    assert browser.post(f"/contacts/{ann.pk}/compose/note/", values, headers=FRAGMENT).status_code == 200
    note = Activity.objects.get()
    assert (note.account_id, [one.contact_id for one in note.attendees.all()]) == (account.pk, [ann.pk])
    assert "Likes cats" in browser.get(f"/contacts/{ann.pk}/").content.decode()


def test_who_logs_nothing_gets_no_forms_and_outsiders_nothing(
    browse: Any, account: Account, cast: Cast
) -> None:
    reader, stranger = browse(cast.cleo), browse(cast.charlie)
    page = reader.get(f"/accounts/{account.pk}/").content.decode()
    assert 'id="timeline"' in page
    assert "/compose/" not in page
    with unchanged():
        assert compose(reader, account, "note", {"subject": "A"}).status_code == 403
        assert reader.get(f"/accounts/{account.pk}/compose/note/").status_code == 403
        for path in ("timeline/", "compose/note/"):
            assert stranger.get(f"/accounts/{account.pk}/{path}").status_code == 404
        assert compose(stranger, account, "note", {"subject": "A"}).status_code == 404
        assert reader.get(f"/accounts/{account.pk}/compose/tweet/").status_code == 404
        assert reader.get("/products/1/timeline/").status_code == 404


def test_filters_and_pages_come_as_fragments(browse: Any, account: Account, cast: Cast) -> None:
    for number in range(25):
        values = {"kind": "note", "subject": f"Note {number:02}", "account": account.pk}
        log_activity(by=cast.alice, values=values, at=NOW - timedelta(days=number))
    browser = browse(cast.alice)
    first = browser.htmx(f"/accounts/{account.pk}/timeline/?kind=note").content.decode()
    assert first.count("log-entry") == 20
    more = first.split('hx-get="')[-1].split('"')[0].replace("&amp;", "&")
    assert more.startswith(f"/accounts/{account.pk}/timeline/?kind=note&after=")
    rest = browser.htmx(more).content.decode()
    assert rest.count("log-entry") == 5
    assert "timeline-filters" not in rest
    shown = browser.htmx(f"/accounts/{account.pk}/timeline/?person={cast.bob.pk}").content.decode()
    assert "Nothing of this kind yet" in shown
    for wrong in ("kind=tweet", "after=zzz"):
        assert browser.htmx(f"/accounts/{account.pk}/timeline/?{wrong}").status_code == 422


def test_form_leaves_a_time_alone_that_it_shows_to_the_minute(
    browse: Any, account: Account, cast: Cast
) -> None:
    preferences.save(cast.alice, {"time_zone": "Europe/Berlin"})
    second = NOW - timedelta(seconds=17)
    note = log_activity(
        by=cast.alice,
        values={"kind": "note", "subject": "A", "account": account.pk, "occurred_at": second.isoformat()},
    )
    browser, path = browse(cast.alice), f"/activities/{note.pk}/edit/"
    shown = browser.get(path).content.decode()
    assert 'value="2026-06-01T13:59"' in shown
    values = {"subject": "B", "occurred_at": "2026-06-01T13:59", "version": "1"}
    assert browser.post(path, values).status_code == 303
    note.refresh_from_db()
    assert (note.subject, note.occurred_at) == ("B", second)
    assert (
        browser.post(path, {**values, "occurred_at": "2026-06-01T13:30", "version": "2"}).status_code == 303
    )
    note.refresh_from_db()
    assert note.occurred_at == datetime(2026, 6, 1, 11, 30, tzinfo=UTC)
