"""The record that an exception is about: named by type and id, locked before the exception itself."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.apps import apps

from revops.kernel.identity.models import User


@dataclass(frozen=True, slots=True)
class About:
    """A record by its type and id, with the number that people call it by."""

    record_type: str
    record_id: int
    number: str

    def seen_by(self, user: User) -> bool:
        """Say whether somebody sees the record."""
        try:
            rows: Any = apps.get_model(self.record_type).objects
        except (LookupError, ValueError):
            return False
        return hasattr(rows, "visible_to") and bool(rows.filter(pk=self.record_id).visible_to(user).exists())


def lock(subjects: Iterable[tuple[str, int]]) -> None:
    """Lock these records, by type and id, before any exception about them.

    A transition holds its record and then notes the exceptions it used: whoever changes an exception takes the same
    way, so that nobody waits for each other and a use never meets a revocation half-way.
    """
    wanted: dict[str, set[int]] = {}
    for record_type, record_id in subjects:
        wanted.setdefault(record_type, set()).add(record_id)
    for record_type, ids in sorted(wanted.items()):
        rows = apps.get_model(record_type)._base_manager.filter(pk__in=ids).order_by("pk")
        list(rows.select_for_update(of=("self",), no_key=True).values_list("pk", flat=True))
