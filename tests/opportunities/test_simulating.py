"""What drafts of the exit criteria and of the stages would change among open deals (M2)."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from revops.kernel.policies import documents, simulating, store
from tests.cast import Cast
from tests.opportunities.conftest import make_account, open_deal

pytestmark = pytest.mark.django_db
GATES, STAGES = "opportunities.exit_criteria", "opportunities.stages"


def pairs(impact: simulating.Impact) -> list[tuple[str, str, int]]:
    return [(one.before, one.after, one.n) for one in impact.counts]


def only(*criteria: dict[str, Any]) -> dict[str, Any]:
    return {"criteria": list(criteria)}


def criterion(key: str, rule: dict[str, Any], **given: Any) -> dict[str, Any]:
    return {"key": key, "title": "A test", "gate": "qualification", "rule": rule, **given}


RICH = criterion("rich", {"f": "opportunity.amount", "op": "gte", "v": 100_000})


@pytest.mark.parametrize("number", [1, 3])
def test_changed_criterion_says_which_deals_could_move_on(cast: Cast, number: int) -> None:
    deals = [open_deal(cast) for _ in range(number)]
    rich = open_deal(cast, amount="200000")
    store.entries(GATES)
    with CaptureQueriesContext(connection) as asked:
        impact = simulating.simulate(GATES, body=only(RICH), by=cast.rita)
        rows = impact.rows()
    # the priority of the policy, the grouped counts, past decisions; the changed records, their states and facts
    assert len([one for one in asked if "people_" not in one["sql"]]) == 6
    assert (impact.total, impact.changed) == (number + 1, 1)
    assert [(one.record_id, one.before, one.after) for one in rows] == [
        (rich.pk, "would be held back", "may move on")
    ]
    assert len(deals) == number
    asked_for = ("The buyer has stated the need", "A contact with a role")
    assert rows[0].why == "; ".join(f"{one} is not asked for any more" for one in asked_for)


def test_observed_criterion_holds_nobody_back(cast: Cast) -> None:
    open_deal(cast)
    impact = simulating.simulate(GATES, body=only({**RICH, "mode": "observe"}), by=cast.rita)
    assert pairs(impact) == [("would be held back", "may move on", 1)]


def test_variant_of_a_segment_is_about_its_deals_alone(cast: Cast) -> None:
    open_deal(cast)
    small = make_account(cast, "Small", employees="5")
    deal = open_deal(cast, account=small)
    body = documents.get(STAGES).default
    stages = [
        {**one, "probability": "0.15"} if one["stage"] == "qualification" else one for one in body["stages"]
    ]
    scope = {"segment": deal.segment}
    impact = simulating.simulate(STAGES, body={**body, "stages": stages}, scope=scope, by=cast.rita)
    assert pairs(impact) == [("Pipeline, 10%", "Pipeline, 15%", 1)]
    whole = simulating.simulate(STAGES, body={**body, "stages": stages}, by=cast.rita)
    assert whole.changed == 2
