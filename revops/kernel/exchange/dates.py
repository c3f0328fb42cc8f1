"""Dates as other systems write them. ISO is read as it is; anything else is asked for, since it reads both ways."""

import re
from datetime import date

FORMATS = {"dmy": "31/12/2026", "mdy": "12/31/2026", "ymd": "2026/12/31"}
_ISO = re.compile(
    r"(\d{4}-\d{2}-\d{2})([T ]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?\s?(Z|[+-]\d{2}:?\d{2})?)?", re.ASCII
)
_NUMBERS = re.compile(r"(\d{1,4})[./\-](\d{1,2})[./\-](\d{1,4})(\s.*)?", re.ASCII)


class AskForm(ValueError):
    """The date could be read in more than one way: somebody has to say which."""


def read_date(text: str, form: str = "") -> date:
    """Return the date. Raises ValueError for none, AskForm when `form` is needed and was not given."""
    if iso := _ISO.fullmatch(text):
        return date.fromisoformat(iso[1])
    numbers = _NUMBERS.fullmatch(text)
    if numbers is None:
        raise ValueError("a date such as 2026-12-31")
    if not form:
        raise AskForm("a date such as 2026-12-31")
    by_letter = dict(zip(form, (numbers[1], numbers[2], numbers[3]), strict=True))
    if len(by_letter["y"]) != 4:
        raise ValueError("a year of four digits")
    return date(int(by_letter["y"]), int(by_letter["m"]), int(by_letter["d"]))
