"""Deals on pages and over the API: what is shown, what it costs, and that every door asks the same actions."""

import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from opportunities.actions import add_contact_role, close_won, move_stage
from opportunities.models import OppContactRole, Opportunity, UseCase
from revops.kernel.people import access
from revops.kernel.records import registry
from tests.cast import Cast
from tests.evidence import unchanged
from tests.opportunities.conftest import (
    ADVANCE,
    brought_to,
    lay_lists,
    make_account,
    make_product,
    make_ready,
    open_deal,
    ready_deal,
)
from tests.opportunities.people import make_contact
from tests.web.conftest import FRAGMENT, Browser

pytestmark = pytest.mark.django_db


def cost(browser: Client, path: str, **options: Any) -> int:
    """Return the number of statements of a page that was opened before."""
    browser.get(path, **options)
    with CaptureQueriesContext(connection) as caught:
        assert browser.get(path, **options).status_code == 200
    return len(caught)


def test_lists_cost_the_same_for_one_deal_and_for_three(cast: Cast, settled_organisation: None) -> None:
    browser = Browser(cast.alice)
    open_deal(cast)
    page, fragment, api = (
        cost(browser, "/opportunities/"),
        cost(browser, "/opportunities/", headers=FRAGMENT),
        cost(browser, "/api/v1/opportunities/"),
    )
    for _ in range(2):
        open_deal(cast)
    assert cost(browser, "/opportunities/") == page == 9
    assert cost(browser, "/opportunities/", headers=FRAGMENT) == fragment == 8
    assert cost(browser, "/api/v1/opportunities/") == api


def test_deal_page_costs_the_same_for_one_contact_and_for_three(
    cast: Cast, settled_organisation: None
) -> None:
    deal, browser = open_deal(cast), Browser(cast.alice)

    def put_in(name: str) -> None:
        contact = make_contact(cast, name, account=deal.account)
        values = {"opportunity": deal.pk, "contact": contact.pk, "role": "user"}
        add_contact_role(by=cast.alice, values=values)

    put_in("Ann")
    first = cost(browser, deal.get_absolute_url())
    for name in ("Ben", "Cid"):
        put_in(name)
    assert cost(browser, deal.get_absolute_url()) == first


def test_account_page_costs_the_same_for_one_deal_and_for_three(
    cast: Cast, settled_organisation: None
) -> None:
    deal, browser = open_deal(cast), Browser(cast.alice)
    address = deal.account.get_absolute_url()
    first = cost(browser, address)
    for _ in range(2):
        open_deal(cast)
    assert cost(browser, address) == first


def test_deal_page_shows_path_people_names_and_what_is_missing(cast: Cast) -> None:
    deal = brought_to(cast, "proposal")
    contact = make_contact(cast, "Ann Buyer", account=deal.account)
    add_contact_role(
        by=cast.alice, values={"opportunity": deal.pk, "contact": contact.pk, "role": "champion"}
    )
    page = Browser(cast.alice).get(deal.get_absolute_url()).content.decode()
    assert 'class="step-now" aria-current="step"' in page
    assert "do/close_won/" in page
    late = Browser(cast.alice).get(f"{deal.get_absolute_url()}?as=rest").content.decode()
    assert "Ann Buyer" in late
    assert "The economic buyer was met within 30 days" in page
    assert "50,000" in page
    quiet = Browser(cast.bob).get(deal.get_absolute_url()).content.decode()
    assert "do/move_stage/" not in quiet


def test_closed_deal_offers_to_reopen_and_nothing_to_move(cast: Cast) -> None:
    deal = brought_to(cast, "proposal")
    close_won(by=cast.alice, pk=deal.pk)
    page = Browser(cast.alice).get(deal.get_absolute_url()).content.decode()
    assert 'class="step-won" aria-current="step"' in page
    for deed in ("move_stage", "close_won", "close_lost", "push", "reopen/"):
        assert f"do/{deed}" not in page, deed


def test_deal_is_opened_moved_and_lost_by_forms(cast: Cast) -> None:
    lay_lists()
    account, product = make_account(cast), make_product(cast)
    browser = Browser(cast.alice)
    assert f"?account={account.pk}" in browser.get(account.get_absolute_url()).content.decode()
    values = {
        "account": account.pk,
        "type": "new",
        "primary_product": product.pk,
        "use_case": UseCase.objects.get(code="IntelQQL").pk,
        "source": "web",
        "close_date": "2027-08-15",
        "amount": "5",
        "forecast_category": "pipeline",
        "amount_basis": "ARR",
    }
    assert browser.post("/opportunities/new/", values).status_code == 303
    deal = make_ready(cast, Opportunity.objects.get())
    url = deal.get_absolute_url()
    assert "Proposal" in browser.get(f"{url}do/move_stage/?to=proposal").content.decode()
    moved = browser.post(
        f"{url}do/move_stage/", {"to": "proposal", "reason_code": ADVANCE, "version": str(deal.version)}
    )
    assert moved.status_code == 303
    version = str(deal.version + 1)
    refused = browser.post(f"{url}do/move_stage/", {"to": "discovery", "reason_code": "", "version": version})
    assert (refused.status_code, "needs a reason" in refused.content.decode()) == (422, True)
    stale = browser.post(f"{url}do/move_stage/", {"to": "contracting", "version": "1"})
    assert stale.status_code == 409
    form = browser.get(f"{url}do/close_lost/").content.decode()
    assert "Lost to a competitor" in form
    assert "Champion lost" not in form
    lost = browser.post(
        f"{url}do/close_lost/",
        {
            "reason_code": "price",
            "competitor": "none",
            "last_buyer_contact_on": "2026-01-06",
            "version": version,
        },
    )
    assert lost.status_code == 303
    deal.refresh_from_db()
    assert (deal.stage, deal.loss_reason.code) == ("closed_lost", "price")


def test_inline_edit_of_a_later_close_date_leads_to_its_own_form(cast: Cast, deal: Opportunity) -> None:
    browser = Browser(cast.alice)
    values = {"close_date": "2027-12-01", "version": deal.version}
    answer = browser.htmx_post(f"{deal.get_absolute_url()}field/close_date/", values)
    assert answer.status_code == 422
    assert "do/push/?close_date=2027-12-01" in answer.content.decode()
    form = browser.get(f"{deal.get_absolute_url()}do/push/?close_date=2027-12-01").content.decode()
    assert 'value="2027-12-01"' in form
    assert "The buyer delayed" in form


def send(browser: Client, method: str, path: str, body: Any, version: int | None = None) -> Any:
    headers = {"If-Match": f'"{version}"'} if version else {}
    return browser.generic(method, f"/api/v1{path}", json.dumps(body), "application/json", headers=headers)


def test_api_opens_moves_wins_and_names_the_stage_nowhere_else(cast: Cast) -> None:
    lay_lists()
    account, product = make_account(cast), make_product(cast)
    browser = Browser(cast.alice)
    values = {
        "account": account.pk,
        "primary_product": product.pk,
        "use_case": UseCase.objects.get(code="IntelQQL").pk,
        "source": "web",
        "close_date": "2027-08-15",
        "start_date": "2027-09-01",
        "amount": "5",
    }
    assert send(browser, "POST", "/opportunities/", {**values, "stage": "closed_won"}).status_code == 403
    made = send(browser, "POST", "/opportunities/", values)
    assert made.status_code == 201
    body = made.json()
    assert (body["name"], body["stage"], body["probability"], body["amount"]) == (
        "ENT-NA-Platform-IntelQQL-Q3",
        "qualification",
        "0.1000",
        "5.00",
    )
    base = f"/opportunities/{body['id']}/"
    version = make_ready(cast, Opportunity.objects.get()).version
    with unchanged():
        late = send(browser, "PATCH", base, {"close_date": "2027-12-01"}, version)
    assert late.status_code == 422
    assert [one["code"] for one in late.json()["findings"]] == ["OPP-010"]
    pushed = {"close_date": "2027-12-01", "slip_reason": "buyer_delayed"}
    assert send(browser, "PATCH", base, pushed, version).json()["push_count"] == 1
    forward = {"to": "proposal", "reason_code": ADVANCE}
    moved = send(browser, "POST", f"{base}move_stage/", forward, version + 1)
    assert moved.json()["stage"] == "proposal"
    assert send(browser, "POST", f"{base}move_stage/", forward, version + 1).status_code == 412
    won = send(browser, "POST", f"{base}close_won/", {}, version + 2).json()
    assert (won["stage"], won["forecast_category"], won["booked_at"] is not None) == (
        "closed_won",
        "closed",
        True,
    )
    stays = browser.get(f"/api/v1/stage-intervals/?opportunity={body['id']}&sort=active_from").json()
    assert [one["stage"] for one in stays["results"]] == ["qualification", "proposal", "closed_won"]


def test_api_puts_contacts_into_a_deal_and_takes_them_out(cast: Cast, deal: Opportunity) -> None:
    browser, contact = Browser(cast.alice), make_contact(cast, "Ann")
    values = {"opportunity": deal.pk, "contact": contact.pk, "role": "champion"}
    made = send(browser, "POST", "/opportunity-contacts/", values)
    assert made.status_code == 201
    pk = made.json()["id"]
    assert send(browser, "PATCH", f"/opportunity-contacts/{pk}/", {"is_active": False}, 1).status_code == 200
    assert not OppContactRole.objects.get().is_active


def test_parts_of_deals_have_no_pages_and_no_place_in_the_navigation(cast: Cast) -> None:
    page = Browser(cast.alice).get("/").content.decode()
    assert 'href="/opportunities/"' in page
    for label in ("opportunities.oppcontactrole", "opportunities.stageinterval"):
        kind = registry.get(label)
        assert f'href="/{kind.slug}/"' not in page
        assert Browser(cast.alice).get(f"/{kind.slug}/").status_code == 404


def test_django_admin_changes_no_deal(cast: Cast) -> None:
    from django.contrib import admin

    assert Opportunity not in admin.site._registry
    assert OppContactRole not in admin.site._registry


def test_list_filters_deals_by_what_one_asks_for(cast: Cast) -> None:
    one, two = open_deal(cast), ready_deal(cast, amount="7")
    move_stage(by=cast.alice, pk=two.pk, to="discovery", reason_code=ADVANCE)
    browser = Browser(cast.alice)
    for query, wanted in (
        ("stage=discovery", [two.pk]),
        ("amount__gte=1000", [one.pk]),
        (f"owner={cast.alice.pk}&segment=ENT", [one.pk, two.pk]),
        ("close_date__lte=2027-01-01", []),
        (f"account={one.account_id}&type=new", [one.pk, two.pk]),
    ):
        listed = browser.get(f"/api/v1/opportunities/?{query}").json()["results"]
        assert sorted(row["id"] for row in listed) == wanted, query


def test_every_field_of_the_declaration_is_in_the_matrix() -> None:
    for label in (
        "opportunities.opportunity",
        "opportunities.oppcontactrole",
        "opportunities.stageinterval",
    ):
        names = {field.name for field in registry.get(label).fields}
        assert names == set(access.declarations()[label].fields), label
