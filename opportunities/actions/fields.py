"""What an edit of deals checks and writes, one or many: their fields, a later close date with its reason."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from accounts.enums import Source
from accounts.models import Contact
from opportunities.actions import drafts, naming, next_steps, reasons
from opportunities.actions.creating import BESIDE
from opportunities.enums import CLOSED, FORECAST_ORDER, ForecastCategory, ReasonKind
from opportunities.models import Opportunity, Reason
from revops.kernel import audit, outbox
from revops.kernel.audit import Finding, Remedy
from revops.kernel.gates import debts
from revops.kernel.identity.models import User
from revops.kernel.records import drafting
from revops.kernel.records.drafting import Draft

# A save of one of these asks for a next step that lies ahead (INV-2.3).
WATCHED = frozenset({"forecast_category", "amount", "close_date"})
# The parts of a name that are edited; a change of one computes it anew.
NAMED_BY = frozenset({"primary_product", "use_case", "close_date"})


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
    next_steps.place([draft.record for draft in ready])
    audit.write_many([draft.record for draft in ready])
    for draft, (version, closed, changed) in zip(ready, held, strict=True):
        if draft.record.version != version:
            outbox.emit("opportunity.edited", draft.record, {"fields": sorted(changed), "by": by.pk})
        if (slip := draft.derived.get("slip")) is not None:
            _tell_pushed(draft.record, closed, slip)


class Looked:
    """What the edits of one change look up: each once, however many deals there are."""

    def __init__(self, deals: Iterable[int] = ()) -> None:
        self.stages = drafts.StagesOf()
        self._deals = list(deals)
        self._owing: Mapping[int, Any] | None = None
        self._slips: dict[str, tuple[Reason | None, list[Finding]]] = {}
        self._parts: dict[int, frozenset[int]] = {}

    def owes(self, deal: Opportunity) -> bool:
        """Say whether a deal stands past a gate whose exception is over."""
        if self._owing is None:
            self._owing = debts.owing("opportunities.opportunity", self._deals or [deal.pk])
        return deal.pk in self._owing

    def takes_part(self, deal: Opportunity, contact: Contact) -> bool:
        """Say whether a contact is in a deal."""
        if contact.pk not in self._parts:
            self._parts[contact.pk] = next_steps.deals_with(contact, self._deals or [deal.pk])
        return deal.pk in self._parts[contact.pk]

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
    _check_source(draft)
    drafts.check_category(draft, looked.stages[deal.segment])
    _check_owed(draft, looked)
    next_steps.check(draft, looked.takes_part)
    if changed & WATCHED:
        draft.findings += drafts.overdue_step(draft)
    draft.derived["slip"] = _slip_of(draft, reason, looked)


def _check_owed(draft: Draft, looked: Looked) -> None:
    """Add a finding for a category that a deal may not have while it owes a criterion (M4)."""
    category, most = draft.given.get("forecast_category"), FORECAST_ORDER.index(ForecastCategory.BEST_CASE)
    if category == draft.record.forecast_category or category not in FORECAST_ORDER[most + 1 :]:
        return
    if looked.owes(draft.record):
        label = ForecastCategory(category).label
        message = (
            f"The deal owes a criterion whose exception is over, so it is forecast as best case at most, not {label}. "
            "Supply the criterion first."
        )
        draft.refuse("OPP-016", message, "forecast_category", found=category, needed="at most best_case")


def _check_source(draft: Draft) -> None:
    """Add a finding for another source: where a deal came from is said once."""
    held, source = draft.record.source, draft.given.get("source", draft.record.source)
    if held and source != held:
        message = f"The deal came from “{Source(held).label}”, which is said once. Leave the source as it is."
        draft.refuse("OPP-015", message, "source", found=source, needed=held)


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
