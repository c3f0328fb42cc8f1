"""The page of a deal: its next gate line by line, everything that blocks it, what comes later, and the same by API."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from opportunities.actions import add_contact_role
from opportunities.enums import CategoryWhy, Stage
from opportunities.models import CategoryChange, Opportunity
from opportunities.queries import gates, stages
from revops.kernel import audit
from revops.kernel.people import access
from tests.cast import Cast
from tests.opportunities.conftest import ADVANCE, brought_to, open_deal
from tests.opportunities.people import make_contact
from tests.web.conftest import FRAGMENT, Browser

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("settled_organisation")]


def lines_of(deal: Opportunity, user: Any) -> list[tuple[str, str]]:
    found = gates.gate(deal, user)
    assert found is not None
    return [(one.title, one.state) for one in found.lines]


def test_gate_tells_what_is_missing_first_and_asks_for_this_segment_alone(cast: Cast) -> None:
    deal = open_deal(cast)
    assert lines_of(deal, cast.alice) == [
        ("The buyer has stated the need", gates.MISSING),
        ("A contact with a role", gates.MISSING),
        ("Source and segment", gates.MET),
    ]
    deal.stage, deal.segment = str(Stage.EVALUATION), "SMB"
    small = {title for title, _ in lines_of(deal, cast.alice)}
    assert {"A champion who was tested", "Three contacts with a role"} & small == set()
    assert dict(lines_of(deal, cast.alice))["An evaluation plan with its end (SMB)"] == gates.WARNS


def test_line_offers_its_reader_what_supplies_it(cast: Cast) -> None:
    deal = open_deal(cast)
    offered = gates.gate(deal, cast.alice)
    seen = gates.gate(deal, cast.bob)
    assert offered is not None
    assert seen is not None
    assert [one.need.deed for one in offered.lines if one.need is not None] == [
        "add_evidence/?kind=need_statement",
        "add_contact/",
    ]
    assert [one.need.deed for one in seen.lines if one.need is not None] == ["", ""]
    assert offered.lines[0].ask.startswith("/exceptions/add/")


def test_everything_that_keeps_a_deal_is_told_and_nothing_of_a_closed_one(cast: Cast) -> None:
    deal = open_deal(cast)
    found = gates.against(deal, cast.alice)
    assert found is not None
    assert (found.leads_to, found.criteria, found.nothing) == ("Discovery", 2, False)
    ready = brought_to(cast, "proposal")
    free = gates.against(ready, cast.alice)
    assert free is not None
    assert (free.criteria, free.overdue, free.debts) == (0, [], [])
    ready.stage = str(Stage.CLOSED_LOST)
    assert gates.against(ready, cast.alice) is None


def test_page_reads_its_facts_once(cast: Cast) -> None:
    deal = open_deal(cast)
    with access.remembered():
        gates.ahead(deal, cast.alice)
        gates.gate(deal, cast.alice)
        with CaptureQueriesContext(connection) as captured:
            gates.against(deal, cast.alice)
    assert len(captured) == 0


@pytest.mark.control
def test_outside_a_page_each_question_is_asked_anew(cast: Cast) -> None:
    deal = open_deal(cast)
    gates.gate(deal, cast.alice)
    with CaptureQueriesContext(connection) as captured:
        gates.against(deal, cast.alice)
    assert len(captured) > 2


def test_what_stands_last_comes_after_the_page_and_a_tab_when_it_is_opened(cast: Cast) -> None:
    deal = open_deal(cast)
    contact = make_contact(cast, "Ann Buyer", account=deal.account)
    add_contact_role(by=cast.alice, values={"opportunity": deal.pk, "contact": contact.pk, "role": "user"})
    browser, url = Browser(cast.alice), deal.get_absolute_url()
    page = browser.get(url).content.decode()
    assert ("Ann Buyer" in page, f'hx-get="{url}?as=rest"' in page) == (False, True)
    assert "Ann Buyer" in browser.get(f"{url}?as=rest", headers=FRAGMENT).content.decode()
    tab = browser.get(f"{url}?tab=stays&as=tab", headers=FRAGMENT).content.decode()
    assert ("Attempts to move it" in tab, "record-head" in tab) == (True, False)
    drawn = browser.get(f"{url}?tab=stays&as=parts", headers=FRAGMENT).content.decode()
    assert 'id="wide-panel" aria-label="Stages" hx-swap-oob="true"' in drawn


def test_late_panels_are_not_there_for_who_does_not_see_the_deal(cast: Cast) -> None:
    deal = open_deal(cast)
    for part in ("rest", "tab", "parts"):
        answer = Browser(cast.charlie).get(f"{deal.get_absolute_url()}?as={part}", headers=FRAGMENT)
        assert answer.status_code == 404, part


def test_api_tells_what_lacks_for_the_next_stage_with_its_remedies(cast: Cast) -> None:
    deal, browser = open_deal(cast), Browser(cast.alice)
    told = browser.get(f"/api/v1{deal.get_absolute_url()}gate/").json()
    assert (told["to"], told["passes"]) == ("discovery", False)
    by_key = {one["key"]: one for one in told["criteria"]}
    assert by_key["lifecycle_fields"]["remedies"] == []
    assert [one["label"] for one in by_key["need_stated"]["remedies"]] == [
        "Add what they said",
        "Ask for an exception",
    ]
    assert by_key["need_stated"]["excusable_by"][0] == "SALES_MGR"
    assert Browser(cast.charlie).get(f"/api/v1{deal.get_absolute_url()}gate/").status_code == 404
    assert browser.get(f"/api/v1{deal.get_absolute_url()}gate/?x=1").status_code == 400


def test_advance_brings_a_deal_one_stage_further_and_asks_why(cast: Cast) -> None:
    deal, browser = brought_to(cast, "discovery"), Browser(cast.alice)
    url = f"{deal.get_absolute_url()}do/advance/"
    refused = browser.post(url, {"reason_code": "", "version": str(deal.version)})
    assert refused.status_code == 422
    assert browser.post(url, {"reason_code": ADVANCE, "version": str(deal.version)}).status_code == 303
    assert Opportunity.objects.get(pk=deal.pk).stage == Stage.EVALUATION


def test_path_tells_what_a_rule_brought_the_category_down_to_until_somebody_sets_it(cast: Cast) -> None:
    deal = open_deal(cast)
    assert stages.path(deal, cast.alice).held is None
    with audit.change(by=cast.rita, action="test.clamp"):
        _came_down(deal, cast, CategoryWhy.SLIPPED)
    held = stages.path(deal, cast.alice).held
    assert held is not None
    assert (held.category, held.why) == ("Pipeline", "Its close date slipped")
    with audit.change(by=cast.rita, action="test.set"):
        _came_down(deal, cast, CategoryWhy.SET)
    assert stages.path(deal, cast.alice).held is None


def _came_down(deal: Opportunity, cast: Cast, why: CategoryWhy) -> None:
    now = audit.current().occurred_at
    audit.write(
        CategoryChange(
            opportunity=deal,
            before="commit",
            after="pipeline",
            why=why,
            occurred_at=now,
            changed_by=cast.rita,
        )
    )
