"""Edit and hand over many deals at once: the same checks and writes as one by one."""

from collections.abc import Mapping, Sequence
from typing import Any

from accounts.actions import handovers
from opportunities.actions import drafts, editing, fields
from revops.kernel.audit import Finding
from revops.kernel.identity.models import User
from revops.kernel.people.enums import OwnerRole
from revops.kernel.people.models import Queue
from revops.kernel.records import many
from revops.kernel.records.many import Many, Row


def _weigh(rows: Sequence[Row], by: Any, reason: str) -> None:
    many.require_edit(rows, by)
    ready = many.standing(rows)
    for row in ready:
        row.draft = drafts.read(row.values, row.record)
    drafts.check([row.draft for row in ready], by)
    looked = fields.Looked(row.record.pk for row in ready)
    for row in ready:
        fields.check_edit(row.draft, reason, looked)
    many.collect(ready)


def _write(rows: Sequence[Row], by: Any, reason: str) -> None:
    fields.write_edited([row.draft for row in rows], by, reason)


def _against(owner: User | None, queue: Queue | None, reason: str) -> list[Finding]:
    return editing.check_assignment(owner, queue, reason, OwnerRole.PRIMARY)


def _moves(values: Mapping[str, Any]) -> bool:
    """Say whether an edit moves deals: each passes its own gates, and what refuses it is kept as its attempt."""
    return "stage" in values


EDIT = Many(_weigh, _write, alone=_moves)


def assigning(asked: handovers.Named) -> Many:
    """Return the steps that give many deals to whom `asked` reads from the answers."""
    return handovers.steps("reassign", asked, _against)
