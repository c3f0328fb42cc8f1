"""Edit and hand over many contacts at once: the same checks and writes as one by one."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import prefetch_related_objects

from accounts.actions import assigning, handovers
from accounts.actions.contacts import drafts, editing
from accounts.models import Contact
from revops.kernel.audit import Finding
from revops.kernel.identity.models import User
from revops.kernel.people.enums import OwnerRole
from revops.kernel.people.models import Queue
from revops.kernel.records import many
from revops.kernel.records.many import Many, Row

# An address belongs to one contact; who comes to another account may get another holder.
_ONE_BY_ONE = frozenset({"email", "account"})


def _weigh(rows: Sequence[Row], by: Any, reason: str) -> None:
    many.require_edit(rows, by)
    merged: list[Contact] = [row.record for row in rows if row.record.tombstone_of_id is not None]
    prefetch_related_objects(merged, "tombstone_of")
    many.told(rows, editing.require_alive)
    ready = many.standing(rows)
    # The country of the account reads a number that was typed without one.
    prefetch_related_objects([row.record for row in ready], "account")
    for row in ready:
        row.draft = drafts.read(row.values, row.record)
    drafts.check([row.draft for row in ready], by)
    many.collect(ready)


def _write(rows: Sequence[Row], by: Any, reason: str) -> None:
    editing.write_edited([row.draft for row in rows], by)


def _alone(values: Mapping[str, Any]) -> bool:
    return bool(_ONE_BY_ONE & values.keys())


def _against(owner: User | None, queue: Queue | None, reason: str) -> list[Finding]:
    return assigning.against(owner=owner, queue=queue, role=OwnerRole.PRIMARY, reason=reason)


EDIT = Many(_weigh, _write, alone=_alone)


def assigning_many(asked: handovers.Named) -> Many:
    """Return the steps that give many contacts to whom `asked` reads from the answers."""
    return handovers.steps("assign", asked, _against, editing.require_alive)
