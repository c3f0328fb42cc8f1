"""The stage funnel: cohorts by when a deal first came so far, and apart from them what left a stage (ALG-2.4)."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from opportunities.models import Opportunity, StageInterval
from opportunities.queries import funnel
from revops.kernel import clocks
from revops.kernel.guard import permit
from revops.kernel.metrics import percent
from tests.cast import Cast
from tests.opportunities.conftest import make_account
from tests.opportunities.laid import NOW, deal
from tests.web.conftest import Browser

pytestmark = pytest.mark.django_db
SINCE = NOW - timedelta(days=90)


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with clocks.at(NOW):
        yield


def went(cast: Cast, *way: tuple[str, int], segment: str = "MM", owner: str = "alice") -> Opportunity:
    """Write a deal that came into these stages so many days ago."""
    last = way[-1][0]
    over = {"closed_at": NOW} if last.startswith("closed") else {}
    if last == "closed_won":
        over["booked_at"] = NOW
    with permit():
        (made,) = Opportunity.objects.bulk_create(
            [deal(cast, make_account(cast), owner=owner, stage=last, segment=segment, **over)]
        )
        ends = [NOW - timedelta(days=days) for _, days in way[1:]]
        StageInterval.objects.bulk_create(
            StageInterval(
                opportunity=made,
                stage=stage,
                active_from=NOW - timedelta(days=days),
                active_to=end,
                entered_by=made.owner,
                via="moved",
                probability="0.1",
                created_at=NOW,
                updated_at=NOW,
            )
            for (stage, days), end in zip(way, [*ends, None], strict=True)
        )
    return made


def cohorts(found: funnel.Funnel) -> dict[str, tuple[int, int, int, int]]:
    return {
        one.stage: (one.entered, one.advanced, one.won, one.decided) for one in found.cohorts if one.entered
    }


def test_what_is_skipped_counts_as_passed_and_a_return_counts_once(cast: Cast):
    went(cast, ("qualification", 50), ("evaluation", 40), ("discovery", 30), ("evaluation", 20))
    went(cast, ("qualification", 50), ("closed_lost", 10))
    went(cast, ("qualification", 200), ("discovery", 60), ("closed_won", 5), segment="ENT")
    whole, *groups = funnel.funnels(cast.alice, SINCE, NOW, by="segment")
    assert cohorts(whole) == {
        "qualification": (2, 1, 0, 2),
        "discovery": (2, 2, 1, 2),
        "evaluation": (2, 1, 1, 1),
        "proposal": (1, 1, 1, 1),
        "contracting": (1, 1, 1, 1),
    }
    assert [one.group for one in groups] == ["ENT", "MM"]
    assert cohorts(groups[1]) == {
        "qualification": (2, 1, 0, 2),
        "discovery": (1, 1, 0, 1),
        "evaluation": (1, 0, 0, 0),
    }


def test_the_flow_tells_where_stays_led_and_how_long_they_took(cast: Cast):
    went(cast, ("qualification", 50), ("evaluation", 40), ("discovery", 30), ("evaluation", 20))
    went(cast, ("qualification", 50), ("closed_lost", 10))
    (whole,) = funnel.funnels(cast.alice, SINCE, NOW)
    told = {
        one.stage: (one.left, one.onward, one.back, one.lost, one.days) for one in whole.flows if one.left
    }
    assert told == {
        "qualification": (2, 1, 0, 1, Decimal("25.0")),
        "discovery": (1, 1, 0, 0, Decimal("10.0")),
        "evaluation": (1, 0, 1, 0, Decimal("10.0")),
    }


def test_the_interval_is_wilsons():
    assert funnel.wilson(8, 10) == (Decimal("49.0"), Decimal("94.3"))
    assert funnel.wilson(0, 10) == (Decimal("0.0"), Decimal("27.8"))
    assert (funnel.wilson(0, 0), percent(1, 3), percent(0, 0)) == (None, Decimal("33.33"), None)


def test_the_funnel_stays_within_scope_and_asks_the_same_of_few_deals_and_of_more(
    cast: Cast, settled_organisation: None
):
    asked = []
    for count in (1, 3):
        for _ in range(count):
            went(cast, ("qualification", 50), ("discovery", 10))
            went(cast, ("qualification", 50), owner="charlie")
        funnel.funnels(cast.alice, SINCE, NOW, by="source")
        with CaptureQueriesContext(connection) as captured:
            found = funnel.funnels(cast.alice, SINCE, NOW, by="source")
        asked.append(len(captured))
    assert cohorts(found[0])["qualification"] == (4, 4, 0, 4)
    assert asked == [4, 4]


def test_the_page_says_where_there_are_too_few(cast: Cast):
    went(cast, ("qualification", 50), ("discovery", 10))
    browser = Browser(cast.alice)
    assert "n = 1, too few" in browser.get("/funnel/").content.decode()
    assert browser.get("/funnel/", {"by": "no_such", "days": "x"}).status_code == 200
    assert Browser(cast.fin).get("/funnel/").status_code == 404
