"""What somebody with SQL but without the key may try: each tamper is undone when its block ends."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction

from revops.kernel.audit.history import history_model
from revops.kernel.identity.models import User

HISTORY: Any = history_model(User)
TABLE: str = HISTORY._meta.db_table


def sql(statement: str, *values: Any) -> None:
    """Run one statement; `{history}` stands for the history table of users."""
    with connection.cursor() as cursor:
        cursor.execute(statement.replace("{history}", TABLE), values)


@contextmanager
def tampered(*statements: str, values: tuple[Any, ...] = ()) -> Iterator[None]:
    """Hold the database tampered with; `values` belong to the first statement."""
    with transaction.atomic():
        for statement in statements:
            sql(statement, *values)
            values = ()
        try:
            yield
        finally:
            transaction.set_rollback(True)


def columns(*, of: Any, without: tuple[str, ...] = ()) -> str:
    """List the columns of a model's table for an INSERT ... SELECT."""
    return ", ".join(field.column for field in of._meta.concrete_fields if field.column not in without)
