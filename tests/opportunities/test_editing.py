"""Editing deals: close dates with their reasons, categories within the stage, closed deals, owners."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from accounts.actions import edit_account
from opportunities.actions import (
    assign_opportunity,
    close_lost,
    close_won,
    copy_again,
    edit_opportunity,
)
from opportunities.models import NameHistory, Opportunity
from revops.kernel import audit, clocks
from revops.kernel.audit.models import ChangeEvent
from revops.kernel.outbox.models import OutboxEvent
from revops.kernel.people import access
from revops.kernel.people.models import OwnershipInterval
from tests.cast import Cast
from tests.evidence import ledger_faults, unchanged
from tests.opportunities.conftest import ENDED, WHY, brought_to, codes, make_committable


def edit(cast: Cast, deal: Opportunity, by: str = "alice", **changes: Any) -> Opportunity:
    return edit_opportunity(by=cast.people[by], pk=deal.pk, changes=changes)


def test_later_close_date_needs_its_reason_and_counts(cast: Cast, deal: Opportunity) -> None:
    with unchanged(), pytest.raises(audit.Blocked) as refusal:
        edit(cast, deal, close_date="2027-08-16")
    assert codes(refusal) == [("OPP-010", "close_date")]
    (remedy,) = refusal.value.findings[0].remedies
    assert remedy.url == f"/opportunities/{deal.pk}/do/push/?close_date=2027-08-16"
    pushed = edit(cast, deal, close_date="2027-08-16", slip_reason="buyer_delayed")
    assert (str(pushed.close_date), pushed.push_count) == ("2027-08-16", 1)
    assert ChangeEvent.objects.filter(action="opportunity.edit", reason="The buyer delayed").exists()
    told = OutboxEvent.objects.get(type="opportunity.pushed")
    assert told.payload == {
        "from": "2027-08-15",
        "to": "2027-08-16",
        "reason": "buyer_delayed",
        "category": "pipeline",
        "push_count": 1,
        "owner": cast.alice.pk,
        "name": deal.name,
        "by": cast.alice.pk,
    }


def test_earlier_close_date_needs_no_reason_and_takes_none(cast: Cast, deal: Opportunity) -> None:
    with pytest.raises(audit.Blocked) as refusal:
        edit(cast, deal, close_date="2027-08-14", slip_reason="buyer_delayed")
    assert codes(refusal) == [("OPP-011", "slip_reason")]
    assert edit(cast, deal, close_date="2027-08-14").push_count == 0
    assert edit(cast, deal, close_date="2027-08-14").push_count == 0


@pytest.mark.parametrize(
    ("code", "found"),
    [("price", ("VAL-002", "slip_reason")), ("slip_other", ("OPP-011", "reason"))],
)
def test_reason_of_a_later_date_is_one_of_its_kind(
    cast: Cast, deal: Opportunity, code: str, found: tuple[str, str]
) -> None:
    with unchanged(), pytest.raises(audit.Blocked) as refusal:
        edit(cast, deal, close_date="2027-08-16", slip_reason=code)
    assert found in codes(refusal)


def test_reason_in_words_goes_with_the_other_reason(cast: Cast, deal: Opportunity) -> None:
    pushed = edit_opportunity(
        by=cast.alice,
        pk=deal.pk,
        changes={"close_date": "2027-08-16", "slip_reason": "slip_other"},
        reason="The board meets in September",
    )
    assert pushed.push_count == 1


@pytest.mark.parametrize(
    ("stage", "category", "found"),
    [
        ("qualification", "best_case", ["OPP-008"]),
        ("discovery", "best_case", []),
        ("discovery", "upside", ["OPP-008"]),
        ("evaluation", "upside", []),
        ("evaluation", "commit", ["OPP-008"]),
        ("proposal", "commit", []),
        ("proposal", "closed", ["OPP-009"]),
        ("proposal", "omitted", ["OPP-009"]),
    ],
)
def test_category_goes_as_far_as_the_stage_allows(
    cast: Cast, stage: str, category: str, found: list[str]
) -> None:
    deal = make_committable(cast, brought_to(cast, stage))
    if not found:
        assert edit(cast, deal, forecast_category=category).forecast_category == category
        return
    with unchanged(), pytest.raises(audit.Blocked) as refusal:
        edit(cast, deal, forecast_category=category)
    assert codes(refusal) == [(found[0], "forecast_category")]


def test_manager_sets_the_category_and_nothing_else(cast: Cast) -> None:
    deal = brought_to(cast, "discovery")
    assert edit(cast, deal, by="mona", forecast_category="best_case").forecast_category == "best_case"
    with unchanged(), pytest.raises(access.Forbidden):
        edit(cast, deal, by="mona", amount="1")


def test_closed_deal_keeps_what_it_was_closed_with(cast: Cast) -> None:
    deal = brought_to(cast, "proposal")
    close_won(by=cast.alice, pk=deal.pk)
    for name, value in (
        ("amount", "1"),
        ("close_date", "2027-01-01"),
        ("forecast_category", "commit"),
        ("currency", "EUR"),
    ):
        with unchanged(), pytest.raises(audit.Blocked) as refusal:
            edit(cast, deal, **{name: value})
        assert codes(refusal) == [("OPP-012", name)]
    assert edit(cast, deal, description="Signed in person").description == "Signed in person"


@pytest.mark.parametrize("name", ["account", "type", "segment", "owner", "name", "push_count"])
def test_what_is_written_once_or_computed_is_not_edited(cast: Cast, deal: Opportunity, name: str) -> None:
    with unchanged(), pytest.raises(access.Forbidden):
        edit(cast, deal, **{name: "1"})


def test_source_is_said_once(cast: Cast, deal: Opportunity) -> None:
    with unchanged(), pytest.raises(audit.Blocked) as refusal:
        edit(cast, deal, source="phone")
    assert codes(refusal) == [("OPP-015", "source")]
    with audit.change(by=cast.rita, action="test.nobody_said"):
        held = audit.lock(Opportunity.objects.all(), pk=deal.pk)
        held.source = ""
        audit.write(held)
    assert edit(cast, deal, source="phone").source == "phone"


@pytest.mark.parametrize("name", ["close_date", "forecast_category", "currency", "amount_basis", "stage"])
def test_what_a_deal_always_has_is_not_emptied(cast: Cast, deal: Opportunity, name: str) -> None:
    with unchanged(), pytest.raises(audit.Blocked) as refusal:
        edit(cast, deal, **{name: ""})
    assert codes(refusal) == [("OPP-001", name)]


def test_change_of_a_part_renames_in_the_same_write(cast: Cast, deal: Opportunity) -> None:
    from tests.opportunities.conftest import make_product

    product = make_product(cast, "Data cloud")
    before = deal.version
    edited = edit(cast, deal, primary_product=product.pk, amount="70000")
    assert (edited.name, edited.version) == ("ENT-NA-DataCloud-IntelQQL-Q3", before + 1)
    assert NameHistory.objects.get().name == "ENT-NA-Platform-IntelQQL-Q3"


def test_copies_are_taken_from_the_account_again_on_request(cast: Cast) -> None:
    deal = brought_to(cast, "evaluation")
    edit_account(by=cast.rita, pk=deal.account_id, changes={"country": "DE", "employees": "50"})
    fresh = copy_again(by=cast.alice, pk=deal.pk)
    assert (fresh.segment, fresh.geo, fresh.name) == ("SMB", "EMEA", "SMB-EMEA-Platform-IntelQQL-Q3")
    assert NameHistory.objects.count() == 1
    assert copy_again(by=cast.alice, pk=deal.pk).version == fresh.version


def test_stale_edit_is_a_conflict(cast: Cast, deal: Opportunity) -> None:
    edit(cast, deal, amount="1")
    with unchanged(), pytest.raises(audit.Conflict):
        edit_opportunity(by=cast.alice, pk=deal.pk, changes={"amount": "2"}, version=1)


def test_edit_that_changes_nothing_writes_nothing(cast: Cast, deal: Opportunity) -> None:
    with unchanged():
        edit(cast, deal, amount=str(deal.amount), close_date=str(deal.close_date))


def test_manager_and_operations_reassign(cast: Cast, deal: Opportunity) -> None:
    assert assign_opportunity(by=cast.mona, pk=deal.pk, owner=cast.bob, reason=WHY).owner == cast.bob
    assert assign_opportunity(by=cast.rita, pk=deal.pk, queue=cast.west_queue, reason=WHY).owner is None
    assert ledger_faults() == []
    for name in ("alice", "cleo", "dan"):
        with unchanged(), pytest.raises((access.Forbidden, Opportunity.DoesNotExist)):
            assign_opportunity(by=cast.people[name], pk=deal.pk, owner=cast.bob, reason=WHY)


def test_sales_engineer_put_on_a_deal_sees_it_and_writes_the_technical_note(
    cast: Cast, deal: Opportunity
) -> None:
    assert not Opportunity.objects.visible_to(cast.sven).exists()
    assign_opportunity(by=cast.rita, pk=deal.pk, owner=cast.sven, role="engineer", reason=WHY)
    assert edit(cast, deal, by="sven", technical_note="Needs SSO").technical_note == "Needs SSO"
    with pytest.raises(access.Forbidden):
        edit(cast, deal, by="sven", amount="1")
    assert OwnershipInterval.objects.filter(owner=cast.sven, role="engineer", active_to=None).count() == 1


def test_assignment_tells_everything_against_it(cast: Cast, deal: Opportunity) -> None:
    with unchanged(), pytest.raises(audit.Blocked) as refusal:
        assign_opportunity(by=cast.rita, pk=deal.pk, reason="short", role="pet")
    assert codes(refusal) == [("OWN-004", "reason"), ("OWN-005", "role")]
    with pytest.raises(audit.Blocked) as refusal:
        assign_opportunity(by=cast.rita, pk=deal.pk, reason=WHY)
    assert codes(refusal) == [("OPP-050", "owner")]


def test_next_step_in_the_past_is_refused_when_it_is_given(cast: Cast, deal: Opportunity) -> None:
    yesterday = (clocks.now() - timedelta(days=2)).date()
    with unchanged(), pytest.raises(audit.Blocked) as refusal:
        edit(cast, deal, next_step_on=str(yesterday))
    assert codes(refusal) == [("OPP-013", "next_step_on")]


def test_lost_deal_may_not_be_made_dearer(cast: Cast, deal: Opportunity) -> None:
    close_lost(by=cast.alice, pk=deal.pk, reason_code="price", **ENDED)
    with pytest.raises(audit.Blocked) as refusal:
        edit(cast, deal, amount="99")
    assert codes(refusal) == [("OPP-012", "amount")]
    assert Opportunity.objects.get().amount == Decimal(50_000)
