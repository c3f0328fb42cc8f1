"""Numbers as other systems write them: thousands, decimal commas, currency signs. What reads both ways is asked."""

import re

from revops.kernel.money import currency_codes

_SIGNS = {
    "€": frozenset({"EUR"}),
    "£": frozenset({"GBP", "EGP", "LBP", "GIP", "FKP", "SHP"}),
    "¥": frozenset({"JPY", "CNY"}),
    "₹": frozenset({"INR"}),
    "$": frozenset(
        (
            "USD",
            "CAD",
            "AUD",
            "NZD",
            "SGD",
            "HKD",
            "MXN",
            "TWD",
            "CLP",
            "COP",
            "JMD",
            "TTD",
            "BSD",
            "BBD",
            "BZD",
            "FJD",
            "NAD",
        )
    ),
}
_SPACES = re.compile(r"[\s\u00a0\u2009\u202f'’]")
_PARTS = re.compile(
    r"(?P<sign>[+\-]?)(?P<before>[^\d.,+\-]*)(?P<inner>[+\-]?)(?P<number>[\d.,]+)(?P<after>[^\d.,+\-]*)",
    re.ASCII,
)
_NO_DECIMALS = re.compile(r"([+\-]?\d+)[.,]0{1,2}", re.ASCII)
_PLAIN = re.compile(r"[+\-]?\d+(\.\d+)?", re.ASCII)


class NotANumber(ValueError):
    """The text is no number; the message says what is needed."""


class TwoReadings(ValueError):
    """The text is a number in two ways: 1.234 or 1,234."""


def read_number(text: str, *, decimal: str = "", whole: bool = False) -> tuple[str, frozenset[str]]:
    """Return (the number as `-1234.5`, the currencies that its sign or code can mean).

    `decimal` is the decimal sign that somebody named. `whole` numbers have no decimals, so that 1,234 reads one
    way. Raises NotANumber, or TwoReadings for a single separator before three digits.
    """
    if _PLAIN.fullmatch(text) and not _ambiguous(text, decimal, whole):
        return text, frozenset()
    if whole and (without := _NO_DECIMALS.fullmatch(text)):
        return without[1], frozenset()
    squeezed = _SPACES.sub("", text)
    if squeezed != text and not _grouped_by_space(text):
        raise NotANumber("one number, its thousands in groups of three")
    parts = _PARTS.fullmatch(squeezed)
    if parts is None or (parts["sign"] and parts["inner"]):
        raise NotANumber("a number in digits, such as 1250000.50")
    currencies = _currencies(parts["before"] + parts["after"])
    return parts["sign"] + parts["inner"] + _digits(parts["number"], decimal, whole), currencies


def _ambiguous(text: str, decimal: str, whole: bool) -> bool:
    """Say whether a plain number could be grouped by dots: 1.234, but not 0.125 or 1234.567."""
    if decimal == ".":
        return False
    head, dot, tail = text.lstrip("+-").partition(".")
    return bool(dot) and (decimal == "," or whole or (len(tail) == 3 and len(head) <= 3 and head != "0"))


def _grouped_by_space(text: str) -> bool:
    digits = re.sub(r"^[^\d]+|[^\d]+$", "", text)
    return (
        re.fullmatch(r"\d{1,3}([\s\u00a0\u2009\u202f'’]\d{3})*([.,]\d+)?|[\d.,]+", digits, re.ASCII)
        is not None
    )


def _currencies(sign: str) -> frozenset[str]:
    if not sign:
        return frozenset()
    if sign in _SIGNS:
        return _SIGNS[sign]
    if sign.upper() in currency_codes():
        return frozenset({sign.upper()})
    raise NotANumber("a number with at most a currency sign or code beside it")


def _digits(number: str, decimal: str, whole: bool) -> str:
    """Return an unsigned number with a decimal point and without groups."""
    body = number
    marks = [char for char in body if char in ",."]
    kinds = set(marks)
    if not marks:
        point = ""
    elif len(kinds) == 2:
        point = marks[-1]
        if marks.count(point) > 1 or (decimal and point != decimal):
            raise NotANumber("one decimal sign, thousands in groups of three")
    elif decimal:
        point = decimal if decimal in kinds else ""
    elif len(marks) > 1 or whole:
        point = ""
    else:
        point = _single(body, marks[0])
    head, _, tail = body.partition(point) if point else (body, "", "")
    group = next(iter(kinds - {point}), "")
    if group and not re.fullmatch(rf"\d{{1,3}}(\{group}\d{{3}})+", head, re.ASCII):
        raise NotANumber("thousands in groups of three")
    head = head.replace(group, "") if group else head
    if not re.fullmatch(r"\d+", head or "0", re.ASCII) or not re.fullmatch(r"\d*", tail, re.ASCII):
        raise NotANumber("one decimal sign")
    if not head and not tail:
        raise NotANumber("digits")
    return f"{head or '0'}.{tail}" if tail else head or "0"


def _single(body: str, mark: str) -> str:
    """Return the decimal sign of a number with one mark; TwoReadings where the mark may group thousands."""
    head, _, tail = body.partition(mark)
    if len(tail) == 3 and 1 <= len(head) <= 3 and head != "0":
        raise TwoReadings(mark)
    return mark
