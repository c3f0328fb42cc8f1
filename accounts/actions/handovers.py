"""Giving many records to somebody at once: the same checks and rows as one by one, whatever the record type."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from revops.kernel import audit
from revops.kernel.audit import Finding
from revops.kernel.identity.models import User
from revops.kernel.people import ownership
from revops.kernel.people.enums import AssignReason, OwnerRole
from revops.kernel.people.models import Queue
from revops.kernel.records import many
from revops.kernel.records.many import Many, Row

Named = Callable[[Mapping[str, Any]], dict[str, Any]]
Against = Callable[[User | None, Queue | None, str], list[Finding]]


def steps(right: str, asked: Named, against: Against, stands: Callable[[Any], None] | None = None) -> Many:
    """Return the steps that give many records their next owner.

    `asked(values)` reads the person and queue that somebody named, `against(owner, queue, reason)` is what speaks
    against them, `stands` what speaks against a record. Another role than owner, and nobody, are left to the action
    for one record.
    """

    def first(wanted: Sequence[Mapping[str, Any]], by: Any, reason: str) -> None:
        for values in wanted:
            named = asked(values)
            if not against(named["owner"], named["queue"], reason):
                ownership.holder(**named)

    def weigh(rows: Sequence[Row], by: Any, reason: str) -> None:
        known: dict[tuple[Any, ...], dict[str, Any]] = {}
        for row in rows:
            key = tuple(sorted((name, str(value)) for name, value in row.values.items()))
            if key not in known:
                known[key] = asked(row.values)
            row.draft = known[key]
            row.findings += against(row.draft["owner"], row.draft["queue"], reason)
        many.require(many.standing(rows), by, right)
        if stands is not None:
            many.told(rows, stands)

    def write(rows: Sequence[Row], by: Any, reason: str) -> None:
        for row in rows:
            to = ownership.holder(**row.draft)
            ownership.assign(row.record, to=to, reason=AssignReason.MANUAL, note=reason)
            row.wrote = True
        audit.write_many([row.record for row in rows])

    return Many(weigh, write, first, alone=_alone)


def _alone(values: Mapping[str, Any]) -> bool:
    is_other_role = values.get("role") not in (None, "", OwnerRole.PRIMARY)
    return is_other_role or not (values.get("owner") or values.get("queue"))
