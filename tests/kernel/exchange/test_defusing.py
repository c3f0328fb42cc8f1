"""Cells that a spreadsheet would run are made harmless, and come back exactly as they were (B06)."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from revops.kernel.exchange.defusing import defused, is_dangerous, restored

# What security.md lists, and the same behind what a spreadsheet or a careless reader takes off.
PREFIXES = [
    "=", "+", "-", "@", "\t", "\r", "\n", "\0", "|", "＝", "＋", "－", "＠", " =", "\ufeff=", '"=', "'=", "“=",
    "\u200b=", "\u00a0@", "﹦", "'\"=", "·=", "··+", "−1",
]  # fmt: skip


def first_seen(text: str) -> str:
    """Return the first character after trimming, byte order marks, quotation marks and folding of widths."""
    if text[:1] in "\t\r\n\0":
        return text[:1]
    return unicodedata.normalize("NFKC", text).strip(" \ufeff\u00a0\u200b\"'“”‘’")[:1]


@pytest.mark.parametrize("prefix", PREFIXES)
def test_dangerous_text_goes_out_behind_a_mark_and_comes_back(prefix: str):
    text = f"{prefix}cmd|' /C calc'!A0"
    assert is_dangerous(text)
    out = defused(text)
    assert first_seen(out) == "·"
    assert restored(out) == text


@pytest.mark.parametrize(
    "text", ["", "Acme", "1-2", "a=b", "O'Neill", "“Quoted”", "é=1", "3M", "·plain", "_x", "€ 5", "'t Hooft"]
)
def test_ordinary_text_stays_as_it_is(text: str):
    assert defused(text) == text
    assert restored(text) == text


@given(
    st.text(alphabet=st.sampled_from("=+-@|\t\r\n\0'\"·“ \ufeff＝－aZ1é"), max_size=8) | st.text(max_size=20)
)
def test_every_text_comes_back_and_none_goes_out_dangerous(text: str):
    out = defused(text)
    assert restored(out) == text
    assert first_seen(out) not in {*"=+-@|\t\r\n\0"} or first_seen(out) == ""


@pytest.mark.control
def test_mark_that_is_not_passed_over_would_lose_one_of_two_texts(monkeypatch: pytest.MonkeyPatch):
    from revops.kernel.exchange import defusing

    monkeypatch.setattr(defusing, "_QUOTES", frozenset("\"'`´"))
    assert defused("·=1") == "·=1"
    assert restored("·=1") == "=1"
