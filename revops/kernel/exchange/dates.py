"""Dates as other systems write them. ISO is read as it is; anything else is asked for, since it reads both ways."""

import re
from datetime import UTC, date, datetime, time, timedelta, timezone

FORMATS = {"dmy": "31/12/2026", "mdy": "12/31/2026", "ymd": "2026/12/31"}
_ISO = re.compile(
    r"(\d{4}-\d{2}-\d{2})([T ]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?\s?(Z|[+-]\d{2}:?\d{2})?)?", re.ASCII
)
_NUMBERS = re.compile(r"(\d{1,4})[./\-](\d{1,2})[./\-](\d{1,4})(\s.*)?", re.ASCII)
_CLOCK = re.compile(
    r"[T\s](?P<hour>\d{1,2}):(?P<minute>\d{2})(:(?P<second>\d{2})(\.(?P<fraction>\d+))?)?"
    r"\s?(?P<half>[AaPp][Mm])?\s?(?P<zone>[Zz]|[+-]\d{2}:?\d{2})?$",
    re.ASCII,
)
NOON = time(12)


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
    return date(_year(by_letter["y"]), int(by_letter["m"]), int(by_letter["d"]))


def _year(text: str) -> int:
    """Return the year; two digits are of the hundred years that end with 2068, as spreadsheets and C read them."""
    if len(text) == 2:
        return int(text) + (2000 if int(text) < 69 else 1900)
    if len(text) != 4:
        raise ValueError("a year of two or four digits")
    return int(text)


def read_instant(text: str, form: str = "") -> datetime:
    """Return the instant. A time without an offset is in UTC; a day alone is its noon, the same day almost anywhere.

    Raises ValueError for none, AskForm when `form` is needed and was not given.
    """
    day = read_date(text, form)
    clock = _CLOCK.search(text)
    if clock is None:
        return datetime.combine(day, NOON, UTC)
    hour, minute = int(clock["hour"]), int(clock["minute"])
    if half := (clock["half"] or "").casefold():
        if not 1 <= hour <= 12:
            raise ValueError("a time such as 02:18 AM")
        hour = hour % 12 + (12 if half == "pm" else 0)
    second, fraction = clock["second"] or "0", (clock["fraction"] or "").ljust(6, "0")[:6]
    zone = _zone(clock["zone"] or "")
    return datetime.combine(day, time(hour, minute, int(second), int(fraction), zone)).astimezone(UTC)


def _zone(text: str) -> timezone:
    if text in ("", "Z", "z"):
        return UTC
    sign = -1 if text.startswith("-") else 1
    digits = text[1:].replace(":", "")
    return timezone(sign * timedelta(hours=int(digits[:2]), minutes=int(digits[2:])))
