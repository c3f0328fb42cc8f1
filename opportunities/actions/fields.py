"""What an edit of deals checks and writes, one or many: their fields, a later close date with its reason."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from accounts.enums import Source
from accounts.models import Contact
from opportunities.actions import delays, drafts, naming, next_steps
from opportunities.actions.categories import Scales, refusing
from opportunities.actions.creating import BESIDE
from opportunities.enums import CLOSED, FORECAST_ORDER, ForecastCategory
from opportunities.models import Opportunity
from revops.kernel import audit, outbox
from revops.kernel.gates import debts
from revops.kernel.identity.models import User
from revops.kernel.records import drafting
from revops.kernel.records.drafting import Draft

# A save of one of these asks for a next step that lies ahead (INV-2.3).
WATCHED = frozenset({"forecast_category", "amount", "close_date"})
# The parts of a name that are edited; a change of one computes it anew.
NAMED_BY = frozenset({"primary_product", "use_case", "close_date"})


def write_edited(ready: Sequence[Draft], by: User, reason: str) -> None:
    """Write checked changes of locked deals, inside the open change, in a constant number of statements.

    A later close date counts, and one that slips brings its deal down, in the same write (INV-2.4, INV-2.5).
    """
    held = [(draft.record.version, draft.record.close_date, _changed(draft)) for draft in ready]
    later = []
    for draft, (_, closed, _) in zip(ready, held, strict=True):
        drafting.put(draft, but=BESIDE)
        if (weighed := draft.derived.get(refusing.WEIGHED)) is not None:
            refusing.keep(weighed, draft.record)
        if (why := draft.derived.get("slip")) is not None:
            later.append(delays.Later(draft.record, closed, why.code, draft.derived["delays"]))
            audit.current().reason = reason or why.label
    events = delays.put_off(later)
    naming.rename(
        [draft.record for draft, (*_, changed) in zip(ready, held, strict=True) if changed & NAMED_BY]
    )
    next_steps.place([draft.record for draft in ready])
    audit.write_many([draft.record for draft in ready])
    for draft, (version, _, changed) in zip(ready, held, strict=True):
        if draft.record.version != version:
            outbox.emit("opportunity.edited", draft.record, {"fields": sorted(changed), "by": by.pk})
    delays.write(events)


class Looked:
    """What the edits of one change look up: each once, however many deals there are."""

    def __init__(self, deals: Iterable[int] = ()) -> None:
        self.stages = drafts.StagesOf()
        self._deals = list(deals)
        self._owing: Mapping[int, Any] | None = None
        self._parts: dict[int, frozenset[int]] = {}
        self.delays = delays.Known()
        self._scales: Scales | None = None

    def scales(self, deal: Opportunity) -> Scales:
        """Return what the categories of the deals are weighed by."""
        if self._scales is None:
            self._scales = Scales(self._deals or [deal.pk])
        return self._scales

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
    refusing.check(draft, looked.scales(deal))
    _check_owed(draft, looked)
    next_steps.check(draft, looked.takes_part)
    if changed & WATCHED:
        draft.findings += drafts.overdue_step(draft)
    draft.derived["slip"] = delays.check(draft, reason, looked.delays)
    draft.derived["delays"] = looked.delays


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
