"""What a clock runs for: a record by its type and id, and the number that people call it by."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from revops.kernel.guard import GovernedModel
from revops.kernel.identity.models import User
from revops.kernel.people.access import organisation

Numbers = Callable[[str, int], str | None]
_numbers: dict[str, Numbers] = {}


@dataclass(frozen=True, slots=True)
class Holder:
    """Who answers for a clock."""

    owner: int | None
    team: int | None
    is_named: bool


def numbered_by(owner: str, numbers: Numbers) -> None:
    """Register who knows the number of a record by its type and id. One owner."""
    if _numbers and _numbers.get(owner) is not numbers:
        raise ValueError(f"{next(iter(_numbers))!r} numbers the records already.")
    _numbers[owner] = numbers


def number(record: Any) -> str:
    """Return what people call a record: its own `number`, else OPP-000012 by its type; type and id where neither is."""
    if own := getattr(record, "number", ""):
        return str(own)
    record_type, pk = label_of(record)
    found = next((numbers(record_type, pk) for numbers in _numbers.values()), None)
    return found or f"{record_type.rpartition('.')[2]} {pk}"[:40]


def label_of(record: Any) -> tuple[str, int]:
    """Return the type and id of a stored record. Raises TypeError for anything else."""
    if not isinstance(record, GovernedModel) or record.pk is None:
        raise TypeError(f"A clock runs for a stored governed record, not for {record!r}.")
    return record._meta.label_lower, int(record.pk)


def holder(record: Any, owner: User | int | None) -> Holder:
    """Return who answers for a clock of this record: who is named, else the owner of the record."""
    if owner is not None:
        pk = owner if isinstance(owner, int) else owner.pk
        return Holder(pk, organisation.current().home_team.get(pk), is_named=True)
    return Holder(getattr(record, "owner_id", None), getattr(record, "team_id", None), is_named=False)
