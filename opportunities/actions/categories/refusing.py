"""What speaks against a category that somebody gives a deal by hand, and what its exceptions excused. Source: d2."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from opportunities.actions import gating
from opportunities.actions.categories.holding import NOTE, Step, told
from opportunities.actions.categories.weighing import PIPELINE, Scales, Shown, rank
from opportunities.enums import CategoryWhy, ForecastCategory, Stage
from opportunities.models import Opportunity
from opportunities.policies.categories import GATED
from revops.kernel import audit
from revops.kernel.audit import Finding, Remedy
from revops.kernel.gates import machines
from revops.kernel.gates import weighing as kernel_weighing
from revops.kernel.gates.exceptions import finding as exceptions
from revops.kernel.policies import decisions
from revops.kernel.records.drafting import Draft

WEIGHED = "weighed_category"


@dataclass(frozen=True, slots=True)
class Weighed:
    """A category that a deal gets by hand: what it was weighed by, on which facts, and what is not met but excused."""

    before: str
    category: str
    shown: Sequence[Shown]
    values: Mapping[str, Any]
    scales: Scales

    @property
    def excused(self) -> list[Shown]:
        return [one for one in self.shown if one.excuse is not None]


def lacking(deal: Opportunity, category: str) -> list[Finding]:
    """Return everything that keeps a stored deal from a category: a finding a criterion."""
    return findings(Scales([deal.pk]), deal, category)


def findings(
    scales: Scales, deal: Opportunity, category: str, given: Mapping[str, Any] | None = None
) -> list[Finding]:
    """Return a finding for each criterion of a category that is neither met nor excused."""
    return [finding(scales, deal, one) for one in scales.weigh(deal, category, given) if one.stands]


def finding(scales: Scales, deal: Opportunity, one: Shown) -> Finding:
    """Say what a criterion misses, what supplies it, and who may excuse it."""
    machine, policy = machines.get(gating.MACHINE), scales.policy(deal.segment)
    return kernel_weighing.finding(deal, machine, policy, one.parsed, one.verdict)


def check(draft: Draft, scales: Scales) -> None:
    """Add what speaks against the category that an edit gives a locked deal: every criterion, and what is left to do.

    What passes is noted with the draft: `keep` writes down by what it passed.
    """
    deal, category = draft.record, draft.given.get("forecast_category")
    if category is None or category == deal.forecast_category or category not in GATED:
        return
    shown = scales.weigh(deal, category, draft.given)
    lacks = [finding(scales, deal, one) for one in shown if one.stands]
    if lacks:
        draft.findings += [_summary(draft, scales, category, len(lacks), len(shown)), *lacks]
    else:
        values = scales.values(deal, category, draft.given)
        draft.derived[WEIGHED] = Weighed(deal.forecast_category, category, shown, values, scales)


def _summary(draft: Draft, scales: Scales, category: str, missing: int, asked: int) -> Finding:
    """Say that the evidence does not carry a category, and to which one the deal may go instead."""
    deal, label = draft.record, ForecastCategory(category).label
    best = _best(draft, scales, category)
    said = ForecastCategory(best).label
    message = f"{label} asks for {asked} things and the deal does not show {missing} of them: it goes as far as {said}."
    remedies: tuple[Remedy, ...] = ()
    if best != deal.forecast_category:
        address = f"{deal.get_absolute_url()}do/set_category/?forecast_category={best}"
        remedies = (Remedy(f"Move to {said}", address),)
    return Finding(
        "OPP-017",
        message,
        field="forecast_category",
        found=category,
        needed=f"at most {best}",
        remedies=remedies,
    )


def _best(draft: Draft, scales: Scales, category: str) -> str:
    """Return the highest category below `category` that stage and evidence carry with what the edit gives."""
    deal, to = draft.record, draft.derived.get("to") or draft.record.stage
    most = scales.stages(deal.segment).clamp(Stage(to), category)
    reach = (str(one) for one in reversed(GATED) if rank(one) <= rank(most) and one != category)
    return next((one for one in reach if scales.holds(deal, one, draft.given)), str(PIPELINE))


def keep(weighed: Weighed, deal: Opportunity) -> None:
    """Note by which version a deal got its category; where not everything is met, write what its exceptions excused.

    A decision is kept for what was excused alone: an exception names each decision that it excused (M4).
    """
    policy, excused = weighed.scales.policy(deal.segment), weighed.excused
    step = Step(
        deal,
        weighed.before,
        weighed.category,
        CategoryWhy.SET,
        criteria=tuple(told(one) for one in excused),
        rule=policy.ref,
    )
    audit.current().notes.setdefault(NOTE, []).append(step)
    if not excused:
        return
    keys = sorted(one.parsed.key for one in excused)
    question = {"gates": [weighed.category], "owed": [], "excused": keys, "acknowledged": []}
    answer = policy.body.decide(question, weighed.values, weighed.scales.now, policy)
    decision = decisions.record(
        policy, deal, answer, question=question, values=weighed.values, at=weighed.scales.now
    )
    exceptions.used([one.excuse for one in excused if one.excuse is not None], decision)
