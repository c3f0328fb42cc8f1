"""What a blocked drop supplies: deeds written with the move or not at all, each finding at its place in the form."""

from typing import Any

import pytest

from opportunities.actions import columns, filling, move_stage
from opportunities.actions.gating import DEEDS
from opportunities.enums import BuyingRole, Stage
from opportunities.models import OppContactRole, Opportunity, StageEvidence
from revops.kernel.audit import Blocked
from revops.kernel.people import access
from revops.kernel.records.boards import Deed
from tests.cast import Cast
from tests.evidence import unchanged
from tests.opportunities.conftest import ADVANCE, stepped_deal
from tests.opportunities.people import make_contact
from tests.web.conftest import FRAGMENT, Browser

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("settled_organisation")]
SAID = "We retype every order by hand"


def said(contact: Any, **other: str) -> Deed:
    values = {"statement": SAID, "stated_by": str(contact.pk), "url": "https://files.example/minutes"}
    return Deed("need_statement", "add_evidence", {"kind": "need_statement", **values, **other})


def put_in(contact: Any, role: str = "economic_buyer") -> Deed:
    return Deed("contact_role", "add_contact", {"contact": str(contact.pk), "role": role})


def advance(cast: Cast, deal: Opportunity, *deeds: Deed, by: str = "alice") -> Opportunity:
    return move_stage(by=cast.people[by], pk=deal.pk, to="discovery", reason_code=ADVANCE, deeds=deeds)


def test_inv_2_1_deeds_that_supply_what_lacked_are_written_with_the_move(cast: Cast) -> None:
    deal = stepped_deal(cast)
    contact = make_contact(cast, "Ann Buyer", account=deal.account)
    moved = advance(cast, deal, said(contact), put_in(contact))
    assert moved.stage == Stage.DISCOVERY
    assert StageEvidence.objects.values_list("statement", "stated_by").get() == (SAID, contact.pk)
    assert OppContactRole.objects.values_list("contact", "role").get() == (
        contact.pk,
        BuyingRole.ECONOMIC_BUYER,
    )
    change = moved.history.order_by("-version").values_list("history_change", flat=True)[0]
    assert StageEvidence.history.values_list("history_change", flat=True).get() == change


def test_deeds_that_do_not_suffice_leave_nothing(cast: Cast) -> None:
    deal = stepped_deal(cast)
    contact = make_contact(cast, "Ann Buyer", account=deal.account)
    with pytest.raises(Blocked) as refused:
        advance(cast, deal, put_in(contact))
    assert [one.criterion for one in refused.value.findings] == ["need_stated"]
    assert not OppContactRole.objects.exists()


def test_findings_against_deeds_come_all_at_once_at_their_places(cast: Cast) -> None:
    deal = stepped_deal(cast)
    contact = make_contact(cast, "Ann Buyer", account=deal.account)
    with pytest.raises(Blocked) as refused:
        advance(cast, deal, said(contact, statement="Short"), put_in(contact, role="emperor"))
    assert [one.field for one in refused.value.findings] == ["contact_role-role", "need_statement-statement"]
    assert not OppContactRole.objects.exists()
    assert Opportunity.objects.get().stage == Stage.QUALIFICATION


def test_deed_that_one_may_not_do_is_refused(cast: Cast) -> None:
    deal = stepped_deal(cast)
    contact = make_contact(cast, "Ann Buyer", account=deal.account)
    with unchanged(), pytest.raises(access.Forbidden):
        advance(cast, deal, put_in(contact), by="mona")  # managers move deals, but put nobody into them


@pytest.mark.control
def test_deeds_that_nobody_writes_supply_nothing(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filling, "_do", lambda deal, deed, by: [])
    deal = stepped_deal(cast)
    contact = make_contact(cast, "Ann Buyer", account=deal.account)
    with pytest.raises(Blocked):
        advance(cast, deal, said(contact), put_in(contact))


def test_every_deed_but_those_that_are_moves_themselves_is_supplied_with_a_move() -> None:
    without = {name for name in DEEDS if filling.supply(name) is None}
    assert without == {"territory", "geo", "reason_code", "last_buyer_contact_on", "inspection"}
    assert filling.supply("amount") is None
    buyer = filling.supply("economic_buyer")
    assert buyer is not None
    assert (buyer.action.name, buyer.values, buyer.label) == (
        "add_contact",
        {"role": "economic_buyer"},
        "Add the economic buyer",
    )


def test_back_and_closing_take_no_deeds(cast: Cast) -> None:
    deal = stepped_deal(cast)
    ways = {to: columns.BY_STAGE.way(deal, to) for to in ("discovery", "closed_won", "closed_lost")}
    offered = {to: way is not None and way.supplies("contact_role") is not None for to, way in ways.items()}
    assert offered == {"discovery": True, "closed_won": True, "closed_lost": False}


def test_drop_asks_in_its_dialog_and_passes_with_what_was_entered(cast: Cast) -> None:
    deal, browser = stepped_deal(cast), Browser(cast.alice)
    contact = make_contact(cast, "Ann Buyer", account=deal.account)
    url = f"{deal.get_absolute_url()}move/"
    drop = {"by": "stage", "to": "discovery", "version": str(deal.version)}
    asked = browser.post(url, drop, headers=FRAGMENT)
    page = asked.content.decode()
    assert (asked.status_code, page.count('class="supply"')) == (422, 2)
    assert 'name="need_statement-statement"' in page
    assert 'name="need_statement-kind"' not in page  # the criterion says which kind it asks for
    given = {**drop, "asked": "1", "reason_code": ADVANCE, "supply": ["need_statement", "contact_role"]}
    begun = {"need_statement-statement": SAID, "contact_role-is_primary": "false"}
    again = browser.post(url, given | begun, headers=FRAGMENT)
    assert (again.status_code, StageEvidence.objects.count()) == (422, 0)
    assert SAID in again.content.decode()
    whole = {
        "need_statement-stated_by": str(contact.pk),
        "need_statement-url": "https://files.example/minutes",
        "contact_role-contact": str(contact.pk),
        "contact_role-role": "champion",
    }
    assert browser.post(url, given | begun | whole, headers=FRAGMENT).status_code == 200
    assert Opportunity.objects.get().stage == Stage.DISCOVERY
