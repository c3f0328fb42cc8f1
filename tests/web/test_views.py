"""Saved views on the pages: what a list opens with, what is marked as changed, what is refused, and the builder."""

import json
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from revops.kernel.people.access import organisation, vocabulary
from revops.kernel.records import registry
from revops.kernel.records.models import SavedView
from revops.kernel.records.views import actions
from revops.web import building, condition_words
from revops.web.addresses import Address
from revops.web.building import Group, Row
from tests.cast import Cast
from tests.web.conftest import FRAGMENT, made

pytestmark = pytest.mark.django_db
ACCOUNTS = "accounts.account"


def shared(by: Any, *roles: str, name: str = "Big", default: Any = (), **content: Any) -> SavedView:
    view = actions.create_view(by=by, record_type="accounts", name=name, content=content)
    actions.share_view(by=by, pk=view.pk, roles=roles)
    return actions.set_default(by=by, pk=view.pk, roles=default) if default else view


def queries(browser: Any, path: str) -> int:
    browser.get(path, headers=FRAGMENT)
    with CaptureQueriesContext(connection) as captured:
        assert browser.get(path, headers=FRAGMENT).status_code == 200
    return len(captured)


def test_list_opens_with_the_default_of_ones_role_and_all_is_one_click_away(browse: Any, cast: Cast):
    view = shared(cast.mona, "AE", default=["AE"], filters={"employees__gte": "100"})
    answer = browse(cast.alice).get("/accounts/")
    assert (answer.status_code, answer["Location"]) == (302, f"/accounts/?view={view.pk}")
    page = browse(cast.alice).get(f"/accounts/?view={view.pk}")
    assert [(tab.label, tab.url, tab.chosen) for tab in page.context["tabs"]] == [
        ("All", "/accounts/?view=all", False),
        ("Mine", "/accounts/?owner=me", False),
        ("Big", f"/accounts/?view={view.pk}", True),
    ]
    assert browse(cast.alice).get("/accounts/?view=all").status_code == 200
    assert browse(cast.sam).get("/accounts/").status_code == 200


def test_view_costs_the_same_for_one_row_and_for_three(browse: Any, cast: Cast, settled_organisation: None):
    where = {"all": [{"f": "owner", "op": "in", "v": [cast.alice.pk, cast.bob.pk]}]}
    view = shared(cast.mona, "AE", where=where)
    actions.pin_view(by=cast.alice, pk=view.pk)
    made(cast.alice, name="One")
    browser = browse(cast.alice)
    # session, person, tabs and the view among them, preference, other ownership roles, rows, names in the condition
    assert queries(browser, f"/accounts/?view={view.pk}") == 7
    made(cast.alice, name="Two")
    made(cast.bob, name="Three")
    assert queries(browser, f"/accounts/?view={view.pk}") == 7


def test_changes_to_a_view_are_marked_saved_and_undone(browse: Any, cast: Cast):
    view = shared(cast.mona, "AE", filters={"status": "customer"}, sort="-name")
    browser, address = browse(cast.mona), f"/accounts/?view={view.pk}"
    assert "Edited" not in browser.get(address).content.decode()
    page = browser.get(f"{address}&status=&employees__gte=5")
    assert [page.context["edited"], page.context["may_save"]] == [True, True]
    assert [(chip.words, chip.remove) for chip in page.context["chips"]] == [
        ("Employees at least 5", f"{address}&status=")
    ]
    assert browse(cast.alice).get(f"{address}&sort=name").context["may_save"] is False
    form = {"back": f"view={view.pk}&status=&employees__gte=5", "version": "1"}
    assert browser.post(f"/accounts/views/{view.pk}/save/", form)["Location"] == address
    view.refresh_from_db()
    assert (view.content["filters"], view.content["sort"]) == ({"employees__gte": "5"}, "-name")
    assert browser.post(f"/accounts/views/{view.pk}/save/", form).status_code == 409


def test_list_is_kept_as_a_view_and_pinned(browse: Any, cast: Cast):
    form = {"back": "employees__gte=5&columns=name,owner&widths=name:220&after=x", "name": "Mine", "pin": "1"}
    answer = browse(cast.alice).post("/accounts/views/", form)
    view = SavedView.objects.get(owner=cast.alice)
    assert (answer.status_code, answer["Location"]) == (303, f"/accounts/?view={view.pk}")
    assert (view.content["columns"], view.content["widths"]) == (["name", "owner"], {"name": 220})
    page = browse(cast.alice).get(f"/accounts/?view={view.pk}")
    assert page.context["tabs"][-1].label == "Mine"
    refused = browse(cast.alice).post("/accounts/views/", form | {"back": "tax_id=1", "name": ""})
    assert refused.status_code == 422
    assert SavedView.objects.count() == 1


def test_view_out_of_sight_does_not_exist(browse: Any, cast: Cast):
    view = shared(cast.mona, "AE")
    browser = browse(cast.marco)
    for path in (f"/accounts/?view={view.pk}", f"/accounts/views/{view.pk}/", "/accounts/?view=999999"):
        assert browser.get(path).status_code == 404, path
    for deed in ("save", "share", "archive", "restore", "pin", "unpin", "nonsense"):
        assert browser.post(f"/accounts/views/{view.pk}/{deed}/").status_code == 404, deed
    assert browse(cast.alice).post(f"/accounts/views/{view.pk}/archive/").status_code == 403
    assert browse(cast.alice).get(f"/contacts/?view={view.pk}").status_code == 404


def test_hidden_parts_of_a_view_are_left_out_or_refused(
    browse: Any, cast: Cast, monkeypatch: pytest.MonkeyPatch
):
    made(cast.alice, name="Near")
    columns = shared(cast.rita, "AE", columns=["name", "industry", "owner"], name="Columns")
    order = shared(cast.rita, "AE", sort="annual_revenue", name="Order")
    narrow = shared(cast.rita, "AE", filters={"industry": "technology"}, sort="annual_revenue", name="Narrow")
    held = vocabulary._declared[ACCOUNTS]
    hidden = {**held.hidden, "annual_revenue": frozenset({"REVOPS"}), "industry": frozenset({"REVOPS"})}
    monkeypatch.setitem(vocabulary._declared, ACCOUNTS, replace(held, hidden=hidden))
    organisation.forget()
    browser = browse(cast.alice)
    page = browser.get(f"/accounts/?view={columns.pk}")
    assert [head.name for head in page.context["heads"]] == ["name", "owner"]
    assert browser.get("/accounts/?columns=name,industry").status_code == 400
    refused = browser.get(f"/accounts/?view={order.pk}")
    assert (refused.status_code, refused.context["unsorted_url"]) == (
        400,
        f"/accounts/?view={order.pk}&sort=",
    )
    assert browser.get(refused.context["unsorted_url"]).status_code == 200
    closed = browser.get(f"/accounts/?view={narrow.pk}")
    assert (closed.status_code, closed.context["unsorted_url"]) == (400, "")
    assert "This view cannot be shown to you" in closed.content.decode()
    assert "Near" not in closed.content.decode()


def test_menu_lists_views_and_settings_share_them(browse: Any, cast: Cast):
    view = shared(cast.mona, "AE")
    menu = browse(cast.alice).get("/accounts/views/").content.decode()
    assert "Shared with me" in menu
    assert "Big" in menu
    page = browse(cast.mona).get(f"/accounts/views/{view.pk}/")
    assert page.context["may_share"] is True
    form = {"share": ["AE", "SDR"], "default": ["SDR"]}
    for deed in ("pin", "left", "unpin"):
        done = browse(cast.mona).post(f"/accounts/views/{view.pk}/{deed}/")
        assert (done.status_code, done["Location"]) == (303, f"/accounts/views/{view.pk}/"), deed
    assert browse(cast.mona).post(f"/accounts/views/{view.pk}/left/").status_code == 404
    assert browse(cast.mona).post(f"/accounts/views/{view.pk}/share/", form).status_code == 303
    assert browse(cast.sam).get("/accounts/")["Location"] == f"/accounts/?view={view.pk}"
    seen = browse(cast.alice).get(f"/accounts/views/{view.pk}/")
    assert [seen.context["may_change"], seen.context["may_share"]] == [False, False]


def test_address_of_a_view_says_what_differs():
    base = {"status": "customer", "sort": "-name"}
    address = Address("/accounts/", base | {"after": "x"}, base, "7")
    assert address.to() == "/accounts/?view=7"
    assert address.to(sort="name") == "/accounts/?view=7&sort=name"
    assert address.without("status") == "/accounts/?view=7&status="
    assert address.query == "view=7"
    assert address.whole == "status=customer&sort=-name"


ROWS = [
    (
        Row("employees", "gte", ("1,000",)),
        {"f": "employees", "op": "gte", "v": 1000},
        "Employees is at least 1,000",
    ),
    (Row("owner", "is_me"), {"f": "owner", "op": "eq", "v": {"param": "me"}}, "Owner is you"),
    (
        Row("created_at", "last", ("30", "D")),
        {"f": "created_at", "op": "between", "v": [{"now": "-P30D"}, {"now": "P0D"}]},
        "Created is in the last 30 days",
    ),
    (
        Row("created_at", "period", ("this_month",)),
        {
            "f": "created_at",
            "op": "between",
            "v": [{"param": "this_month_start_at"}, {"param": "this_month_end_at"}],
        },
        "Created is this month",
    ),
    (
        Row("created_at", "ago", ("2", "W")),
        {"f": "created_at", "op": "older_than", "v": "P2W"},
        "Created is longer ago than 14 days",
    ),
    (
        Row("status", "in", ("customer",)),
        {"f": "status", "op": "in", "v": ["customer"]},
        "Status is Customer",
    ),
    (Row("parent", "is_null"), {"f": "parent", "op": "is_null"}, "Parent account is empty"),
]


@pytest.mark.parametrize(("row", "condition", "words"), ROWS)
def test_row_of_the_builder_is_a_condition_and_back(cast: Cast, row: Row, condition: Any, words: str):
    from zoneinfo import ZoneInfo

    from revops.kernel.records.listing import where

    kind, zone = registry.get(ACCOUNTS), ZoneInfo("Europe/Berlin")
    assert building.condition(row, kind, zone) == condition
    back = building.shown({"any": [condition]}, kind, zone)
    assert isinstance(back, Group)
    assert building.condition(back, kind, zone) == {"any": [condition]}
    rule = where.parse(kind, cast.alice, condition)
    names = condition_words.names(kind, rule.root, cast.alice)
    assert condition_words.said(rule.root, names, condition) == words


def build(browser: Any, draft: Any, back: str = "") -> Any:
    return browser.htmx("/accounts/build/", {"back": back, "draft": json.dumps(draft)})


def test_builder_leads_to_an_address_and_shows_its_rows_again(browse: Any, cast: Cast):
    made(cast.alice, name="Big", employees="500")
    made(cast.alice, name="Small", employees="5")
    draft = {
        "mode": "all",
        "parts": [
            {"f": "", "op": "", "v": []},
            {"mode": "none", "parts": [{"f": "employees", "op": "lte", "v": ["100"]}]},
        ],
    }
    browser = browse(cast.alice)
    answer = build(browser, draft, "sort=-name")
    asked = parse_qs(urlsplit(answer["Location"]).query)
    assert json.loads(asked["where"][0]) == {
        "all": [{"not": {"any": [{"f": "employees", "op": "lte", "v": 100}]}}]
    }
    page = browser.get(answer["Location"])
    assert [chip.value for chip in page.context["chips"]] == ["not Employees is at most 100"]
    assert ("Big" in page.content.decode(), "Small" in page.content.decode()) == (True, False)
    panel = browser.get("/accounts/builder/", {"where": asked["where"][0]}).content.decode()
    assert 'value="100"' in panel
    assert build(browser, {"mode": "all", "parts": []}, "sort=name")["Location"] == "/accounts/?sort=name"


def test_builder_says_beside_the_row_what_is_wrong(browse: Any, cast: Cast):
    wrong = {"mode": "all", "parts": [{"f": "employees", "op": "gte", "v": ["lots"]}]}
    answer = build(browse(cast.alice), wrong)
    assert (answer.status_code, answer["HX-Retarget"]) == (422, "#builder")
    assert "a whole number" in answer.content.decode()
    assert build(browse(cast.alice), "nonsense").status_code == 400
    hidden = {"mode": "all", "parts": [{"f": "tax_id", "op": "eq", "v": ["DE1"]}]}
    assert build(browse(cast.alice), hidden).status_code == 422


def test_rows_offer_only_what_one_may_read(browse: Any, cast: Cast):
    page = browse(cast.alice).get("/accounts/condition/?f=tax_id&changed=f").content.decode()
    assert "tax_id" not in page
    row = browse(cast.alice).get("/accounts/condition/?f=owner&changed=f").content.decode()
    assert "is me" in row


def test_menus_know_the_view(browse: Any, cast: Cast):
    view = shared(cast.mona, "AE", columns=["name", "owner"], sort="-name")
    browser = browse(cast.alice)
    assert [field.name for field in browser.get(f"/accounts/columns/?view={view.pk}").context["shown"]] == [
        "name",
        "owner",
    ]
    sorts = browser.get(f"/accounts/sorts/?view={view.pk}").context["orders"]
    assert [url for label, ways in sorts for words, url, chosen in ways if chosen] == [
        f"/accounts/?view={view.pk}"
    ]
    to = browser.get(f"/accounts/adjust/?back=view%3D{view.pk}&columns=name&columns=status&columns=owner")
    assert to["Location"] == f"/accounts/?view={view.pk}&columns=name,status,owner"


def test_export_of_a_view_says_its_conditions_and_means_who_asked(browse: Any, cast: Cast):
    made(cast.alice, name="Near")
    view = shared(cast.mona, "AE", where={"f": "owner", "op": "eq", "v": {"param": "me"}})
    page = browse(cast.alice).get(f"/accounts/?view={view.pk}")
    asked = browse(cast.alice).get(page.context["export_url"])
    assert [chip.words for chip in asked.context["chips"]] == ["Owner is Alice"]
    assert asked.context["rows"] == 1
