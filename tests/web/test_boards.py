"""A list as a board: its columns, what it costs, what one may group by; a card moves by the rules or not at all."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.actions import create_lead
from accounts.models import Lead
from accounts.records.account import ACCOUNT
from opportunities.actions import close_lost, edit_opportunity
from opportunities.models import Opportunity
from revops.kernel.records import boards, registry
from revops.web import boards as web_boards
from tests.cast import Cast
from tests.opportunities.conftest import (
    ADVANCE,
    ENDED,
    brought_to,
    make_account,
    make_committable,
    open_deal,
    ready_deal,
)
from tests.web.conftest import FRAGMENT, Browser, made

pytestmark = pytest.mark.django_db
BOARD = "/opportunities/?layout=board"


def columns_of(page: str) -> dict[str, list[int]]:
    """Return the ids of the cards of every column, as they stand on the page."""
    return {
        part.partition('"')[0]: [int(pk) for pk in re.findall(r'data-card="(\d+)"', part)]
        for part in page.split('data-column="')[1:]
    }


def statements(browser: Browser, path: str, **options: Any) -> int:
    browser.get(path, **options)
    with CaptureQueriesContext(connection) as captured:
        assert browser.get(path, **options).status_code == 200
    return len(captured)


@contextmanager
def unchanged(model: Any) -> Iterator[None]:
    """Assert that the block leaves the rows of a model and their history as they were."""
    tables = (model, model.history.model)
    before = [list(one._base_manager.order_by("pk").values()) for one in tables]
    yield
    assert [list(one._base_manager.order_by("pk").values()) for one in tables] == before


def moved(browser: Browser, deal: Opportunity, to: str, **more: Any) -> Any:
    data = {"by": "stage", "to": to, "version": str(deal.version), **more}
    return browser.htmx_post(f"/opportunities/{deal.pk}/move/", data)


def test_board_shows_what_one_sees_in_its_column(cast: Cast):
    first, second = open_deal(cast), brought_to(cast, "evaluation")
    far = make_account(cast, "Far West", owner="charlie")
    open_deal(cast, by="charlie", account=far)
    shown = columns_of(Browser(cast.alice).get(BOARD).content.decode())
    assert shown == {
        "qualification": [first.pk],
        "discovery": [],
        "evaluation": [second.pk],
        "proposal": [],
        "contracting": [],
        "closed_won": [],
        "closed_lost": [],
    }


def test_board_costs_the_same_for_one_card_and_for_three(cast: Cast, settled_organisation: None):
    browser = Browser(cast.alice)
    parts = (
        (BOARD, {}, 15),
        (BOARD, {"headers": FRAGMENT}, 14),
        ("/opportunities/board/column/?by=stage&column=qualification", {"headers": FRAGMENT}, 9),
        ("/opportunities/board/heads/?by=stage", {"headers": FRAGMENT}, 6),
        ("/opportunities/totals/", {"headers": FRAGMENT}, 5),
    )
    open_deal(cast)
    assert [statements(browser, path, **more) for path, more, _ in parts] == [count for *_, count in parts]
    for name in ("Second", "Third"):
        open_deal(cast, account=make_account(cast, name))
    assert [statements(browser, path, **more) for path, more, _ in parts] == [count for *_, count in parts]


def test_a_long_column_is_turned_page_by_page(cast: Cast, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(web_boards, "PAGE", 2)
    deals = [open_deal(cast, close_date=f"2027-08-0{day}") for day in range(1, 6)]
    browser, order = Browser(cast.alice), [deal.pk for deal in reversed(deals)]
    page = browser.get(BOARD).content.decode()
    found = columns_of(page)["qualification"]
    while more := re.search(r'hx-get="([^"]*/board/column/[^"]*)"', page):
        page = browser.htmx(more[1].replace("&amp;", "&")).content.decode()
        found += [int(pk) for pk in re.findall(r'data-card="(\d+)"', page)]
    assert found == order


def test_filters_narrow_the_columns_and_folded_ones_wait(cast: Cast):
    lost = close_lost(by=cast.alice, pk=open_deal(cast).pk, reason_code="price", **ENDED)
    browser = Browser(cast.alice)
    assert list(columns_of(browser.get(f"{BOARD}&stage=proposal,closed_lost").content.decode())) == [
        "proposal",
        "closed_lost",
    ]
    assert "closed_lost" not in columns_of(browser.get(f"{BOARD}&stage__not=closed_lost").content.decode())
    assert columns_of(browser.get(BOARD).content.decode())["closed_lost"] == []
    column = browser.htmx("/opportunities/board/column/?by=stage&column=closed_lost").content.decode()
    assert f'data-card="{lost.pk}"' in column


@pytest.mark.parametrize("group", ["credit_status", "tax_id", "no_such", "name", "industry"])
def test_what_one_cannot_read_or_filter_cannot_be_grouped_by(cast: Cast, group: str):
    made(cast.alice, name="Northwind")
    browser = Browser(cast.alice)
    for path in (
        f"/accounts/?layout=board&group={group}",
        f"/accounts/board/heads/?by={group}",
        f"/accounts/board/column/?by={group}&column=none",
        f"/accounts/totals/?{group}__empty=maybe",
    ):
        answer = browser.get(path)
        assert answer.status_code == 400, path
        assert "Northwind" not in answer.content.decode()


def test_a_hidden_choice_is_offered_to_its_readers_alone(cast: Cast):
    fields = tuple(
        replace(one, filterable=True) if one.name == "credit_status" else one for one in ACCOUNT.fields
    )
    account = replace(ACCOUNT, fields=fields)
    assert "credit_status" not in [one.name for one in boards.groupable(account, cast.alice)]
    assert "credit_status" in [one.name for one in boards.groupable(account, cast.fin)]


def test_a_field_without_an_index_groups_few_records_only(cast: Cast, monkeypatch: pytest.MonkeyPatch):
    deal = open_deal(cast)
    kind = registry.get("opportunities.opportunity")
    assert "type" in [one.name for one in boards.groupable(kind, cast.alice)]
    monkeypatch.setattr(boards, "FEW", deal.pk - 1)
    assert [one.name for one in boards.groupable(kind, cast.alice)] == ["stage"]


def test_heads_and_totals_tell_the_metrics_of_what_one_sees(cast: Cast):
    open_deal(cast, amount="1000")
    open_deal(cast, amount="200", currency="EUR")
    far = make_account(cast, "Far West", owner="charlie")
    open_deal(cast, by="charlie", account=far, amount="77777")
    browser = Browser(cast.alice)
    heads = browser.htmx("/opportunities/board/heads/?by=stage").content.decode()
    assert re.findall(r"data-figure[^>]*>([^<]+)</a>", heads) == ["2", "$1,000", "€200"]
    totals = browser.htmx("/opportunities/totals/").content.decode()
    told = re.findall(r'href="([^"]+)" data-figure[^>]*>([^<]+)</a>', totals)
    assert [text for _, text in told] == ["2", "$1,000", "€200", "$1,000", "€200", "$100", "€20"]
    assert "Each currency stands by itself" in totals
    for address, text in told[-2:]:
        rows = browser.get(address.replace("&amp;", "&")).content.decode()
        assert rows.count("<tr data-pk=") == 1, text
    assert "77,777" not in heads + totals


def test_a_card_moves_by_its_action(cast: Cast):
    deal = ready_deal(cast)
    answer = moved(Browser(cast.alice), deal, "evaluation", reason_code=ADVANCE)
    assert answer.status_code == 200
    assert f'data-card="{deal.pk}" data-version="{deal.version + 1}" data-value="evaluation"' in (
        answer.content.decode()
    )
    assert Opportunity.objects.get().stage == "evaluation"


def test_a_card_is_drawn_anew_for_who_sees_it(cast: Cast):
    deal = open_deal(cast)
    address = f"/opportunities/{deal.pk}/move/?by=stage"
    assert 'data-value="qualification"' in Browser(cast.alice).htmx(address).content.decode()
    assert Browser(cast.charlie).htmx(address).status_code == 404


def test_what_is_missing_is_asked_for_and_written_with_the_move(cast: Cast):
    deal, browser = ready_deal(cast, amount=None), Browser(cast.alice)
    with unchanged(Opportunity):
        refused = moved(browser, deal, "evaluation")
        still = moved(browser, deal, "evaluation", asked="1", amount="-5")
    assert (refused.status_code, still.status_code) == (422, 422)
    assert 'name="amount"' in refused.content.decode()
    assert "below zero" in still.content.decode()
    whole = moved(browser, deal, "evaluation", asked="1", amount="75000", reason_code=ADVANCE)
    assert whole.status_code == 200
    now = Opportunity.objects.get()
    assert (now.stage, int(now.amount or 0)) == ("evaluation", 75000)


def test_nothing_of_a_refused_move_is_written(cast: Cast):
    deal = brought_to(cast, "discovery", amount=None)
    with unchanged(Opportunity):
        answer = moved(
            Browser(cast.alice), deal, "closed_won", asked="1", next_step="Call the buyer", amount=""
        )
    assert answer.status_code == 422


def test_moving_back_and_losing_ask_for_their_reasons(cast: Cast):
    deal, browser = brought_to(cast, "discovery"), Browser(cast.alice)
    asked = moved(browser, deal, "qualification")
    assert (asked.status_code, 'name="reason_code"' in asked.content.decode()) == (422, True)
    assert "field-refused" not in asked.content.decode()
    back = moved(browser, deal, "qualification", asked="1", reason_code="champion_lost")
    assert back.status_code == 200
    deal = Opportunity.objects.get()
    rival = moved(
        browser,
        deal,
        "closed_lost",
        asked="1",
        reason_code="lost_to_competitor",
        last_buyer_contact_on="2026-01-06",
    )
    assert (rival.status_code, "competitor" in rival.content.decode()) == (422, True)
    lost = moved(
        browser,
        deal,
        "closed_lost",
        asked="1",
        reason_code="price",
        competitor="none",
        last_buyer_contact_on="2026-01-06",
    )
    assert lost.status_code == 200
    again = moved(browser, Opportunity.objects.get(), "proposal", asked="1", reason_code="buyer_returned")
    assert 'data-value="qualification"' in again.content.decode()


def test_a_stale_card_says_who_was_faster_and_comes_back_fresh(cast: Cast):
    deal = open_deal(cast)
    edit_opportunity(by=cast.alice, pk=deal.pk, changes={"competitor": "Initech"})
    with unchanged(Opportunity):
        answer = moved(Browser(cast.alice), deal, "evaluation")
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Alice" in page
    assert f'data-version="{deal.version + 1}"' in page


@pytest.mark.parametrize(("who", "status"), [("charlie", 404), ("bob", 403), ("olga", 403), ("otto", 403)])
def test_others_do_not_move_a_card(cast: Cast, who: str, status: int):
    deal = open_deal(cast)
    with unchanged(Opportunity):
        assert moved(Browser(cast.people[who]), deal, "evaluation").status_code == status
        data = {"by": "forecast_category", "to": "best_case", "version": "1"}
        answer = Browser(cast.people[who]).htmx_post(f"/opportunities/{deal.pk}/move/", data)
        assert answer.status_code == status


def test_only_what_one_may_move_is_shown_as_movable(cast: Cast):
    deal = open_deal(cast)
    assert 'class="tile tile-moves"' in Browser(cast.alice).get(BOARD).content.decode()
    seen = Browser(cast.bob).get(BOARD).content.decode()
    assert f'data-card="{deal.pk}"' in seen
    assert "tile-moves" not in seen.partition('id="board"')[2]


def test_a_field_that_is_edited_moves_by_an_edit_with_its_rules(cast: Cast):
    deal, browser = open_deal(cast), Browser(cast.alice)
    data = {"by": "forecast_category", "to": "commit", "version": str(deal.version)}
    with unchanged(Opportunity):
        refused = browser.htmx_post(f"/opportunities/{deal.pk}/move/", data)
    assert refused.status_code == 422
    deal = make_committable(cast, brought_to(cast, "proposal"))
    data["version"] = str(deal.version)
    assert browser.htmx_post(f"/opportunities/{deal.pk}/move/", data).status_code == 200
    assert Opportunity.objects.get(pk=deal.pk).forecast_category == "commit"


def test_leads_move_by_what_becomes_of_them(cast: Cast):
    given = {
        "last_name": "Weber",
        "company": "Hooli",
        "source_original": "web",
        "email": "weber@hooli.example",
    }
    lead = create_lead(by=cast.alice, values=given)
    browser, address = Browser(cast.alice), f"/leads/{lead.pk}/move/"
    data = {"by": "status", "to": "accepted", "version": str(lead.version)}
    assert browser.htmx_post(address, data).status_code == 200
    version = str(Lead.objects.get().version)
    with unchanged(Lead):
        closed = browser.htmx_post(address, {**data, "to": "converted", "version": version})
        asked = browser.htmx_post(address, {**data, "to": "disqualified", "version": version})
    assert (closed.status_code, asked.status_code) == (422, 422)
    assert 'name="disposition"' in asked.content.decode()
    assert "by hand" in closed.content.decode()
