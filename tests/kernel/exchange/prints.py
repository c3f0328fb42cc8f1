"""A fingerprint of the database: every table's rows, without what a revert is allowed to change."""

from typing import Any

from django.apps import apps
from django.db import connection

# Bookkeeping: the trail, history, events on their way, the runs themselves.
_APPS = {"audit", "outbox", "sessions", "admin", "contenttypes", "auth", "axes", "mfa", "knox"}
_TABLES = {
    "exchange_importrun",
    "exchange_importrowoutcome",
    "exchange_importundo",
    "exchange_importkept",
    "people_organisationstamp",
}
_COLUMNS = {"version", "updated_at"}
_NUMBERED = {"records_searchword"}  # derived rows: their numbers say nothing


def fingerprint() -> dict[str, list[tuple[Any, ...]]]:
    """Return the rows of each table, in one order."""
    found = {}
    for model in apps.get_models(include_auto_created=True):
        table = model._meta.db_table
        if model._meta.app_label in _APPS or table in _TABLES or model.__name__.startswith("Historical"):
            continue
        skipped = _COLUMNS | ({"id"} if table in _NUMBERED else set())
        names = [
            connection.ops.quote_name(field.column)
            for field in model._meta.concrete_fields
            if field.column not in skipped
        ]
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {', '.join(names)} FROM {table}")
            found[table] = sorted(cursor.fetchall(), key=repr)
    return found


def differing(before: dict[str, list[tuple[Any, ...]]]) -> dict[str, list[tuple[Any, ...]]]:
    """Return, by table, the rows that are not on both sides."""
    after = fingerprint()
    return {
        table: sorted(set(map(repr, rows)) ^ set(map(repr, after[table])))  # type: ignore[misc]
        for table, rows in before.items()
        if rows != after[table]
    }
