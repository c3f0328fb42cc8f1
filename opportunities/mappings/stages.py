"""The stages and categories of other systems, brought to ours (spec mappings.md)."""

from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation

from opportunities.enums import ForecastCategory, Stage

SALESFORCE = {
    "prospecting": Stage.QUALIFICATION,
    "qualification": Stage.QUALIFICATION,
    "pledged": Stage.QUALIFICATION,
    "needs analysis": Stage.DISCOVERY,
    "value proposition": Stage.EVALUATION,
    "id. decision makers": Stage.EVALUATION,
    "perception analysis": Stage.EVALUATION,
    "proposal/price quote": Stage.PROPOSAL,
    "verbal commitment": Stage.PROPOSAL,
    "negotiation/review": Stage.CONTRACTING,
    "closed won": Stage.CLOSED_WON,
    "posted": Stage.CLOSED_WON,
    "closed lost": Stage.CLOSED_LOST,
}
# Spelled as exported, and as the label beside it.
SALESFORCE_CATEGORY = {
    "omitted": ForecastCategory.OMITTED,
    "pipeline": ForecastCategory.PIPELINE,
    "bestcase": ForecastCategory.BEST_CASE,
    "best case": ForecastCategory.BEST_CASE,
    "mostlikely": ForecastCategory.UPSIDE,
    "most likely": ForecastCategory.UPSIDE,
    "forecast": ForecastCategory.COMMIT,
    "commit": ForecastCategory.COMMIT,
    "closed": ForecastCategory.CLOSED,
}
# The stages of HubSpot's own first pipeline; those of other pipelines come from its table of stages.
HUBSPOT = {
    "appointmentscheduled": Stage.DISCOVERY,
    "qualifiedtobuy": Stage.EVALUATION,
    "presentationscheduled": Stage.PROPOSAL,
    "decisionmakerboughtin": Stage.CONTRACTING,
    "contractsent": Stage.CONTRACTING,
    "closedwon": Stage.CLOSED_WON,
    "closedlost": Stage.CLOSED_LOST,
    "appointment scheduled": Stage.DISCOVERY,
    "qualified to buy": Stage.EVALUATION,
    "presentation scheduled": Stage.PROPOSAL,
    "decision maker bought-in": Stage.CONTRACTING,
    "contract sent": Stage.CONTRACTING,
    "closed won": Stage.CLOSED_WON,
    "closed lost": Stage.CLOSED_LOST,
}
HUBSPOT_CATEGORY = {
    "not_forecasted": ForecastCategory.OMITTED,
    "not forecasted": ForecastCategory.OMITTED,
    "pipeline": ForecastCategory.PIPELINE,
    "best_case": ForecastCategory.BEST_CASE,
    "best case": ForecastCategory.BEST_CASE,
    "most_likely": ForecastCategory.UPSIDE,
    "most likely": ForecastCategory.UPSIDE,
    "commit": ForecastCategory.COMMIT,
    "closed": ForecastCategory.CLOSED,
    "closed won": ForecastCategory.CLOSED,
}
_BY_PROBABILITY = (
    (Decimal("0.1"), Stage.QUALIFICATION),
    (Decimal("0.2"), Stage.DISCOVERY),
    (Decimal("0.4"), Stage.EVALUATION),
    (Decimal("0.6"), Stage.PROPOSAL),
    (Decimal("0.8"), Stage.CONTRACTING),
)


def by_probability(probability: Decimal, *, closed: bool) -> Stage:
    """Return our stage for one of another system: won at 1, lost at 0 where it is closed, else the nearest of ours.

    Halfway between two of ours it is the earlier one.
    """
    if probability >= 1:
        return Stage.CLOSED_WON
    if closed:
        return Stage.CLOSED_LOST
    return min(_BY_PROBABILITY, key=lambda pair: abs(pair[0] - probability))[1]


def of_pipeline(table: Iterable[Mapping[str, str]]) -> dict[str, Stage]:
    """Return our stage for each stage id of HubSpot's export of pipeline stages; rows without a number are left out.

    A table without the column `is_closed` counts probability 0 as lost.
    """
    found = {}
    for row in table:
        try:
            probability = Decimal(row.get("probability") or "")
        except InvalidOperation:
            continue
        said = (row.get("is_closed") or ("true" if probability == 0 else "")).casefold()
        identity = (row.get("stage_id") or row.get("id") or "").strip()
        if identity and probability.is_finite():
            found[identity] = by_probability(probability, closed=said in ("true", "1", "yes"))
    return found
