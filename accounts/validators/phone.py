"""What a phone number is: E.164 where its country is known, else what was typed. Source: d1."""

import re
from dataclasses import dataclass

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat

LONGEST = 40
_DIGITS = re.compile(r"\d+", re.ASCII)
_EXTENSION = re.compile(r"\s*(?:ext\.?|x|#)\s*(\d{1,6})\s*$", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True, slots=True)
class Phone:
    """A number as it is kept, and the form in which it is compared: E.164, or the digits alone."""

    shown: str
    key: str

    @property
    def is_international(self) -> bool:
        return self.key.startswith("+")


def read_phone(text: str, country: str = "") -> Phone:
    """Return the number that `text` is, read as one of `country` (ISO 3166) unless it names its own.

    What is no possible number there is kept as it was typed, composed of its digits for comparison: a number of
    another system is worth more than none. An extension is kept with the number it belongs to.
    """
    typed = " ".join(text.split())[:LONGEST]
    extension = _EXTENSION.search(typed)
    bare = typed[: extension.start()] if extension else typed
    try:
        number = phonenumbers.parse(bare, country or None)
        known = phonenumbers.is_possible_number(number)
    except NumberParseException:
        known = False
    if not known:
        return Phone(typed, "".join(_DIGITS.findall(typed))[:32])
    spelled = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    if extension:
        return Phone(f"{spelled} ext. {extension[1]}", f"{spelled}x{extension[1]}"[:32])
    return Phone(spelled, spelled)


def spelled(number: str) -> str:
    """Return a kept number as people read it, in groups.

    >>> spelled("+15127576000")
    '+1 512-757-6000'
    """
    bare, extension, digits = number.partition(" ext. ")
    if not bare.startswith("+"):
        return number
    try:
        read = phonenumbers.format_number(phonenumbers.parse(bare), PhoneNumberFormat.INTERNATIONAL)
    except NumberParseException:
        return number
    return f"{read}{extension}{digits}"


def search_digits(key: str) -> str:
    """Return the words that find a number by its digits: with its country code, and without.

    >>> search_digits("+15127576000")
    '15127576000 5127576000'
    """
    digits = key.lstrip("+").partition("x")[0]
    if not key.startswith("+"):
        return digits
    for length in (1, 2, 3):
        if int(digits[:length] or 0) in phonenumbers.COUNTRY_CODE_TO_REGION_CODE:
            return f"{digits} {digits[length:]}"
    return digits
