"""How a mention stands in a text: `@[Rita Rossi](user:12)`, the name as it was when it was written. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

# Whatever holds no such piece holds no mention: the cheap question before the pattern.
MARK = "](user:"
_MENTION = re.compile(r"@\[([^\[\]\n]{1,120})\]\(user:([1-9][0-9]{0,17})\)", re.ASCII)
_BEGUN = re.compile(r"@(\[[^\[\]\n]{0,120}(\](\((u(s(e(r(:[0-9]{0,18})?)?)?)?)?)?)?)?\Z", re.ASCII)
_ENDS = re.compile(r"(?<=[.!?])\s+|\n+")


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a text: plain, or the name of the person with this id."""

    text: str
    person: int | None = None


def parts(text: str) -> Iterator[Part]:
    """Yield the pieces of `text` in their order."""
    end = 0
    for found in _MENTION.finditer(text) if MARK in text else ():
        if found.start() > end:
            yield Part(text[end : found.start()])
        yield Part(found[1], int(found[2]))
        end = found.end()
    if end < len(text):
        yield Part(text[end:])


def named(text: str | None) -> dict[int, str]:
    """Return the ids of those named in `text` with their names, in the order of their first mention."""
    found: dict[int, str] = {}
    for part in parts(text or ""):
        if part.person is not None:
            found.setdefault(part.person, part.text)
    return found


def plain(text: str) -> str:
    """Return `text` with `@Rita Rossi` for a mention: for exports, e-mails and whatever draws nothing."""
    return _MENTION.sub(r"@\1", text) if MARK in text else text


def cut(text: str, length: int) -> str:
    """Return the first `length` characters, with an ellipsis where there are more; no mention is cut in two."""
    if len(text) <= length:
        return text
    head = text[:length]
    return _BEGUN.sub("", head) + "…"


def sentence(text: str, person: int, *, longest: int = 300) -> str:
    """Return the first sentence of `text` that names `person`, plain and at most `longest` characters."""
    for one in _ENDS.split(text):
        if person in named(one):
            said = plain(one).strip()
            return said if len(said) <= longest else said[: longest - 1] + "…"
    return ""
