"""What every kind of page asks of the database: before it is drawn and while it is, with one row and with three.

A list has one record and then three; the page and the panel of a record have one of everything around it and then
three. Whoever adds a record type with pages says here what it costs: without a row in `COSTS` a test fails.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import connection
from django.shortcuts import render
from django.test.utils import CaptureQueriesContext

from accounts.models import Product
from revops.kernel.records import boards, registry
from revops.web import rendering
from tests.cast import Cast
from tests.web.conftest import FRAGMENT, Browser
from tests.web.world import World

pytestmark = pytest.mark.django_db
Cost = tuple[int, int]
Costs = tuple[Cost, Cost]
PANEL = FRAGMENT | {"X-Panel": "1"}


@dataclass(frozen=True)
class Row:
    """How to make one record, how to put one of everything around it, and what its pages cost.

    Each cost is two numbers: statements before the drawing begins, and during it. A drawing asks for what is read
    lazily: the count at the bell on a whole page, the button to follow at the head of a record. `listed` and `board`
    are those of the page and of the fragment; `board` is None for what cannot be grouped.
    """

    make: Callable[[World], Any]
    surround: Callable[[World, Any], None]
    listed: Costs
    board: Costs | None
    page: Cost
    panel: Cost


COSTS = {
    "governance.changerequest": Row(
        World.rfc, World.around_rfc, ((5, 1), (5, 0)), ((12, 1), (12, 0)), (20, 2), (5, 1)
    ),
    "governance.decisionitem": Row(
        World.topic, World.around_topic, ((5, 1), (5, 0)), ((10, 1), (10, 0)), (12, 2), (4, 1)
    ),
    "accounts.account": Row(
        World.account, World.around_account, ((6, 1), (6, 0)), ((11, 1), (11, 0)), (30, 2), (16, 1)
    ),
    "accounts.contact": Row(
        World.contact, World.around_contact, ((9, 1), (9, 0)), ((14, 1), (14, 0)), (22, 2), (13, 1)
    ),
    "accounts.lead": Row(
        World.lead, World.around_lead, ((6, 1), (6, 0)), ((14, 1), (14, 0)), (21, 2), (12, 1)
    ),
    "accounts.activity": Row(
        World.activity, World.around_activity, ((9, 1), (9, 0)), ((25, 1), (25, 0)), (14, 2), (6, 1)
    ),
    "accounts.product": Row(World.product, World.around_product, ((5, 1), (5, 0)), None, (6, 2), (4, 1)),
    "accounts.campaign": Row(
        World.campaign, World.around_campaign, ((5, 1), (5, 0)), ((14, 1), (14, 0)), (6, 2), (4, 1)
    ),
    "opportunities.opportunity": Row(
        World.deal, World.around_deal, ((8, 1), (8, 0)), ((14, 1), (14, 0)), (22, 2), (15, 1)
    ),
    "opportunities.stageevidence": Row(
        World.evidence, World.around_evidence, ((11, 1), (11, 0)), ((17, 1), (17, 0)), (17, 2), (11, 1)
    ),
    "opportunities.inspectionrecord": Row(
        World.inspection, World.around_inspection, ((8, 1), (8, 0)), ((13, 1), (13, 0)), (8, 2), (6, 1)
    ),
    "opportunities.pipelinereview": Row(
        World.review, World.around_review, ((6, 1), (6, 0)), None, (13, 2), (6, 1)
    ),
    "sla.slaclock": Row(
        World.clock, World.around_clock, ((6, 1), (6, 0)), ((11, 1), (11, 0)), (12, 2), (4, 1)
    ),
    "gates.policyexception": Row(
        World.exception, World.around_exception, ((7, 1), (7, 0)), ((18, 1), (18, 0)), (10, 2), (4, 1)
    ),
    "approvals.approvalrequest": Row(
        World.approval, World.around_approval, ((6, 2), (6, 0)), ((23, 1), (23, 0)), (17, 2), (5, 1)
    ),
    "packets.obligation": Row(
        World.task, World.around_task, ((9, 1), (9, 0)), ((19, 1), (19, 0)), (10, 2), (4, 1)
    ),
    "packets.packet": Row(
        World.packet, World.around_packet, ((7, 1), (7, 0)), ((19, 1), (19, 0)), (11, 2), (4, 1)
    ),
}


class Meter:
    """Counts the statements of an address before `render` is called, while it runs and, which must be none, after."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, user: Any, draw: Any = render) -> None:
        self.browser, self._draw = Browser(user), draw
        self._marks: list[int] = []
        monkeypatch.setattr(rendering, "render", self._render)

    def _render(self, *given: Any, **named: Any) -> Any:
        self._marks.append(len(connection.queries_log))
        response = self._draw(*given, **named)
        self._marks.append(len(connection.queries_log))
        return response

    def cost(self, path: str, **headers: str) -> Cost:
        with CaptureQueriesContext(connection) as captured:
            start, self._marks = len(connection.queries_log), []
            assert self.browser.get(path, headers=headers).status_code == 200, path
        before, after = self._marks
        assert after - start == len(captured), f"{path} asks the database after its page is drawn"
        return before - start, after - before

    def both(self, path: str) -> Costs:
        return self.cost(path), self.cost(path, **FRAGMENT)


def lists(meter: Meter, label: str, user: Any) -> tuple[Costs, Costs | None]:
    kind = registry.get(label)
    on_board = bool(boards.groupable(kind, user))
    return meter.both(f"/{kind.slug}/"), meter.both(f"/{kind.slug}/?layout=board") if on_board else None


def pages(meter: Meter, record: Any) -> Costs:
    url = record.get_absolute_url()
    return meter.cost(url), meter.cost(f"{url}panel/", **PANEL)


def test_every_record_type_with_pages_has_its_row() -> None:
    assert {kind.label for kind in registry.every() if kind.has_pages} == set(COSTS)


@pytest.mark.parametrize("label", COSTS)
def test_lists_cost_the_same_with_one_row_and_with_three(
    cast: Cast, settled_organisation: None, monkeypatch: pytest.MonkeyPatch, label: str
) -> None:
    world, row, meter = World(cast), COSTS[label], Meter(monkeypatch, cast.alice)
    rows = registry.get(label).model.objects.visible_to(cast.alice)
    row.make(world)
    lists(meter, label, cast.alice)
    first = lists(meter, label, cast.alice)
    for _ in range(2):
        row.make(world)
    third = lists(meter, label, cast.alice)
    assert rows.count() == 3
    assert (first, third) == ((row.listed, row.board),) * 2


@pytest.mark.parametrize("label", COSTS)
def test_records_cost_the_same_with_one_of_everything_around_them_and_with_three(
    cast: Cast, settled_organisation: None, monkeypatch: pytest.MonkeyPatch, label: str
) -> None:
    world, row, meter = World(cast), COSTS[label], Meter(monkeypatch, cast.alice)
    record = row.make(world)
    row.surround(world, record)
    pages(meter, record)
    first = pages(meter, record)
    for _ in range(2):
        row.surround(world, record)
    third = pages(meter, record)
    assert (first, third) == ((row.page, row.panel),) * 2


@pytest.mark.control
def test_a_page_that_asks_for_each_row_while_it_is_drawn_is_found(
    cast: Cast, settled_organisation: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def asks_for_each(request: Any, template: str, context: Any, **named: Any) -> Any:
        for pk in list(Product.objects.order_by("pk").values_list("pk", flat=True)):
            Product.objects.get(pk=pk)
        return render(request, template, context, **named)

    world, meter = World(cast), Meter(monkeypatch, cast.alice, asks_for_each)
    found = []
    for more in (1, 2):
        for _ in range(more):
            world.product()
        meter.cost("/products/", **FRAGMENT)
        found.append(meter.cost("/products/", **FRAGMENT))
    assert found == [(5, 2), (5, 4)]
