"""Insert many rows fast: COPY on PostgreSQL, `bulk_create` elsewhere, with one result.

It writes what Django would: every concrete column, prepared by its field. `insert` takes instances and gives them
their keys; `append` takes plain tuples, for rows that nobody needs in hand afterwards.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext
from datetime import date, datetime
from functools import cache
from itertools import repeat
from operator import attrgetter, is_
from typing import Any

from django.db import connection, models

# Spells the values of one column in COPY's text format.
Encoder = Callable[[Sequence[Any]], Iterable[str]]
# Below this, the round trip for the keys costs more than COPY saves.
WORTHWHILE = 20

_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def insert(model: type[models.Model], rows: Sequence[models.Model]) -> None:
    """Insert new `rows` of one model; their keys are set. The caller holds the transaction and the permit."""
    if connection.vendor != "postgresql" or len(rows) < WORTHWHILE:
        model._base_manager.bulk_create(rows, batch_size=1_000)
        return
    draw_keys(model, rows)
    names = tuple(field.attname for field in _stored(model))
    read = attrgetter(*names)
    _copy(model, names, [read(row) for row in rows])
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias


def append(model: type[models.Model], names: tuple[str, ...], rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert `rows`, each the values of the columns `names`; other columns get their defaults, keys their sequence."""
    if connection.vendor == "postgresql":
        given = [f for f in _stored(model) if f.attname not in names and not f.primary_key]
        defaults = tuple(field.get_default() for field in given)
        every = (*names, *(field.attname for field in given))
        _copy(model, every, [(*row, *defaults) for row in rows] if given else rows)
    else:
        made = [model(**dict(zip(names, row, strict=True))) for row in rows]
        model._base_manager.bulk_create(made, batch_size=1_000)


def _copy(model: type[models.Model], names: tuple[str, ...], rows: Sequence[tuple[Any, ...]]) -> None:
    """Send rows to the table, a column spelled at a time; one that holds a single object is spelled once."""
    columns, encoders = _plan(model, names)
    spelled: list[Iterable[str]] = []
    for encode, values in zip(encoders, zip(*rows, strict=True), strict=True):
        same = all(map(is_, values, repeat(values[0])))
        spelled.append(list(encode(values[:1])) * len(values) if same else encode(values))
    text = "\n".join(map("\t".join, zip(*spelled, strict=True)))
    statement = f"COPY {_quoted(model._meta.db_table)} ({columns}) FROM STDIN"
    with connection.cursor() as cursor:
        # COPY goes past Django's cursor: name it in the log of queries, and translate its errors.
        logged: Any = cursor.debug_sql(statement) if connection.queries_logged else nullcontext()
        with logged, connection.wrap_database_errors:
            cursor.cursor.copy_expert(statement, io.StringIO(text + "\n"))


def draw_keys(model: type[models.Model], rows: Sequence[models.Model]) -> None:
    """Give every new row without a key the next one of the table, in one query, so that others may point to it first.

    The caller holds the transaction and inserts the rows of this model before any other of it.
    """
    key = model._meta.pk
    without = [row for row in rows if row.pk is None]
    if not without or key is None:
        return
    for row, number in zip(without, _next_keys(model, key.column, len(without)), strict=True):
        row.pk = number


def _next_keys(model: type[models.Model], column: str | None, many: int) -> list[int]:
    """Draw from the sequence; SQLite has a single writer, who alone moves its counter."""
    with connection.cursor() as cursor:
        if connection.vendor != "postgresql":
            cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [model._meta.db_table])
            row = cursor.fetchone()
            last = row[0] if row else 0
            return list(range(last + 1, last + 1 + many))
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
            [_quoted(model._meta.db_table), column, many],
        )
        return [number for (number,) in cursor.fetchall()]


def _quoted(name: str) -> str:
    return str(connection.ops.quote_name(name))


def _stored(model: type[models.Model]) -> list[Any]:
    return [field for field in model._meta.concrete_fields if not field.generated]


@cache
def _plan(model: type[models.Model], names: tuple[str, ...]) -> tuple[str, list[Encoder]]:
    fields = {field.attname: field for field in _stored(model)}
    columns = ", ".join(_quoted(str(fields[name].column)) for name in names)
    return columns, [_encoder(fields[name]) for name in names]


def _encoder(field: models.Field[Any, Any]) -> Encoder:
    """Return how the values of `field` are spelled."""
    column: Any = field.target_field if isinstance(field, models.ForeignKey) else field
    if isinstance(column, models.JSONField):
        return _each(lambda value: _text(json.dumps(value, cls=column.encoder)))
    if isinstance(column, models.CharField | models.TextField):
        return _texts
    if isinstance(column, models.BooleanField):
        return _each(lambda value: "t" if value else "f")
    if isinstance(column, models.BinaryField):
        return _each(lambda value: f"\\\\x{bytes(value).hex()}")
    if isinstance(column, models.DateField | models.UUIDField):
        return _each(lambda value: value.isoformat() if isinstance(value, datetime | date) else str(value))
    if type(column) in (
        models.BigAutoField,
        models.BigIntegerField,
        models.PositiveIntegerField,
        models.IntegerField,
    ):
        return _each(lambda value: str(int(value)))

    def prepared(value: Any) -> str:
        stored = field.get_db_prep_save(value, connection)
        return "\\N" if stored is None else _text(str(stored))

    return lambda values: [prepared(value) for value in values]


def _each(spell: Callable[[Any], str]) -> Encoder:
    """Return the encoder that spells one value after the other, and null as null."""
    return lambda values: ["\\N" if value is None else spell(value) for value in values]


def _texts(values: Sequence[Any]) -> list[str]:
    """Spell text; what is printable and holds no backslash already is as COPY wants it."""
    return [
        value
        if type(value) is str and value.isprintable() and "\\" not in value
        else "\\N"
        if value is None
        else _text(str(value))
        for value in values
    ]


def _text(value: str) -> str:
    if "\x00" in value:
        raise ValueError("A string literal cannot contain NUL (0x00) characters.")
    return value.translate(_ESCAPES)
