"""In, out, lock-out, password and second factor; nobody signs up alone."""

import re
from typing import Any

import pytest
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core.cache import cache
from django.test import Client

from revops.kernel.audit.models import ChangeEvent
from revops.kernel.identity.models import User
from tests.cast import Cast

pytestmark = pytest.mark.django_db
PASSWORD = "a-long-and-honest-pass-phrase"
LOGIN = "/sign-in/login/"


@pytest.fixture(autouse=True)
def nothing_counted() -> None:
    """Forget the rate limits of the test before."""
    cache.clear()


@pytest.fixture
def alice(cast: Cast) -> User:
    """Alice, who has a password."""
    cast.alice.set_password(PASSWORD)
    User.objects.filter(pk=cast.alice.pk).update(password=cast.alice.password)
    return cast.alice


def sign_in(client: Client, email: str, password: str = PASSWORD) -> Any:
    return client.post(LOGIN, {"login": email, "password": password})


def test_sign_in_by_e_mail_in_any_case(alice: User):
    client = Client()
    answer = sign_in(client, "Alice@Example.COM")
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert client.get("/").status_code == 200
    client.post("/sign-in/logout/")
    assert client.get("/").status_code == 302


def test_wrong_password_and_unknown_address_get_the_same_words(alice: User):
    def words(email: str) -> list[str]:
        page = sign_in(Client(), email, "wrong").content.decode()
        return re.findall(r'role="alert">([^<]+)<', page)

    assert words(alice.email) == words("nobody@example.com") != []


def test_a_service_and_a_deactivated_person_do_not_get_in(alice: User):
    from revops.kernel.guard import permit

    with permit():
        User.objects.filter(pk=alice.pk).update(is_active=False)
    client = Client()
    sign_in(client, alice.email)
    assert client.get("/").status_code == 302


def test_ten_failures_close_the_sign_in_for_that_address(alice: User, cast: Cast):
    client = Client()
    for _ in range(10):
        last = sign_in(client, alice.email, "wrong")
    assert last.status_code == 429
    assert "Too many attempts" in last.content.decode()
    sign_in(client, alice.email)
    assert client.get("/").status_code == 302
    cast.bob.set_password(PASSWORD)
    User.objects.filter(pk=cast.bob.pk).update(password=cast.bob.password)
    assert sign_in(Client(), cast.bob.email)["Location"] == "/"


def test_the_django_admin_has_no_sign_in_of_its_own(alice: User):
    answer = Client().post("/admin/login/", {"username": alice.email, "password": PASSWORD})
    assert answer.status_code == 302
    assert answer["Location"].startswith("/sign-in/login/")


def test_nobody_signs_up(cast: Cast):
    page = Client().get("/sign-in/closed/")
    assert "By invitation only" in page.content.decode()
    form = {"email": "new@example.com", "password1": PASSWORD, "password2": PASSWORD}
    Client().post("/sign-in/closed/", form)
    assert not User.objects.filter(email="new@example.com").exists()


def test_password_is_changed_without_a_change_of_the_record(alice: User):
    client = Client()
    sign_in(client, alice.email)
    before = ChangeEvent.objects.count()
    new = "another-honest-pass-phrase"
    form = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    assert client.post("/sign-in/password/change/", form).status_code == 302
    assert sign_in(Client(), alice.email, new)["Location"] == "/"
    assert ChangeEvent.objects.count() == before


def test_password_is_reset_by_the_link_in_the_mail_once(alice: User, mailoutbox: Any):
    client = Client()
    assert (
        "Look into your mail"
        in client.post("/sign-in/password/reset/", {"email": alice.email}, follow=True).content.decode()
    )
    (mail,) = mailoutbox
    link = re.search(r"https?://[^/]+(/sign-in/password/reset/key/\S+)", mail.body).group(1)
    form = client.get(link, follow=True)
    new = "another-honest-pass-phrase"
    done = client.post(form.redirect_chain[-1][0], {"password1": new, "password2": new}, follow=True)
    assert "Password changed" in done.content.decode()
    assert sign_in(Client(), alice.email, new)["Location"] == "/"
    again = Client().get(link, follow=True).content.decode()
    assert "does not work any more" in again


def test_reset_for_an_unknown_address_says_the_same_and_makes_no_link(alice: User, mailoutbox: Any):
    page = Client().post("/sign-in/password/reset/", {"email": "nobody@example.com"}, follow=True)
    assert "Look into your mail" in page.content.decode()
    assert all("/reset/key/" not in mail.body for mail in mailoutbox)


def code(secret: str) -> str:
    counter = next(iter(yield_hotp_counters_from_time()))
    return str(format_hotp_value(hotp_value(secret, counter)))


def test_second_factor_is_set_up_and_asked_for(alice: User):
    client = Client()
    sign_in(client, alice.email)
    setup = "/sign-in/second-factor/app/activate/"
    asked_again = client.get(setup)
    assert asked_again["Location"].startswith("/sign-in/reauthenticate/")
    assert "Confirm that it is you" in client.get(asked_again["Location"]).content.decode()
    client.post(asked_again["Location"], {"password": PASSWORD})
    form = client.get(setup)
    secret = form.context["form"].secret
    assert secret in form.content.decode()
    assert "data:image/svg" in form.content.decode()
    client.post(setup, {"code": code(secret)})
    assert Authenticator.objects.filter(user=alice, type="totp").exists()
    codes = client.get("/sign-in/second-factor/codes/")
    assert codes.status_code == 200
    one = Authenticator.objects.get(user=alice, type="recovery_codes").wrap().get_unused_codes()[0]
    assert one in codes.content.decode()
    other = Client()
    asked = sign_in(other, alice.email)
    assert asked["Location"] == "/sign-in/second-factor/authenticate/"
    assert other.get("/").status_code == 302
    assert "Enter your code" in other.get(asked["Location"]).content.decode()
    other.post(asked["Location"], {"code": one})
    assert other.get("/").status_code == 200


def test_secrets_of_second_factors_are_encrypted_or_the_adapter_is_ours(alice: User):
    stored = get_adapter().encrypt("secret")
    assert get_adapter().decrypt(stored) == "secret"
