"""Pieces of SQL: numbers that look drawn by chance but stay the same, and rows of a model with few columns told."""

from collections.abc import Mapping
from typing import Any

from django.db import connection, models


def drawn(salt: int, number: str = "n") -> str:
    """Return the expression of a number from 0 to below 1, for row `n` and this salt."""
    return f"((hashint8extended({number}, {salt}) & 9007199254740991) / 9007199254740992.0)"


def below(size: str | int, salt: int, number: str = "n") -> str:
    """Return the expression of a whole number from 0 to below `size`, each as often."""
    return f"floor({drawn(salt, number)} * {size})::bigint"


def ranked(size: int, salt: int, number: str = "n") -> str:
    """Return the expression of a rank from 1 to `size`: the second is half as frequent as the first, and so on."""
    return f"floor(power({size + 1}, {drawn(salt, number)}))::int"


def chosen(values: Mapping[str, int], salt: int, number: str = "n") -> str:
    """Return the expression of one of the keys, each as often as its weight says."""
    whole, passed, cases = sum(values.values()), 0, []
    for value, weight in values.items():
        passed += weight
        cases.append(f"WHEN {drawn(salt, number)} < {passed / whole} THEN '{value}'")
    return f"(CASE {' '.join(cases)} END)"


def insert(model: type[models.Model], given: Mapping[str, str], source: str) -> str:
    """Return the statement that inserts a row of `model` for each row of `source`.

    `given` maps columns to expressions; the others hold what Django would: their default, null or no text. Raises
    ValueError for a column that can hold none of these, and for one that there is not.
    """
    fields: list[Any] = [field for field in model._meta.concrete_fields if not field.generated]
    if unknown := given.keys() - {field.column for field in fields}:
        raise ValueError(f"{model._meta.label} has no columns {sorted(unknown)}.")
    values = [
        given[field.column] if field.column in given else _usual(model, field)
        for field in fields
        if field.column in given or not field.primary_key
    ]
    names = [f'"{field.column}"' for field in fields if field.column in given or not field.primary_key]
    return f"INSERT INTO {model._meta.db_table} ({', '.join(names)}) SELECT {', '.join(values)} FROM {source}"


def _usual(model: type[models.Model], field: Any) -> str:
    if not field.has_default():
        if field.null:
            return "NULL"
        if isinstance(field, models.CharField | models.TextField):
            return "''"
        raise ValueError(f"{model._meta.label}.{field.column} needs a value: nothing is usual for it.")
    value = field.get_db_prep_save(field.get_default(), connection)
    if isinstance(value, bool):
        return str(value).lower()
    if value is None or isinstance(value, int | float):
        return "NULL" if value is None else str(value)
    text = str(getattr(value, "adapted", value)).replace("'", "''")
    return f"'{text}'::jsonb" if isinstance(field, models.JSONField) else f"'{text}'"


def take_indexes(tables: list[str]) -> list[str]:
    """Drop what indexes the tables have beside their keys; return what brings them back.

    So many rows go in several times faster, and the indexes come out dense.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename = ANY(%s)"
            " AND indexname NOT IN (SELECT conname FROM pg_constraint) ORDER BY indexname",
            [tables],
        )
        found = cursor.fetchall()
        for name, _ in found:
            cursor.execute(f'DROP INDEX "{name}"')
    return [definition for _, definition in found]
