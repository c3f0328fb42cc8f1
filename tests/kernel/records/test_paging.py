"""Keyset pages: walked forward and back they are the whole ordered list, whatever ties, gaps and writes there are."""

import random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.actions import create_account, edit_account
from accounts.models import Account
from revops.kernel.records import listing, registry
from revops.kernel.records.listing import cursors
from tests.cast import Cast
from tests.evidence import rolled_back

ACCOUNTS = registry.get("accounts.account")
NAMES = ["Acme", "acme", "ÁCME", "Beta", "Zürich", "Ωmega", "東京", "a", "Z" * 200, "Émile-Ɛ"]
REVENUES = [None, None, "0", "1000", "1000.0001", "99999999999999.9999"]


@pytest.fixture(scope="module")
def rows_of_module(cast_of_module: Cast, django_db_blocker: Any) -> None:
    """Forty accounts full of ties and gaps; the cast's transaction takes them away."""
    chance = random.Random(7)
    with django_db_blocker.unblock():
        for _ in range(40):
            values = {
                "name": chance.choice(NAMES),
                "status": chance.choice(["prospect", "partner", "competitor"]),
                "annual_revenue": chance.choice(REVENUES),
                "owner": cast_of_module.people[chance.choice(["alice", "bob", "charlie"])].pk,
            }
            create_account(by=cast_of_module.rita, values=values)


@pytest.fixture
def rows(rows_of_module: None, db: None) -> None:
    """The forty accounts."""


def walk(user: Any, sort: str, limit: int, side: str = "after", start: str = "") -> list[list[int]]:
    """Return the ids of every page from `start` on, following the cursors to one side."""
    pages, cursor = [], start
    while True:
        query = listing.parse(ACCOUNTS, user, {"sort": sort, "limit": str(limit), side: cursor})
        page = listing.page(query, user, ["name"])
        pages.append([row["id"] for row in page.rows])
        cursor = page.next if side == "after" else page.previous
        if not cursor:
            return pages


def whole(user: Any, sort: str) -> list[int]:
    """Return the whole list as plain Python orders it: rows without a value last, ids in the direction of the sort."""
    field = ACCOUNTS.by_name[sort.lstrip("-")]
    rows = list(Account.objects.visible_to(user).values_list("pk", field.compared))
    held = sorted((value, pk) for pk, value in rows if value is not None)
    empty = sorted(pk for pk, value in rows if value is None)
    if sort.startswith("-"):
        return [pk for _, pk in reversed(held)] + empty[::-1]
    return [pk for _, pk in held] + empty


SORTS = [sign + field.name for field in ACCOUNTS.fields if field.sortable for sign in ("", "-")]


@given(sort=st.sampled_from(SORTS), limit=st.integers(1, 45), key=st.sampled_from(["rita", "alice", "mona"]))
@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_pages_forward_and_back_are_the_whole_list(
    cast: Cast, rows: None, sort: str, limit: int, key: str
) -> None:
    user = cast.people[key]
    expected = whole(user, sort)
    forward = walk(user, sort, limit)
    assert [pk for page in forward for pk in page] == expected
    assert all(len(page) == limit for page in forward[:-1])
    # From the last row back: everything before it, page by page.
    query = listing.parse(ACCOUNTS, user, {"sort": sort, "limit": "200"})
    everything = listing.page(query, user, ["name"]).rows
    last = cursors.encode(query, everything[-1])
    backward = walk(user, sort, limit, "before", last)
    assert [pk for page in backward[::-1] for pk in page] == expected[:-1]


@pytest.mark.parametrize("sort", SORTS)
def test_previous_of_the_second_page_is_the_first(cast: Cast, rows: None, sort: str) -> None:
    def page(**cursor: str) -> listing.Page:
        query = listing.parse(ACCOUNTS, cast.rita, {"sort": sort, "limit": "7", **cursor})
        return listing.page(query, cast.rita, ["name"])

    first = page()
    second = page(after=first.next)
    assert page(before=second.previous).rows == first.rows
    assert page(after=page(before=second.previous).next).rows == second.rows
    assert first.previous == ""
    assert page(before=second.previous).previous == ""


@pytest.mark.parametrize("sort", ["name", "-name", "annual_revenue", "-created_at"])
def test_rows_written_between_pages_neither_repeat_nor_hide_the_others(
    cast: Cast, rows: None, sort: str
) -> None:
    chance = random.Random(11)
    before = whole(cast.rita, sort)
    seen: list[int] = []
    cursor = ""
    with rolled_back():
        while True:
            query = listing.parse(ACCOUNTS, cast.rita, {"sort": sort, "limit": "6", "after": cursor})
            page = listing.page(query, cast.rita, ["name"])
            seen += [row["id"] for row in page.rows]
            if not page.next:
                break
            cursor = page.next
            create_account(
                by=cast.rita,
                values={"name": chance.choice(NAMES), "annual_revenue": chance.choice(REVENUES)},
            )
            edit_account(by=cast.rita, pk=before[0], changes={"city": f"Town {len(seen)}"})
    assert len(seen) == len(set(seen))
    assert [pk for pk in seen if pk in set(before)] == before


@pytest.mark.control
def test_offset_pages_would_repeat_rows(cast: Cast, rows: None) -> None:
    rows_in_order = Account.objects.order_by("name_key", "pk").values_list("pk", flat=True)
    with rolled_back():
        first = list(rows_in_order[:6])
        create_account(by=cast.rita, values={"name": "0 first"})
        second = list(rows_in_order[6:12])
    assert set(first) & set(second) != set()


def test_page_takes_a_constant_number_of_queries(
    cast: Cast, rows: None, settled_organisation: None, django_assert_num_queries: Any
) -> None:
    names = [name for name in ACCOUNTS.columns if name in ACCOUNTS.by_name]
    for limit in ("1", "3", "40"):
        for sort, queries in (("name", 1), ("-status", 1), ("created_at", 1)):
            query = listing.parse(ACCOUNTS, cast.rita, {"sort": sort, "limit": limit})
            with django_assert_num_queries(queries):
                listing.page(query, cast.rita, names)


def test_references_take_one_query_a_field_and_leave_out_what_one_may_not_see(
    cast: Cast, settled_organisation: None, django_assert_num_queries: Any
) -> None:
    parent = create_account(by=cast.rita, values={"name": "Secret parent", "owner": cast.charlie.pk})
    for number in range(3):
        create_account(
            by=cast.rita, values={"name": f"Child {number}", "parent": parent.pk, "owner": cast.alice.pk}
        )
    names = ["name", "parent", "ultimate_parent", "team"]

    def titles(user: Any, limit: str) -> dict[str, dict[int, str]]:
        query = listing.parse(ACCOUNTS, user, {"limit": limit, "name__starts": "child"})
        return listing.referenced(ACCOUNTS, listing.page(query, user, names).rows, user)

    east = cast.teams["East"]
    for limit in ("1", "3"):
        with django_assert_num_queries(7):
            assert titles(cast.alice, limit) == {
                "parent": {},
                "ultimate_parent": {},
                "team": {east.pk: "East"},
            }
    assert titles(cast.rita, "3")["parent"] == {parent.pk: "Secret parent"}


def test_empty_list_has_no_cursor(cast: Cast) -> None:
    query = listing.parse(ACCOUNTS, cast.paul, {})
    assert listing.page(query, cast.paul, ["name"]) == listing.Page([], "", "")
