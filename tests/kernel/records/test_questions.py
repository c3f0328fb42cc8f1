"""What a question means: numbers, addresses, phone numbers, people, kinds, and words for everything else."""

import pytest

from revops.kernel.records.searching.questions import Meaning, number_of, read

KINDS = {
    "deal": "o",
    "deals": "o",
    "opp": "o",
    "opportunity": "o",
    "lead": "l",
    "acc": "a",
    "account": "a",
}
PREFIXES = {"acc": "a", "opp": "o", "lea": "l"}
W, N, E, D, P, Y, NO = (
    Meaning.WORDS,
    Meaning.NUMBER,
    Meaning.EMAIL,
    Meaning.DOMAIN,
    Meaning.PHONE,
    Meaning.PERSON,
    Meaning.NOTHING,
)


@pytest.mark.parametrize(
    ("typed", "meaning", "text", "only", "number"),
    [
        ("ACC-000123", N, "ACC-000123", "", 123),
        ("acc 123", N, "acc 123", "", 123),
        ("opp123", N, "opp123", "", 123),
        (" Opp #12 ", N, "Opp #12", "", 12),
        ("ACC--1", W, "ACC--1", "", 0),
        ("ACC-", W, "ACC-", "", 0),
        ("ACC-" + "9" * 30, W, "ACC-" + "9" * 30, "", 0),
        ("xyz 123", W, "xyz 123", "", 0),
        ("123", W, "123", "", 0),
        ("anna@acme.com", E, "anna@acme.com", "", 0),
        ("ANNA@Acme.COM", E, "anna@acme.com", "", 0),
        ("anna@ac", E, "anna@ac", "", 0),
        ("anna@", E, "anna@", "", 0),
        ("mailto:anna@acme.com", E, "anna@acme.com", "", 0),
        ("Anna Berg <anna@acme.com>", E, "anna@acme.com", "", 0),
        ("a@b@c", W, "a@b@c", "", 0),
        ("acme.com", D, "acme.com", "", 0),
        ("ACME.COM.", D, "acme.com", "", 0),
        ("@acme.com", D, "acme.com", "", 0),
        ("www.acme.co.uk", D, "acme.co.uk", "", 0),
        ("https://www.acme.com/x?y=1", D, "acme.com", "", 0),
        ("http://acme.com:8080", D, "acme.com", "", 0),
        ("https://münchen.de/a b", W, "https://münchen.de/a b", "", 0),
        ("münchen.de", D, "münchen.de", "", 0),
        ("http://[bad", W, "http://[bad", "", 0),
        ("J.P. Morgan", W, "J.P. Morgan", "", 0),
        ("Q1.2026", W, "Q1.2026", "", 0),
        ("+1 (512) 757-6000", P, "15127576000", "", 0),
        ("512.757.6000", P, "5127576000", "", 0),
        ("0049 (0)30 123-4567", P, "49301234567", "", 0),
        ("030/1234567", P, "301234567", "", 0),
        ("757-6000", P, "7576000", "", 0),
        ("tel:+15127576000", P, "15127576000", "", 0),
        ("512 757 6000 ext. 12", P, "5127576000", "", 0),
        ("555-01", W, "555-01", "", 0),
        ("deal: acme", W, "acme", "o", 0),
        ("Deals:acme nor", W, "acme nor", "o", 0),
        ("lead:", NO, "", "l", 0),
        ("deal: 123", N, "123", "o", 123),
        ("lead: anna@acme.com", E, "anna@acme.com", "l", 0),
        ("note: hello", W, "note: hello", "", 0),
        ("@alice", Y, "alice", "", 0),
        ("@ Alice Berg", Y, "Alice Berg", "", 0),
        ("lead: @me", Y, "me", "l", 0),
        ("@", NO, "@", "", 0),
        ("", NO, "", "", 0),
        ("--- !!", NO, "--- !!", "", 0),
        ("Société  Générale", W, "Société Générale", "", 0),
        ("%", NO, "%", "", 0),
    ],
)
def test_question_is_read_as_it_is_meant(
    typed: str, meaning: Meaning, text: str, only: str, number: int
) -> None:
    asked = read(typed, KINDS, PREFIXES)
    assert (asked.meaning, asked.text, asked.only, asked.number) == (meaning, text, only, number)


def test_question_of_any_length_is_cut() -> None:
    assert len(read("x" * 100_000, KINDS, PREFIXES).text) == 200


@pytest.mark.parametrize(
    ("typed", "digits"),
    [
        ("+15127576000", "15127576000"),
        ("+15127576000 ext. 12", "15127576000"),
        ("0049 (0)30 / 123-4567", "49301234567"),
        ("٣٣٣", ""),
        ("", ""),
    ],
)
def test_phone_number_is_compared_by_its_digits(typed: str, digits: str) -> None:
    assert number_of(typed) == digits
