"""Converting a lead: what comes of it, what is linked instead of doubled, and what stands against it."""

from typing import Any

import pytest

from accounts.actions.activities import log_activity
from accounts.actions.leads import accept_lead, create_lead, start_working
from accounts.models import Account, Contact, Lead
from opportunities.actions import convert_lead
from opportunities.models import LeadConversion, OppContactRole, Opportunity, OpportunityActivity, UseCase
from opportunities.queries.opportunity import conversion
from revops.kernel import audit
from revops.kernel.outbox.models import OutboxEvent
from revops.kernel.people import access
from tests.cast import Cast
from tests.evidence import ledger_faults, unchanged
from tests.opportunities.conftest import codes, lay_lists, make_account, make_product
from tests.opportunities.intervals import interval_faults


@pytest.fixture(autouse=True)
def lists_and_product(cast: Cast) -> None:
    lay_lists()
    make_product(cast)


def worked_on(cast: Cast, by: str = "alice", **values: Any) -> Lead:
    """Return a lead that somebody of the cast is working on."""
    given = {
        "first_name": "Ann",
        "last_name": "Lee",
        "company": "Globex",
        "email": "ann@globex.example.com",
        "country": "DE",
        "employees": "250",
        "source_original": "webinar",
        **values,
    }
    lead = create_lead(by=cast.people[by], values=given)
    accept_lead(by=cast.people[by], pk=lead.pk)
    return start_working(by=cast.people[by], pk=lead.pk)


def deal_values(cast: Cast, **values: Any) -> dict[str, Any]:
    return {
        "open_deal": True,
        "primary_product": make_product(cast).pk,
        "use_case": UseCase.objects.get(code="IntelQQL").pk,
        "close_date": "2027-08-15",
        "amount": "9000",
        **values,
    }


def test_lead_becomes_account_contact_and_deal(cast: Cast) -> None:
    lead = worked_on(cast)
    made = convert_lead(by=cast.alice, pk=lead.pk, values=deal_values(cast))
    lead.refresh_from_db()
    account, contact, deal = lead.converted_account, lead.converted_contact, made.opportunity
    assert account is not None
    assert contact is not None
    assert deal is not None
    assert (account.name, account.country, account.segment, account.owner) == (
        "Globex",
        "DE",
        "MM",
        cast.alice,
    )
    assert (contact.name, contact.primary_email, contact.account) == (
        "Ann Lee",
        "ann@globex.example.com",
        account,
    )
    assert (deal.name, deal.account, deal.owner, deal.source) == (
        "MM-EMEA-Platform-IntelQQL-Q3",
        account,
        cast.alice,
        "webinar",
    )
    role = OppContactRole.objects.get()
    assert (role.opportunity, role.contact, role.is_primary) == (deal, contact, True)
    assert (lead.status, lead.converted_at) == ("converted", made.converted_at)
    assert OutboxEvent.objects.get(type="lead.converted").payload["opportunity"] == deal.pk
    assert (ledger_faults(), interval_faults()) == ([], [])
    found = conversion(lead, cast.alice)
    assert found is not None
    assert (found.account, found.contact, found.deal) == (account, contact, deal)


def test_lead_without_business_becomes_no_deal(cast: Cast) -> None:
    made = convert_lead(by=cast.alice, pk=worked_on(cast).pk, values={})
    assert (made.opportunity, Opportunity.objects.count()) == (None, 0)


def test_account_of_the_domain_and_contact_of_the_address_are_linked(cast: Cast) -> None:
    first = convert_lead(by=cast.alice, pk=worked_on(cast).pk, values={}).lead
    lead = worked_on(cast, last_name="Other", email="bob@globex.example.com")
    assert lead.matched_account_id == first.converted_account_id
    again = convert_lead(by=cast.alice, pk=lead.pk, values={}).lead
    assert again.converted_account_id == first.converted_account_id
    assert (Account.objects.count(), Contact.objects.count()) == (1, 2)
    known = worked_on(cast, link_known="true")
    third = convert_lead(by=cast.alice, pk=known.pk, values={}).lead
    assert third.converted_contact_id == first.converted_contact_id
    assert Contact.objects.count() == 2


def test_named_account_is_taken_within_ones_scope(cast: Cast) -> None:
    mine, far = make_account(cast, "Mine"), make_account(cast, "Far", owner="charlie")
    lead = worked_on(cast)
    with unchanged(), pytest.raises(audit.Blocked) as refusal:
        convert_lead(by=cast.alice, pk=lead.pk, values={"account": far.pk})
    assert ("OPP-003", "account") in codes(refusal)
    convert_lead(by=cast.alice, pk=lead.pk, values={"account": mine.pk})
    lead.refresh_from_db()
    assert lead.converted_account == mine


def test_matched_account_out_of_sight_is_told_with_its_owner(cast: Cast) -> None:
    make_account(cast, "Globex", owner="charlie", domain="globex.example.com")
    lead = worked_on(cast)
    with unchanged(), pytest.raises(audit.Blocked) as refusal:
        convert_lead(by=cast.alice, pk=lead.pk, values={})
    assert codes(refusal)[0] == ("OPP-081", "account")
    assert "Charlie" in refusal.value.findings[0].message


def test_everything_against_a_conversion_is_told_at_once(cast: Cast) -> None:
    lead = worked_on(cast)
    values = {"open_deal": True, "amount": "-1", "next_step_on": "2020-01-01"}
    with unchanged(), pytest.raises(audit.Blocked) as refusal:
        convert_lead(by=cast.alice, pk=lead.pk, values=values)
    assert sorted(codes(refusal)) == [
        ("OPP-002", "close_date"),
        ("OPP-002", "primary_product"),
        ("OPP-002", "use_case"),
        ("OPP-005", "amount"),
        ("OPP-013", "next_step_on"),
    ]


def test_only_a_lead_that_is_worked_on_is_converted(cast: Cast) -> None:
    values = {
        "last_name": "New",
        "company": "Initech",
        "source_original": "web",
        "email": "n@initech.example.com",
    }
    lead = create_lead(by=cast.alice, values=values)
    with unchanged(), pytest.raises(audit.Blocked) as refusal:
        convert_lead(by=cast.alice, pk=lead.pk, values={})
    assert codes(refusal) == [("OPP-080", "status")]
    done = worked_on(cast)
    convert_lead(by=cast.alice, pk=done.pk, values={})
    with unchanged(), pytest.raises(audit.Blocked):
        convert_lead(by=cast.alice, pk=done.pk, values={})


def test_who_opens_no_deals_converts_without_one(cast: Cast) -> None:
    lead = worked_on(cast, by="sam")
    with unchanged(), pytest.raises(access.Forbidden):
        convert_lead(by=cast.sam, pk=lead.pk, values=deal_values(cast))
    convert_lead(by=cast.sam, pk=lead.pk, values={})
    assert LeadConversion.objects.get().opportunity is None


def test_who_does_not_own_the_lead_converts_nothing(cast: Cast) -> None:
    lead = worked_on(cast)
    for name in ("bob", "mona", "rita", "cleo"):
        with unchanged(), pytest.raises(access.Forbidden):
            convert_lead(by=cast.people[name], pk=lead.pk, values={})
    with unchanged(), pytest.raises(Lead.DoesNotExist):
        convert_lead(by=cast.charlie, pk=lead.pk, values={})


def test_stale_conversion_is_a_conflict(cast: Cast) -> None:
    lead = worked_on(cast)
    with unchanged(), pytest.raises(audit.Conflict):
        convert_lead(by=cast.alice, pk=lead.pk, values={}, version=1)


def test_what_happened_with_the_lead_is_told_at_its_account_and_deal(cast: Cast) -> None:
    lead = worked_on(cast)
    values = {"kind": "call", "subject": "Demo", "outcome": "connected", "direction": "outbound"}
    log_activity(by=cast.alice, values={**values, "duration_s": "300", "lead": lead.pk})
    deal = convert_lead(by=cast.alice, pk=lead.pk, values=deal_values(cast)).opportunity
    assert deal is not None
    deal.refresh_from_db()
    link = OpportunityActivity.objects.get()
    assert (link.opportunity, link.activity.account_id) == (deal, deal.account_id)
    assert deal.last_buyer_activity_at == link.activity.occurred_at
