"""Insert many rows fast: COPY on PostgreSQL, `bulk_create` elsewhere, with one result.

For tables whose rows nobody reads back from the statement. It writes what Django would: every concrete column,
prepared by its field; keys come from the table's own sequence and stand on the instances afterwards.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any

from django.db import connection, models

Encoder = Callable[[Any], str]
# Below this, the round trip for the keys costs more than COPY saves.
WORTHWHILE = 20

_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def insert(model: type[models.Model], rows: Sequence[models.Model]) -> None:
    """Insert new `rows` of one model; their keys are set. The caller holds the transaction and the permit."""
    if connection.vendor != "postgresql" or len(rows) < WORTHWHILE:
        model._base_manager.bulk_create(rows, batch_size=1_000)
        return
    _draw_keys(model, rows)
    columns, encoders = _plan(model)
    text = io.StringIO()
    for row in rows:
        values = row.__dict__
        text.write("\t".join([encode(values[name]) for name, encode in encoders]))
        text.write("\n")
    text.seek(0)
    with connection.cursor() as cursor:
        cursor.cursor.copy_expert(f"COPY {_quoted(model._meta.db_table)} ({columns}) FROM STDIN", text)
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias


def _draw_keys(model: type[models.Model], rows: Sequence[models.Model]) -> None:
    """Give every row without a key the next one of the table's sequence."""
    key = model._meta.pk
    without = [row for row in rows if row.pk is None]
    if not without or key is None:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
            [_quoted(model._meta.db_table), key.column, len(without)],
        )
        for row, (number,) in zip(without, cursor.fetchall(), strict=True):
            row.pk = number


def _quoted(name: str) -> str:
    return str(connection.ops.quote_name(name))


@cache
def _plan(model: type[models.Model]) -> tuple[str, list[tuple[str, Encoder]]]:
    fields = [field for field in model._meta.concrete_fields if not field.generated]
    return ", ".join(_quoted(str(f.column)) for f in fields), [(f.attname, _encoder(f)) for f in fields]


def _encoder(field: models.Field[Any, Any]) -> Encoder:
    """Return how a value of `field` is spelled in COPY's text format."""
    column: Any = field.target_field if isinstance(field, models.ForeignKey) else field
    if isinstance(column, models.JSONField):
        return lambda value: "\\N" if value is None else _text(json.dumps(value, cls=column.encoder))
    if isinstance(column, models.CharField | models.TextField):
        return lambda value: "\\N" if value is None else _text(str(value))
    if isinstance(column, models.BooleanField):
        return lambda value: "\\N" if value is None else ("t" if value else "f")
    if isinstance(column, models.BinaryField):
        return lambda value: "\\N" if value is None else f"\\\\x{bytes(value).hex()}"
    if isinstance(column, models.DateField | models.UUIDField):
        return _spelled
    if type(column) in (
        models.BigAutoField,
        models.BigIntegerField,
        models.PositiveIntegerField,
        models.IntegerField,
    ):
        return lambda value: "\\N" if value is None else str(int(value))

    def prepared(value: Any) -> str:
        stored = field.get_db_prep_save(value, connection)
        return "\\N" if stored is None else _text(str(stored))

    return prepared


def _spelled(value: Any) -> str:
    if value is None:
        return "\\N"
    return value.isoformat() if isinstance(value, datetime | date) else str(value)


def _text(value: str) -> str:
    if "\x00" in value:
        raise ValueError("A string literal cannot contain NUL (0x00) characters.")
    return value.translate(_ESCAPES)
