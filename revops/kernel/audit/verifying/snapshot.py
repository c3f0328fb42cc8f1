"""The one consistent state a verification reads, while others go on writing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connections, models, transaction


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Where to read, as of when; every check counts in `checked` what it has looked at."""

    using: str
    at: datetime
    checked: Counter[str] = field(default_factory=Counter)

    def rows(self, model: type[models.Model]) -> models.QuerySet[Any]:
        """Return every row of `model` in this snapshot."""
        return model._base_manager.using(self.using)


@contextmanager
def snapshot(at: datetime) -> Iterator[Snapshot]:
    """Open one read-only snapshot that blocks no writer.

    On SQLite through the alias `reports` (a deferred transaction). On PostgreSQL through `default`, since a
    replica behind `reports` would verify a copy, and lag behind the anchors.
    """
    using = "default" if connections["default"].vendor == "postgresql" else "reports"
    connection = connections[using]
    outermost = not connection.in_atomic_block
    with transaction.atomic(using=using, savepoint=False):
        if outermost and connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield Snapshot(using, at)
