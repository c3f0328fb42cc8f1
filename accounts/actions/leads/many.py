"""Edit and hand over many leads at once: the same checks and writes as one by one."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import prefetch_related_objects

from accounts.actions import assigning, handovers
from accounts.actions.leads import drafts, editing
from accounts.models import Lead
from revops.kernel.audit import Finding
from revops.kernel.identity.models import User
from revops.kernel.people.enums import OwnerRole
from revops.kernel.people.models import Queue
from revops.kernel.records import many
from revops.kernel.records.many import Many, Row

# An address belongs to one open lead: what the first gets speaks against the second.
_ONCE = "email"


def _weigh(rows: Sequence[Row], by: Any, reason: str) -> None:
    many.require_edit(rows, by)
    closed: list[Lead] = [row.record for row in rows if row.record.status in editing.CLOSED]
    prefetch_related_objects(closed, "tombstone_of", "converted_account")
    many.told(rows, editing.require_open)
    ready = many.standing(rows)
    for row in ready:
        row.draft = drafts.read(row.values, row.record)
    drafts.check([row.draft for row in ready], by)
    many.collect(ready)


def _write(rows: Sequence[Row], by: Any, reason: str) -> None:
    editing.write_edited([row.draft for row in rows], by)


def _alone(values: Mapping[str, Any]) -> bool:
    return bool(values.get(_ONCE))


def _against(owner: User | None, queue: Queue | None, reason: str) -> list[Finding]:
    found = assigning.against(owner=owner, queue=queue, role=OwnerRole.PRIMARY, reason=reason)
    return found or ([] if owner or queue else [editing.nobody()])


EDIT = Many(_weigh, _write, alone=_alone)


def reassigning(asked: handovers.Named) -> Many:
    """Return the steps that give many leads to whom `asked` reads from the answers."""
    return handovers.steps("reassign", asked, _against, editing.require_open)
