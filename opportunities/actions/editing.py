"""Change deals: their fields, with their stage among them; what they copy from their account; their owner."""

from collections.abc import Mapping
from typing import Any

from accounts.actions import races
from opportunities import policies
from opportunities.actions import drafts, fields, moving, naming
from opportunities.actions.creating import BESIDE
from opportunities.enums import Stage
from opportunities.models import Opportunity
from revops.kernel import audit, outbox
from revops.kernel.audit import Finding
from revops.kernel.identity.models import User
from revops.kernel.people import access, ownership
from revops.kernel.people.enums import AssignReason, OwnerRole
from revops.kernel.people.models import Queue
from revops.kernel.records import drafting

NOTE_NEEDS = 20


@races.told
def edit_opportunity(
    *, by: User, pk: int, changes: Mapping[str, Any], version: int | None = None, reason: str = ""
) -> Opportunity:
    """Change fields of one deal; `changes` are as somebody typed them.

    A later close date names `slip_reason` and counts (INV-2.4); the name follows its parts. Another `stage` is the
    move into it, for its `stage_reason`, with the same right and the same gates as by hand. Raises Blocked with every
    finding, Conflict when somebody was faster, Forbidden for a field one may not change, DoesNotExist outside one's
    scope.
    """
    with audit.change(by=by, action="opportunity.edit", reason=reason):
        deal: Opportunity = audit.lock(Opportunity.objects.visible_to(by), pk=pk, version=version)
        access.require_edit(by, deal, changes)
        draft = drafts.read(changes, deal)
        drafts.check([draft], by)
        to = draft.derived["to"] = draft.given.pop("stage", None)
        code = draft.given.pop("stage_reason", "") or ""
        fields.check_edit(draft, reason, fields.Looked())
        if to is None or to == deal.stage:
            if draft.findings:
                raise audit.Blocked(draft.findings)
            fields.write_edited([draft], by, reason)
            return deal
        access.require(by, "transition", deal)
        if draft.findings:
            drafting.put(draft, but=BESIDE)  # told with what the gates say; nothing of it is written
        else:
            fields.write_edited([draft], by, reason)
        moving.by_edit(deal, Stage(to), code, reason, draft.findings)
        return deal


@races.told
def copy_again(*, by: User, pk: int, version: int | None = None, reason: str = "") -> Opportunity:
    """Copy segment, territory and region from the account again; the name follows."""
    with audit.change(by=by, action="opportunity.copy_again", reason=reason):
        deal: Opportunity = audit.lock(Opportunity.objects.visible_to(by), pk=pk, version=version)
        access.require(by, "transition", deal)
        before = deal.version
        drafts.copy_from_account(deal)
        deal.forecast_category = policies.stages(deal.segment).clamp(deal.stage, deal.forecast_category)
        naming.rename([deal])
        audit.write(deal)
        if deal.version != before:
            outbox.emit("opportunity.edited", deal, {"fields": ["geo", "segment", "territory"], "by": by.pk})
        return deal


@races.told
def assign_opportunity(
    *,
    by: User,
    pk: int,
    owner: User | None = None,
    queue: Queue | None = None,
    reason: str,
    role: str = OwnerRole.PRIMARY,
    version: int | None = None,
) -> Opportunity:
    """Give a deal to a person or a queue, or put somebody on it in another role; without both, empty that role.

    `reason` needs at least 20 characters: it stays with the owner's interval.
    """
    with audit.change(by=by, action="opportunity.assign", reason=reason):
        findings = check_assignment(owner, queue, reason, role)
        if findings:
            raise audit.Blocked(findings)
        to = ownership.holder(owner=owner, queue=queue) if owner or queue else None
        deal: Opportunity = audit.lock(Opportunity.objects.visible_to(by), pk=pk, version=version)
        access.require(by, "reassign", deal)
        why = AssignReason.MANUAL if to else AssignReason.REMOVED
        ownership.assign(deal, to=to, reason=why, role=OwnerRole(role), note=reason)
        before = deal.version
        audit.write(deal)
        if deal.version == before:
            ownership.settle()
        return deal


def check_assignment(owner: User | None, queue: Queue | None, reason: str, role: str) -> list[Finding]:
    """Return what speaks against giving a deal to this holder in this role."""
    found = []
    if len(" ".join(reason.split())) < NOTE_NEEDS:
        message = f"Say why in at least {NOTE_NEEDS} characters; the reason stays with the owner's interval."
        needed = f"{NOTE_NEEDS} characters"
        found.append(Finding("OWN-004", message, field="reason", found=reason[:80], needed=needed))
    if role not in OwnerRole.values:
        message = f"{role[:20]!r} is not an ownership role; use one of {', '.join(OwnerRole.values)}."
        found.append(Finding("OWN-005", message, field="role", found=role[:20]))
    if owner is not None and queue is not None:
        found.append(Finding("OWN-006", "Choose a person or a queue, not both.", field="queue"))
    if owner is None and queue is None and role == OwnerRole.PRIMARY:
        message = "A deal always has an owner. Choose a person or a queue."
        found.append(Finding("OPP-050", message, field="owner", needed="a person or a queue"))
    return found
