"""How numbers, amounts and dates are written where somebody lives: one `Style` a locale, made once a process.

What Babel knows is taken apart once into marks (group, decimal, what stands before and after an amount), so that a
list of five hundred amounts costs five hundred small steps. Words stay English; names of months are the locale's.
"""

import re
from datetime import date, datetime
from decimal import Decimal
from functools import cache

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_currency, format_percent, get_currency_precision

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_KEPT = 4_096
_MINUS = "\N{MINUS SIGN}"


class Style:
    """The ways of one locale. Its caches belong to it alone, so that two readers never share a text."""

    def __init__(self, code: str) -> None:
        self.code = code
        self._locale = Locale.parse(code)
        symbols = self._locale.number_symbols["latn"]
        self._marks = str.maketrans({",": symbols["group"], ".": symbols["decimal"]})
        self._plain = symbols["group"] == "," and symbols["decimal"] == "."
        time = str(self._locale.time_formats["short"])
        self._half_days, self._padded = "a" in time, "HH" in time
        self._currencies: dict[str, tuple[str, str, int]] = {}
        self._days: dict[date, str] = {}
        self._percent = _around(format_percent(Decimal("0.01"), locale=self._locale))

    @property
    def first_weekday(self) -> int:
        """With which day a week begins, 0 for Monday."""
        return int(self._locale.first_week_day)

    @property
    def first_day(self) -> str:
        """With which day a week begins, in words."""
        return _DAYS[self.first_weekday]

    def digits(self, text: str) -> str:
        """Return "1,234.5" in the marks of this locale."""
        return text if self._plain else text.translate(self._marks)

    def number(self, value: int) -> str:
        """Return a whole number with its groups of thousands."""
        return self.digits(f"{value:,}")

    def percent(self, share: Decimal) -> str:
        """Return a share of one in per cent."""
        head, tail = self._percent
        return f"{head}{self.digits(f'{(share * 100).normalize():f}')}{tail}"

    def money(self, amount: Decimal, currency: str) -> str:
        """Return an amount with its currency where this locale puts it; decimals only where they say something."""
        head, tail, decimals = self._currency(currency)
        whole = amount == amount.to_integral_value()
        places = 0 if whole else decimals
        if not whole and amount != round(amount, decimals):
            places = 4
        text = f"{abs(amount):,.{places}f}"
        if not self._plain:
            text = text.translate(self._marks)
        return f"{_MINUS}{head}{text}{tail}" if amount < 0 else f"{head}{text}{tail}"

    def _currency(self, code: str) -> tuple[str, str, int]:
        """Return what stands before and after an amount of this currency, and its number of decimals."""
        found = self._currencies.get(code)
        if found is None:
            head, tail = _around(format_currency(Decimal(1), code, locale=self._locale))
            if head[-1:].isalpha():
                head += "\N{NO-BREAK SPACE}"
            found = self._currencies[code] = head, tail, get_currency_precision(code)
        return found

    def day(self, value: date) -> str:
        """Return a date as this locale writes it when it is short of room but not of sense."""
        found = self._days.get(value)
        if found is None:
            if len(self._days) >= _KEPT:
                self._days.clear()
            found = self._days[value] = str(format_date(value, "medium", locale=self._locale))
        return found

    def time_of_day(self, local: datetime) -> str:
        """Return the time of day of an instant that is in the reader's zone already."""
        if self._half_days:
            return f"{local.hour % 12 or 12}:{local.minute:02} {'AM' if local.hour < 12 else 'PM'}"
        return f"{local.hour:02}:{local.minute:02}" if self._padded else f"{local.hour}:{local.minute:02}"

    def instant(self, local: datetime) -> str:
        """Return date, time and zone of an instant that is in the reader's zone already."""
        return f"{self.day(local.date())}, {self.time_of_day(local)} {local.tzname()}"

    def country(self, code: str) -> str:
        """Return the name of a country from its ISO code, or the code where it has none."""
        return str(self._locale.territories.get(code, code))


@cache
def style(code: str) -> Style:
    """Return the style of the locale `code`; there are as many as a person may choose."""
    return Style(code)


def _around(sample: str) -> tuple[str, str]:
    """Return what stands before and after the number one in a text that Babel wrote."""
    head, tail = re.split(r"1(?:[.,]0+)?", sample, maxsplit=1)
    return head, tail
