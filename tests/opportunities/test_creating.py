"""Opening a deal: what is written, what it copies, how it is named, and every reason against it."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from accounts.actions import edit_account
from opportunities.actions import create_opportunity, edit_opportunity
from opportunities.geography import IN_NO_REGION, geo_of
from opportunities.models import NameHistory, OppContactRole, Opportunity, StageInterval
from revops.kernel import audit, clocks
from revops.kernel.audit.models import ChangedRow, ChangeEvent
from revops.kernel.outbox.models import OutboxEvent
from revops.kernel.people import access
from revops.kernel.records import values as kernel_values
from revops.kernel.records.searching import search
from tests.cast import Cast
from tests.evidence import ledger_faults, unchanged
from tests.opportunities.conftest import (
    CLOSES,
    codes,
    lay_lists,
    make_account,
    make_product,
    open_deal,
    worth,
)


def test_gt31_deal_is_named_after_its_parts(cast: Cast) -> None:
    deal = open_deal(cast)
    assert deal.name == "ENT-NA-Platform-IntelQQL-Q3"
    assert Opportunity.objects.get().name_key == "ent-na-platform-intelqql-q3"


def test_deal_is_written_with_all_that_follows(cast: Cast) -> None:
    at = clocks.now() - timedelta(days=40)
    before = OutboxEvent.objects.count()
    account = make_account(cast)
    deal = open_deal(cast, account=account, at=at, next_step="Call the buyer")
    stored = Opportunity.objects.get(pk=deal.pk)
    assert (stored.stage, stored.forecast_category, stored.probability) == (
        "qualification",
        "pipeline",
        Decimal("0.10"),
    )
    assert (stored.opened_at, stored.stage_since, stored.closed_at, stored.booked_at) == (at, at, None, None)
    assert (stored.segment, stored.geo, stored.territory_id) == ("ENT", "NA", account.territory_id)
    assert (stored.amount, stored.currency, stored.amount_basis) == (Decimal(50_000), "USD", "ARR")
    assert (stored.owner, stored.team, stored.push_count) == (cast.alice, cast.teams["East"], 0)
    interval = StageInterval.objects.get()
    assert (interval.opportunity, interval.stage, interval.active_from, interval.active_to) == (
        stored,
        "qualification",
        at,
        None,
    )
    assert (interval.via, interval.entered_by, interval.probability) == (
        "created",
        cast.alice,
        Decimal("0.10"),
    )
    event = ChangeEvent.objects.order_by("-recorded_at").first()
    assert event is not None
    rows = ChangedRow.objects.filter(event=event).values_list("record_type", flat=True)
    assert sorted(rows) == [
        "opportunities.opportunity",
        "opportunities.stageinterval",
        "packets.obligation",
        "people.ownershipinterval",
        "people.ownershipinterval",
    ]
    told = OutboxEvent.objects.order_by("pk")[before:]
    assert [one.type for one in told if one.subject_type == "opportunities.opportunity"] == [
        "opportunity.created"
    ]
    assert ledger_faults() == []


def test_first_contact_comes_in_as_the_primary_one(cast: Cast) -> None:
    from tests.opportunities.people import make_contact

    account = make_account(cast)
    contact = make_contact(cast, "Ann", account=account)
    deal = open_deal(cast, account=account, primary_contact=contact.pk)
    role = OppContactRole.objects.get()
    assert (role.opportunity, role.contact, role.role, role.is_primary) == (deal, contact, "other", True)


@pytest.mark.parametrize("missing", ["account", "primary_product", "use_case", "source", "close_date"])
def test_what_every_deal_needs_is_asked_for(cast: Cast, missing: str) -> None:
    lay_lists()
    values = worth(make_account(cast), make_product(cast))
    del values[missing]
    with pytest.raises(audit.Blocked) as refusal:
        create_opportunity(by=cast.alice, values=values)
    assert codes(refusal) == [("OPP-002", missing)]


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ({"amount": "-1"}, ("OPP-005", "amount")),
        ({"currency": "XXL"}, ("OPP-006", "currency")),
        ({"source": "other"}, ("OPP-007", "source_note")),
        ({"source": "other", "source_note": "too short"}, ("OPP-007", "source_note")),
        ({"forecast_category": "best_case"}, ("OPP-008", "forecast_category")),
        ({"forecast_category": "closed"}, ("OPP-009", "forecast_category")),
        ({"forecast_category": "omitted"}, ("OPP-009", "forecast_category")),
        ({"next_step_on": "2020-01-01"}, ("OPP-013", "next_step_on")),
        ({"primary_product": 999_999}, ("OPP-003", "primary_product")),
        ({"campaign": 999_999}, ("OPP-003", "campaign")),
        ({"primary_contact": 999_999}, ("OPP-003", "primary_contact")),
        ({"close_date": "soon"}, ("VAL-002", "close_date")),
        ({"type": "gift"}, ("VAL-002", "type")),
    ],
)
def test_value_that_does_not_fit_is_refused(
    cast: Cast, values: dict[str, Any], found: tuple[str, str]
) -> None:
    lay_lists()
    make_account(cast)
    make_product(cast)
    with unchanged(), pytest.raises(audit.Blocked) as refusal:
        open_deal(cast, **values)
    assert codes(refusal) == [found]


def test_everything_against_a_deal_is_told_at_once(cast: Cast) -> None:
    with pytest.raises(audit.Blocked) as refusal:
        open_deal(cast, amount="-1", currency="XXL", source=None)
    assert sorted(codes(refusal)) == [("OPP-002", "source"), ("OPP-005", "amount"), ("OPP-006", "currency")]


def test_merged_account_gets_no_deal(cast: Cast) -> None:
    from accounts.models import Account
    from revops.kernel.audit.writing import lock

    account = make_account(cast)
    with audit.change(by=cast.rita, action="test.merge"):
        held = lock(Account.objects.all(), pk=account.pk)
        held.status = "tombstone"
        audit.write(held)
    with pytest.raises(audit.Blocked) as refusal:
        open_deal(cast, account=account)
    assert codes(refusal) == [("OPP-004", "account")]


def test_product_switched_off_is_not_sold(cast: Cast) -> None:
    from accounts.actions import edit_product

    product = make_product(cast)
    edit_product(by=cast.rita, pk=product.pk, changes={"is_active": "false"})
    with pytest.raises(audit.Blocked) as refusal:
        open_deal(cast)
    assert codes(refusal) == [("OPP-019", "primary_product")]


def test_deal_on_an_invisible_account_is_refused_like_one_on_none(cast: Cast) -> None:
    account = make_account(cast, "Far", owner="charlie")
    with pytest.raises(audit.Blocked) as refusal:
        open_deal(cast, account=account)
    assert codes(refusal) == [("OPP-003", "account")]


def test_deal_opened_in_the_future_is_refused(cast: Cast) -> None:
    with pytest.raises(audit.Blocked) as refusal:
        open_deal(cast, at=clocks.now() + timedelta(hours=1))
    assert codes(refusal) == [("OPP-035", "at")]


def test_success_managers_open_renewals_and_expansions_only(cast: Cast) -> None:
    account = make_account(cast, owner="carla")
    for kind in ("renewal", "expansion"):
        assert open_deal(cast, by="carla", account=account, type=kind).owner == cast.carla
    for kind in ("new", "amendment", None):
        with pytest.raises(access.Forbidden):
            open_deal(cast, by="carla", account=account, type=kind)


def test_who_may_not_create_is_told_so(cast: Cast) -> None:
    for name in ("sam", "sven", "mona", "rita", "otto", "ada", "fin"):
        with pytest.raises(access.Forbidden):
            open_deal(cast, by=name)


@pytest.mark.parametrize(
    ("name", "value"), [("stage", "closed_won"), ("owner", 1), ("name", "Mine"), ("probability", "100")]
)
def test_what_is_computed_is_never_given(cast: Cast, name: str, value: Any) -> None:
    with pytest.raises(access.Forbidden):
        open_deal(cast, **{name: value})


def test_missing_parts_of_a_name_are_an_x(cast: Cast) -> None:
    account = make_account(cast, country="AQ", employees="10")
    deal = open_deal(cast, account=account, close_date="2099-05-01")
    assert deal.name == "SMB-X-Platform-IntelQQL-X"


def test_family_of_the_product_is_the_word_of_the_name(cast: Cast) -> None:
    lay_lists()
    product = make_product(cast, "Gold", family="Data cloud")
    deal = create_opportunity(by=cast.alice, values=worth(make_account(cast), product))
    assert deal.name == "ENT-NA-DataCloud-IntelQQL-Q3"


def test_renamed_deal_is_found_by_its_old_name_at_the_same_address(cast: Cast) -> None:
    deal = open_deal(cast)
    address = deal.get_absolute_url()
    moved = edit_opportunity(
        by=cast.alice, pk=deal.pk, changes={"close_date": "2027-10-01", "slip_reason": "buyer_delayed"}
    )
    assert (moved.name, moved.get_absolute_url()) == ("ENT-NA-Platform-IntelQQL-Q4", address)
    former = NameHistory.objects.get()
    assert (former.name, former.source) == ("ENT-NA-Platform-IntelQQL-Q3", "computed")
    assert [hit.pk for hit in search(cast.alice, "intelqql-q3")] == [deal.pk]
    assert search(cast.charlie, "intelqql-q3") == []


def test_name_stays_while_the_quarter_does(cast: Cast) -> None:
    deal = open_deal(cast)
    edit_opportunity(
        by=cast.alice, pk=deal.pk, changes={"close_date": "2027-09-30", "slip_reason": "buyer_delayed"}
    )
    assert NameHistory.objects.count() == 0


def test_copies_of_the_account_stay_when_it_changes(cast: Cast) -> None:
    deal = open_deal(cast)
    edit_account(by=cast.rita, pk=deal.account_id, changes={"country": "DE", "employees": "50"})
    deal.refresh_from_db()
    assert (deal.segment, deal.geo) == ("ENT", "NA")


@pytest.mark.parametrize(
    ("country", "geo"),
    [("US", "NA"), ("MX", "LATAM"), ("BR", "LATAM"), ("DE", "EMEA"), ("NG", "EMEA"), ("AE", "EMEA"),
     ("IN", "APAC"), ("AU", "APAC"), ("", ""), ("AQ", "")],
)  # fmt: skip
def test_region_follows_the_country(country: str, geo: str) -> None:
    assert geo_of(country) == geo


def test_every_country_is_in_one_region() -> None:
    left_out = {code for code in kernel_values.countries() if not geo_of(code)}
    assert left_out == set(IN_NO_REGION)


def test_creation_that_the_trail_refuses_leaves_nothing(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    lay_lists()
    account, product = make_account(cast), make_product(cast)

    def fail(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("no trail")

    monkeypatch.setattr("revops.kernel.audit.changes._record", fail)
    with unchanged(), pytest.raises(RuntimeError):
        create_opportunity(by=cast.alice, values=worth(account, product))


def test_close_date_of_the_fixture_lies_in_the_third_quarter() -> None:
    assert date(2027, 7, 1) <= CLOSES <= date(2027, 9, 30)
