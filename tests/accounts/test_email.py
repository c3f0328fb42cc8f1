"""E-mail addresses: what is valid at sight is what the library calls valid, and reads the same. Source: ALG-1.1."""

import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import given
from hypothesis import strategies as st

from accounts.validators import BadEmail, read_email

# Close to what passes at sight, so that both ways are taken: letters of both cases, marks, doubled marks, ends.
_LOCAL = st.text("aZ9._+-'é", min_size=1, max_size=70)
_HOST = st.lists(st.text("ab9-é", min_size=1, max_size=66), min_size=1, max_size=3).map(".".join)
_ENDING = st.sampled_from(["com", "co.uk", "test", "local", "c", "COM", "x1", "de.", "xn--p1ai"])


def library(text: str) -> str | None:
    try:
        return str(validate_email(text.strip(), check_deliverability=False).normalized)
    except EmailNotValidError:
        return None


def ours(text: str) -> str | None:
    try:
        return read_email(text).shown
    except BadEmail:
        return None


@given(_LOCAL, _HOST, _ENDING)
def test_address_reads_as_the_library_reads_it(local: str, host: str, ending: str) -> None:
    text = f"{local}@{host}.{ending}"
    assert ours(text) == library(text)


@pytest.mark.parametrize(
    "text",
    [
        "rose@acme.com",
        " Rose.Garcia+news@mail.acme.co.uk ",
        "INFO@acme.com",
        "Info.Desk@acme.com",
        "rose..g@acme.com",
        ".rose@acme.com",
        "rose@acme",
        "rose@acme.test",
        "rose@-acme.com",
        "rose@acme-.com",
        "rose@ac--me.com",
        "rose@xn--bcher-kva.de",
        "rose@bücher.de",
        "ROSE@ACME.COM",
        f"{'r' * 65}@acme.com",
        f"rose@{'a' * 64}.com",
        f"rose@{'a' * 63}.com",
        "rose@acme.com\n",
        "rose@acme.com\nx",
        "rose@١.com",
    ],
)
def test_address_at_the_edge_reads_as_the_library_reads_it(text: str) -> None:
    assert ours(text) == library(text)
