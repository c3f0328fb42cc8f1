"""What PostgreSQL does for a list: for every scope it walks an index in the order of the list, and sorts no scope."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, transaction

from accounts.actions import assign_account, create_account
from accounts.models import Account, Lead
from bench.plans import explain, explain_search, nodes, rows_sorted
from bench.volume import rows, words
from revops.kernel import folding
from revops.kernel.people.enums import OwnerRole
from revops.kernel.records import listing, registry, searching
from revops.kernel.records.searching import finding
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


SIZE = 10_000
LEADS, DEALS = "accounts.lead", "opportunities.opportunity"
LARGE = {"accounts_lead", "opportunities_opportunity", "records_searchword", "people_ownershipinterval"}
PEOPLE = ["alice", "charlie", "mona", "dora", "rita"]


@pytest.fixture(scope="module")
def volume(cast_of_module: Cast, django_db_blocker: Any) -> Iterator[Cast]:
    """Make leads, deals and their search words for the module: a twentieth on Alice's team East."""
    cast = cast_of_module
    east = [(cast.alice.pk, cast.teams["East"].pk), (cast.bob.pk, cast.teams["East"].pk)]
    people = [*east, *[(cast.charlie.pk, cast.teams["West"].pk)] * 38]
    places = ", ".join(f"({place}, {person}, {team})" for place, (person, team) in enumerate(people))
    statements = [
        "SET CONSTRAINTS ALL IMMEDIATE",
        *rows.vocabulary_tables(),
        "CREATE TABLE bench_rep (place int PRIMARY KEY, person bigint, team bigint)",
        f"INSERT INTO bench_rep VALUES {places}",
        *rows.companies(SIZE // 10),
        *rows.products(),
        *rows.accounts(SIZE // 10),
        *rows.leads(SIZE, SIZE // 10, SIZE // 10),
        *rows.deals(SIZE, SIZE // 10),
        *rows.holdings("accounts.account", "accounts_account", also=True),
        *(one for label in ("accounts.account", LEADS, DEALS) for one in words.statements(label)),
        *(f"ANALYZE {table}" for table in (*sorted(LARGE), "accounts_account")),
    ]
    with django_db_blocker.unblock(), transaction.atomic(), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
        yield cast
        transaction.set_rollback(True)


def walked(told: list[dict[str, Any]], tables: set[str]) -> set[tuple[str, str]]:
    """Return which of these tables were read from end to end."""
    every = [node for one in told for node in nodes(one["Plan"])]
    return {
        (n["Node Type"], n["Relation Name"])
        for n in every
        if n["Node Type"] == "Seq Scan" and n["Relation Name"] in tables
    }


def deals_of(person: int, stage: str) -> dict[str, str]:
    return {"owner": str(person), "stage": stage, "sort": "-amount"}


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize(
    ("label", "query"),
    [
        (LEADS, {"sort": "-created_at"}),
        (DEALS, {"stage": "proposal", "sort": "-amount"}),
        (DEALS, {"sort": "-amount"}),
    ],
)
def test_list_of_the_volume_sorts_no_scope(
    who: str, label: str, query: dict[str, str], volume: Cast, cast: Cast
) -> None:
    told = explain(volume.people[who].pk, query, label=label)
    assert walked(told, LARGE) == set()
    assert max(rows_sorted(one["Plan"]) for one in told) <= 102


@pytest.mark.parametrize("who", ["charlie", "dora", "rita"])
def test_list_of_an_owner_and_a_stage_sorts_nothing(who: str, volume: Cast, cast: Cast) -> None:
    told = explain(volume.people[who].pk, deals_of(volume.charlie.pk, "closed_won"), label=DEALS)
    assert walked(told, LARGE) == set()
    assert max(rows_sorted(one["Plan"]) for one in told) <= 102


@pytest.mark.control
def test_list_sorts_a_scope_once_its_indexes_are_gone(volume: Cast, cast: Cast) -> None:
    query = deals_of(volume.charlie.pk, "closed_won")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexname FROM pg_indexes WHERE tablename = 'opportunities_opportunity'"
            " AND indexdef LIKE '%amount%'"
        )
        for (name,) in cursor.fetchall():
            cursor.execute(f"DROP INDEX {name}")
    told = explain(volume.rita.pk, query, label=DEALS)
    assert max(rows_sorted(one["Plan"]) for one in told) > 102


QUESTIONS = ["com", "inc", "global inc", "global", "maria smith", "a", "apex", "maria.lee.lead11", "zzyzx"]


@pytest.fixture
def in_proportion(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put nearly as small a share of the rows into order here as of a million."""
    monkeypatch.setattr(finding, "MANY", 100)
    monkeypatch.setattr(finding, "NEAR", 100)
    monkeypatch.setattr(finding, "FAR", 500)


MEANT = [
    "(555) 000-0101",
    "+15550000101",
    "maria.lee@",
    "lead: maria",
    "https://www.apex.com/x",
    "@me",
    "OPP-000101",
]


@pytest.mark.usefixtures("in_proportion")
@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize("text", [*QUESTIONS, *MEANT])
def test_search_of_the_volume_walks_no_table(who: str, text: str, volume: Cast, cast: Cast) -> None:
    told = explain_search(volume.people[who].pk, text)
    assert walked(told, LARGE) == set()
    assert max(rows_sorted(one["Plan"]) for one in told) <= SIZE // 10


@pytest.mark.control
def test_search_walks_the_words_once_their_index_is_gone(volume: Cast, cast: Cast) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX search_by_type_and_word")
    assert ("Seq Scan", "records_searchword") in walked(explain_search(volume.rita.pk, "apex"), LARGE)


@pytest.mark.parametrize("text", QUESTIONS[:-1])
def test_search_of_the_volume_finds_within_the_scope_what_a_scan_finds(
    text: str, volume: Cast, cast: Cast
) -> None:
    asked = text.replace(".", " ").split()
    for key in ("alice", "rita"):
        hits = [
            hit.pk for hit in searching.search(volume.people[key], text) if hit.record_type.label == LEADS
        ]
        rights = {} if key == "rita" else {"team": volume.teams["East"]}
        every = {
            pk
            for pk, *texts in Lead.objects.filter(**rights).values_list(
                "pk", "name_key", "company_key", "email_key"
            )
            if all(any(word.startswith(one) for word in folding.words(" ".join(texts))) for one in asked)
        }
        assert len(hits) == min(20, len(every))
        assert set(hits) <= every
