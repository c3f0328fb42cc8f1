"""Change deals: their fields, their close date with its reason, their owner."""

from collections.abc import Mapping, Sequence
from typing import Any

from accounts.actions import races
from opportunities import policies
from opportunities.actions import drafts, naming, reasons
from opportunities.actions.creating import BESIDE
from opportunities.enums import CLOSED, ReasonKind
from opportunities.models import Opportunity, Reason
from revops.kernel import audit, outbox
from revops.kernel.audit import Finding, Remedy
from revops.kernel.identity.models import User
from revops.kernel.people import access, ownership
from revops.kernel.people.enums import AssignReason, OwnerRole
from revops.kernel.people.models import Queue
from revops.kernel.records import drafting
from revops.kernel.records.drafting import Draft

NOTE_NEEDS = 20
# A save of one of these asks for a next step that lies ahead (INV-2.3).
WATCHED = frozenset({"forecast_category", "amount", "close_date"})
# The parts of a name that are edited; a change of one computes it anew.
NAMED_BY = frozenset({"primary_product", "use_case", "close_date"})


@races.told
def edit_opportunity(
    *, by: User, pk: int, changes: Mapping[str, Any], version: int | None = None, reason: str = ""
) -> Opportunity:
    """Change fields of one deal; `changes` are as somebody typed them.

    A later close date names `slip_reason` and counts (INV-2.4); the name follows its parts. The stage is not edited:
    it moves by actions. Raises Blocked with every finding, Conflict when somebody was faster, Forbidden for a field
    one may not change, DoesNotExist outside one's scope.
    """
    with audit.change(by=by, action="opportunity.edit", reason=reason):
        deal: Opportunity = audit.lock(Opportunity.objects.visible_to(by), pk=pk, version=version)
        access.require_edit(by, deal, changes)
        draft = drafts.read(changes, deal)
        drafts.check([draft], by)
        check_edit(draft, reason, Looked())
        if draft.findings:
            raise audit.Blocked(draft.findings)
        write_edited([draft], by, reason)
        return deal


def write_edited(ready: Sequence[Draft], by: User, reason: str) -> None:
    """Write checked changes of locked deals, inside the open change, in a constant number of statements."""
    held = [(draft.record.version, str(draft.record.close_date), _changed(draft)) for draft in ready]
    for draft in ready:
        drafting.put(draft, but=BESIDE)
        if (slip := draft.derived.get("slip")) is not None:
            draft.record.push_count += 1
            audit.current().reason = reason or slip.label
    naming.rename(
        [draft.record for draft, (*_, changed) in zip(ready, held, strict=True) if changed & NAMED_BY]
    )
    audit.write_many([draft.record for draft in ready])
    for draft, (version, closed, changed) in zip(ready, held, strict=True):
        if draft.record.version != version:
            outbox.emit("opportunity.edited", draft.record, {"fields": sorted(changed), "by": by.pk})
        if (slip := draft.derived.get("slip")) is not None:
            _tell_pushed(draft.record, closed, slip)


class Looked:
    """What the edits of one change look up: each once, however many deals there are."""

    def __init__(self) -> None:
        self.stages = drafts.StagesOf()
        self._slips: dict[str, tuple[Reason | None, list[Finding]]] = {}

    def slip(self, code: str, said: str) -> tuple[Reason | None, list[Finding]]:
        """Return the reason of a later close date called `code`, and what speaks against it."""
        if code not in self._slips:
            self._slips[code] = reasons.named(
                ReasonKind.SLIP, code, said=said, field="slip_reason", refusal="OPP-011"
            )
        return self._slips[code]


def check_edit(draft: Draft, reason: str, looked: Looked) -> None:
    """Add what speaks against an edit of a locked deal; note the reason of a later close date."""
    deal, changed = draft.record, _changed(draft)
    if deal.stage in CLOSED and changed & drafts.SETTLED:
        for name in sorted(changed & drafts.SETTLED):
            message = "The deal is closed; what it was closed with stays. Reopen it first."
            draft.refuse("OPP-012", message, name, needed="an open deal")
        return
    drafts.check_category(draft, looked.stages[deal.segment])
    drafts.check_next_step(draft)
    if changed & WATCHED:
        draft.findings += drafts.overdue_step(draft)
    draft.derived["slip"] = _slip_of(draft, reason, looked)


def _changed(draft: Draft) -> set[str]:
    return {
        name
        for name, value in draft.given.items()
        if name not in BESIDE and value != getattr(draft.record, name)
    }


def _slip_of(draft: Draft, reason: str, looked: Looked) -> Reason | None:
    """Return the reason of a close date that is later than before; without one the edit is refused."""
    deal, new = draft.record, draft.given.get("close_date")
    code = draft.given.get("slip_reason") or ""
    if new is None or new <= deal.close_date:
        if code:
            message = (
                "A reason for a later close date was given, but the date is not later. Leave one of them out."
            )
            draft.refuse("OPP-011", message, "slip_reason", found=code, needed="no reason")
        return None
    if not code:
        message = (
            f"The close date moves from {deal.close_date} to {new}: a later date needs its reason (INV-2.4). "
            "Say why with “Move the close date”."
        )
        remedy = Remedy("Move the close date", f"/opportunities/{deal.pk}/do/push/?close_date={new}")
        found = Finding(
            "OPP-010",
            message,
            field="close_date",
            found=str(new),
            needed="a reason (slip_reason)",
            remedies=(remedy,),
        )
        draft.findings.append(found)
        return None
    slip, findings = looked.slip(code, reason)
    draft.findings += findings
    return slip


def _tell_pushed(deal: Opportunity, before: str, slip: Reason) -> None:
    outbox.emit(
        "opportunity.pushed",
        deal,
        {
            "from": before,
            "to": str(deal.close_date),
            "reason": slip.code,
            "category": deal.forecast_category,
            "push_count": deal.push_count,
        },
    )


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
