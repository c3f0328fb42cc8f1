"""What a deal must show for its forecast category: Best case, Upside, Commit. Source: d2, category gates.

Each category has its own line of the table; a deal holds a category where every criterion of it is met or excused. Up
to which category a stage lets a deal go is said once, by the policy of the stages.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import Case, CharField, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.db.models.expressions import Combinable

from opportunities import facts  # noqa: F401 - the conditions below are read against them
from opportunities.enums import FORECAST_ORDER, OPEN, ForecastCategory
from opportunities.models import Opportunity
from revops.kernel.gates import criteria
from revops.kernel.gates.criteria import GateBody, Parsed
from revops.kernel.gates.exceptions import finding as exceptions
from revops.kernel.policies import rules
from revops.kernel.policies.documents import Simulation
from revops.kernel.policies.enums import Mode
from revops.kernel.policies.resolving import InForce

KEY, LABEL = "opportunities.category_gates", "opportunities.opportunity"
# The categories that ask for something, from the least to the most.
GATED = FORECAST_ORDER[1:]
BEST, UPSIDE, COMMIT = (str(one) for one in GATED)
# How old what the buyer has said may be (c-defaults, evidence.max_age).
_FRESH = "P90D"


def _compare(name: str, op: str, value: Any) -> dict[str, Any]:
    return {"f": f"opportunity.{name}", "op": op, "v": value}


def _given(name: str) -> dict[str, Any]:
    return {"f": f"opportunity.{name}", "op": "not_null"}


def _evidenced(element: str) -> dict[str, Any]:
    """Return the condition that an element of MEDDICC rests on what the buyer said not long ago."""
    shown = _compare(f"meddicc_{element}_at", "within", _FRESH)
    return {"all": [_compare(f"meddicc_{element}", "gte", 2), shown]}


def _step_within(days: int) -> dict[str, Any]:
    """Return the condition that the next step lies ahead, not farther than so many days."""
    ahead = _compare("next_step_on", "gte", {"now": "P0D"})
    return {"all": [ahead, _compare("next_step_on", "lte", {"now": f"P{days}D"})]}


def _criterion(
    gate: str, key: str, title: str, rule: dict[str, Any], supplied_by: str = "", **more: Any
) -> dict[str, Any]:
    held = {"gate": gate, "key": key, "title": title, "rule": rule, "supplied_by": supplied_by}
    return {name: value for name, value in (held | more).items() if value != ""}


_BEST = (
    _criterion(
        BEST,
        "close_date_in_period",
        "A close date in a quarter that is not over",
        _compare("period_ends_on", "gte", {"now": "P0D"}),
        "close_date",
    ),
    _criterion(BEST, "next_step_dated", "A next step within 30 days", _step_within(30), "any_step"),
    _criterion(
        BEST, "champion_claimed", "A champion", _compare("meddicc_champion", "gte", 1), "meddicc_champion"
    ),
)
_UPSIDE = (
    _criterion(UPSIDE, "champion_evidenced", "A champion who was tested", _evidenced("champion"), "meddicc_champion"),
    _criterion(
        UPSIDE,
        "decision_criteria_claimed",
        "Decision criteria",
        _compare("meddicc_decision_criteria", "gte", 1),
        "meddicc_decision_criteria",
    ),
    _criterion(
        UPSIDE,
        "contacts_engaged",
        "Two people of the buyer's engaged within 30 days",
        {
            "count": {"over": "opportunity.contacts", "where": {"f": "engaged_at", "op": "within", "v": "P30D"}},
            "op": "gte",
            "v": 2,
        },
        "meeting",
        note="Log the call or the meeting that they took part in.",
    ),
    _criterion(
        UPSIDE,
        "few_delays",
        "Put off at most twice in 90 days",
        {
            "count": {"over": "opportunity.delays", "where": {"f": "occurred_at", "op": "within", "v": "P90D"}},
            "op": "lte",
            "v": 2,
        },
        note="It holds again once enough time has passed.",
    ),
)  # fmt: skip
_COMMIT = (
    _criterion(
        COMMIT,
        "economic_buyer",
        "The economic buyer's say, engaged within 14 days",
        {"all": [_evidenced("economic_buyer"), _compare("economic_buyer_engaged_at", "within", "P14D")]},
        "meddicc_economic_buyer",
    ),
    _criterion(COMMIT, "metrics", "What it is worth to the buyer", _evidenced("metrics"), "meddicc_metrics"),
    _criterion(
        COMMIT,
        "paper_process",
        "The way to signature, every step dated and before the close date",
        {
            "all": [
                _evidenced("paper_process"),
                _compare("paper_steps", "gte", 1),
                _compare("paper_steps_undated", "eq", 0),
                _compare("paper_ends_on", "lte", {"f": "opportunity.close_date"}),
            ]
        },
        "paper_plan",
    ),
    _criterion(
        COMMIT,
        "buyer_step",
        "A next step within 14 days that somebody of the buyer's owns",
        {"all": [_step_within(14), _compare("next_step_side", "eq", "buyer"), _given("next_step_contact")]},
        "buyer_step",
    ),
    _criterion(
        COMMIT, "reviews_clear", "No review stands in the way", _compare("reviews_blocked", "eq", 0), "reviews"
    ),
    _criterion(
        COMMIT,
        "quote_approved",
        "A quote, approved and unchanged since",
        {"const": None},
        mode="observe",
        note="Not measured yet: there are no quotes yet.",
    ),
    _criterion(
        COMMIT,
        "risk_mitigated",
        "The biggest risk, with what is done about it",
        {"all": [_compare("meddicc_risks", "gte", 1), _given("risk_mitigation")]},
        "meddicc_risks",
    ),
    _criterion(
        COMMIT,
        "manager_verified",
        "Inspected by a manager within 7 days",
        _compare("manager_verified_at", "within", "P7D"),
        "inspection",
        note="A manager inspects the deal and keeps it.",
    ),
)  # fmt: skip


def failing(policy: InForce, category: str, now: datetime) -> Q:
    """Return the condition of the deals that do not show what a category asks for, wherever they are forecast.

    What is unknown is not met; a deal with an exception that holds is excused.
    """
    lacks = Q(pk__in=[])
    for one in insisting(policy, category):
        held: QuerySet[Any] = exceptions.holding(LABEL, policy.key, one.key, now)
        excused = held.filter(subject_id=OuterRef("pk"))
        lacks |= rules.to_q_unless_false(one.fails, now) & ~Q(Exists(excused))
    return lacks


def insisting(policy: InForce, category: str) -> Iterator[Parsed]:
    """Yield the criteria of a category that hold a deal down under a version: those that only warn do not."""
    body = policy.body
    if not isinstance(body, GateBody):
        raise TypeError(f"{policy.key} holds no criteria.")
    yield from (one for one in body.of({category}) if one.insists(policy) == Mode.ENFORCE)


def _simulated(policy: InForce, now: datetime) -> Combinable:
    """Return in SQL the category that a version leaves an open deal: its own, or the highest below that holds."""
    whens, below = [], Q()
    for place, category in reversed(list(enumerate(GATED))):
        above = [str(one) for one in GATED[place:]]
        whens.append(
            When(Q(forecast_category__in=above) & ~failing(policy, category, now), then=Value(str(category)))
        )
    below = Q(forecast_category__in=[str(one) for one in GATED])
    whens.append(When(below, then=Value(str(ForecastCategory.PIPELINE))))
    return Case(*whens, default=F("forecast_category"), output_field=CharField())


CATEGORIES = criteria.document(
    key=KEY,
    title="Forecast categories of deals",
    record_type=LABEL,
    gates={str(one): f"To be forecast as {one.label}" for one in GATED},
    criteria=(*_BEST, *_UPSIDE, *_COMMIT),
    source="Domain 2, forecast category gates",
    scopes=("segment",),
    simulation=Simulation(
        LABEL,
        rows=lambda: Opportunity.objects.filter(stage__in=OPEN),
        outcome=_simulated,
        columns={"segment": "segment"},
        words=lambda outcome: str(ForecastCategory(outcome).label),
    ),
    help=(
        "A deal is forecast as far as its evidence carries it: more is refused by hand, and what no longer holds comes "
        "down by itself, never up."
    ),
)
