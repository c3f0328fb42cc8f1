"""Later close dates: a push inside the fiscal quarter, a slip out of it; counted, explained, answered the same day."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from opportunities.actions import edit_opportunity
from opportunities.actions.categories import telling
from opportunities.actions.quarters import Quarters
from opportunities.models import CategoryChange, Opportunity, SlipEvent
from revops.kernel import audit, clocks
from revops.kernel.clocks.models import FiscalPeriod
from revops.kernel.exchange.external_ids import link
from revops.kernel.notifications.models import Notification
from revops.kernel.outbox.models import OutboxEvent
from tests.cast import Cast
from tests.evidence import unchanged
from tests.opportunities.conftest import brought_to, codes, make_committable, open_deal
from tests.opportunities.files import bring

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 10, 15, tzinfo=UTC)
INSIDE, OUTSIDE = "2027-09-30", "2027-10-01"  # it closes on 15 August 2027, in FY2027-Q3


def later(cast: Cast, deal: Opportunity, to: str, reason: str = "buyer_delayed", **more: Any) -> Opportunity:
    changes = {"close_date": to, "slip_reason": reason, **more}
    return edit_opportunity(by=cast.alice, pk=deal.pk, changes=changes)


@pytest.mark.parametrize(
    ("to", "reason", "kind", "event"),
    [
        (INSIDE, "meeting_moved", "push", "opportunity.pushed"),
        (INSIDE, "buyer_delayed", "push", "opportunity.pushed"),
        (OUTSIDE, "buyer_delayed", "slip", "opportunity.slipped"),
    ],
)
def test_inv_2_4_a_later_date_counts_and_keeps_its_event(
    cast: Cast, to: str, reason: str, kind: str, event: str
) -> None:
    deal = open_deal(cast)
    assert later(cast, deal, to, reason).push_count == 1
    row = SlipEvent.objects.get()
    assert (row.kind, str(row.from_date), str(row.to_date), row.reason_code) == (
        kind,
        "2027-08-15",
        to,
        reason,
    )
    assert (row.from_period, row.to_period) == ("FY2027-Q3", "FY2027-Q4" if kind == "slip" else "FY2027-Q3")
    assert (row.same_day_downgrade, row.said_by) == (None, cast.alice)
    assert OutboxEvent.objects.filter(type=event).count() == 1


def test_a_slip_takes_no_reason_of_a_push(cast: Cast) -> None:
    deal = open_deal(cast)
    with unchanged(), pytest.raises(audit.Blocked) as refusal:
        later(cast, deal, OUTSIDE, "meeting_moved")
    assert codes(refusal) == [("OPP-011", "slip_reason")]
    with unchanged(), pytest.raises(audit.Blocked) as refusal:
        edit_opportunity(by=cast.alice, pk=deal.pk, changes={"close_date": OUTSIDE})
    assert codes(refusal) == [("OPP-010", "close_date")]


@pytest.mark.parametrize(
    ("to", "category", "downgraded"), [(OUTSIDE, "best_case", True), (INSIDE, "commit", None)]
)
def test_inv_2_5_a_slip_out_of_commit_is_best_case_in_the_same_write(
    cast: Cast, to: str, category: str, downgraded: bool | None
) -> None:
    with clocks.at(NOW):
        deal = make_committable(cast, brought_to(cast, "proposal"))
        edit_opportunity(by=cast.alice, pk=deal.pk, changes={"forecast_category": "commit"})
        version = Opportunity.objects.get().version
        slipped = later(cast, deal, to)
    assert (slipped.forecast_category, slipped.version) == (category, version + 1)
    row = SlipEvent.objects.get()
    assert (row.category_before, row.category_after, row.same_day_downgrade) == (
        "commit",
        category,
        downgraded,
    )
    why = list(CategoryChange.objects.order_by("pk").values_list("why", flat=True))
    assert why == ["set", "slipped"] if downgraded else ["set"]


def test_inv_2_5_a_slip_is_not_set_to_commit_by_the_same_edit(cast: Cast) -> None:
    with clocks.at(NOW):
        deal = make_committable(cast, brought_to(cast, "proposal"))
        with unchanged(), pytest.raises(audit.Blocked) as refusal:
            later(cast, deal, OUTSIDE, forecast_category="commit")
    assert codes(refusal) == [("OPP-018", "forecast_category")]


def test_hc2_out_and_back_the_same_day_counts_once_and_leaves_its_slip(cast: Cast) -> None:
    deal = open_deal(cast)
    assert later(cast, deal, OUTSIDE).name.endswith("Q4")
    back = edit_opportunity(by=cast.alice, pk=deal.pk, changes={"close_date": "2027-08-15"})
    assert (back.push_count, back.name[-2:]) == (1, "Q3")
    assert SlipEvent.objects.get().kind == "slip"


def test_the_manager_hears_of_a_slip_the_same_day(cast: Cast) -> None:
    later(cast, open_deal(cast), OUTSIDE)
    telling.tell_slipped(OutboxEvent.objects.get(type="opportunity.slipped"))
    heard = Notification.objects.get(kind="opportunity.slipped")
    assert (heard.recipient, heard.url) == (cast.mona, f"/opportunities/{Opportunity.objects.get().pk}/")


def test_where_no_fiscal_quarter_is_laid_out_the_calendar_says_it(db: None) -> None:
    FiscalPeriod.objects.all().delete()
    found = Quarters().of(date(2031, 5, 2))
    assert (found.label, found.start, found.end) == ("2031-Q2", date(2031, 4, 1), date(2031, 6, 30))


@pytest.mark.parametrize(
    ("reason", "rejected", "category"), [("meeting_moved", 1, "commit"), ("buyer_delayed", 0, "best_case")]
)
def test_inv_2_5_a_file_that_moves_the_date_says_why_and_brings_down(
    cast: Cast, tmp_path: Path, reason: str, rejected: int, category: str
) -> None:
    with clocks.at(NOW):
        deal = make_committable(cast, brought_to(cast, "proposal"))
        edit_opportunity(by=cast.alice, pk=deal.pk, changes={"forecast_category": "commit"})
        with audit.change(by=cast.rita, action="test.link"):
            link(deal, "salesforce", "D9")
        content = f"Id,CloseDate,SlipReason\nD9,10/01/27,{reason}\n"
        report = bring(tmp_path, cast.rita, "opportunity", content, migration=False)
    held = Opportunity.objects.get()
    assert report.as_json()["rejected"] == rejected
    assert (held.forecast_category, held.push_count) == (category, 1 - rejected)
    assert [row.kind for row in SlipEvent.objects.all()] == ["slip"] * (1 - rejected)
