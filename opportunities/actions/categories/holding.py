"""Deals held to what their evidence carries: brought down in the change that took it away, never up. Source: d2, M4.

Whoever lowers a category says why with `lower`; at the end of every change, `keeping` writes down what changed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from opportunities.actions.categories.weighing import Scales, Shown, rank
from opportunities.enums import OPEN, CategoryWhy
from opportunities.models import Opportunity
from opportunities.policies.categories import GATED
from revops.kernel import audit

NOTE = "opportunities.categories"
_ABOVE = frozenset(str(category) for category in GATED)


@dataclass(frozen=True, slots=True)
class Step:
    """A category that was brought down in the open change, and why: by which criteria of which version."""

    deal: Opportunity
    before: str
    after: str
    why: CategoryWhy
    note: str = ""
    criteria: tuple[dict[str, Any], ...] = ()
    rule: str = ""


def promises(deal: Opportunity) -> bool:
    """Say whether an open deal is forecast as more than its category of pipeline, so that it is held to evidence."""
    return deal.stage in OPEN and deal.forecast_category in _ABOVE


def lower(
    deal: Opportunity,
    to: str,
    *,
    why: CategoryWhy,
    note: str = "",
    criteria: Sequence[dict[str, Any]] = (),
    rule: str = "",
) -> bool:
    """Bring the category of a locked deal down to `to` in the open change; say whether it was higher.

    The caller writes the deal. A category is never raised here.
    """
    before = deal.forecast_category
    if deal.stage not in OPEN or rank(to) >= rank(before):
        return False
    deal.forecast_category = str(to)
    step = Step(deal, before, str(to), why, note[:400], tuple(criteria), rule)
    audit.current().notes.setdefault(NOTE, []).append(step)
    return True


def bring_down(
    deals: Sequence[Opportunity], to: str, *, why: CategoryWhy, note: str = ""
) -> list[Opportunity]:
    """Bring locked deals down to `to` in the open change and write them; return those that stood higher."""
    return _write([deal for deal in deals if lower(deal, to, why=why, note=note)])


def hold(
    deals: Sequence[Opportunity], why: CategoryWhy = CategoryWhy.EVIDENCE, note: str = ""
) -> list[Opportunity]:
    """Bring locked deals down to what stage and evidence carry, in the open change; return those that came down.

    Each comes to the highest category below its own that holds, never up. A constant number of statements, none where
    no deal is forecast as more than pipeline.
    """
    promising = [deal for deal in deals if promises(deal)]
    if not promising:
        return []
    scales = Scales([deal.pk for deal in promising], audit.current().recorded_at)
    return _write([deal for deal in promising if _hold(deal, scales, why, note)])


def _hold(deal: Opportunity, scales: Scales, why: CategoryWhy, note: str) -> bool:
    present = deal.forecast_category
    allowed = scales.stages(deal.segment).clamp(deal.stage, present)
    to = scales.within(deal, allowed)
    if allowed != present and to == allowed:
        return lower(deal, to, why=CategoryWhy.STAGE, note=note)
    stands = [told(one) for one in scales.weigh(deal, allowed) if one.stands] if to != allowed else []
    return lower(deal, to, why=why, note=note, criteria=stands, rule=scales.policy(deal.segment).ref)


def told(one: Shown) -> dict[str, Any]:
    """Return a criterion that is not met as its deal keeps it: what was found, and what was needed."""
    sentences = [leaf.sentence for leaf in one.verdict.leaves if leaf.outcome.value != "true"]
    words = "; ".join(dict.fromkeys(sentences)) or "not shown yet"
    return {"key": one.parsed.key, "title": one.parsed.criterion.title, "found": words[:400]}


def _write(lowered: Sequence[Opportunity]) -> list[Opportunity]:
    """Write deals that came down: those that got the same category together, in one statement each."""
    for category in sorted({deal.forecast_category for deal in lowered}):
        audit.write_many([deal for deal in lowered if deal.forecast_category == category])
    return list(lowered)
