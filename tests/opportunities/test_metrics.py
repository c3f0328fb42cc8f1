"""The numbers about records: what they count, what they never add up, and that their records are their value."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from opportunities.actions import close_won
from opportunities.metrics import AMOUNT, COUNT, OPEN_AMOUNT, WEIGHTED
from opportunities.models import Opportunity
from revops.kernel import metrics
from revops.kernel.metrics import Metric, declaring
from revops.kernel.records import registry
from tests.cast import Cast
from tests.opportunities.conftest import brought_to, make_account, open_deal

pytestmark = pytest.mark.django_db


@pytest.fixture
def deals(cast: Cast) -> list[Opportunity]:
    """Deals of two currencies, in three stages, one without an amount, one that Alice does not see."""
    west = make_account(cast, "Far West", owner="charlie")
    return [
        open_deal(cast, amount="1000.10"),
        open_deal(cast, amount=None),
        open_deal(cast, amount="333.33", currency="EUR"),
        brought_to(cast, "evaluation", amount="2000"),
        brought_to(cast, "evaluation", amount="0.05"),
        open_deal(cast, by="charlie", account=west, amount="77777"),
    ]


def told(cells: list[metrics.Cell]) -> dict[Any, tuple[Any, int]]:
    """Return value and n of every cell, by its group and currency."""
    return {(cell.group, cell.currency): (cell.value, cell.n) for cell in cells}


def test_numbers_stop_at_the_scope_of_their_reader_and_keep_currencies_apart(cast: Cast, deals: Any):
    seen = Opportunity.objects.visible_to(cast.alice)
    assert told(metrics.cells(COUNT, seen)) == {(None, ""): (5, 5)}
    assert told(metrics.cells(AMOUNT, seen)) == {
        (None, "USD"): (Decimal("3000.15"), 4),
        (None, "EUR"): (Decimal("333.33"), 1),
    }
    every = metrics.cells(AMOUNT, Opportunity.objects.visible_to(cast.rita))
    assert told(every)[None, "USD"] == (Decimal("80777.15"), 5)


def test_weighted_amount_is_exact_and_rounded_once(cast: Cast, deals: Any):
    seen = Opportunity.objects.visible_to(cast.alice)
    assert told(metrics.cells(WEIGHTED, seen, by="stage")) == {
        ("qualification", "USD"): (Decimal("100.01"), 2),
        ("qualification", "EUR"): (Decimal("33.33"), 1),
        ("evaluation", "USD"): (Decimal("800.02"), 2),
    }


def test_an_empty_list_has_a_count_and_no_amount(cast: Cast):
    none = Opportunity.objects.visible_to(cast.alice)
    assert told(metrics.cells(COUNT, none)) == {(None, ""): (0, 0)}
    assert metrics.cells(AMOUNT, none) == []
    assert metrics.cells(COUNT, none, by="stage") == []


def test_all_numbers_of_all_columns_take_one_statement(cast: Cast, deals: Any, settled_organisation: None):
    seen = Opportunity.objects.visible_to(cast.rita)
    with CaptureQueriesContext(connection) as captured:
        metrics.measure(metrics.of("opportunities.opportunity", cast.rita), seen, by="stage")
    assert len(captured) == 1


def worked_out(metric: Metric, rows: list[Any]) -> Any:
    """Return a metric's value from its records one by one."""
    if not metric.sums:
        return len(rows)
    total = sum(
        (
            (getattr(row, metric.sums) or Decimal(0))
            * (getattr(row, metric.weight) if metric.weight else Decimal(1))
            for row in rows
        ),
        Decimal(0),
    )
    return total.quantize(Decimal("0.01"), ROUND_HALF_UP) if metric.weight else total


@pytest.mark.parametrize("by", ["", "stage", "forecast_category"])
def test_every_metric_is_the_sum_of_the_records_behind_it(cast: Cast, deals: Any, by: str):
    checked = 0
    for metric in metrics.every():
        kind = registry.get(metric.record_type)
        if by and by not in kind.by_name:
            continue
        rows = kind.model.objects.visible_to(cast.rita)
        for cell in metrics.cells(metric, rows, by=by):
            behind = metrics.drill_down(metric, rows)
            behind = behind.filter(**{by: cell.group}) if by else behind
            behind = behind.filter(**{metric.currency: cell.currency}) if metric.currency else behind
            assert (cell.value, cell.n) == (worked_out(metric, list(behind)), behind.count()), metric.key
            checked += cell.n > 0
    assert checked > 4


def test_closed_deals_are_no_open_amount(cast: Cast, deals: Any):
    close_won(by=cast.alice, pk=deals[3].pk)
    seen = Opportunity.objects.visible_to(cast.alice)
    assert told(metrics.cells(OPEN_AMOUNT, seen))[None, "USD"] == (Decimal("1000.15"), 3)
    assert told(metrics.cells(AMOUNT, seen))[None, "USD"] == (Decimal("3000.15"), 4)


def test_a_number_made_of_a_hidden_field_is_not_told(cast: Cast, monkeypatch: pytest.MonkeyPatch):
    hidden = Metric(
        "secret", "Secret", "d", "f", "o", "accounts.account", without={"credit_status": ("hold",)}
    )
    monkeypatch.setattr(declaring, "_metrics", {"secret": hidden})
    assert metrics.of("accounts.account", cast.alice) == []
    assert metrics.of("accounts.account", cast.fin) == [hidden]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"definition": ""}, "definition"),
        ({"sums": "amount"}, "currency"),
        ({"weight": "probability"}, "weight"),
        ({"key": "opportunities.deals"}, "already"),
    ],
)
def test_a_metric_that_says_too_little_is_refused(change: dict[str, str], words: str):
    given = {"key": "new", "label": "L", "definition": "d", "formula": "f", "owner": "o", "record_type": "r"}
    with pytest.raises(ValueError, match=words):
        metrics.register(Metric(**(given | change)))
    assert "new" not in {metric.key for metric in metrics.every()}
