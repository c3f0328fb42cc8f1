"""What somebody means by what they typed: a number, an address, a phone number, a person, or words. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from urllib.parse import urlsplit

from revops.kernel.folding import fold, words

LONGEST_TEXT = 200
# Fewer digits than these are no phone number: they would find half of everybody.
FEWEST_DIGITS = 7
_PHONE = re.compile(
    r"(?:tel:)?\s*\+?(?:[\s().\-/]*\d){7,17}(?:\s*(?:ext\.?|x|#)\s*\d{1,6})?", re.IGNORECASE | re.ASCII
)
_EXTENSION = re.compile(r"\s*(?:ext\.?|x|#)\s*\d{1,6}$", re.IGNORECASE | re.ASCII)
_NUMBER = re.compile(r"([a-z]{2,5})\s*[\-#]?\s*(\d{1,18})", re.ASCII)
_HOST = re.compile(r"(?:[^\W_](?:[\w\-]{0,62})\.)+[^\W\d_]{2,24}")
_BRACKETS = re.compile(r".*<([^<>\s]+@[^<>\s]*)>\s*")


class Meaning(StrEnum):
    """What a question asks for."""

    NOTHING = "nothing"
    WORDS = "words"
    NUMBER = "number"
    EMAIL = "email"
    DOMAIN = "domain"
    PHONE = "phone"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class Question:
    """A question as it was understood.

    `text` is what is looked for: an address or a host in lower case, the digits of a phone number, the name of a
    person, else what was typed. `only` names the one record type that is asked of. `number` is the id behind
    a record number, `numbered` its record type.
    """

    meaning: Meaning
    text: str = ""
    only: str = ""
    number: int = 0
    numbered: str = ""


def read(text: str, kinds: Mapping[str, str], prefixes: Mapping[str, str]) -> Question:
    """Return what `text` asks for.

    `kinds` gives the record type behind each word that may stand before a colon ("deal"), folded; `prefixes` the one
    behind the letters of a record number ("opp"). What looks like a number, an address or a phone number and
    finds nothing is asked again as words: that is the affair of who answers.
    """
    typed = " ".join(text[: LONGEST_TEXT * 2].split())[:LONGEST_TEXT]
    head, colon, rest = typed.partition(":")
    only = kinds.get(fold(head)) if colon else None
    if only and not rest.startswith("//"):
        return _of_one_kind(rest.strip(), only, prefixes)
    return _read(typed, prefixes)


def _of_one_kind(rest: str, only: str, prefixes: Mapping[str, str]) -> Question:
    if rest.isascii() and rest.isdigit() and len(rest) < FEWEST_DIGITS:
        return Question(Meaning.NUMBER, rest, only, int(rest), only)
    return replace(_read(rest, prefixes), only=only)


def _read(typed: str, prefixes: Mapping[str, str]) -> Question:
    numbered = _NUMBER.fullmatch(typed.lower())
    if numbered and numbered[1] in prefixes:
        return Question(Meaning.NUMBER, typed, number=int(numbered[2]), numbered=prefixes[numbered[1]])
    if _PHONE.fullmatch(typed):
        return Question(Meaning.PHONE, number_of(typed))
    for read_as in (_address, _host, _person):
        if found := read_as(typed):
            return found
    return Question(Meaning.WORDS if words(typed) else Meaning.NOTHING, typed)


def number_of(text: str) -> str:
    """Return the digits of a phone number as they are compared: without its extension, and without what one dials
    to leave a country or a city.

    >>> number_of("0049 (0)30 / 123-4567 ext. 8")
    '49301234567'
    """
    bare = _EXTENSION.sub("", text.strip()).replace("(0)", "")
    return "".join(re.findall(r"\d", bare, re.ASCII)).lstrip("0")


def _address(typed: str) -> Question | None:
    """Read an e-mail address, or how one begins ("anna@ac"); with a name before it or not."""
    inside = _BRACKETS.fullmatch(typed)
    bare = (inside[1] if inside else typed).lower().removeprefix("mailto:")
    local, at, host = bare.partition("@")
    if not at or not local or "@" in host or " " in bare or "/" in local:
        return None
    return Question(Meaning.EMAIL, fold(bare))


def _host(typed: str) -> Question | None:
    """Read a host out of a domain, a web address, or "@acme.com"."""
    bare = typed.lower()
    if " " in bare:
        return None
    try:
        host = urlsplit(bare if "://" in bare else f"//{bare.removeprefix('@')}").hostname or ""
    except ValueError:
        return None
    host = host.rstrip(".").removeprefix("www.")
    return Question(Meaning.DOMAIN, host) if _HOST.fullmatch(host) else None


def _person(typed: str) -> Question | None:
    name = typed.removeprefix("@").strip()
    return Question(Meaning.PERSON, name) if typed.startswith("@") and words(name) else None
