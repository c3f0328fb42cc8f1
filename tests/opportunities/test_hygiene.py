"""Hygiene by rep and by manager: figures within one's scope, each opening its records; what deals lack, since when."""

import csv
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from opportunities.enums import CategoryWhy, Stage
from opportunities.metrics import hygiene as numbers
from opportunities.models import CategoryChange, IdleStep, Opportunity, StageBaseline
from opportunities.queries import amiss, home, hygiene
from revops.kernel import clocks
from revops.kernel.audit import Blocked
from revops.kernel.exchange.defusing import MARK
from revops.kernel.guard import permit
from revops.kernel.records import listing, registry
from tests.cast import Cast
from tests.opportunities.conftest import make_account
from tests.opportunities.laid import NOW, deal, lay_clocks, lay_deals
from tests.web.conftest import Browser

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with clocks.at(NOW):
        yield


def names(board: hygiene.Board) -> list[str]:
    return [row.name for row in board.rows]


def test_a_rep_sees_the_team_and_a_manager_the_subtree(cast: Cast):
    lay_deals(cast, 60)
    assert names(hygiene.board(cast.alice, NOW, sort="name")) == ["Alice", "Bob"]
    assert names(hygiene.board(cast.mona, NOW, sort="-name")) == ["Bob", "Alice"]
    by_manager = hygiene.board(cast.dora, NOW, by="manager", sort="name")
    assert names(by_manager) == ["Dora", "Marco", "Mona"]
    dora, marco, mona = by_manager.rows
    for key, share in dora.shares.items():
        parts = [one.shares[key] for one in (marco, mona) if key in one.shares]
        assert (share.numerator, share.n) == (sum(p.numerator for p in parts), sum(p.n for p in parts))
    assert hygiene.board(cast.alice, NOW, by="manager").by == "rep"


def test_every_cell_opens_exactly_its_records(cast: Cast):
    lay_deals(cast, 80)
    lay_clocks(cast, 3, 2)
    checked = 0
    for by in ("rep", "manager"):
        board = hygiene.board(cast.vera, NOW, by=by, given={"team": str(cast.teams["Sales"].pk)})
        for row in (*board.rows, board.total):
            for column in board.columns:
                share = row.share(column)
                if share is None:
                    continue
                found = [
                    _count(cast.vera, hygiene.address(column, row, board.given, part))
                    for part in ("in", "out")
                ]
                assert found == [share.numerator, share.denominator - share.numerator], (row.name, column.key)
                checked += 1
    assert checked > 40


def test_deals_in_a_queue_stand_by_themselves_and_count_in_the_whole(cast: Cast):
    account = make_account(cast)
    with permit():
        Opportunity.objects.bulk_create(
            [
                deal(cast, account),
                Opportunity(**_queued(cast, account)),
            ]
        )
    lay_clocks(cast, 1, 0)
    board = hygiene.board(cast.rita, NOW, sort="name")
    assert names(board) == ["Alice", "In a queue"]
    for row, count in ((board.rows[1], 1), (board.total, 2)):
        assert row.value("open") == count
        assert _count(cast.rita, hygiene.address(board.columns[0], row, board.given)) == count
    clocks_met = board.columns[-1]
    assert _count(cast.rita, hygiene.address(clocks_met, board.total, board.given)) == 1


def _queued(cast: Cast, account: Any) -> dict[str, Any]:
    """Return the values of a deal that waits in a queue."""
    made = deal(cast, account, 2)
    held = {
        one.attname: getattr(made, one.attname) for one in made._meta.concrete_fields if one.attname != "id"
    }
    return held | {"owner_id": None, "queue_id": cast.unassigned.pk}


def _count(user: Any, address: str) -> int:
    given = {name: texts[0] for name, texts in parse_qs(urlsplit(address).query).items()}
    kind = next(one for one in registry.every() if f"/{one.slug}/" == urlsplit(address).path)
    return int(listing.matching(listing.parse(kind, user, given), user).count())


def test_filters_narrow_the_deals_down_and_leave_out_clocks_that_do_not_know_them(cast: Cast):
    lay_deals(cast, 60)
    lay_clocks(cast, 3, 2)
    whole = hygiene.board(cast.rita, NOW)
    narrow = hygiene.board(cast.rita, NOW, given={"segment": "ENT", "stage": "proposal"})
    open_deals = Opportunity.objects.filter(segment="ENT", stage="proposal").count()
    assert narrow.total.value("open") == open_deals
    assert (whole.total.value("sla"), narrow.total.value("sla")) == (60, None)
    assert narrow.total.score.left_out == ["sla_met_pct"]
    with pytest.raises(Blocked):
        hygiene.board(cast.rita, NOW, given={"segment": "no_such"})


def test_rows_stand_in_the_order_of_a_column_and_those_without_a_value_last(cast: Cast):
    account = make_account(cast)
    with permit():
        Opportunity.objects.bulk_create(
            [
                *(deal(cast, account, n) for n in range(3)),
                *(deal(cast, account, n, owner="bob", close_date=date(2026, 1, 1)) for n in range(3, 5)),
            ]
        )
    lay_clocks(cast, 1, 0)
    assert names(hygiene.board(cast.mona, NOW, sort="score")) == ["Bob", "Alice"]
    assert names(hygiene.board(cast.mona, NOW, sort="-open")) == ["Alice", "Bob"]
    assert names(hygiene.board(cast.mona, NOW, sort="-sla")) == ["Alice", "Bob"]
    assert names(hygiene.board(cast.mona, NOW, sort="no_such")) == ["Bob", "Alice"]


def lacks(cast: Cast, **values: Any) -> list[tuple[str, date | None]]:
    """Return what one deal lacks; the fields that rules ask for are left aside."""
    with permit():
        Opportunity.objects.bulk_create([deal(cast, make_account(cast), **values)])
    (entry,) = amiss.amiss(cast.alice, NOW, {}).entries
    return [(one.what, one.since) for one in entry.lacks if not one.what.endswith("is empty")]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"next_step": ""}, [("No next step", date(2026, 5, 1))]),
        ({"next_step_on": date(2026, 6, 8)}, [("The next step is overdue", date(2026, 6, 9))]),
        ({"next_step_on": date(2026, 7, 11)}, [("The next step lies more than 30 days ahead", None)]),
        ({"close_date": date(2026, 6, 1)}, [("The close date is past", date(2026, 6, 2))]),
        (
            {"last_buyer_activity_at": NOW - timedelta(days=31)},
            [("The buyer was last heard", date(2026, 5, 10))],
        ),
        ({"last_buyer_activity_at": None}, [("The buyer was never heard; opened", date(2026, 5, 1))]),
    ],
)
def test_a_deal_says_what_it_lacks_and_since_when(cast: Cast, values: dict[str, Any], expected: Any):
    assert lacks(cast, **values) == expected


def test_a_deal_too_long_in_its_stage_and_what_was_done_by_itself_are_told(cast: Cast):
    usual = {"wins": 40, "p75_days": 12, "median_days": 10, "measured": True, "as_of": NOW}
    stamps = {"created_at": NOW, "updated_at": NOW}
    with permit():
        StageBaseline.objects.bulk_create(
            [StageBaseline(segment="MM", stage=Stage.QUALIFICATION, **usual, **stamps)]
        )
        (made,) = Opportunity.objects.bulk_create(
            [deal(cast, make_account(cast), stage_since=NOW - timedelta(days=21))]
        )
        CategoryChange.objects.bulk_create(
            CategoryChange(
                opportunity=made,
                before="commit",
                after=after,
                why=why,
                occurred_at=NOW - timedelta(days=days),
                changed_by=cast.rita,
                **stamps,
            )
            for after, why, days in (("best_case", CategoryWhy.EVIDENCE, 2), ("upside", CategoryWhy.SET, 1))
        )
        IdleStep.objects.bulk_create(
            [
                IdleStep(
                    opportunity=made,
                    silent_since=date(2026, 5, 1),
                    step="nudge",
                    idle_days=14,
                    taken_at=NOW,
                    rule="r",
                    **stamps,
                )
            ]
        )
    (entry,) = amiss.amiss(cast.alice, NOW, {}).entries
    assert [one.since for one in entry.lacks if one.what.startswith("More than 20 days")] == [
        date(2026, 5, 20)
    ]
    assert [one.what for one in entry.done] == [
        "Commit → Best case: its evidence does not carry more",
        "Owner nudged",
    ]


def test_what_is_amiss_is_exactly_what_lacks_something(cast: Cast):
    lay_deals(cast, 40)
    found = amiss.amiss(cast.rita, NOW, {})
    assert all(entry.lacks for entry in found.entries)
    behind = Opportunity.objects.filter(numbers.CLEAN.part("out", NOW))
    assert {entry.deal.pk for entry in found.entries} == set(behind.values_list("pk", flat=True))


def test_hygiene_asks_the_same_with_one_row_and_with_three(cast: Cast, settled_organisation: None):
    asked = []
    for count in (1, 3):
        lay_deals(cast, count, seed=count)
        hygiene.board(cast.rita, NOW)
        with CaptureQueriesContext(connection) as captured:
            hygiene.board(cast.rita, NOW)
            amiss.amiss(cast.rita, NOW, {})
        asked.append(len(captured))
    assert asked == [11, 11]


def test_the_page_shows_the_rows_and_below_them_what_is_amiss(cast: Cast):
    lay_deals(cast, 20)
    browser = Browser(cast.mona)
    page = browser.get("/hygiene/", {"of": str(cast.alice.pk)}).content.decode()
    assert ">Alice</a>" in page
    assert "Alice: deals with something amiss" in page
    assert 'href="/hygiene/"' in page
    assert browser.get("/hygiene/", {"stage": "no_such"}).status_code == 400
    assert Browser(cast.fin).get("/hygiene/").status_code == 404


def test_the_file_holds_the_rows_of_the_page_safe_to_open(cast: Cast):
    lay_deals(cast, 20)
    cast.alice.name = "=1+1"
    with permit():
        cast.alice.save()
    answer = Browser(cast.mona).get("/hygiene/export.csv", {"sort": "name"})
    rows = list(csv.reader(answer.content.decode().splitlines()))
    assert [row[0] for row in rows] == ["Rep", MARK + "=1+1", "Bob", "All"]
    assert {len(row) for row in rows} == {11}


def test_a_manager_begins_with_the_score_of_the_team_and_what_is_not_as_it_should_be(cast: Cast):
    account = make_account(cast)
    assert home.hygiene_of_team(cast.mona, NOW) == []
    with permit():
        Opportunity.objects.bulk_create(
            deal(cast, account, n, close_date=date(2026, 1, 1) if n < 3 else date(2026, 8, 1))
            for n in range(6)
        )
    score, *lines = home.hygiene_of_team(cast.mona, NOW)
    assert (score.label, score.value, score.url) == ("Hygiene score", "62.50", "/hygiene/")
    assert [(line.label, line.value, line.alarm) for line in lines] == [
        ("Past close date", "3", True),
        ("Missing required", "100.00 %", True),
    ]
    assert _count(cast.mona, lines[0].url) == 3
