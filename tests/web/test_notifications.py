"""The bell, the page of notifications, and the choices of how one is told."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.actions import assign_account
from accounts.models import Account
from revops.kernel import clocks, notifications
from revops.kernel.notifications import choosing
from revops.kernel.notifications.models import Notification
from revops.kernel.records import following
from tests.cast import Cast

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 17, tzinfo=UTC)


def tell(user: Any, title: str, kind: str = "assigned", **more: Any) -> int:
    notifications.notify([user], kind, title, dedupe_key=title, **more)
    return Notification.objects.get(recipient=user, title=title).pk


def test_page_costs_the_same_for_one_and_for_three(
    browse: Any, cast: Cast, account: Account, settled_organisation: None
) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            browser.htmx("/notifications/")
        return len(queries)

    browser = browse(cast.alice)
    tell(cast.alice, "One", subject=account)
    few = cost()
    tell(cast.alice, "Two", subject=account)
    tell(cast.alice, "Three", subject=account)
    assert (few, cost()) == (6, 6)


def test_page_is_by_state_and_kind_a_page_at_a_time(browse: Any, cast: Cast) -> None:
    for n in range(32):
        with clocks.at(NOON + timedelta(minutes=n)):
            tell(cast.alice, f"Told {n:02}", kind="mention" if n == 3 else "assigned")
    notifications.mark_read(cast.alice, [Notification.objects.get(title="Told 31").pk])
    alice = browse(cast.alice)
    page = alice.get("/notifications/").content.decode()
    assert ("Told 31" in page, "Told 30" in page, "Told 01" in page, "Told 00" in page) == (
        False,
        True,
        True,
        False,
    )
    more = page.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
    assert "Told 00" in alice.get(more).content.decode()
    assert "Told 31" in alice.get("/notifications/?state=read").content.decode()
    kind = alice.get("/notifications/?state=all&kind=mention").content.decode()
    assert ("Told 03" in kind, kind.count('class="note ')) == (True, 1)
    assert "Nothing waits for you" in browse(cast.bob).get("/notifications/").content.decode()
    for wrong in ("state=x", "kind=x", "after=x"):
        assert alice.get(f"/notifications/?{wrong}").status_code == 404


def test_opening_marks_as_read_and_leads_there_while_one_sees_it(
    browse: Any, cast: Cast, account: Account
) -> None:
    url = f"/accounts/{account.pk}/"
    pk = tell(cast.bob, "Look", url=url, subject=account)
    bob = browse(cast.bob)
    assert bob.post("/notifications/read/", {"id": pk, "go": "1"})["Location"] == url
    assert (
        bob.post("/notifications/read/", {"id": pk, "unread": "1", "next": "/notifications/"}).status_code
        == 303
    )
    assert notifications.count_unread(cast.bob) == 1
    assert (
        bob.post("/notifications/read/", {"id": pk, "next": "//evil.example"})["Location"]
        == "/notifications/"
    )
    assign_account(by=cast.rita, pk=account.pk, owner=cast.charlie, reason="Because the test wants it so")
    assert bob.post("/notifications/read/", {"id": pk, "go": "1"})["Location"] == "/notifications/"
    assert bob.post("/notifications/read/", {"id": "x"}).status_code == 404


def test_nobody_marks_what_is_told_to_others(browse: Any, cast: Cast) -> None:
    pk = tell(cast.alice, "Hers", url="/accounts/")
    answer = browse(cast.bob).post("/notifications/read/", {"id": pk, "go": "1"})
    assert (answer["Location"], notifications.count_unread(cast.alice)) == ("/notifications/", 1)


def test_bell_shows_what_waits_and_marks_all(browse: Any, cast: Cast) -> None:
    tell(cast.alice, "One")
    alice = browse(cast.alice)
    assert "One" in alice.htmx("/notifications/bell/").content.decode()
    shown = alice.htmx_post("/notifications/read/").content.decode()
    assert ("Nothing waits for you" in shown, notifications.count_unread(cast.alice)) == (True, 0)


def form(**changes: str) -> dict[str, str]:
    from revops.kernel.notifications import kinds

    mails = {f"mail-{one.key}": "digest" for one in kinds.every()}
    bells = {f"bell-{one.key}": "on" for one in kinds.every()}
    return mails | bells | {"hour": "8"} | changes


def test_choices_are_kept_together_or_not_at_all(browse: Any, cast: Cast) -> None:
    alice = browse(cast.alice)
    page = alice.get("/settings/notifications/").content.decode()
    assert ("Records that become yours" in page, "America/New_York" in page) == (True, True)
    chosen = form(**{"mail-mention": "none", "hour": "17", "weekdays_only": "on", "owned": "on"})
    del chosen["bell-assigned"]
    assert alice.post("/settings/notifications/", chosen).status_code == 303
    held = {one.kind.key: (one.in_bell, str(one.mail)) for one in choosing.choices(cast.alice)}
    assert (held["assigned"], held["mention"]) == ((False, "digest"), (True, "none"))
    assert (choosing.daily(cast.alice), following.follows_owned(cast.alice)) == (
        choosing.Daily(17, True),
        True,
    )
    for wrong in ({"hour": "24"}, {"hour": "x"}, {"mail-mention": "pigeon"}):
        assert alice.post("/settings/notifications/", form(**wrong)).status_code == 422
    off = form(**{"mail-export.approval_requested": "none"})
    del off["bell-export.approval_requested"]
    refused = alice.post("/settings/notifications/", off)
    assert "cannot be turned off: somebody waits for your decision" in refused.content.decode()
    assert {one.kind.key: (one.in_bell, str(one.mail)) for one in choosing.choices(cast.alice)} == held
