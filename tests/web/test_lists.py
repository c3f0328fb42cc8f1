"""The list of a record type: what it shows, what it costs, and what it refuses."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.cast import Cast
from tests.web.conftest import FRAGMENT, made

pytestmark = pytest.mark.django_db


def queries(browser: Any, path: str, **options: Any) -> int:
    browser.get(path, **options)
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert browser.get(path, **options).status_code == 200
    return len(captured)


def test_list_shows_what_one_sees_by_name(browse: Any, cast: Cast):
    made(cast.alice, name="Zebra Labs")
    made(cast.bob, name="Apple Mills")
    made(cast.charlie, name="Far West Foods")
    page = browse(cast.alice).get("/accounts/").content.decode()
    assert page.index("Apple Mills") < page.index("Zebra Labs")
    assert "Far West" not in page


def test_list_costs_the_same_for_one_row_and_for_three(browse: Any, cast: Cast, settled_organisation: None):
    made(cast.alice, name="One")
    browser = browse(cast.alice)
    assert (
        queries(browser, "/accounts/") == 7
    )  # session, person, tabs, preference, other ownership roles, rows, bell
    assert queries(browser, "/accounts/", headers=FRAGMENT) == 6
    made(cast.alice, name="Two")
    made(cast.bob, name="Three")
    assert queries(browser, "/accounts/") == 7
    assert queries(browser, "/accounts/", headers=FRAGMENT) == 6


def test_list_asks_once_for_all_links_of_a_kind(browse: Any, cast: Cast, settled_organisation: None):
    parent = made(cast.rita, name="Parent", owner=str(cast.alice.pk))
    for name in ("One", "Two", "Three"):
        made(cast.rita, name=name, parent=str(parent.pk), owner=str(cast.alice.pk))
    assert queries(browse(cast.alice), "/accounts/?columns=name,parent,owner", headers=FRAGMENT) == 8


def test_list_filters_sorts_and_names_its_filters(browse: Any, cast: Cast):
    made(cast.rita, name="Big", employees="5000", owner=str(cast.alice.pk))
    made(cast.rita, name="Small", employees="5", owner=str(cast.alice.pk))
    page = browse(cast.alice).get("/accounts/?employees__gte=100&sort=-name").content.decode()
    assert ">Big</a>" in page
    assert ">Small</a>" not in page
    assert "Employees <b>at least</b> 100" in page
    assert 'aria-sort="descending"' in page


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("bogus=1", "bogus"),
        ("sort=phone", "sort"),
        ("status=nonsense", "status"),
        ("limit=9999", "limit"),
        ("after=garbage", "after"),
        ("columns=name,bogus", "columns"),
    ],
)
def test_list_refuses_what_does_not_fit_in_words(
    browse: Any, account: Any, cast: Cast, query: str, words: str
):
    answer = browse(cast.alice).get(f"/accounts/?{query}")
    assert answer.status_code == 400
    assert "This list cannot be shown" in answer.content.decode()
    assert f"{words}:" in answer.content.decode()
    assert "Northwind" not in answer.content.decode()


@pytest.mark.parametrize("query", ["tax_id=1", "sort=tax_id", "columns=name,tax_id", "billing_city=Rome"])
def test_hidden_field_is_refused_like_one_that_does_not_exist(
    browse: Any, account: Any, cast: Cast, query: str
):
    hidden = browse(cast.alice).get(f"/accounts/?{query}")
    unknown = browse(cast.alice).get(
        "/accounts/?" + query.replace("tax_id", "xyz_id").replace("billing_city", "xyz_id")
    )
    assert hidden.status_code == unknown.status_code == 400


def test_pages_follow_each_other_and_come_back(browse: Any, cast: Cast):
    for number in range(5):
        made(cast.alice, name=f"Account {number}")
    browser = browse(cast.alice)
    first = browser.get("/accounts/?limit=2")
    assert (first.context["shown"], first.context["total"]) == ("1–2", "")
    second = browser.get(first.context["next"])
    assert second.context["shown"] == "3–4"
    assert [name in second.content.decode() for name in ("Account 1", "Account 2", "Account 3")] == [
        False,
        True,
        True,
    ]
    third = browser.get(second.context["next"])
    assert (third.context["shown"], third.context["total"], third.context["next"]) == ("5–5", "5", "")
    back = browser.get(third.context["previous"])
    assert back.context["shown"] == "3–4"
    assert "Account 2" in back.content.decode()


def test_exact_count_is_given_on_request_only(browse: Any, cast: Cast):
    for number in range(3):
        made(cast.alice, name=f"Account {number}")
    browser = browse(cast.alice)
    assert "1–2 of many" in " ".join(browser.get("/accounts/?limit=2").content.decode().split())
    assert browser.get("/accounts/?limit=2&count=exact").context["total"] == "3"


def test_what_a_person_typed_is_text_and_never_markup(browse: Any, cast: Cast):
    made(
        cast.alice,
        name="<script>alert(1)</script>",
        description='"><img src=x>',
        website='https://a.example/?a=1&b="x"',
    )
    page = browse(cast.alice).get("/accounts/?columns=name,description,website,owner").content.decode()
    assert "<script>alert" not in page
    assert "<img" not in page
    assert "&lt;script&gt;" in page


def test_fragment_has_the_list_and_no_frame(browse: Any, account: Any, cast: Cast):
    answer = browse(cast.alice).htmx("/accounts/")
    assert "Northwind Traders" in answer.content.decode()
    assert "<html" not in answer.content.decode()
    assert "HX-Request" in answer["Vary"]


def test_menus_offer_only_what_one_may_read(browse: Any, cast: Cast):
    for menu in ("filters", "columns"):
        page = browse(cast.alice).get(f"/accounts/{menu}/").content.decode()
        assert "Status" in page
        assert "Tax id" not in page
        assert "Billing" not in page
    assert "Tax id" in browse(cast.fin).get("/accounts/columns/").content.decode()


@pytest.mark.parametrize(
    ("form", "address"),
    [
        (
            "field=status&operator=&value=customer&value=prospect",
            "/accounts/?sort=-name&status=customer,prospect",
        ),
        ("field=status&operator=not&value=customer", "/accounts/?sort=-name&status__not=customer"),
        ("field=phone&operator=filled&value=", "/accounts/?sort=-name&phone__empty=false"),
        ("columns=owner&columns=name", "/accounts/?sort=-name&columns=name,owner"),
    ],
)
def test_menu_forms_lead_to_an_address(browse: Any, cast: Cast, form: str, address: str):
    answer = browse(cast.alice).get(f"/accounts/adjust/?back=sort%3D-name%26after%3Dxyz&{form}")
    assert (answer.status_code, answer["Location"]) == (302, address)


def test_empty_list_says_what_belongs_here(browse: Any, cast: Cast):
    page = browse(cast.alice).get("/accounts/").content.decode()
    assert "No accounts yet" in page
    assert "import them" in page
    filtered = browse(cast.alice).get("/accounts/?status=customer").content.decode()
    assert "Nothing fits these filters" in filtered


def test_a_type_one_sees_nothing_of_does_not_exist(browse: Any, cast: Cast):
    for path in (
        "/accounts/",
        "/accounts/filters/",
        "/accounts/options/",
        "/accounts/1/",
        "/accounts/1/history/",
    ):
        assert browse(cast.priya).get(path).status_code == 404, path
