"""What categories the evidence of deals carries: each criterion weighed, a constant number of queries a batch."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from opportunities import policies
from opportunities.actions.quarters import Quarters
from opportunities.enums import CLOSED, FORECAST_ORDER, ForecastCategory
from opportunities.models import Opportunity
from opportunities.policies import Stages
from opportunities.policies.categories import GATED, KEY, LABEL
from revops.kernel import clocks
from revops.kernel import policies as kernel_policies
from revops.kernel.gates.criteria import Parsed
from revops.kernel.gates.models.exceptions import PolicyException
from revops.kernel.gates.weighing import body_of
from revops.kernel.policies import facts
from revops.kernel.policies.enums import Mode
from revops.kernel.policies.resolving import InForce
from revops.kernel.policies.rules import Outcome, Verdict

_RANK = {category: place for place, category in enumerate((ForecastCategory.OMITTED, *FORECAST_ORDER))}
PIPELINE = ForecastCategory.PIPELINE


def rank(category: str) -> int:
    """Return how much a category promises; nothing for one that is not of open deals."""
    return _RANK.get(ForecastCategory(category), -1)


@dataclass(frozen=True, slots=True)
class Shown:
    """One criterion of a category and what it says about a deal; `excuse` is the exception that waives it now."""

    parsed: Parsed
    verdict: Verdict
    insists: Mode
    excuse: PolicyException | None

    @property
    def met(self) -> bool:
        return self.verdict.outcome == Outcome.TRUE

    @property
    def stands(self) -> bool:
        """Whether it keeps the deal from the category: not met, not excused, and more than a warning."""
        return not self.met and self.excuse is None and self.insists == Mode.ENFORCE


class Scales:
    """What the categories of some deals are weighed by; looked up once, however many deals there are.

    `deals` are their ids. A version that cannot be read does not run: the shipped default decides in its place.
    """

    def __init__(self, deals: Collection[int], now: datetime | None = None) -> None:
        self.now = now or clocks.now()
        self._deals = sorted(set(deals))
        self._policies: dict[str, InForce] = {}
        self._stages: dict[str, Stages] = {}
        self._fetched: dict[tuple[str, str], dict[int, dict[str, Any]]] = {}
        self._quarters = Quarters()

    def policy(self, segment: str) -> InForce:
        """Return the version in force for deals of a segment."""
        if segment not in self._policies:
            self._policies[segment] = kernel_policies.get_sound(KEY, {"segment": segment}, self.now)
        return self._policies[segment]

    def stages(self, segment: str) -> Stages:
        """Return the stages in force for deals of a segment."""
        if segment not in self._stages:
            self._stages[segment] = policies.stages(segment)
        return self._stages[segment]

    @cached_property
    def _excuses(self) -> dict[tuple[int, str], PolicyException]:
        rows = PolicyException.objects.active(self.now).filter(
            subject_type=LABEL, subject_id__in=self._deals, policy_key=KEY
        )
        found = rows.select_related("approver").order_by("pk")
        return {(one.subject_id, one.criterion_key): one for one in found}

    def weigh(self, deal: Opportunity, category: str, given: Mapping[str, Any] | None = None) -> list[Shown]:
        """Return every criterion of a category as it stands; `given` are values that the deal is about to get."""
        policy = self.policy(deal.segment)
        asked = body_of(policy).of({str(category)})
        if not asked:
            return []
        values, found = self.values(deal, category, given), []
        for one in asked:
            verdict = one.verdict(values, self.now, policy)
            excuse = None
            if verdict.outcome != Outcome.TRUE:
                excuse = self._excuses.get((deal.pk, one.key))
            found.append(Shown(one, verdict, one.insists(policy), excuse))
        return found

    def values(
        self, deal: Opportunity, category: str, given: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """Return the facts that a category asks for: what the deal carries, and what the database says of it."""
        policy, schema = self.policy(deal.segment), facts.get(LABEL)
        paths = {path for one in body_of(policy).of({str(category)}) for path in one.whole.paths}
        carried = {path for path in paths if _carried(path)}
        place = (policy.ref, str(category))
        if place not in self._fetched:
            rows = Opportunity.objects.filter(pk__in=self._deals)
            others = sorted(paths - carried)
            self._fetched[place] = schema.fetch(rows, others) if others else {}
        values = schema.of(deal, sorted(carried), changes=given) | self._fetched[place].get(deal.pk, {})
        if (closes := (given or {}).get("close_date")) is not None and _PERIOD in values:
            values[_PERIOD] = self._quarters.of(closes).end
        return values

    def holds(self, deal: Opportunity, category: str, given: Mapping[str, Any] | None = None) -> bool:
        """Say whether a deal shows what a category asks for."""
        return not any(one.stands for one in self.weigh(deal, category, given))

    def within(self, deal: Opportunity, most: str) -> str:
        """Return the highest category up to `most` that the stage of a deal allows and its evidence carries."""
        if deal.stage in CLOSED or rank(most) <= rank(PIPELINE):
            return most
        most = self.stages(deal.segment).clamp(deal.stage, most)
        reach = [str(one) for one in reversed(GATED) if rank(one) <= rank(most)]
        return next((one for one in reach if self.holds(deal, one)), str(PIPELINE))


_PERIOD = "opportunity.period_ends_on"


def _carried(path: str) -> bool:
    """Say whether a deal in hand tells a fact without a query."""
    fact = facts.get(LABEL).by_path.get(path)
    return fact is not None and fact.in_hand and not (isinstance(fact.at, str) and "__" in fact.at)


def highest(deals: Sequence[Opportunity], now: datetime) -> dict[int, str]:
    """Return by id the highest category that stage and evidence of each deal allow; a closed deal keeps its own."""
    scales = Scales(_ids(deals), now)
    return {
        deal.pk: deal.forecast_category if deal.stage in CLOSED else scales.within(deal, GATED[-1])
        for deal in deals
    }


def _ids(deals: Iterable[Opportunity]) -> list[int]:
    return [deal.pk for deal in deals]
