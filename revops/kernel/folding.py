"""Text as it is compared: folded once when stored, so that both engines agree on every comparison and order."""

import re
import unicodedata
from typing import Any

from django.db import models

_ASCII_WORD = re.compile("[a-z0-9]+")


def fold(text: str) -> str:
    """Return `text` without case, accents, compatibility forms and double spaces.

    >>> fold("  Société  GÉNÉRALE ")
    'societe generale'
    """
    if text.isascii():  # nearly every word there is, at a tenth of the cost
        return " ".join(text.lower().split())
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(char for char in decomposed if not unicodedata.combining(char))
    return " ".join(unicodedata.normalize("NFKC", bare).casefold().split())


def words(text: str) -> list[str]:
    """Return the folded words of `text` in order, cut at everything that is not a letter or a digit."""
    folded = fold(text)
    if folded.isascii():
        return _ASCII_WORD.findall(folded)
    return "".join(char if char.isalnum() else " " for char in folded).split()


class FoldedField(models.CharField):  # type: ignore[type-arg]
    """A column of folded text, ordered by code point on both engines, so that prefixes use its index."""

    def db_type(self, connection: Any) -> str:
        kind = str(super().db_type(connection))
        return f'{kind} COLLATE "C"' if connection.vendor == "postgresql" else kind


def prefix_end(prefix: str) -> str:
    """Return the smallest text above every text that starts with `prefix` (in code point order)."""
    return prefix + chr(0x10FFFF)
