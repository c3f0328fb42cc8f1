"""The palette, the search box and its page, favourites and visits: what one may go to, find and do."""

import re
from typing import Any

import pytest

from accounts.actions import assign_account, create_lead
from accounts.models import Account
from revops.kernel.records.models import Favourite, Visit
from revops.web.palette.offering import marked
from revops.web.palette.ranking import fit
from tests.cast import Cast
from tests.web.conftest import made

pytestmark = pytest.mark.django_db


def offered(browser: Any, **asked: str) -> list[tuple[str, str]]:
    """Return (label, address or act) of what the palette offers."""
    page = browser.get("/palette/", asked).content.decode()
    found = re.findall(r'role="option"([^>]*)>.*?<span>(.*?)</span>', page)
    return [
        (re.sub("</?mark>", "", label), re.search(r'data-(?:url|act)="([^"]*)"', attributes)[1])  # type: ignore[index]
        for attributes, label in found
    ]


def groups(browser: Any, **asked: str) -> list[str]:
    page = browser.get("/palette/", asked).content.decode()
    return re.findall(r'role="group" aria-label="([^"]*)"', page)


def test_palette_does_only_what_one_may_with_the_record(browse: Any, account: Account, cast: Cast):
    at = f"/accounts/{account.pk}/"
    mine = dict(offered(browse(cast.alice), q=">", at=at))
    assert mine["Edit this account"] == f"{at}edit/"
    assert mine["Log a call"] == f"{at}compose/call/"
    assert not any(f"{at}do/assign" in url for url in mine.values())
    theirs = dict(offered(browse(cast.rita), q="> assign", at=at))
    assert f"{at}do/assign/" in theirs.values()
    read_only = dict(offered(browse(cast.otto), q=">", at=at))
    assert "Edit this account" not in read_only
    assert "History" in read_only


@pytest.mark.parametrize(
    "at", ["/accounts/999999999/", "/accounts/", "/nowhere/1/", "/accounts/9" + "9" * 30, ""]
)
def test_palette_offers_no_deed_where_no_record_is_seen(browse: Any, cast: Cast, at: str):
    assert "History" not in dict(offered(browse(cast.alice), q=">", at=at))


def test_palette_offers_no_deed_for_what_is_hidden(browse: Any, cast: Cast):
    hidden = made(cast.charlie, name="Far West Foods")
    asked = {"q": ">", "at": f"/accounts/{hidden.pk}/"}
    assert offered(browse(cast.alice), **asked) == offered(
        browse(cast.alice), q=">", at="/accounts/999999999/"
    )


def test_palette_goes_and_looks_by_prefix(browse: Any, account: Account, cast: Cast):
    browser = browse(cast.alice)
    assert offered(browser, q="/deals")[0] == ("Deals", "/opportunities/")
    assert offered(browser, q="dark")[0] == ("Dark theme", "theme:dark")
    assert offered(browser, q="nd")[0] == ("New deal", "/opportunities/new/")
    assert offered(browser, q="acc new")[0] == ("New account", "/accounts/new/")
    assert ("Northwind Traders", f"/accounts/{account.pk}/") not in offered(browser, q="/north")


def test_palette_ranks_what_is_often_taken_higher(browse: Any, cast: Cast):
    browser = browse(cast.alice)
    assert [label for label, _ in offered(browser, q="new")][:2] == ["New lead", "New account"]
    for _ in range(3):
        assert browser.post("/palette/chosen/", {"key": "Create:New account"}).status_code == 204
    assert [label for label, _ in offered(browser, q="new")][:2] == ["New account", "New lead"]


def test_palette_at_rest_begins_with_what_one_opened_last(browse: Any, account: Account, cast: Cast):
    browser, other = browse(cast.alice), made(cast.alice, name="Harbor Foods")
    assert groups(browser) == ["Go to", "Create"]
    for one in (account, other):
        assert browser.post("/visits/", {"at": f"/accounts/{one.pk}/"}).status_code == 204
    assert groups(browser)[0] == "Recent"
    assert offered(browser, at=f"/accounts/{other.pk}/")[0] == (
        "Northwind Traders",
        f"/accounts/{account.pk}/",
    )
    assign_account(by=cast.rita, pk=account.pk, owner=cast.charlie, reason="Charlie knows them better")
    assert "Northwind" not in browser.get("/palette/").content.decode()


def test_opening_a_page_writes_no_visit(browse: Any, account: Account, cast: Cast):
    browse(cast.alice).get(f"/accounts/{account.pk}/")
    assert Visit.objects.count() == 0


@pytest.mark.parametrize(
    "at", ["", "/accounts/", "/accounts/x/", "/users/1/", "/accounts/999999999/", "/search/1/"]
)
def test_marks_of_what_is_not_seen_are_refused_alike(browse: Any, cast: Cast, at: str):
    for path in ("/visits/", "/favourites/"):
        assert browse(cast.alice).post(path, {"at": at}).status_code == 404, path
    assert (Visit.objects.count(), Favourite.objects.count()) == (0, 0)


def test_favourites_are_starred_moved_and_taken_off(browse: Any, account: Account, cast: Cast):
    browser, other = browse(cast.alice), made(cast.alice, name="Harbor Foods")
    first, second = (f"/accounts/{one.pk}/" for one in (account, other))

    def shown(**posted: str) -> list[str]:
        answer = browser.post("/favourites/", posted) if posted else browser.get("/favourites/")
        return re.findall(r'data-favourite="([^"]*)"', answer.content.decode())

    assert shown(at=first) == [first]
    assert shown(at=second, on="1") == [first, second]
    assert shown(at=second, to="0") == [second, first]
    assert shown(at=first, on="0") == [second]
    assert shown() == [second]
    assert "data-favourite" not in browse(cast.bob).get("/favourites/").content.decode()


def test_search_box_tells_the_same_names_apart(browse: Any, account: Account, cast: Cast):
    create_lead(
        by=cast.alice,
        values={
            "last_name": "Northwind",
            "company": "Far",
            "email": "n@example.org",
            "source_original": "trade_show",
        },
    )
    page = browse(cast.alice).get("/search/box/", {"q": "north"}).content.decode()
    assert "<mark>North</mark>wind Traders" in page
    assert "Far · New · Alice" in page
    assert "See all results" in page
    assert "Nothing fits" in browse(cast.charlie).get("/search/box/", {"q": "north"}).content.decode()


def test_search_page_counts_by_kind_and_shows_one(browse: Any, account: Account, cast: Cast):
    for place in range(2):
        made(cast.alice, name=f"Northern {place}")
    page = browse(cast.alice).get("/search/", {"q": "north"}).content.decode()
    assert re.findall(r'class="tab-count">(\d+)', page) == ["3"]
    assert page.count("data-row") == 3
    assert (
        browse(cast.alice).get("/search/", {"q": "north", "kind": "leads"}).content.decode().count("data-row")
        == 0
    )


@pytest.mark.parametrize("number", [1, 3])
def test_search_box_takes_a_constant_number_of_queries(
    browse: Any, cast: Cast, settled_organisation: None, django_assert_num_queries: Any, number: int
):
    browser = browse(cast.rita)
    for place in range(number):
        made(cast.rita, name=f"Northern {place}")
    with django_assert_num_queries(5):
        browser.get("/search/box/", {"q": "north"})


@pytest.mark.parametrize(
    ("title", "text", "shown"),
    [
        ("Acme <b>", "acm", "<mark>Acm</mark>e &lt;b&gt;"),
        ("Société Générale", "gen soc", "<mark>Soc</mark>iété <mark>Gén</mark>érale"),
        ("Straße", "strasse", "<mark>Straße</mark>"),
        ("Acme", "deal: ac", "<mark>Ac</mark>me"),
        ("Acme", "", "Acme"),
        ("Men", "@me", "Men"),
    ],
)
def test_what_was_asked_for_is_marked_and_escaped(title: str, text: str, shown: str):
    assert marked(title, text) == shown


def test_entries_fit_by_beginnings_and_initials():
    assert fit("xyz", "New deal") == fit("eal", "New deal") == fit("n", "Old new", "") * 0 == 0
    assert (
        fit("new deal", "New deal") > fit("new", "New deal") > fit("deal", "New deal") > fit("nd", "New deal")
    )
    assert fit("nd", "New deal") > fit("create", "New deal", "create add") > 0
    assert fit("new", "New deal", chosen=5) > fit("new", "New lead", chosen=2) > fit("new", "New lead")
