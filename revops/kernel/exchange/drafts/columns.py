"""What the cells of one column say about it: dates and their order, numbers and their decimal sign, or words."""

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from revops.kernel.exchange import amounts, dates
from revops.kernel.exchange.cells import ERROR_VALUE, NO_VALUE

SAMPLES = 3
MAX_WORDS = 200
LONGEST_WORD = 120
_REMEMBERED = 4_000
# A column is of a kind when so many of its filled cells are: a few faults do not hide what it is.
_MOST = 0.8
_DATE_ORDERS = ("dmy", "mdy", "ymd")


@dataclass(frozen=True, slots=True)
class Reading:
    """How one text may be read. Orders and signs hold those that fit; none where the text leaves no doubt."""

    is_date: bool = False
    is_number: bool = False
    orders: frozenset[str] = frozenset()
    signs: frozenset[str] = frozenset()


_NEITHER = Reading()
_ANY_SIGN = frozenset({".", ","})
# Most cells are settled at a glance: whole numbers, one mark before other than three digits, words.
_WHOLE = Reading(is_number=True)
_POINT = Reading(is_number=True, signs=frozenset({"."}))
_COMMA = Reading(is_number=True, signs=frozenset({","}))
_DECIMAL = re.compile(r"-?\d+([.,])(?:\d{1,2}|\d{4,})", re.ASCII)
_DIGIT = re.compile(r"\d")
_WORD = re.compile(r"[^\W\d_]{4}")
_LONGEST = 80


@dataclass(slots=True)
class Profile:
    """What was seen of one column so far. `orders` and `signs` are what the cells that leave no doubt demand."""

    place: int
    header: str
    filled: int = 0
    samples: list[str] = field(default_factory=list)
    dates: int = 0
    numbers: int = 0
    orders: set[str] = field(default_factory=set)
    signs: set[str] = field(default_factory=set)
    both_dates: list[str] = field(default_factory=list)
    both_numbers: list[str] = field(default_factory=list)
    words: "Counter[str] | None" = field(default_factory=Counter)
    known: dict[str, Reading] = field(default_factory=dict)

    def take(self, cell: str) -> None:
        """Look at one cell."""
        text = cell.strip()
        if not text or text.startswith((NO_VALUE, ERROR_VALUE)):
            return
        self.filled += 1
        if len(self.samples) < SAMPLES and text not in self.samples:
            self.samples.append(text[:200])
        self._count(text)
        reading = self.known.get(text)
        if reading is None:
            if len(self.known) >= _REMEMBERED:
                self.known.clear()
            reading = self.known[text] = read(text)
            self._note(text, reading)
        self.dates += reading.is_date
        self.numbers += reading.is_number

    def _count(self, text: str) -> None:
        if self.words is None:
            return
        self.words[text[: LONGEST_WORD + 1]] += 1
        if len(self.words) > MAX_WORDS or len(text) > LONGEST_WORD:
            self.words = None

    def _note(self, text: str, reading: Reading) -> None:
        if len(reading.orders) == 1:
            self.orders |= reading.orders
        elif reading.orders and len(self.both_dates) < SAMPLES:
            self.both_dates.append(text)
        if len(reading.signs) == 1:
            self.signs |= reading.signs
        elif reading.signs and len(self.both_numbers) < SAMPLES:
            self.both_numbers.append(text)

    @property
    def kind(self) -> str:
        """Say what the column is: empty, date, number, choice or text."""
        if not self.filled:
            return "empty"
        if self.dates >= self.filled * _MOST:
            return "date"
        if self.numbers >= self.filled * _MOST:
            return "number"
        return "choice" if self.words is not None and len(self.words) <= max(2, self.filled // 2) else "text"

    def as_json(self) -> dict[str, Any]:
        """Return what is kept of the column. `doubt` says what reads both ways, `examples` which cells do."""
        kind, doubt, examples = self.kind, "", list[str]()
        if self.dates and (len(self.orders) > 1 or (not self.orders and self.both_dates)):
            doubt, examples = "date", self.both_dates
        elif self.numbers and (len(self.signs) > 1 or (not self.signs and self.both_numbers)):
            doubt, examples = "decimal", self.both_numbers
        return {
            "place": self.place,
            "header": self.header,
            "kind": kind,
            "filled": self.filled,
            "samples": self.samples,
            "date_order": next(iter(self.orders)) if len(self.orders) == 1 else "",
            "decimal": next(iter(self.signs)) if len(self.signs) == 1 else "",
            "doubt": doubt,
            "examples": examples,
            "words": None if self.words is None else dict(self.words.most_common()),
        }


def read(text: str) -> Reading:
    """Say how one text may be read as a date or as a number."""
    if text.isascii() and text.isdigit():
        return _WHOLE
    if simple := _DECIMAL.fullmatch(text):
        return _POINT if simple[1] == "." else _COMMA
    if len(text) > _LONGEST or _WORD.search(text) or not _DIGIT.search(text):
        return _NEITHER
    try:
        dates.read_date(text)
        return Reading(is_date=True)
    except dates.AskForm:
        if orders := frozenset(order for order in _DATE_ORDERS if _fits(text, order)):
            return Reading(is_date=True, orders=orders)
    except ValueError:
        pass
    return _number(text)


def _fits(text: str, order: str) -> bool:
    try:
        dates.read_date(text, order)
    except ValueError:
        return False
    return True


def _number(text: str) -> Reading:
    """A number demands a sign where it reads one way with it and not, or otherwise, with the other."""
    read_as = {}
    for sign in _ANY_SIGN:
        try:
            read_as[sign] = amounts.read_number(text, decimal=sign)[0]
        except (amounts.NotANumber, amounts.TwoReadings):
            continue
    if not read_as:
        return _NEITHER
    if len(read_as) == 1:
        return Reading(is_number=True, signs=frozenset(read_as))
    if read_as["."] == read_as[","]:
        return Reading(is_number=True)
    try:
        plain = amounts.read_number(text)[0]
    except amounts.TwoReadings:
        return Reading(is_number=True, signs=_ANY_SIGN)
    except amounts.NotANumber:
        return Reading(is_number=True)
    return Reading(is_number=True, signs=frozenset(sign for sign in read_as if read_as[sign] == plain))
