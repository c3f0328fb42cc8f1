"""Text as it is compared: folded once when stored, so that both engines agree on every comparison and order."""

import unicodedata
from typing import Any

from django.db import models


def fold(text: str) -> str:
    """Return `text` without case, accents, compatibility forms and double spaces.

    >>> fold("  Société  GÉNÉRALE ")
    'societe generale'
    """
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(char for char in decomposed if not unicodedata.combining(char))
    return " ".join(unicodedata.normalize("NFKC", bare).casefold().split())


def words(text: str) -> list[str]:
    """Return the folded words of `text` in order, cut at everything that is not a letter or a digit."""
    return "".join(char if char.isalnum() else " " for char in fold(text)).split()


class FoldedField(models.CharField):  # type: ignore[type-arg]
    """A column of folded text, ordered by code point on both engines, so that prefixes use its index."""

    def db_type(self, connection: Any) -> str:
        kind = str(super().db_type(connection))
        return f'{kind} COLLATE "C"' if connection.vendor == "postgresql" else kind


def prefix_end(prefix: str) -> str:
    """Return the smallest text above every text that starts with `prefix` (in code point order)."""
    return prefix + chr(0x10FFFF)
