"""`like`: two wildcards, one reading for Python and SQL, no expressions."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from revops.kernel.folding import fold
from revops.kernel.policies.rules.patterns import as_sql_pattern, matches, tokens


@pytest.mark.parametrize(
    ("text", "pattern", "expected"),
    [
        ("acme ltd", "ACME*", True),
        ("acme ltd", "acme", False),
        ("acme ltd", "acme *", True),
        ("acmeltd", "acme *", False),
        ("acme ltd", "????????", True),
        ("acme ltd", "???????", False),
        ("", "*", True),
        ("", "?", False),
        ("a.c", "a.c", True),
        ("abc", "a.c", False),
        ("100%", "100%", True),
        ("1000", "100%", False),
        ("a_b", "a_b", True),
        ("axb", "a_b", False),
        ("societe", "soci?te", True),
        ("straße".replace("ß", "ss"), "Stra*ße", True),
    ],
)
def test_pattern_matches_the_whole_text(text: str, pattern: str, expected: bool) -> None:
    assert matches(text, pattern) is expected


def test_sql_pattern_escapes_what_like_would_read() -> None:
    assert as_sql_pattern("100%_\\*?") == r"100\%\_\\%_"
    assert tokens("a***b") == tokens("a*b")


def test_hostile_pattern_ends() -> None:
    assert not matches("a" * 20_000, "*a" * 249 + "*b")


@given(text=st.text("ab *?%", max_size=12), pattern=st.text("ab*?%", max_size=8))
def test_matching_agrees_with_an_expression(text: str, pattern: str) -> None:
    wanted = "".join({"*": ".*", "?": "."}.get(char, re.escape(char)) for char in pattern)
    folded = fold(text)
    assert matches(folded, pattern) == bool(re.fullmatch(wanted, folded, re.DOTALL))
