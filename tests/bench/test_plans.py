"""What PostgreSQL does for a list: for every scope it walks an index in the order of the list, and sorts no scope."""

import pytest
from django.db import connection

from accounts.actions import assign_account, create_account
from accounts.models import Account
from bench.plans import explain, nodes, rows_sorted
from revops.kernel.people.enums import OwnerRole
from revops.kernel.records import listing, registry
from tests.cast import Cast

ROWS = 20_000
WHY = "Because the test wants it so"
LIST = {"status": "customer", "sort": "name"}

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="the plans are PostgreSQL's"),
]


@pytest.fixture
def many(cast: Cast) -> None:
    """Make many copies of one account: a twentieth of them on Alice's team East, the others on West."""
    first = create_account(by=cast.alice, values={"name": "First"})
    kept = {"id", "name", "name_key", "status", "owner_id", "team_id"}
    others = [f.column for f in Account._meta.concrete_fields if f.column not in kept]
    east = "n % 20 = 0"
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO accounts_account (id, name, name_key, status, owner_id, team_id, {', '.join(others)})"
            f" SELECT id + n, 'Copy ' || n, md5(n::text), CASE WHEN n % 5 < 3 THEN 'customer' ELSE 'prospect' END,"
            f" CASE WHEN {east} THEN owner_id ELSE {cast.charlie.pk} END,"
            f" CASE WHEN {east} THEN team_id ELSE {cast.teams['West'].pk} END, {', '.join(others)}"
            f" FROM accounts_account, generate_series(1, {ROWS}) n WHERE id = {first.pk}"
        )
        cursor.execute("ANALYZE accounts_account")


@pytest.mark.parametrize("who", ["alice", "charlie", "mona", "dora", "rita"])
def test_list_walks_an_index_and_sorts_no_scope(who: str, many: None, cast: Cast) -> None:
    (told,) = explain(cast.people[who].pk, LIST)
    reads = [n["Node Type"] for n in nodes(told["Plan"]) if n.get("Relation Name") == "accounts_account"]
    assert reads == ["Index Scan"]
    assert rows_sorted(told["Plan"]) <= 51


def test_list_of_who_holds_another_role_shows_both_parts_in_one_order(many: None, cast: Cast) -> None:
    far = Account.objects.filter(owner=cast.charlie, status="customer").order_by("name_key").first()
    assign_account(by=cast.rita, pk=far.pk, owner=cast.alice, role=OwnerRole.PARTNER, reason=WHY)
    record_type = registry.get("accounts.account")
    seen = Account.objects.filter(status="customer").visible_to(cast.alice).order_by("name_key", "pk")
    wanted = list(seen.values_list("pk", flat=True)[:120])
    pages, cursor = [], ""
    for _ in range(2):
        page = listing.page(
            listing.parse(record_type, cast.alice, {**LIST, "after": cursor}), cast.alice, ["name"]
        )
        pages += [row["id"] for row in page.rows]
        cursor = page.next
    assert far.pk in pages
    assert pages == wanted[:100]
    sorted_rows = [rows_sorted(told["Plan"]) for told in explain(cast.alice.pk, LIST)]
    assert [rows <= 102 for rows in sorted_rows] == [True, True, True]
