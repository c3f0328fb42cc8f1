"""One's own settings: the name, what is offered, sessions that end at once, tokens shown once."""

from datetime import timedelta
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.test import Client

from revops.kernel import clocks
from revops.kernel.audit.models import ChangeEvent
from revops.kernel.identity.models import User
from revops.kernel.people.tokens.models import ApiToken
from revops.web import devices
from tests.cast import Cast

pytestmark = pytest.mark.django_db

PASSWORD = "a-long-and-honest-pass-phrase"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.1 Mobile/15E148 Safari/604.1"
)


@pytest.fixture
def alice(cast: Cast) -> User:
    cast.alice.set_password(PASSWORD)
    User.objects.filter(pk=cast.alice.pk).update(password=cast.alice.password)
    return cast.alice


def signed_in(user: User, agent: str = FIREFOX, address: str = "198.51.100.7") -> Client:
    """Return a browser in which somebody signed in by the form."""
    client = Client(headers={"user-agent": agent}, REMOTE_ADDR=address)
    answer = client.post("/sign-in/login/", {"login": user.email, "password": PASSWORD})
    assert answer.status_code == 302, answer.content
    return client


def confirmed(user: User) -> Client:
    """Return a browser in which somebody signed in and confirmed by password that it is them."""
    client = signed_in(user)
    client.post("/sign-in/reauthenticate/", {"password": PASSWORD})
    return client


def test_name_is_changed_by_its_bearer_and_audited(browse: Any, cast: Cast):
    browser = browse(cast.fin)
    assert browser.post("/settings/profile/", {"name": " Fin Fisher "})["Location"] == "/settings/profile/"
    assert User.objects.get(pk=cast.fin.pk).name == "Fin Fisher"
    event = ChangeEvent.objects.get(action="user.rename")
    assert (event.actor_id, event.source) == (cast.fin.pk, "ui")


def test_name_that_is_empty_is_refused_beside_the_field(browse: Any, cast: Cast):
    answer = browse(cast.fin).post("/settings/profile/", {"name": " "})
    assert answer.status_code == 422
    assert "A name has 1 to 120 visible characters." in answer.content.decode()
    assert User.objects.get(pk=cast.fin.pk).name == cast.fin.name


def test_profile_shows_role_team_and_manager(browse: Any, cast: Cast):
    page = browse(cast.alice).get("/settings/profile/").content.decode()
    for text in (cast.alice.email, "Account executive", "East", cast.mona.name):
        assert text in page, text


def test_choices_are_stored_by_the_form(browse: Any, cast: Cast):
    sent = {"locale": "de_DE", "page_size": "100", "single_keys": "false", "time_zone": "Europe/Berlin"}
    browser = browse(cast.alice)
    assert browser.post("/settings/appearance/", sent).status_code == 303
    stored = cast.alice.__class__.objects.get(pk=cast.alice.pk).preference
    assert (stored.locale, stored.page_size, stored.single_keys) == ("de_DE", 100, False)
    assert 'data-keys="off"' in browser.get("/settings/appearance/").content.decode()


def test_session_that_is_ended_is_nobodys_from_its_next_request(alice: User):
    here, away = signed_in(alice), signed_in(alice, IPHONE, "203.0.113.9")
    page = here.get("/settings/sessions/").content.decode()
    assert page.index("Firefox on Windows") < page.index("This device") < page.index("Safari on iPhone")
    assert "203.0.113.9" in page
    row = UserSession.objects.get(user=alice, ip="203.0.113.9")
    assert away.get("/settings/").status_code == 302
    assert here.post("/settings/sessions/end/", {"id": row.pk}).status_code == 303
    assert away.get("/accounts/")["Location"].startswith("/sign-in/login/")
    assert here.get("/settings/sessions/").content.decode().count('class="thing"') == 1


def test_all_other_sessions_end_and_this_one_stays(alice: User):
    here = signed_in(alice)
    others = [signed_in(alice, IPHONE, f"203.0.113.{n}") for n in range(3)]
    here.post("/settings/sessions/end/", {"others": "1"})
    assert [one.get("/accounts/").status_code for one in others] == [302, 302, 302]
    assert here.get("/settings/sessions/").status_code == 200


def test_new_password_ends_the_other_sessions(alice: User):
    here, away = signed_in(alice), signed_in(alice, IPHONE, "203.0.113.9")
    sent = {
        "oldpassword": PASSWORD,
        "password1": "another-honest-phrase",
        "password2": "another-honest-phrase",
    }
    assert here.post("/sign-in/password/change/", sent).status_code == 302
    assert (here.get("/settings/profile/").status_code, away.get("/settings/profile/").status_code) == (
        200,
        302,
    )


@pytest.mark.control
def test_session_whose_row_alone_goes_still_opens_everything(alice: User):
    """Ending is deleting the session itself: with only the list's row gone the device stays signed in."""
    away = signed_in(alice, IPHONE, "203.0.113.9")
    UserSession.objects.filter(user=alice).delete()
    assert away.get("/settings/profile/").status_code == 200


def test_session_of_somebody_else_is_not_found_and_stays(alice: User, browse: Any, cast: Cast):
    away = signed_in(alice)
    row = UserSession.objects.get(user=alice)
    for wanted in (str(row.pk), "0", "x", "9" * 40):
        assert browse(cast.bob).post("/settings/sessions/end/", {"id": wanted}).status_code == 404
    browse(cast.bob).post("/settings/sessions/end/", {"others": "1"})
    assert away.get("/settings/profile/").status_code == 200


def test_session_in_use_is_noted_at_most_every_five_minutes(alice: User):
    client, start = signed_in(alice), clocks.now()
    row = UserSession.objects.get(user=alice)
    with clocks.at(start + timedelta(minutes=2)):
        client.get("/settings/")
        assert UserSession.objects.get(pk=row.pk).last_seen_at == row.last_seen_at
    with clocks.at(start + timedelta(minutes=6)):
        client.get("/settings/", REMOTE_ADDR="192.0.2.44")
    seen = UserSession.objects.get(pk=row.pk)
    assert (seen.last_seen_at, seen.ip) == (start + timedelta(minutes=6), "192.0.2.44")


@pytest.mark.parametrize("others", [1, 3])
def test_sessions_are_listed_with_the_same_queries(alice: User, others: int, django_assert_num_queries: Any):
    here = signed_in(alice)
    for n in range(others):
        signed_in(alice, IPHONE, f"203.0.113.{n}")
    with django_assert_num_queries(5):  # session, person, preferences, rows, which live
        assert here.get("/settings/sessions/", headers={"HX-Request": "true"}).status_code == 200


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (FIREFOX, "Firefox on Windows"),
        (IPHONE, "Safari on iPhone"),
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36", "Chrome on Linux"),  # noqa: E501
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Mac"),
        ("curl/8.1", "An unknown device"),
        ("", "An unknown device"),
    ],
)  # fmt: skip
def test_devices_are_told_in_words(agent: str, words: str):
    assert devices.in_words(agent) == words


def test_token_is_made_shown_once_and_revoked_at_once(alice: User):
    browser = confirmed(alice)
    made = browser.post("/settings/tokens/new/", {"name": "Sheet", "scope": "read", "days": "30"})
    assert made.status_code == 201
    token = ApiToken.objects.get(user=alice)
    text = made.content.decode().split('id="token-text" value="')[1].split('"')[0]
    bearer = {"Authorization": f"Token {text}"}
    assert (len(text), token.scope, token.expires_at - token.created_at) == (64, "read", timedelta(days=30))
    assert Client().get("/api/v1/me/", headers=bearer).status_code == 200
    listed = browser.get("/settings/tokens/").content.decode()
    assert "Sheet" in listed
    assert text not in listed
    assert browser.post(f"/settings/tokens/{token.pk}/revoke/").status_code == 303
    assert Client().get("/api/v1/me/", headers=bearer).status_code == 401
    assert "Revoked" in browser.get("/settings/tokens/").content.decode()


def test_token_asks_again_who_sits_there(alice: User):
    answer = signed_in(alice).post("/settings/tokens/new/", {"name": "Sheet"})
    assert answer["Location"].startswith("/sign-in/reauthenticate/")
    assert not ApiToken.objects.exists()


def test_token_of_somebody_else_is_neither_listed_nor_revoked(alice: User, browse: Any, cast: Cast):
    confirmed(alice).post("/settings/tokens/new/", {"name": "Private sheet", "scope": "write", "days": "30"})
    token = ApiToken.objects.get()
    for other in (cast.bob, cast.ada):
        browser = browse(other)
        assert "Private sheet" not in browser.get("/settings/tokens/").content.decode()
        assert browser.post(f"/settings/tokens/{token.pk}/revoke/").status_code == 404
    token.refresh_from_db()
    assert token.revoked_at is None


def test_token_that_lives_too_long_or_has_no_name_is_refused_with_all_reasons(alice: User):
    sent = {"name": "", "scope": "everything", "days": "9999"}
    answer = confirmed(alice).post("/settings/tokens/new/", sent)
    assert answer.status_code == 422
    page = answer.content.decode()
    for text in ("Give the token a name", "Use read or write", "A token lives from 1 to 365 days"):
        assert text in page, text
