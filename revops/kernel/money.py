"""Exact money: one storage format, one way to round, two ways to split.

Amounts live in the database as whole ten-thousandths of the currency unit, because SQLite keeps
decimals as floating point (architecture §8); in Python they are always `Decimal`. Rounding to a
currency's minor unit happens once, at the line or period, half up (spec section 0).
"""

from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

from babel.numbers import get_currency_precision, list_currencies
from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.expressions import Combinable, register_combinable_fields
from django.utils.translation import gettext_lazy as _

DECIMAL_PLACES = 4
MAX_DIGITS = 18
LIMIT = Decimal("99999999999999.9999")
RATIO_PLACES = Decimal("0.000001")
NOT_CURRENCIES = frozenset({"XTS", "XXX"})

# Wide enough for a sum over every row a database can hold, and blind to the ambient context.
_EXACT = Context(prec=60, rounding=ROUND_HALF_UP)
_QUANTUM = Decimal(1).scaleb(-DECIMAL_PLACES)


def exact_amount(value: object) -> Decimal:
    """Turn an int, text or Decimal into an amount the database can hold exactly.

    Refuses, never rounds: floats, NaN and infinity, more than four decimals, and amounts beyond
    ±99,999,999,999,999.9999 raise a ValidationError that names the value and the remedy.
    """
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        raise ValidationError(
            _("%(value)r is not an exact amount: give a Decimal, a whole number or text such as “1250.50”."),
            code="inexact",
            params={"value": value},
        )
    try:
        amount = Decimal(value)
    except InvalidOperation:
        raise ValidationError(
            _("“%(value)s” is not a number: write an amount such as 1250.50."),
            code="invalid",
            params={"value": value},
        ) from None
    if not amount.is_finite():
        raise ValidationError(
            _("“%(value)s” is not an amount: give a finite number such as 1250.50."),
            code="not_finite",
            params={"value": value},
        )
    if amount.copy_abs() > LIMIT:
        raise ValidationError(
            _("%(value)s is too big: the limit is %(limit)s. Record it in a larger unit or split it."),
            code="too_big",
            params={"value": value, "limit": f"{LIMIT:,}"},
        )
    if _has_excess_decimals(amount):
        raise ValidationError(
            _("%(value)s has more than %(places)s decimals: round it to the currency first."),
            code="too_precise",
            params={"value": value, "places": DECIMAL_PLACES},
        )
    return from_units(to_units(amount))


def _has_excess_decimals(amount: Decimal) -> bool:
    _sign, digits, exponent = amount.as_tuple()
    excess = -int(exponent) - DECIMAL_PLACES
    return excess > 0 and any(digits[-excess:])


def to_units(amount: Decimal) -> int:
    """Convert an exact amount into the stored number of ten-thousandths."""
    return int(amount.quantize(_QUANTUM, context=_EXACT).scaleb(DECIMAL_PLACES, context=_EXACT))


def from_units(units: int) -> Decimal:
    """Convert stored ten-thousandths into an amount, with two decimals where two are enough."""
    if units % 100 == 0:
        return Decimal(units // 100).scaleb(-2, context=_EXACT)
    return Decimal(units).scaleb(-DECIMAL_PLACES, context=_EXACT)


# Not a subclass of an integer or decimal field: Django would then let amounts be combined with plain
# numbers in SQL and return raw ten-thousandths. To the type checker the attribute is a Decimal.
_Set = TypeVar("_Set")
_Get = TypeVar("_Get")
if TYPE_CHECKING:
    _Column = models.DecimalField
else:

    class _Column(models.Field):
        def __class_getitem__(cls, types):
            return cls


class MoneyField(_Column[_Set, _Get]):
    """A column of exact amounts: ten-thousandths in the database, `Decimal` in Python.

    Filters, ordering, Sum, Min and Max are exact on both engines; a Sum reads back as an amount.
    A constant inside an expression says so: `Value(Decimal(5), output_field=MoneyField())`.
    Avg is cut to a ten-thousandth; divide the Sum instead. The currency is a column of its own.
    """

    description = _("Exact amount of money")
    max_digits = MAX_DIGITS
    decimal_places = DECIMAL_PLACES

    def get_internal_type(self) -> str:
        return "BigIntegerField"

    def from_db_value(self, value: int | None, expression: Any, connection: Any) -> Decimal | None:
        return None if value is None else from_units(value)

    def to_python(self, value: Any) -> Decimal | None:
        return None if value is None else exact_amount(value)

    def get_prep_value(self, value: Any) -> Any:
        if value is None or hasattr(value, "resolve_expression"):
            return value
        return to_units(exact_amount(value))

    def value_to_string(self, obj: models.Model) -> str:
        return str(self.value_from_object(obj))

    def formfield(self, **kwargs: Any) -> Any:
        numbers = {"max_digits": MAX_DIGITS, "decimal_places": DECIMAL_PLACES}
        return super().formfield(**{"form_class": forms.DecimalField, **numbers, **kwargs})


for _sign in (Combinable.ADD, Combinable.SUB):
    register_combinable_fields(MoneyField, _sign, MoneyField, MoneyField)
register_combinable_fields(MoneyField, Combinable.MUL, models.IntegerField, MoneyField)
register_combinable_fields(models.IntegerField, Combinable.MUL, MoneyField, MoneyField)


@lru_cache(maxsize=1)
def currency_codes() -> frozenset[str]:
    """List every ISO 4217 code known to CLDR, historic ones included (imports bring them)."""
    return frozenset(list_currencies()) - NOT_CURRENCIES


def validate_currency(code: str) -> None:
    """Refuse anything but a three-letter ISO 4217 code in capitals, naming what was given."""
    if code not in currency_codes():
        raise ValidationError(
            _("“%(value)s” is not a currency: use a three-letter ISO 4217 code such as EUR or USD."),
            code="unknown_currency",
            params={"value": code},
        )


@lru_cache(maxsize=512)
def minor_digits(currency: str) -> int:
    """Tell how many decimals the currency's minor unit has (USD 2, JPY 0, KWD 3), after CLDR."""
    validate_currency(currency)
    return int(get_currency_precision(currency))


def round_to_minor(amount: Decimal, currency: str) -> Decimal:
    """Round to the currency's minor unit, half up (a tie moves away from zero)."""
    return amount.quantize(Decimal(1).scaleb(-minor_digits(currency)), context=_EXACT)


def round_fraction(amount: Fraction, currency: str) -> Decimal:
    """Round an exact fraction to the minor unit, half up; the last step of a long calculation."""
    digits = minor_digits(currency)
    return Decimal(_half_up(amount * 10**digits)).scaleb(-digits, context=_EXACT)


def split_cumulative(total: Decimal, parts: int | Sequence[Fraction | int], currency: str) -> list[Decimal]:
    """Spread a total over periods: part k = round(T*k/n) - round(T*(k-1)/n), so Σ parts = total.

    `parts` is the number of equal periods or their weights in order. A total finer than the minor
    unit raises ValueError.
    """
    minor = _minor_units(total, currency)
    weights = [Fraction(1)] * parts if isinstance(parts, int) else _weights(parts)
    whole = sum(weights)
    if not whole:
        raise ValueError(f"cannot split {total} over {parts!r}: at least one part must have weight")
    shares, reached, before = [], Fraction(0), 0
    for weight in weights:
        reached += weight
        level = _half_up(minor * reached / whole)
        shares.append(level - before)
        before = level
    return _amounts(shares, currency)


def split_largest_remainder(
    total: Decimal, weights: Sequence[Fraction | Decimal | int], currency: str
) -> list[Decimal]:
    """Share a total by weight in whole minor units, Σ shares = total.

    Every share is cut down, then the largest remainders get one unit each; of equal remainders the
    earliest wins. A negative total is shared as its opposite.
    """
    minor = _minor_units(total, currency)
    parts = _weights(weights)
    whole = sum(parts)
    if not whole:
        raise ValueError(f"cannot share {total} by {list(weights)!r}: at least one weight must be positive")
    quotas = [abs(minor) * part / whole for part in parts]
    shares = [quota.numerator // quota.denominator for quota in quotas]
    by_remainder = sorted(range(len(parts)), key=lambda i: (shares[i] - quotas[i], i))
    for index in by_remainder[: abs(minor) - sum(shares)]:
        shares[index] += 1
    return _amounts([-share for share in shares] if minor < 0 else shares, currency)


def ratio(numerator: Decimal | int | None, denominator: Decimal | int | None) -> Decimal | None:
    """Divide, to six decimals half up; None when a side is missing or the divisor is zero."""
    if numerator is None or denominator is None or denominator == 0:
        return None
    return _EXACT.divide(Decimal(numerator), Decimal(denominator)).quantize(RATIO_PLACES, context=_EXACT)


def _half_up(value: Fraction) -> int:
    magnitude = (2 * abs(value.numerator) + value.denominator) // (2 * value.denominator)
    return -magnitude if value < 0 else magnitude


def _weights(values: Iterable[Fraction | Decimal | int]) -> list[Fraction]:
    weights = [Fraction(value) for value in values]
    if any(weight < 0 for weight in weights):
        raise ValueError(f"weights must not be negative: {[str(w) for w in weights]}")
    return weights


def _minor_units(total: Decimal, currency: str) -> int:
    units = Fraction(total) * 10 ** minor_digits(currency)
    if units.denominator != 1:
        raise ValueError(f"{total} is finer than the minor unit of {currency}: round it first")
    return int(units)


def _amounts(minor: Iterable[int], currency: str) -> list[Decimal]:
    digits = minor_digits(currency)
    return [Decimal(units).scaleb(-digits, context=_EXACT) for units in minor]
