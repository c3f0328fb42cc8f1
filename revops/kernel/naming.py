"""Computed names: a name is built from tokens and can be parsed back (ALG-1.3, INV-1.8).

`parse(build(x)) == x` for canonical tokens (GT31, E12): a token is letters and digits only, so it
can never contain a separator.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

MAX_TOKEN = 24
MISSING = "X"

# Letters that Unicode does not decompose into a base letter and a mark.
_LETTERS = str.maketrans(
    {
        "ß": "ss", "ẞ": "SS", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ø": "o", "Ø": "O",
        "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "þ": "th", "Þ": "Th",
        "ħ": "h", "Ħ": "H", "\u0131": "i", "ŋ": "n", "Ŋ": "N", "ŧ": "t", "Ŧ": "T", "ĸ": "k",
    }
)  # fmt: skip


def transliterate(text: str) -> str:
    """Spell Latin text without accents and ligatures; other scripts are left as they are."""
    decomposed = unicodedata.normalize("NFKD", text.translate(_LETTERS))
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def token(text: str) -> str:
    """Make one name token: transliterated, letters and digits only, CamelCase, at most 24 long.

    The first letter of each word is raised and the rest kept (`IntelQQL` stays). Text of which
    nothing remains becomes `X`. Idempotent.
    """
    words = re.findall(r"[A-Za-z0-9]+", transliterate(text))
    return "".join(word[0].upper() + word[1:] for word in words)[:MAX_TOKEN] or MISSING


@dataclass(frozen=True, slots=True)
class NamingScheme:
    """How names of one kind of object are composed: its tokens, in order, and their separator."""

    object: str
    tokens: tuple[str, ...]
    separator: str = "-"

    def __post_init__(self) -> None:
        if len(self.separator) != 1 or self.separator.isalnum():
            raise ValueError(
                f"separator {self.separator!r} of {self.object} must be one sign that no token can contain"
            )
        if not self.tokens or len(set(self.tokens)) != len(self.tokens):
            raise ValueError(f"tokens {self.tokens!r} of {self.object} must be given, each once")

    def build(self, values: Mapping[str, str | None]) -> str:
        """Compose the name; a value that is None or empty becomes `X`, an unknown key is refused."""
        if set(values) != set(self.tokens):
            raise ValueError(f"a name of {self.object} needs exactly {self.tokens!r}, not {sorted(values)!r}")
        return self.separator.join(token(values[name] or "") for name in self.tokens)

    def parse(self, name: str) -> dict[str, str]:
        """Take a name apart into its tokens; a name `build` could not have made raises ValueError."""
        parts = name.split(self.separator)
        if len(parts) != len(self.tokens):
            raise ValueError(
                f"“{name}” has {len(parts)} tokens, a name of {self.object} has {len(self.tokens)}"
            )
        for part in parts:
            if token(part) != part:
                raise ValueError(f"“{part}” in “{name}” is not a name token: “{token(part)}” would be")
        return dict(zip(self.tokens, parts, strict=True))


OPPORTUNITY = NamingScheme("opportunity", ("segment", "geo", "product", "use_case", "quarter"))
CAMPAIGN = NamingScheme("campaign", ("channel", "theme", "quarter", "audience"))
SKU = NamingScheme("sku", ("family", "package", "metric"), separator=":")
TERRITORY = NamingScheme("territory", ("geo", "segment", "vertical"))
SCHEMES = {scheme.object: scheme for scheme in (OPPORTUNITY, CAMPAIGN, SKU, TERRITORY)}
