"""Text that a spreadsheet would take for a formula, made harmless on its way out and whole again on its way in.

A cell is dangerous when what a spreadsheet sees first, past spaces, byte order marks and quotation marks, and in
whatever width it is written, begins a formula. Such a cell goes out behind a mark. The mark itself is passed over
like a quotation mark, so text that begins with one is dangerous if its rest is: therefore `restored` takes off
exactly what `defused` put on, for every text there is (security.md B06).
"""

import unicodedata

MARK = "·"
TRIGGERS = frozenset("=+-@|\t\r\n\0")
_MINUS = "\N{MINUS SIGN}"
_QUOTES = frozenset("\"'`´") | {MARK}
# Initial and final quotation marks, invisible formatting characters, the other control characters, spaces.
_PASSED = frozenset({"Pi", "Pf", "Cf", "Cc", "Zs", "Zl", "Zp"})


def is_dangerous(text: str) -> bool:
    """Say whether a spreadsheet might take `text` for a formula or a command."""
    for char in text:
        if char.isalnum() and char.isascii():
            return False
        if char in TRIGGERS or unicodedata.normalize("NFKC", char)[:1] in TRIGGERS or char == _MINUS:
            return True
        if char not in _QUOTES and unicodedata.category(char) not in _PASSED:
            return False
    return False


def defused(text: str) -> str:
    """Return `text` as it may stand in a cell."""
    return MARK + text if is_dangerous(text) else text


def restored(text: str) -> str:
    """Return the text that `defused` was given."""
    return text[1:] if text[:1] == MARK and is_dangerous(text[1:]) else text
