"""Giving a record to somebody by hand: what every record type asks of it. Source: M7, INV-3.6."""

from collections.abc import Mapping
from typing import Any

from revops.kernel import audit
from revops.kernel.audit import Finding
from revops.kernel.identity.models import User
from revops.kernel.people import ownership
from revops.kernel.people.enums import OwnerRole
from revops.kernel.people.models import Owned, Queue

NOTE_NEEDS = 20


def named(
    *, owner: User | None, queue: Queue | None, role: str = OwnerRole.PRIMARY, reason: str
) -> ownership.Holder | None:
    """Return the holder who was named, inside the open change; None where nobody was.

    Call it before locking the record: people are the lower layer. Raises Blocked with every finding.
    """
    findings = against(owner=owner, queue=queue, role=role, reason=reason)
    if findings:
        raise audit.Blocked(findings)
    return ownership.holder(owner=owner, queue=queue) if owner or queue else None


def against(*, owner: User | None, queue: Queue | None, role: str, reason: str) -> list[Finding]:
    """Return what speaks against giving a record to a holder in this role, for this reason."""
    findings = []
    if len(" ".join(reason.split())) < NOTE_NEEDS:
        message = f"Say why in at least {NOTE_NEEDS} characters; the reason stays with the owner's interval."
        findings.append(
            Finding("OWN-004", message, field="reason", found=reason[:80], needed=f"{NOTE_NEEDS} characters")
        )
    if role not in OwnerRole.values:
        message = f"{role[:20]!r} is not an ownership role; use one of {', '.join(OwnerRole.values)}."
        findings.append(Finding("OWN-005", message, field="role", found=role[:20]))
    if owner is not None and queue is not None:
        findings.append(Finding("OWN-006", "Choose a person or a queue, not both.", field="queue"))
    return findings


def back(values: Mapping[str, Any], before: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the answers that give a record back to whoever held it before."""
    if values.get("role") not in (None, "", OwnerRole.PRIMARY):
        return None
    if before.get("owner_id") is not None:
        return {"owner": str(before["owner_id"])}
    return {"queue": str(before["queue_id"])} if before.get("queue_id") is not None else None


def finish(record: Owned) -> None:
    """Write an assigned record; where only the ledger changed, write that."""
    before = record.version
    audit.write(record)
    if record.version == before:
        ownership.settle()
