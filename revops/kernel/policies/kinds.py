"""Kinds of facts: which operators each has, how a literal of it is read, and which column type it compares as."""

import unicodedata
from collections.abc import Callable, Iterable
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

from revops.kernel.money import MoneyField, exact_amount

MAX_TEXT = 500
_INTEGERS = 2**63
_YEARS = (1900, 2200)


class FactKind(StrEnum):
    """The type of a fact."""

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    MONEY = "money"
    DATE = "date"
    INSTANT = "instant"
    BOOLEAN = "boolean"
    CHOICE = "choice"
    REFERENCE = "reference"


class Unfit(ValueError):
    """A literal that does not fit its fact; the message says what is needed."""


PRESENCE = ("is_null", "not_null")
EQUALITY = ("eq", "ne", "in", "not_in")
ORDER = ("lt", "lte", "gt", "gte", "between")
TIME = ("before", "after", "within", "older_than", "weekday_in")
TEXTUAL = ("contains", "starts_with", "ends_with", "like")
CHANGE = ("changed_from", "changed_to")
COUNTING = ("eq", "ne", "lt", "lte", "gt", "gte", "between")

OPERATORS: dict[FactKind, tuple[str, ...]] = {
    FactKind.TEXT: (*EQUALITY, *PRESENCE, *CHANGE),
    FactKind.INTEGER: (*EQUALITY, *ORDER, *PRESENCE, *CHANGE),
    FactKind.DECIMAL: (*EQUALITY, *ORDER, *PRESENCE, *CHANGE),
    FactKind.MONEY: (*EQUALITY, *ORDER, *PRESENCE, *CHANGE),
    FactKind.DATE: (*EQUALITY, *ORDER, *TIME, *PRESENCE, *CHANGE),
    FactKind.INSTANT: (*EQUALITY, *ORDER, *TIME, *PRESENCE, *CHANGE),
    FactKind.BOOLEAN: ("eq", "ne", *PRESENCE, *CHANGE),
    FactKind.CHOICE: (*EQUALITY, *PRESENCE, *CHANGE),
    FactKind.REFERENCE: (*EQUALITY, *PRESENCE, *CHANGE),
}
# Facts of these kinds may be compared with each other.
ALIKE = (
    frozenset({FactKind.INTEGER, FactKind.DECIMAL}),
    frozenset({FactKind.TEXT, FactKind.CHOICE}),
)
# An empty text is no value.
WORDED = frozenset({FactKind.TEXT, FactKind.CHOICE})
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

COLUMNS: "dict[FactKind, models.Field[Any, Any]]" = {
    FactKind.TEXT: models.CharField(),
    FactKind.INTEGER: models.BigIntegerField(),
    FactKind.DECIMAL: models.DecimalField(max_digits=20, decimal_places=6),
    FactKind.MONEY: MoneyField(),
    FactKind.DATE: models.DateField(),
    FactKind.INSTANT: models.DateTimeField(),
    FactKind.BOOLEAN: models.BooleanField(),
    FactKind.CHOICE: models.CharField(),
    FactKind.REFERENCE: models.BigIntegerField(),
}


def alike(one: FactKind, other: FactKind) -> bool:
    """Say whether facts of these two kinds may be compared."""
    return one == other or any({one, other} <= group for group in ALIKE)


def read_literal(kind: FactKind, raw: Any, choices: Iterable[tuple[str, str]] = ()) -> Any:
    """Return the JSON value `raw` as a value of `kind`. Raises Unfit saying what is needed."""
    if kind == FactKind.CHOICE:
        known = dict(choices)
        if not isinstance(raw, str) or raw not in known:
            raise Unfit("one of " + ", ".join(known))
        return raw
    return _READERS[kind](raw)


def _text(raw: Any) -> str:
    if not isinstance(raw, str):
        raise Unfit("text in quotes")
    if len(raw) > MAX_TEXT:
        raise Unfit(f"at most {MAX_TEXT} characters (it has {len(raw)})")
    text = unicodedata.normalize("NFC", raw)
    if not text.strip():
        raise Unfit("text that is not empty; ask for no value with is_null")
    if not all(char.isprintable() for char in text):
        raise Unfit("text without invisible characters")
    return text


def _integer(raw: Any) -> int:
    if isinstance(raw, bool) or not isinstance(raw, int) or not -_INTEGERS <= raw < _INTEGERS:
        raise Unfit("a whole number")
    return raw


def _is_number(raw: Any) -> bool:
    """Say whether this may be a number: short enough to be looked at, and as people write it."""
    if isinstance(raw, str):
        return len(raw) <= 24 and raw.isascii() and "_" not in raw
    return isinstance(raw, int) and not isinstance(raw, bool) and raw.bit_length() <= 64


def _decimal(raw: Any) -> Decimal:
    needed = 'a number with at most 15 digits, 6 of them decimals, written in quotes: "0.5"'
    if not _is_number(raw):
        raise Unfit(needed)
    try:
        number = Decimal(raw)
    except InvalidOperation:
        raise Unfit(needed) from None
    if not number.is_finite():
        raise Unfit(needed)
    _sign, digits, exponent = number.as_tuple()
    if int(exponent) < -6 or len(digits) + max(int(exponent), 0) > 15:
        raise Unfit(needed)
    return number


def _money(raw: Any) -> Decimal:
    needed = 'an amount such as 1000 or "1250.50"'
    if not _is_number(raw):
        raise Unfit(needed)
    try:
        return exact_amount(raw)
    except ValidationError:
        raise Unfit(needed) from None


def _date(raw: Any) -> date:
    try:
        if not isinstance(raw, str) or len(raw) != len("2026-03-31"):
            raise ValueError
        read = date.fromisoformat(raw)
    except ValueError:
        raise Unfit("a date such as 2026-03-31") from None
    if not _YEARS[0] <= read.year <= _YEARS[1]:
        raise Unfit(f"a date from {_YEARS[0]} to {_YEARS[1]}")
    return read


def _instant(raw: Any) -> datetime:
    try:
        if not isinstance(raw, str) or len(raw) > 40:
            raise ValueError
        read = datetime.fromisoformat(raw)
        if read.tzinfo is None or not _YEARS[0] <= read.year <= _YEARS[1]:
            raise ValueError
    except ValueError:
        raise Unfit("an instant with its offset, such as 2026-03-31T09:00:00Z") from None
    return read


def _boolean(raw: Any) -> bool:
    if not isinstance(raw, bool):
        raise Unfit("true or false")
    return raw


def _reference(raw: Any) -> int:
    if isinstance(raw, bool) or not isinstance(raw, int) or not 0 < raw < _INTEGERS:
        raise Unfit("the id of a record, a whole number")
    return raw


_READERS: dict[FactKind, Callable[[Any], Any]] = {
    FactKind.TEXT: _text,
    FactKind.INTEGER: _integer,
    FactKind.DECIMAL: _decimal,
    FactKind.MONEY: _money,
    FactKind.DATE: _date,
    FactKind.INSTANT: _instant,
    FactKind.BOOLEAN: _boolean,
    FactKind.REFERENCE: _reference,
}
