"""The options of the palette and of the search box, for what was typed and where one is."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from django.utils.safestring import SafeString, mark_safe

from revops.kernel.folding import fold, words
from revops.kernel.records import personal, searching, telling
from revops.web.palette import commands, ranking
from revops.web.palette.commands import Command

RECORDS, COMMANDS, PERSONAL, DEEDS = 8, 8, 6, 6
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Option:
    """One line of a palette, a search box or a picker: a place (`url`), an `act`, or a value to take (`value`)."""

    label: str
    icon: str = ""
    note: str = ""
    url: str = ""
    value: str = ""
    act: str = ""
    key: str = ""
    shortcut: str = ""
    number: str = ""


Groups = list[tuple[str, list[Option]]]


def offer(user: Any, typed: str, at: str) -> Groups:
    """Return what the palette offers, in groups, the best first.

    ">" asks for deeds alone, "/" for places alone. Where nothing is typed, what one opened last and one's favourites
    come first, without the record one is looking at.
    """
    mode, text = (typed[:1], typed[1:].strip()) if typed[:1] in (">", "/") else ("", typed)
    if not typed:
        return _at_rest(user, at)
    held = _ranked(user, text, _commands(user, mode, at))
    entries = ("Commands", [_option(one) for _, one in held[:COMMANDS]])
    if mode:
        return _filled([entries])
    found = ("Records", options(user, text, limit=RECORDS))
    first = held and held[0][0] >= ranking.BEGINS
    return _filled([entries, found] if first else [found, entries])


def _at_rest(user: Any, at: str) -> Groups:
    def told(lines: Iterable[telling.Line]) -> list[Option]:
        return [line_option(one) for one in lines if one.url != at]

    chosen, recent = personal.frequent(user), told(personal.recent(user, limit=PERSONAL + 1))[:PERSONAL]
    creations = sorted(commands.creations(user), key=lambda one: -chosen.get(one.key, 0))
    deeds = sorted(commands.deeds(user, at), key=lambda one: -chosen.get(one.key, 0))
    return _filled(
        [
            ("Recent", recent),
            ("Favourites", [one for one in told(personal.favourites(user)) if one not in recent][:PERSONAL]),
            (commands.HERE, [_option(one) for one in deeds[:DEEDS]]),
            (commands.GO, [_option(one) for one in commands.places(user) if not one.note]),
            (commands.CREATE, [_option(one) for one in creations]),
        ]
    )


def _commands(user: Any, mode: str, at: str) -> list[Command]:
    go = [] if mode == ">" else [*commands.places(user), *commands.saved_views(user)]
    act = (
        [] if mode == "/" else [*commands.deeds(user, at), *commands.creations(user), *commands.everywhere()]
    )
    return [*act, *go]


def _ranked(user: Any, text: str, every: Sequence[Command]) -> list[tuple[int, Command]]:
    chosen = personal.frequent(user)
    fits = [
        (ranking.fit(text, one.label, f"{one.keys} {one.note}", chosen=chosen.get(one.key, 0)), one)
        for one in every
    ]
    return sorted(((score, one) for score, one in fits if score), key=lambda each: -each[0])


def options(user: Any, text: str, *, limit: int) -> list[Option]:
    """Return the records that `text` finds, the best types first, with what was asked for marked in their names."""
    hits = _spread(searching.search(user, text, limit=limit), limit)
    places = [(hit.record_type.label, hit.pk) for hit in hits]
    told = telling.lines(user, places)
    return [line_option(told[place], text) for place in places if place in told]


def _spread(hits: Sequence[searching.Hit], limit: int) -> list[searching.Hit]:
    """Return the first hits of each type in turn, so that one type with many does not hide the others."""
    by_type: dict[str, list[searching.Hit]] = {}
    for hit in hits:
        by_type.setdefault(hit.record_type.label, []).append(hit)
    share = max(2, -(-limit // max(1, len(by_type))))
    kept = {id(hit) for found in by_type.values() for hit in found[:share]}
    return [hit for hit in hits if id(hit) in kept][:limit]


def line_option(line: telling.Line, text: str = "") -> Option:
    """Return the option that leads to a record, with what `text` asks for marked in what it says."""
    kind = line.record_type
    note = marked(line.note or kind.singular, text)
    return Option(marked(line.title, text), kind.icon, note, line.url, key=line.key, number=line.number)


def _option(one: Command) -> Option:
    return Option(one.label, one.icon, one.note, one.url, act=one.act, key=one.key, shortcut=one.shortcut)


def _filled(groups: Groups) -> Groups:
    return [(title, found) for title, found in groups if found]


def marked(title: str, text: str) -> SafeString:
    """Return `title` with the beginnings of its words that `text` asks for marked; everything escaped."""
    asked = text.rpartition(":")[2].strip()
    wanted = [] if asked.startswith("@") else sorted(words(asked), key=len, reverse=True)

    def mark(found: re.Match[str]) -> str:
        word = found[0]
        prefix = next((one for one in wanted if fold(word).startswith(one)), "")
        if not prefix:
            return escape(word)
        size = len(prefix) if len(fold(word)) == len(word) else len(word)
        return f"<mark>{escape(word[:size])}</mark>{escape(word[size:])}"

    parts, end = [], 0
    for found in _WORD.finditer(title):
        parts += [escape(title[end : found.start()]), mark(found)]
        end = found.end()
    return mark_safe("".join([*parts, escape(title[end:])]))  # noqa: S308  every piece is escaped
