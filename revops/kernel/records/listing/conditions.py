"""One condition of a list: what may be asked of a field of each kind, and the query it becomes."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db.models import Q

from revops.kernel.folding import fold, prefix_end
from revops.kernel.records import registry
from revops.kernel.records.registry import FieldKind

_ORDERED = frozenset({FieldKind.INTEGER, FieldKind.MONEY, FieldKind.DATE, FieldKind.INSTANT})
OPERATORS = {
    **dict.fromkeys(_ORDERED, ("", "gte", "lte", "empty")),
    FieldKind.TEXT: ("", "starts", "empty"),
    FieldKind.URL: ("", "starts", "empty"),
    FieldKind.LONG_TEXT: ("empty",),
    FieldKind.PERCENT: ("empty",),
    FieldKind.CHOICE: ("", "not", "empty"),
    FieldKind.COUNTRY: ("", "not", "empty"),
    FieldKind.BOOLEAN: ("",),
    FieldKind.REFERENCE: ("", "empty"),
    FieldKind.REFERENCES: (),
    FieldKind.PERSON: ("", "empty"),
}


@dataclass(frozen=True, slots=True)
class Filter:
    """One condition of a list: a field, an operator and the text somebody gave."""

    field: registry.Field
    operator: str
    text: str

    @property
    def parameter(self) -> str:
        return f"{self.field.name}__{self.operator}" if self.operator else self.field.name


def condition(one: Filter) -> Q:
    """Return the condition of one filter. Raises ValueError saying what would fit."""
    name, kind = one.field.compared, one.field.kind
    if not one.text.isprintable():
        raise ValueError("text without invisible characters")
    if one.operator == "empty":
        if one.text not in ("true", "false"):
            raise ValueError("true or false")
        if kind in (FieldKind.TEXT, FieldKind.URL, FieldKind.LONG_TEXT, FieldKind.CHOICE, FieldKind.COUNTRY):
            return Q(**{name: ""}) if one.text == "true" else ~Q(**{name: ""})
        return Q(**{f"{name}__isnull": one.text == "true"})
    if kind in (FieldKind.TEXT, FieldKind.URL):
        value = fold(one.text) if one.field.column else one.text
        if one.operator == "starts":
            return Q(**{f"{name}__gte": value, f"{name}__lt": prefix_end(value)})
        return Q(**{name: value})
    wanted = [read(one.field, text) for text in one.text.split(",") if text.strip()]
    if not wanted:
        raise ValueError("a value")
    if one.operator in ("gte", "lte"):
        if len(wanted) != 1:
            raise ValueError("one value")
        return Q(**{f"{name}__{one.operator}": wanted[0]})
    inside = Q(**{f"{name}__in": wanted}) if len(wanted) > 1 else Q(**{name: wanted[0]})
    return ~inside if one.operator == "not" else inside


def read(field: registry.Field, text: str) -> Any:
    """Return the value that `text` spells for a field. Raises ValueError saying what would fit."""
    text = text.strip()
    try:
        match field.kind:
            case FieldKind.INTEGER | FieldKind.REFERENCE | FieldKind.PERSON:
                number = int(text[:21])
                limit = 2**31 if field.kind == FieldKind.INTEGER else 2**63
                if not -limit <= number < limit:
                    raise ValueError
                return number
            case FieldKind.MONEY:
                amount = Decimal(text[:30])
                if not amount.is_finite() or abs(amount) >= Decimal("1e14"):
                    raise ValueError
                return amount.quantize(Decimal("0.0001"))
            case FieldKind.DATE:
                return date.fromisoformat(text)
            case FieldKind.INSTANT:
                moment = datetime.fromisoformat(text)
                if moment.tzinfo is None:
                    raise ValueError
                return moment.astimezone(UTC)
            case FieldKind.BOOLEAN:
                return {"true": True, "false": False}[text]
            case FieldKind.CHOICE:
                if text not in dict(field.choices):
                    raise KeyError
                return text
    except (ValueError, KeyError, InvalidOperation, OverflowError):
        raise ValueError(_NEEDED.get(field.kind) or "one of " + ", ".join(dict(field.choices))) from None
    return text


_NEEDED = {
    FieldKind.INTEGER: "a whole number",
    FieldKind.REFERENCE: "the id of a record",
    FieldKind.PERSON: "the id of a person",
    FieldKind.MONEY: "an amount such as 1000.50",
    FieldKind.DATE: "a date such as 2026-03-31",
    FieldKind.INSTANT: "an instant with its offset, such as 2026-03-31T09:00:00Z",
    FieldKind.BOOLEAN: "true or false",
}
