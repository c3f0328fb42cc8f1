"""Later close dates: a push inside the fiscal quarter, a slip out of it. Both have their reason and count (INV-2.4).

A slip of a deal in Commit or Upside brings it down to Best case in the same write (INV-2.5): downgraded the same day.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from opportunities.actions import categories
from opportunities.actions.categories.weighing import rank
from opportunities.actions.quarters import Quarters
from opportunities.enums import CategoryWhy, DelayKind, ForecastCategory, ReasonKind
from opportunities.models import Opportunity, Reason, SlipEvent
from revops.kernel import audit, outbox
from revops.kernel.audit import Finding, Remedy
from revops.kernel.records.drafting import Draft

# The most that a deal which slips is forecast as.
MOST = ForecastCategory.BEST_CASE
# What a slip takes for its reason; a push takes either.
_TAKES = {DelayKind.SLIP: (ReasonKind.SLIP,), DelayKind.PUSH: (ReasonKind.PUSH, ReasonKind.SLIP)}
# The reason of a later date that another system knew and did not explain.
IMPORTED = "imported"
_WORDS = {DelayKind.SLIP: "slip into a later quarter", DelayKind.PUSH: "push within the quarter"}
_TOLD = {DelayKind.SLIP: "opportunity.slipped", DelayKind.PUSH: "opportunity.pushed"}


class Known:
    """The quarters and the reasons of later dates, each read once, however many deals are looked at."""

    def __init__(self) -> None:
        self.quarters = Quarters()

    @cached_property
    def reasons(self) -> dict[str, Reason]:
        rows = Reason.objects.filter(kind__in=_TAKES[DelayKind.PUSH], is_active=True).order_by("pk")
        return {row.code: row for row in rows}

    def kind(self, before: date, after: date) -> DelayKind:
        """Return whether a later date leaves the quarter in which the deal was forecast."""
        return DelayKind.PUSH if after <= self.quarters.of(before).end else DelayKind.SLIP


@dataclass(frozen=True, slots=True)
class Later:
    """A locked deal that closes later than it did: `before` is the former date, its present one is the new."""

    deal: Opportunity
    before: date
    reason: str
    known: Known


def check(draft: Draft, said: str, known: Known) -> Reason | None:
    """Return the reason of a close date that is later than before; add what speaks against it to the draft.

    `said` is what somebody wrote beside it. A date that is not later takes no reason.
    """
    deal, new = draft.record, draft.given.get("close_date")
    code = draft.given.get("slip_reason") or ""
    if new is None or new <= deal.close_date:
        if code:
            message = (
                "A reason for a later close date was given, but the date is not later. Leave one of them out."
            )
            draft.refuse("OPP-011", message, "slip_reason", found=code, needed="no reason")
        return None
    kind = known.kind(deal.close_date, new)
    if kind == DelayKind.SLIP:
        _check_promise(draft)
    if not code:
        draft.findings.append(_unsaid(deal, new, kind))
        return None
    return _named(draft, code, said, kind, known)


def _check_promise(draft: Draft) -> None:
    """Add a finding for a category that is set with the very edit that lets the deal slip."""
    category = draft.given.get("forecast_category")
    if category in (None, draft.record.forecast_category) or rank(category) <= rank(MOST):
        return
    label = ForecastCategory(category).label
    message = (
        f"A deal that slips into a later quarter is forecast as {MOST.label} at most, not {label} (INV-2.5)."
    )
    draft.refuse("OPP-018", message, "forecast_category", found=category, needed=f"at most {MOST}")


def _unsaid(deal: Opportunity, new: date, kind: DelayKind) -> Finding:
    message = (
        f"The close date moves from {deal.close_date} to {new}, a {_WORDS[kind]}: a later date needs its reason "
        "(INV-2.4). Say why with “Move the close date”."
    )
    remedy = Remedy("Move the close date", f"/opportunities/{deal.pk}/do/push/?close_date={new}")
    return Finding(
        "OPP-010",
        message,
        field="close_date",
        found=str(new),
        needed="a reason (slip_reason)",
        remedies=(remedy,),
    )


def _named(draft: Draft, code: str, said: str, kind: DelayKind, known: Known) -> Reason | None:
    found = known.reasons.get(code)
    if found is None or found.kind not in _TAKES[kind]:
        fitting = ", ".join(row.code for row in known.reasons.values() if row.kind in _TAKES[kind])
        message = f"{code[:40]!r} is no reason for a {_WORDS[kind]}. Choose one of {fitting}."
        draft.refuse("OPP-011", message, "slip_reason", found=code[:40], needed=fitting)
        return None
    if found.requires_text and not said.strip():
        message = f"“{found.label}” needs words: say in the reason what it was."
        draft.refuse("OPP-011", message, "reason", found=code, needed="words")
    return found


def put_off(later: Sequence[Later]) -> list[SlipEvent]:
    """Count later dates of locked deals and bring down what slips out of Commit or Upside, in the open change.

    The caller writes the deals, then the events with `write`. At most one query, for the quarters.
    """
    return [_put_off(one) for one in later]


def _put_off(one: Later) -> SlipEvent:
    deal, category = one.deal, one.deal.forecast_category
    kind, quarters = one.known.kind(one.before, deal.close_date), one.known.quarters
    deal.push_count += 1
    promised = kind == DelayKind.SLIP and rank(category) > rank(MOST)
    if promised:
        note = f"The close date slipped from {one.before} to {deal.close_date}."
        categories.lower(deal, MOST, why=CategoryWhy.SLIPPED, note=note)
    return SlipEvent(
        opportunity=deal,
        kind=kind,
        from_date=one.before,
        to_date=deal.close_date,
        from_period=quarters.of(one.before).label,
        to_period=quarters.of(deal.close_date).label,
        days=(deal.close_date - one.before).days,
        category_before=category,
        category_after=deal.forecast_category,
        same_day_downgrade=rank(deal.forecast_category) <= rank(MOST) if promised else None,
        reason_code=one.reason,
        occurred_at=audit.current().occurred_at,
        said_by=audit.current().by,
    )


def write(events: Sequence[SlipEvent]) -> None:
    """Write what was put off and tell it; the deals are written."""
    audit.write_many(events)
    for event in events:
        deal = event.opportunity
        told = {
            "from": str(event.from_date),
            "to": str(event.to_date),
            "reason": event.reason_code,
            "category": deal.forecast_category,
            "push_count": deal.push_count,
            "owner": deal.owner_id,
            "name": deal.name,
            "by": event.said_by_id,
        }
        outbox.emit(_TOLD[DelayKind(event.kind)], deal, told)
