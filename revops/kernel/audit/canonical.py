"""Digests and commitments: what the trail signs, spelled so that both engines agree on every byte.

A record's digest covers its tracked fields in the order of their names. Personal values enter it only as a
commitment (SHA-256 over a random salt and the value), so they can be erased without breaking anything.
Values are spelled after their field, as the database gives them back: what is digested before the insert
must be what is read years later.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from django.db import models
from django.utils import timezone

Json = None | bool | int | float | str | list[Any] | dict[str, Any]
Speller = Callable[[Any], Json]

_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False).encode


def dumps(value: Any) -> bytes:
    """Return the one JSON spelling of `value`."""
    return _encode(value).encode()


# -- how each kind of column is spelled ----------------------------------------------------------------


def _instant(field: Any) -> Speller:
    def spell(value: Any) -> str:
        instant: datetime = value if isinstance(value, datetime) else field.to_python(value)
        if instant.tzinfo is None:
            instant = timezone.make_aware(instant, timezone.get_default_timezone())
        if instant.tzinfo is not UTC:
            instant = instant.astimezone(UTC)
        return instant.isoformat(timespec="microseconds")

    return spell


def _decimal(field: Any) -> Speller:
    def spell(value: Any) -> str:
        amount: Decimal = field.to_python(value)
        spelled = f"{amount:.{field.decimal_places}f}"
        if Decimal(spelled) != amount:
            raise ValueError(
                f"{field}: {value!r} has more than {field.decimal_places} decimals; round it first."
            )
        return spelled

    return spell


def _json(field: Any) -> Speller:
    """PostgreSQL gives 1e2 back as 100 and tuples come back as lists: spell both the same."""

    def spell(value: Any) -> Json:
        if value is None or isinstance(value, bool | int | str):
            return value
        if isinstance(value, float):
            return int(value) if value.is_integer() else value
        if isinstance(value, list | tuple):
            return [spell(item) for item in value]
        if isinstance(value, dict) and all(type(key) is str for key in value):
            return {key: spell(item) for key, item in value.items()}
        return spell(json.loads(json.dumps(value, cls=field.encoder)))

    return spell


def _parsed(field: Any) -> Speller:
    """Dates, times and the like: whatever was assigned, spelled as the value it stands for."""
    return lambda value: str(field.to_python(value))


def _prepared(field: Any) -> Speller:
    """Any other column (money among them): spelled as it is stored."""

    def spell(value: Any) -> Json:
        stored = field.get_prep_value(value)
        return stored if isinstance(stored, bool | int | str) else str(stored)

    return spell


def _by(spell: Speller) -> Callable[[Any], Speller]:
    """Columns that need to know nothing of their field."""

    def chosen(field: Any) -> Speller:
        return spell

    return chosen


_SPELLERS: dict[type[models.Field[Any, Any]], Callable[[Any], Speller]] = {
    models.DateTimeField: _instant,
    models.DateField: _parsed,
    models.TimeField: _parsed,
    models.DurationField: _parsed,
    models.UUIDField: _parsed,
    models.GenericIPAddressField: _parsed,
    models.DecimalField: _decimal,
    models.JSONField: _json,
    models.BooleanField: _by(bool),
    models.IntegerField: _by(int),
    models.FloatField: _by(lambda value: repr(float(value) + 0.0)),
    models.BinaryField: _by(lambda value: bytes(value).hex()),
    models.CharField: _by(str),
    models.TextField: _by(str),
}


@cache
def speller(field: models.Field[Any, Any]) -> Speller:
    """Return the function that spells the values of `field` (never called with None)."""
    while isinstance(field, models.ForeignKey):
        field = field.target_field
    for kind in type(field).__mro__:
        if kind in _SPELLERS:
            return _SPELLERS[kind](field)
    return _prepared(field)


def plain(field: models.Field[Any, Any], value: Any) -> Json:
    """Return `value` as JSON holds it, whatever Python type it has before or after a round trip."""
    return None if value is None else speller(field)(value)


# -- what a digest covers --------------------------------------------------------------------------------


@cache
def tracked_fields(model: type[models.Model]) -> tuple[models.Field[Any, Any], ...]:
    """Return the columns of `model` that its digests cover, by name; not bookkeeping and not derived ones."""
    ungoverned: frozenset[str] = getattr(model, "UNGOVERNED", frozenset())
    fields = (f for f in model._meta.concrete_fields if f.name not in ungoverned and not f.generated)
    return tuple(sorted(fields, key=lambda field: field.attname))


@cache
def covered(model: type[models.Model]) -> tuple[str, list[str]]:
    """Return the key and the columns of the field list that today's digests of `model` cover."""
    names = [field.attname for field in tracked_fields(model)]
    return fields_key(model._meta.label_lower, names), names


def fields_key(record_type: str, names: Sequence[str]) -> str:
    """Return the name of a list of covered fields: the list cannot change and keep it."""
    return hashlib.sha256(dumps([record_type, list(names)])).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Digest:
    """A row's digest with what opens the personal part of it."""

    hexdigest: str
    commitments: dict[str, str] | None
    salts: dict[str, str] | None


@cache
def _recipe(model: type[models.Model]) -> list[tuple[str, Speller, bool]]:
    personal: frozenset[str] = getattr(model, "PERSONAL", frozenset())
    return [(field.attname, speller(field), field.name in personal) for field in tracked_fields(model)]


def row_digest(model: type[models.Model], row: Any) -> Digest:
    """Digest the tracked fields of `row` as they are about to be kept, with fresh salts for personal values."""
    content: list[Json] = [covered(model)[0]]
    made: dict[str, str] = {}
    salts: dict[str, str] = {}
    for name, spell, personal in _recipe(model):
        value = getattr(row, name)
        spelled = None if value is None else spell(value)
        if personal:
            salts[name] = secrets.token_hex(16)
            spelled = made[name] = commit(salts[name], spelled)
        content.append(spelled)
    return Digest(hash_of(content), made or None, salts or None)


def hash_of(content: list[Json]) -> str:
    """Return the digest over the key of a field list and the values it lists, commitments in their places."""
    return hashlib.sha256(dumps(content)).hexdigest()


def commit(salt: str, value: Json) -> str:
    """Return the commitment to a personal value."""
    return hashlib.sha256(salt.encode() + dumps(value)).hexdigest()
