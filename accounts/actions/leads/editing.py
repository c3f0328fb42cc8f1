"""Change leads: their fields, and who has them."""

from collections.abc import Mapping, Sequence
from typing import Any

from accounts.actions import assigning, races
from accounts.actions.leads import drafts
from accounts.enums import LeadStatus
from accounts.models import Lead
from revops.kernel import audit, outbox
from revops.kernel.identity.models import User
from revops.kernel.people import access, ownership
from revops.kernel.people.enums import AssignReason
from revops.kernel.people.models import Queue
from revops.kernel.records.drafting import Draft

CLOSED = (LeadStatus.CONVERTED, LeadStatus.TOMBSTONE)


def require_open(lead: Lead) -> None:
    """Refuse to change what became business, or was merged: the record that it became is the one to work in."""
    if lead.status not in CLOSED:
        return
    became = lead.tombstone_of if lead.status == LeadStatus.TOMBSTONE else lead.converted_account
    where = f" Work in {became}." if became is not None else ""
    message = f"This lead is {lead.get_status_display().lower()} and stays as it was.{where}"
    raise audit.Blocked.because("LEA-016", message, field="status", found=lead.status)


@races.told
def edit_lead(
    *, by: User, pk: int, changes: Mapping[str, Any], version: int | None = None, reason: str = ""
) -> Lead:
    """Change fields of one lead; `changes` are as somebody typed them. A new address is matched to accounts anew.

    Raises Blocked with every finding, Conflict when somebody was faster, Forbidden for a field one may not change,
    DoesNotExist outside one's scope.
    """
    with audit.change(by=by, action="lead.edit", reason=reason):
        lead: Lead = audit.lock(Lead.objects.visible_to(by), pk=pk, version=version)
        access.require_edit(by, lead, changes)
        require_open(lead)
        draft = drafts.read(changes, lead)
        drafts.check([draft], by)
        if draft.findings:
            raise audit.Blocked(draft.findings)
        write_edited([draft], by)
        return lead


def write_edited(ready: Sequence[Draft], by: User) -> None:
    """Write checked changes of locked leads, inside the open change, in a constant number of statements."""
    held = [
        (draft.record.version, {name: getattr(draft.record, name) for name in draft.given}) for draft in ready
    ]
    for draft in ready:
        drafts.fill(draft)
    audit.write_many([draft.record for draft in ready])
    for draft, (version, before) in zip(ready, held, strict=True):
        if draft.record.version != version:
            changed = sorted(name for name, value in before.items() if value != getattr(draft.record, name))
            outbox.emit("lead.edited", draft.record, {"fields": changed, "by": by.pk})


def reassign_lead(
    *,
    by: User,
    pk: int,
    owner: User | None = None,
    queue: Queue | None = None,
    reason: str,
    version: int | None = None,
) -> Lead:
    """Give a lead to another person or queue by hand. `reason` needs at least 20 characters (INV-3.6)."""
    with audit.change(by=by, action="lead.reassign", reason=reason):
        named = assigning.named(owner=owner, queue=queue, reason=reason)
        lead: Lead = audit.lock(Lead.objects.visible_to(by), pk=pk, version=version)
        access.require(by, "reassign", lead)
        require_open(lead)
        if named is None:
            raise audit.Blocked([nobody()])
        ownership.assign(lead, to=named, reason=AssignReason.MANUAL, note=reason)
        assigning.finish(lead)
        return lead


def nobody() -> audit.Finding:
    """Return the finding against giving a lead to nobody."""
    message = "Say who gets the lead: a person or a queue. A lead always has one of them."
    return audit.Finding("LEA-017", message, field="owner", needed="a person or a queue")
