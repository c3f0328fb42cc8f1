"""Text as it is compared: folding, words, the end of a prefix."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from revops.kernel.folding import fold, prefix_end, words


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("  Société  GÉNÉRALE ", "societe generale"),
        ("Straße", "strasse"),
        ("ﬁne ＡＣＭＥ", "fine acme"),
        ("İstanbul", "istanbul"),
        ("Łódź", "łodz"),
        ("Ørsted", "ørsted"),
        ("Ⅷ", "viii"),
        ("\u00a0a\u2003b\t", "a b"),
        ("東京 ", "東京"),
        ("e\u0301", "e"),
        ("", ""),
    ],
)
def test_fold_takes_away_case_accents_and_forms(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(st.text())
def test_fold_is_idempotent(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text())
def test_fold_ignores_case(text: str) -> None:
    assert fold(text.casefold()) == fold(text)


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("AT&T Inc.", ["at", "t", "inc"]),
        ("acme-corp.co.uk", ["acme", "corp", "co", "uk"]),
        ("  -- !! ", []),
        ("3M 2026", ["3m", "2026"]),
        ("日本 電気", ["日本", "電気"]),
        ("O'Neill", ["o", "neill"]),
    ],
)
def test_words_are_cut_at_everything_else(text: str, cut: list[str]) -> None:
    assert words(text) == cut


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])), st.text(alphabet="abcé"))
def test_prefix_end_lies_above_every_text_with_the_prefix(prefix: str, rest: str) -> None:
    assert prefix <= prefix + rest < prefix_end(prefix)
