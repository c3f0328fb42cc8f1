"""Why deals go as they go: counts within one's scope and period, what they open, and what the list of reasons lacks."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from opportunities.enums import DelayKind, Stage, Via
from opportunities.models import Opportunity, Reason, SlipEvent, StageInterval
from opportunities.queries import reasons
from revops.kernel import clocks
from revops.kernel.guard import permit
from tests.cast import Cast
from tests.opportunities.conftest import lay_lists, make_account
from tests.opportunities.laid import NOW, deal
from tests.web.conftest import Browser

pytestmark = pytest.mark.django_db
SINCE = NOW - timedelta(days=90)
STAMPS = {"created_at": NOW, "updated_at": NOW}


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with clocks.at(NOW):
        yield


def moved(one: Opportunity, code: str, at: datetime, who: Any, note: str = "") -> StageInterval:
    return StageInterval(
        opportunity=one,
        stage=Stage.QUALIFICATION,
        active_from=at,
        active_to=at,
        entered_by=who,
        via=Via.REGRESSED,
        reason_code=code,
        note=note,
        probability="0.1",
        created_at=NOW,
        **({"updated_at": NOW} if hasattr(StageInterval, "updated_at") else {}),
    )


@pytest.fixture
def deals(cast: Cast) -> list[Opportunity]:
    """Two deals of Alice, one of Charlie, lost or moved back, and what was given as their reasons."""
    lay_lists()
    account = make_account(cast)
    price = Reason.objects.get(code="price")
    lost = {"stage": Stage.CLOSED_LOST, "closed_at": NOW - timedelta(days=5), "loss_reason": price}
    with permit():
        made = Opportunity.objects.bulk_create(
            [
                deal(cast, account, 1, segment="ENT"),
                deal(cast, account, 2, competitor="Rival", **lost),
                deal(cast, account, 3, owner="charlie", **lost),
                deal(cast, account, 4, **(lost | {"closed_at": NOW - timedelta(days=200)})),
            ]
        )
        StageInterval.objects.bulk_create(
            [
                moved(made[0], "champion_lost", NOW - timedelta(days=4), cast.alice),
                moved(made[0], "regress_other", NOW - timedelta(days=3), cast.alice, "They moved house"),
                moved(made[0], "champion_lost", NOW - timedelta(days=200), cast.alice),
                moved(made[2], "champion_lost", NOW - timedelta(days=4), cast.charlie),
            ]
        )
        SlipEvent.objects.bulk_create(
            [
                SlipEvent(
                    opportunity=made[0],
                    kind=DelayKind.SLIP,
                    from_date=date(2026, 6, 1),
                    to_date=date(2026, 8, 1),
                    days=61,
                    category_before="commit",
                    category_after="best_case",
                    reason_code="buyer_delayed",
                    occurred_at=NOW - timedelta(days=2),
                    said_by=cast.alice,
                    **STAMPS,
                )
            ]
        )
    return list(made)


def told(found: reasons.Report) -> dict[str, list[tuple[str, int, str]]]:
    return {
        kind.key: [(use.code, use.n, str(use.percent)) for use in kind.uses]
        for kind in found.kinds
        if kind.total
    }


def test_reasons_are_counted_within_scope_and_period(cast: Cast, deals: Any):
    assert told(reasons.report(cast.alice, SINCE, NOW)) == {
        "loss": [("price", 1, "100.00")],
        "regress": [("champion_lost", 1, "50.00"), ("regress_other", 1, "50.00")],
        "slip": [("buyer_delayed", 1, "100.00")],
    }
    every = told(reasons.report(cast.rita, SINCE, NOW))
    assert every["loss"] == [("price", 2, "100.00")]
    assert every["regress"][0] == ("champion_lost", 2, "66.67")


def test_reasons_are_told_apart_by_segment_and_competitor(cast: Cast, deals: Any):
    found = reasons.report(cast.rita, SINCE, NOW, by="segment")
    assert list(found.columns) == ["ENT", "MM"]
    (regress,) = [kind for kind in found.kinds if kind.key == "regress"]
    assert [list(use.by) for use in regress.uses] == [[1, 1], [1, 0]]
    by_rival = reasons.report(cast.rita, SINCE, NOW, by="competitor")
    (loss,) = [kind for kind in by_rival.kinds if kind.key == "loss"]
    assert dict(zip(by_rival.columns, loss.uses[0].by, strict=True)) == {"–": 1, "Rival": 1}


def test_what_the_list_lacks_is_told(cast: Cast, deals: Any):
    Reason.objects.filter(code="price").update(is_active=False)
    Reason.objects.get_or_create(code="never_given", defaults={"kind": "regress", "label": "Never given"})
    found = reasons.report(cast.rita, SINCE, NOW)
    kinds = {kind.key: kind for kind in found.kinds}
    assert (kinds["regress"].other, kinds["reopen"].other) == (Decimal("33.33"), None)
    assert [(one.text, one.n) for one in found.texts] == [("They moved house", 1)]
    assert [(label, n) for label, n, _ in found.withdrawn] == [("Price", 3)]
    assert "Never given" in kinds["regress"].unused
    assert "Champion lost" not in kinds["regress"].unused


def test_the_times_a_reason_was_given_are_those_that_were_counted(cast: Cast, deals: Any):
    found = reasons.uses(cast.rita, "champion_lost", SINCE, NOW)
    assert {one.deal.pk for one in found} == {deals[0].pk, deals[2].pk}
    assert [one.deal.pk for one in reasons.uses(cast.alice, "champion_lost", SINCE, NOW)] == [deals[0].pk]
    assert [one.who for one in reasons.uses(cast.alice, "buyer_delayed", SINCE, NOW)] == ["Alice"]


def test_the_report_asks_the_same_with_few_rows_and_with_more(
    cast: Cast, deals: list[Opportunity], settled_organisation: None
):
    asked = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as captured:
            reasons.report(cast.rita, SINCE, NOW)
        asked.append(len(captured))
        with permit():
            StageInterval.objects.bulk_create(
                moved(one, "requirements_changed", NOW - timedelta(days=1), cast.alice, f"Note {one.pk}")
                for one in deals[:3]
            )
    assert asked == [10, 10]


def test_the_pages_of_reasons_are_shown_to_who_sees_deals(cast: Cast, deals: Any):
    browser = Browser(cast.alice)
    page = browser.get("/reasons/", {"by": "competitor", "days": "30"}).content.decode()
    assert "Champion lost" in page
    assert "/reasons/uses/?code=champion_lost&amp;since=" in page
    uses = browser.get("/reasons/uses/", {"code": "regress_other", "days": "nonsense"}).content.decode()
    assert "They moved house" in uses
    assert browser.get("/reasons/uses/", {"code": "no_such"}).status_code == 200
    assert Browser(cast.fin).get("/reasons/").status_code == 404
