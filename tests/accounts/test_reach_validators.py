"""What an e-mail address and a phone number are, and when two of them are one (ALG-1.1)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.validators import BadEmail, read_email, read_phone
from accounts.validators.phone import search_digits, spelled


@pytest.mark.parametrize(
    ("typed", "shown", "key", "domain"),
    [
        (" Rose@Edge.COM ", "Rose@edge.com", "rose@edge.com", "edge.com"),
        ("R.o.se+a@GoogleMail.com", "R.o.se+a@googlemail.com", "rose@gmail.com", "googlemail.com"),
        ("+tag@gmail.com", "+tag@gmail.com", "+tag@gmail.com", "gmail.com"),
        ("rose+a@outlook.com", "rose+a@outlook.com", "rose@outlook.com", "outlook.com"),
        ("rose+a@edge.com", "rose+a@edge.com", "rose+a@edge.com", "edge.com"),
        ("a@mail.acme.co.uk", "a@mail.acme.co.uk", "a@mail.acme.co.uk", "acme.co.uk"),
        ("a@münchen.de", "a@münchen.de", "a@xn--mnchen-3ya.de", "xn--mnchen-3ya.de"),
    ],
)
def test_address_is_shown_as_typed_and_compared_normalised(
    typed: str, shown: str, key: str, domain: str
) -> None:
    email = read_email(typed)
    assert (email.shown, email.key, email.domain) == (shown, key, domain)


@pytest.mark.parametrize(
    "text", ["", "rose", "rose@", "@edge.com", "a b@edge.com", "a@localhost", "b@ex&t.net"]
)
def test_text_that_is_no_address_says_what_to_give(text: str) -> None:
    with pytest.raises(BadEmail, match=r"name@example\.com"):
        read_email(text)


@given(st.from_regex(r"[a-z][a-z0-9.]{0,20}[a-z0-9]", fullmatch=True).filter(lambda text: ".." not in text))
def test_normal_form_of_an_address_is_its_own(local: str) -> None:
    for domain in ("gmail.com", "outlook.com", "edge.com"):
        key = read_email(f"{local}+x@{domain}").key
        assert read_email(key).key == key


@pytest.mark.parametrize(
    ("typed", "country", "shown", "key", "found"),
    [
        ("(512) 757-6000", "US", "+15127576000", "+15127576000", "15127576000 5127576000"),
        ("512 757 6000 ext 12", "US", "+15127576000 ext. 12", "+15127576000x12", "15127576000 5127576000"),
        ("0171 1234567", "DE", "+491711234567", "+491711234567", "491711234567 1711234567"),
        ("+44 191 495 6203", "", "+441914956203", "+441914956203", "441914956203 1914956203"),
        ("3-(902)296-6183", "", "3-(902)296-6183", "39022966183", "39022966183"),
        ("757-6000", "", "757-6000", "7576000", "7576000"),
        ("call me", "US", "call me", "", ""),
    ],
)
def test_number_is_e164_where_its_country_is_known(
    typed: str, country: str, shown: str, key: str, found: str
) -> None:
    phone = read_phone(typed, country)
    assert (phone.shown, phone.key, search_digits(phone.key)) == (shown, key, found)
    assert read_phone(phone.shown, country) == phone


def test_number_is_written_in_groups() -> None:
    assert spelled("+15127576000") == "+1 512-757-6000"
    assert spelled("+15127576000 ext. 12") == "+1 512-757-6000 ext. 12"
    assert spelled("757-6000") == "757-6000"
