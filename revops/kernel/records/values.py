"""From what somebody typed to what a field holds: one reading for forms, API and imports.

Every value that does not fit becomes a finding that names the field, what was found, what is needed and what
to do. Single-record rules (is this domain taken?) are the app's affair.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from babel import Locale
from django.core.exceptions import ValidationError
from django.db import models

from revops.kernel.audit import Finding
from revops.kernel.money import exact_amount
from revops.kernel.records.registry import Field, FieldKind, RecordType


@dataclass(frozen=True, slots=True)
class Cleaned:
    """The values that fit, by field name, and a finding for each that does not."""

    values: dict[str, Any]
    findings: list[Finding]


MOST_LINKS = 200


class Unfit(ValueError):
    """A value that does not fit; the message says what is needed."""


@cache
def countries() -> dict[str, str]:
    """Return the ISO 3166 codes with their English names."""
    names = Locale("en").territories
    return {
        code: name
        for code, name in names.items()
        if len(code) == 2 and code.isalpha() and code not in _NOT_ONE
    }


_NOT_ONE = frozenset({"EU", "EZ", "UN", "QO", "ZZ", "XA", "XB"})


def clean(record_type: RecordType, raw: Mapping[str, Any]) -> Cleaned:
    """Read every value of `raw` by the declaration of its field. Unknown names are findings."""
    lengths = {name: _max_length(record_type, name) for name in raw if name in record_type.by_name}
    return read(record_type.by_name, raw, what=record_type.plural.lower(), lengths=lengths)


def read(
    fields: Mapping[str, Field],
    raw: Mapping[str, Any],
    *,
    what: str,
    lengths: Mapping[str, int] | None = None,
) -> Cleaned:
    """Read every value of `raw` by the declaration among `fields`; `what` names them in a refusal."""
    values: dict[str, Any] = {}
    findings: list[Finding] = []
    for name, given in raw.items():
        field = fields.get(name)
        if field is None:
            message = f"{name[:60]} is not a field of {what}."
            findings.append(
                Finding("VAL-001", message, field=name[:60], found=shown(given), needed="a known field")
            )
            continue
        try:
            values[name] = _read(field, given, (lengths or {}).get(name, 255))
        except Unfit as needed:
            findings.append(misfit(field, given, needed))
    return Cleaned(values, findings)


def read_one(record_type: RecordType, name: str, given: Any) -> Any:
    """Return the value of one declared field. Raises Unfit; `misfit` says so in words."""
    return _read(record_type.by_name[name], given, _max_length(record_type, name))


def misfit(field: Field, given: Any, needed: Unfit) -> Finding:
    """Return the finding about a value that does not fit its field."""
    message = f"{field.label}: {shown(given)!r} does not fit. Give {needed}."
    if given is None or not shown(given).strip():
        message = f"{field.label} is needed: give {needed}."
    return Finding("VAL-002", message, field=field.name, found=shown(given), needed=str(needed))


def shown(value: Any) -> str:
    """Return at most 80 characters of a value, all of them visible: what a refusal repeats."""
    return "".join(char if char.isprintable() else "�" for char in str(value)[:80])


@cache
def _max_length(record_type: RecordType, name: str) -> int:
    """Return how long the text of a field may be; 255 for one that is not a column."""
    columns = {column.name: column for column in record_type.model._meta.concrete_fields}
    column = columns.get(name)
    if isinstance(column, models.TextField):
        return 20_000
    return (column.max_length if column else None) or 255


def _read(field: Field, given: Any, max_length: int) -> Any:
    if isinstance(given, str):
        given = _text(given, max_length, lines=field.kind == FieldKind.LONG_TEXT)
    if given is None or given == "":
        if field.required:
            raise Unfit("a value")
        return None if field.kind in _NULLABLE else ""
    if field.kind in _READERS:
        return _READERS[field.kind](field, given)
    if not isinstance(given, str):
        raise Unfit("text")
    return given


def _text(given: str, max_length: int, *, lines: bool) -> str:
    """Return the text trimmed and composed; refuse what cannot be seen or is too long."""
    text = unicodedata.normalize("NFC", given).replace("\r\n", "\n").strip()
    for char in "" if text.isprintable() else text:
        if not char.isprintable() and not (lines and char in "\n\t") and char != " ":
            raise Unfit(f"text without invisible characters (it holds U+{ord(char):04X})")
    if text and not any(char.isalnum() or unicodedata.category(char)[0] in "PS" for char in text):
        raise Unfit("text that can be seen")
    if len(text) > max_length:
        raise Unfit(f"at most {max_length} characters (it has {len(text)})")
    return text


def _choice(field: Field, given: Any) -> str:
    if not isinstance(given, str) or given not in dict(field.choices):
        raise Unfit("one of " + ", ".join(dict(field.choices)))
    return given


def _boolean(field: Field, given: Any) -> bool:
    known = {
        "true": True,
        "yes": True,
        "on": True,
        "1": True,
        "false": False,
        "no": False,
        "off": False,
        "0": False,
    }
    if isinstance(given, bool):
        return given
    if not isinstance(given, str) or given.lower() not in known:
        raise Unfit("yes or no")
    return known[given.lower()]


def _grouped(given: Any) -> bool:
    """Say whether text groups its digits by underscores: Python would read them, people would not."""
    return isinstance(given, str) and "_" in given


def _integer(field: Field, given: Any) -> int:
    try:
        if isinstance(given, bool) or not isinstance(given, int | str) or _grouped(given):
            raise ValueError
        number = int(given) if isinstance(given, int) or len(given) <= 20 else 2**63
    except ValueError:
        raise Unfit("a whole number") from None
    if not 0 <= number <= 2_147_483_647:
        raise Unfit("a whole number from 0 to 2,147,483,647")
    return number


def _money(field: Field, given: Any) -> Decimal:
    if _grouped(given):
        raise Unfit("an amount such as 1250000.50, without separators")
    try:
        return exact_amount(given)
    except ValidationError as error:
        raise Unfit("an amount such as 1250000.50: " + " ".join(error.messages)) from None


def _percent(field: Field, given: Any) -> Decimal:
    """Return a share of one from per cent as people type them: 40 and "40 %" are 0.4."""
    text = given.removesuffix("%").rstrip() if isinstance(given, str) else given
    try:
        if _grouped(text):
            raise ValidationError("")
        share = exact_amount(text) / 100
    except ValidationError:
        share = Decimal(-1)
    if not 0 <= share <= 1 or share != round(share, 4):
        raise Unfit("per cent from 0 to 100, such as 40 or 12.5")
    return share


def _date(field: Field, given: Any) -> date:
    try:
        read = given if type(given) is date else date.fromisoformat(given)
    except (TypeError, ValueError):
        raise Unfit("a date such as 2026-03-31") from None
    if not 1900 <= read.year <= 2200:
        raise Unfit("a date from 1900 to 2200")
    return read


def _instant(field: Field, given: Any) -> datetime:
    try:
        read = given if isinstance(given, datetime) else datetime.fromisoformat(given)
        if read.tzinfo is None or not 1900 <= read.year <= 2200:
            raise ValueError
    except (TypeError, ValueError):
        raise Unfit("an instant with its offset, such as 2026-03-31T09:00:00Z") from None
    return read


def _link(field: Field, given: Any) -> int:
    """Return the id of a link; whether the record exists and may be linked is checked by the action."""
    try:
        if isinstance(given, models.Model):
            return int(given.pk)
        if isinstance(given, bool) or not isinstance(given, int | str) or len(str(given)) > 19:
            raise ValueError
        if _grouped(given):
            raise ValueError
        number = int(given)
    except ValueError:
        raise Unfit("the id of a record") from None
    if not 0 < number < 2**63:
        raise Unfit("the id of a record")
    return number


def _links(field: Field, given: Any) -> list[int]:
    """Return the ids of several links, each once: from a list, or from text with commas between them."""
    parts = [part for part in given.split(",") if part.strip()] if isinstance(given, str) else given
    if not isinstance(parts, list | tuple) or len(parts) > MOST_LINKS:
        raise Unfit(f"the ids of at most {MOST_LINKS} records")
    try:
        return list(
            dict.fromkeys(_link(field, part.strip() if isinstance(part, str) else part) for part in parts)
        )
    except Unfit:
        raise Unfit(f"the ids of at most {MOST_LINKS} records") from None


def _url(field: Field, given: Any) -> str:
    if not isinstance(given, str):
        raise Unfit("a web address")
    address = given if "://" in given else f"https://{given}"
    try:
        parts = urlsplit(address)
        fits = parts.scheme in ("http", "https") and "." in (parts.hostname or "") and " " not in address
        parts.port  # noqa: B018 - raises ValueError for a port out of range
    except ValueError:
        fits = False
    if not fits:
        raise Unfit("a web address such as https://example.com")
    return address


def _country(field: Field, given: Any) -> str:
    if not isinstance(given, str) or given.upper() not in countries():
        raise Unfit("a two-letter country code such as US, DE or NA (Namibia)")
    return given.upper()


_NULLABLE = frozenset(
    {
        FieldKind.INTEGER,
        FieldKind.MONEY,
        FieldKind.PERCENT,
        FieldKind.DATE,
        FieldKind.INSTANT,
        FieldKind.REFERENCE,
        FieldKind.REFERENCES,
        FieldKind.PERSON,
        FieldKind.BOOLEAN,
    }
)
_READERS: dict[FieldKind, Any] = {
    FieldKind.CHOICE: _choice,
    FieldKind.BOOLEAN: _boolean,
    FieldKind.INTEGER: _integer,
    FieldKind.MONEY: _money,
    FieldKind.PERCENT: _percent,
    FieldKind.DATE: _date,
    FieldKind.INSTANT: _instant,
    FieldKind.REFERENCE: _link,
    FieldKind.REFERENCES: _links,
    FieldKind.PERSON: _link,
    FieldKind.URL: _url,
    FieldKind.COUNTRY: _country,
}
