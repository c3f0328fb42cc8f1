"""Country names and codes as other systems write them, to ISO 3166 alpha-2. "NA" is Namibia."""

import re
import unicodedata
from functools import cache

from babel import Locale
from babel.core import get_global

from revops.kernel.records.values import countries

# Names that are in use and not in CLDR's English list.
_ALSO = {
    "america": "US", "brunei darussalam": "BN", "burma": "MM", "cabo verde": "CV", "congo": "CG",
    "congo brazzaville": "CG", "congo kinshasa": "CD", "cote divoire": "CI", "czech republic": "CZ",
    "democratic republic of congo": "CD", "democratic republic of the congo": "CD", "dr congo": "CD",
    "east timor": "TL",
    "england": "GB", "eswatini": "SZ", "great britain": "GB", "holland": "NL", "hong kong": "HK",
    "iran islamic republic of": "IR", "islamic republic of iran": "IR", "ivory coast": "CI",
    "korea": "KR", "korea democratic peoples republic of": "KP", "korea republic of": "KR",
    "lao peoples democratic republic": "LA", "macao": "MO", "macau": "MO", "macedonia": "MK",
    "macedonia the former yugoslav republic of": "MK", "moldova republic of": "MD", "myanmar": "MM",
    "northern ireland": "GB", "palestine": "PS", "palestinian territory": "PS",
    "peoples republic of china": "CN", "republic of ireland": "IE", "republic of korea": "KR",
    "russian federation": "RU", "scotland": "GB", "slovak republic": "SK", "swaziland": "SZ",
    "syrian arab republic": "SY", "taiwan province of china": "TW", "tanzania united republic of": "TZ",
    "turkey": "TR", "united kingdom of great britain and northern ireland": "GB",
    "united states of america": "US", "usa": "US", "vatican": "VA", "vatican city": "VA",
    "venezuela bolivarian republic of": "VE", "viet nam": "VN", "virgin islands us": "VI", "wales": "GB",
}  # fmt: skip
_NOT_WORDS = re.compile(r"[^a-z ]+")


def read_country(text: str) -> str | None:
    """Return the two-letter code that a name, a two-letter or a three-letter code stands for, or None."""
    code = text.strip().upper()
    if code in countries():
        return code
    return _by_code().get(code) or _by_name().get(_folded(text))


@cache
def _by_code() -> dict[str, str]:
    """Three-letter codes and codes that have passed out of use for one country: USA, UK."""
    return {
        alias: codes[0]
        for alias, codes in get_global("territory_aliases").items()
        if len(codes) == 1 and alias.isalpha() and codes[0] in countries()
    }


@cache
def _by_name() -> dict[str, str]:
    names = {_folded(name): code for code, name in Locale("en").territories.items() if code in countries()}
    return names | _ALSO


def _folded(text: str) -> str:
    """Return a name without case, accents, punctuation, brackets and articles; St. is Saint."""
    bare = unicodedata.normalize("NFKD", re.sub(r"\(.*?\)", " ", text).casefold().replace("&", " and "))
    words = _NOT_WORDS.sub("", bare.replace("-", " ").replace(",", " ")).split()
    words = ["saint" if word == "st" else word for word in words]
    return " ".join(words[1:] if words[:1] == ["the"] else words)
