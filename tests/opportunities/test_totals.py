"""The numbers of a list over the API: the metrics of its pages, within one's scope, column by column where asked."""

from typing import Any

import pytest

from opportunities.models import Opportunity
from tests.cast import Cast
from tests.opportunities.conftest import brought_to, make_account, open_deal
from tests.web.conftest import Browser

pytestmark = pytest.mark.django_db
TOTALS = "/api/v1/opportunities/totals/"


@pytest.fixture
def deals(cast: Cast) -> list[Opportunity]:
    far = make_account(cast, "Far West", owner="charlie")
    return [
        open_deal(cast, amount="1000.50"),
        brought_to(cast, "evaluation", amount="200"),
        open_deal(cast, by="charlie", account=far, amount="77777"),
    ]


def told(answer: Any, key: str) -> list[tuple[Any, str, int]]:
    cells = {one["key"]: one["cells"] for one in answer.json()["metrics"]}[key]
    return [(cell["group"], cell["value"], cell["n"]) for cell in cells]


def test_totals_are_the_metrics_of_what_one_sees(cast: Cast, deals: Any):
    answer = Browser(cast.alice).get(TOTALS)
    assert told(answer, "opportunities.deals") == [(None, "2", 2)]
    assert told(answer, "opportunities.amount") == [(None, "1200.50", 2)]
    narrowed = Browser(cast.rita).get(TOTALS, {"stage": "evaluation", "by": "stage"})
    assert told(narrowed, "opportunities.weighted_amount") == [("evaluation", "80.00", 1)]


@pytest.mark.parametrize("query", ["by=amount", "by=no_such", "by=loss_note", "sort=no_such", "layout=board"])
def test_what_does_not_fit_is_refused(cast: Cast, query: str):
    assert Browser(cast.alice).get(f"{TOTALS}?{query}").status_code == 400


def test_who_sees_no_record_finds_no_totals(cast: Cast):
    assert Browser(cast.priya).get(TOTALS).status_code == 404
