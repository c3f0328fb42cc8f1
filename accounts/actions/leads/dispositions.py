"""What becomes of a lead: accepted, worked on, nurtured, recycled, disqualified. Source: d3, state machine.

A move names the states it starts from and the right it needs. Conversion belongs to the deals' domain, routing to
routing's; both write the status inside their own change through `move_on`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.actions.leads.editing import require_open
from accounts.enums import DISQUALIFYING, OPEN_LEAD, RECYCLING, Disposition, LeadStatus
from accounts.models import Lead
from revops.kernel import audit, outbox
from revops.kernel.identity.models import User
from revops.kernel.people import access
from revops.kernel.records.values import shown

NOTE_MOST = 400
_S = LeadStatus


@dataclass(frozen=True, slots=True)
class Move:
    """One step of a lead: its name, the right it needs, where it starts and where it ends."""

    name: str
    right: str
    starts: Sequence[LeadStatus]
    ends: LeadStatus
    reasons: Sequence[Disposition] = ()


ACCEPT = Move("accept", "accept", (_S.NEW, _S.ROUTED), _S.ACCEPTED)
START = Move("start working", "dispose", (_S.ACCEPTED, _S.NURTURE, _S.RECYCLED), _S.WORKING)
NURTURE = Move("nurture", "dispose", (_S.ACCEPTED, _S.WORKING, _S.RECYCLED), _S.NURTURE)
RECYCLE = Move("recycle", "dispose", (_S.ACCEPTED, _S.WORKING, _S.NURTURE), _S.RECYCLED, RECYCLING)
DISQUALIFY = Move("disqualify", "dispose", OPEN_LEAD, _S.DISQUALIFIED, DISQUALIFYING)


def accept_lead(
    *, by: User, pk: int, version: int | None = None, reason: str = "", at: datetime | None = None
) -> Lead:
    """Take on a lead that one owns. Nobody accepts for somebody else, and nobody out of a queue."""
    return _move(ACCEPT, by, pk, version, reason, at=at)


def start_working(
    *, by: User, pk: int, version: int | None = None, reason: str = "", at: datetime | None = None
) -> Lead:
    """Say that an accepted lead is being worked on; a nurtured or recycled one comes back this way."""
    return _move(START, by, pk, version, reason, at=at)


def nurture_lead(
    *, by: User, pk: int, version: int | None = None, reason: str = "", at: datetime | None = None
) -> Lead:
    """Hand a lead to marketing's care until it is ready."""
    return _move(NURTURE, by, pk, version, reason, at=at)


def recycle_lead(
    *,
    by: User,
    pk: int,
    disposition: str,
    note: str = "",
    version: int | None = None,
    reason: str = "",
    at: datetime | None = None,
) -> Lead:
    """Put a lead back for a later day, for one of the reasons that put it off."""
    return _move(RECYCLE, by, pk, version, reason, disposition=disposition, note=note, at=at)


def disqualify_lead(
    *,
    by: User,
    pk: int,
    disposition: str,
    note: str = "",
    version: int | None = None,
    reason: str = "",
    at: datetime | None = None,
) -> Lead:
    """Give a lead up, for one of the reasons that end it. Its address is free for a new lead afterwards."""
    return _move(DISQUALIFY, by, pk, version, reason, disposition=disposition, note=note, at=at)


def _move(
    move: Move,
    by: User,
    pk: int,
    version: int | None,
    reason: str,
    *,
    disposition: str = "",
    note: str = "",
    at: datetime | None = None,
) -> Lead:
    action = f"lead.{move.name.replace(' ', '_')}"
    with audit.change(by=by, action=action, reason=reason, at=at):
        lead: Lead = audit.lock(Lead.objects.visible_to(by), pk=pk, version=version)
        access.require(by, move.right, lead)
        require_open(lead)
        findings = _against(move, lead, disposition, note)
        if findings:
            raise audit.Blocked(findings)
        before = lead.status
        lead.disposition_reason, lead.disposition_note = disposition, note.strip()
        move_on(lead, move.ends)
        outbox.emit(f"lead.{lead.status}", lead, {"from": before, "reason": disposition, "by": by.pk})
        return lead


def move_on(lead: Lead, status: LeadStatus) -> Lead:
    """Write a locked lead with its next status, inside the open change."""
    lead.status = status
    return audit.write(lead)


def _against(move: Move, lead: Lead, disposition: str, note: str) -> list[audit.Finding]:
    """Return everything that speaks against a move."""
    findings = []
    if lead.status not in move.starts:
        needed = " or ".join(LeadStatus(one).label.lower() for one in move.starts)
        message = (
            f"A lead that is {lead.get_status_display().lower()} cannot be moved by “{move.name}”: "
            f"it has to be {needed}."
        )
        findings.append(audit.Finding("LEA-020", message, field="status", found=lead.status, needed=needed))
    if move.reasons and disposition not in move.reasons:
        needed = ", ".join(move.reasons)
        message = f"To {move.name} a lead takes one of these reasons: {needed}. Choose one."
        findings.append(
            audit.Finding("LEA-021", message, field="disposition", found=shown(disposition), needed=needed)
        )
    if len(note.strip()) > NOTE_MOST:
        message = f"The note has {len(note.strip())} characters; at most {NOTE_MOST} fit. Shorten it."
        findings.append(
            audit.Finding("LEA-022", message, field="note", needed=f"at most {NOTE_MOST} characters")
        )
    return findings
