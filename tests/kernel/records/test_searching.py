"""Search: every word is a prefix, within the scope, and the words follow what is written."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.actions import add_domain, assign_account, create_account, edit_account, release_domain
from accounts.models import Account, AccountDomain
from revops.kernel import audit
from revops.kernel.people import access
from revops.kernel.people.access import scoping
from revops.kernel.people.enums import OwnerRole
from revops.kernel.records import registry, searching
from revops.kernel.records.models import SearchWord
from revops.kernel.records.searching import finding
from tests.cast import Cast
from tests.kernel.records.conftest import Make


def found(cast: Cast, text: str, key: str = "rita") -> list[str]:
    return [hit.title for hit in searching.search(cast.people[key], text)]


@pytest.mark.parametrize(
    ("text", "titles"),
    [
        ("acme", ["Acme Société Générale"]),
        ("ACM", ["Acme Société Générale"]),
        ("gen soc ac", ["Acme Société Générale"]),
        ("génér", ["Acme Société Générale"]),
        ("holding", ["Beta"]),
        ("beta-corp", ["Beta"]),
        ("beta-corp.co.uk", ["Beta"]),
        ("corp", ["Beta"]),
        ("acme beta", []),
        ("cme", []),
        ("", []),
        ("   ", []),
        ("--- !!", []),
        ("東", ["東京 Denki"]),
        ("\x00", []),
        ("%", []),
        ("_", []),
        ("a' OR 1=1 --", []),
        ("x" * 100_000, []),
        ("a b c d e f g h i j", []),
    ],
)
def test_every_word_begins_a_word(cast: Cast, make: Make, text: str, titles: list[str]) -> None:
    make("Acme Société Générale")
    make("Beta", legal_name="Beta Holding PLC", domain="www.beta-corp.co.uk")
    make("東京 Denki")
    assert found(cast, text) == titles


def test_word_longer_than_the_index_is_found(cast: Cast, make: Make) -> None:
    make("L" * 120)
    assert found(cast, "l" * 120) == ["L" * 120]


def test_number_finds_its_record_within_the_scope(cast: Cast, make: Make) -> None:
    hers = make("Hers", by="alice")
    number = searching.search(cast.alice, "hers")[0].number
    assert number == f"ACC-{hers.pk:06d}"
    for text in (number, number.lower(), f" acc-{hers.pk} "):
        assert found(cast, text, "alice") == ["Hers"]
        assert found(cast, text, "charlie") == []
        assert found(cast, text, "paul") == []
    for text in ("ACC-", "ACC-0", "ACC--1", "ACC-" + "9" * 30, "ACC-٣", f"LEA-{hers.pk}"):
        assert found(cast, text, "alice") == []


def test_search_stays_within_the_scope_although_there_is_more(cast: Cast, make: Make) -> None:
    make("Northwind", by="alice")
    make("Northwind", by="charlie")
    assert len(found(cast, "north")) == 2
    assert len(found(cast, "north", "alice")) == 1
    assert len(found(cast, "north", "mona")) == 1
    assert len(found(cast, "north", "dora")) == 2
    assert found(cast, "north", "carla") == []
    assert found(cast, "north", "paul") == []


def test_words_follow_an_edit(cast: Cast, make: Make) -> None:
    account = make("Northwind", legal_name="Northwind LLC")
    edit_account(by=cast.rita, pk=account.pk, changes={"name": "Southwind"})
    assert found(cast, "south") == ["Southwind"]
    assert found(cast, "llc") == ["Southwind"]
    edit_account(by=cast.rita, pk=account.pk, changes={"legal_name": ""})
    assert [found(cast, "llc"), found(cast, "northwind")] == [[], []]


def test_words_follow_domains(cast: Cast, make: Make) -> None:
    account = make("Northwind", domain="northwind.com")
    add_domain(by=cast.rita, pk=account.pk, domain="polarbear.org")
    assert found(cast, "polar") == ["Northwind"]
    release_domain(by=cast.rita, pk=account.pk, domain="polarbear.org")
    assert found(cast, "polar") == []
    other = make("Other")
    add_domain(by=cast.rita, pk=other.pk, domain="polarbear.org")
    assert found(cast, "polar") == ["Other"]


def test_words_follow_the_owner_at_once(cast: Cast, make: Make) -> None:
    account = make("Northwind", by="alice")
    assign_account(by=cast.rita, pk=account.pk, owner=cast.charlie, reason="Charlie knows them better")
    assert [found(cast, "north", "alice"), found(cast, "north", "charlie")] == [[], ["Northwind"]]


def test_words_are_not_written_by_a_refused_change(cast: Cast, make: Make) -> None:
    make("Northwind", domain="northwind.com")
    before = SearchWord.objects.count()
    with pytest.raises(audit.Blocked):
        create_account(by=cast.rita, values={"name": "Copycat", "domain": "northwind.com"})
    assert SearchWord.objects.count() == before
    assert Account.objects.count() == 1


def test_hidden_fields_are_not_searched(cast: Cast, make: Make) -> None:
    account = make("Northwind")
    edit_account(by=cast.fin, pk=account.pk, changes={"tax_id": "ZQ77AA11", "billing_city": "Zanzibarville"})
    for text in ("ZQ77AA11", "zq77", "Zanzi"):
        assert found(cast, text, "alice") == []
        assert found(cast, text, "fin") == []


def test_search_is_limited_a_type_and_ordered_by_name(cast: Cast, make: Make) -> None:
    for number in range(5):
        make(f"Acme {9 - number}")
    hits = searching.search(cast.rita, "acme", limit=3)
    assert [hit.title for hit in hits] == ["Acme 5", "Acme 6", "Acme 7"]
    assert hits[0].url == f"/accounts/{hits[0].pk}/"


def test_words_follow_a_domain_to_another_account(cast: Cast, make: Make) -> None:
    first, second = make("Northwind", domain="polarbear.org"), make("Southwind")
    with audit.change(by=cast.rita, action="test.move"):
        domain = audit.lock(AccountDomain.objects.all(), pk=first.domains.get().pk)
        domain.account = second
        audit.write(domain)
    assert found(cast, "polar") == ["Southwind"]
    assert set(SearchWord.objects.filter(record_id=first.pk).values_list("word", flat=True)) == {"northwind"}


@pytest.fixture(params=[(10_000, 1_000), (2, 2)])
def common(cast: Cast, make: Make, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Make a word that three accounts of West begin with and three carry, commoner than what is put in order.

    With the first limits every answer is near; with the second, lists are joined and little is looked at first.
    """
    monkeypatch.setattr(finding, "MANY", 3)
    monkeypatch.setattr(finding, "FAR", request.param[0])
    monkeypatch.setattr(finding, "NEAR", request.param[1])
    for name in ("Global Alpha", "Global Delta", "Globalis", "Beta Global"):
        make(name, by="charlie")
    for name in ("Zeta Global", "Eta Globe"):
        make(name, by="alice")


@pytest.mark.usefixtures("common")
@pytest.mark.parametrize(
    ("key", "text", "titles"),
    [
        ("rita", "glob", ["Global Alpha", "Global Delta", "Globalis", "Beta Global"]),
        ("rita", "global al", ["Global Alpha"]),
        ("alice", "glob", ["Eta Globe", "Zeta Global"]),
        ("mona", "glob", ["Eta Globe", "Zeta Global"]),
        ("alice", "glob zet", ["Zeta Global"]),
        ("carla", "glob", []),
    ],
)
def test_common_word_puts_titles_that_begin_with_it_first(
    cast: Cast, key: str, text: str, titles: list[str]
) -> None:
    hits = searching.search(cast.people[key], text, limit=4)
    assert [hit.title for hit in hits] == titles


@pytest.mark.usefixtures("common")
def test_common_word_finds_everything_there_is_when_asked_for(cast: Cast) -> None:
    hits = searching.search(cast.rita, "glob", limit=20)
    beginning = ["Global Alpha", "Global Delta", "Globalis"]
    assert [hit.title for hit in hits] == [*beginning, "Beta Global", "Eta Globe", "Zeta Global"]


def test_search_finds_what_one_holds_in_another_role(
    cast: Cast, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    far = [make(f"Northwind {number}", by="charlie") for number in range(3)]
    for account in far[:2]:
        assign_account(
            by=cast.rita,
            pk=account.pk,
            owner=cast.alice,
            role=OwnerRole.PARTNER,
            reason="They sell together here",
        )
    assert found(cast, "north", "alice") == ["Northwind 0", "Northwind 1"]
    monkeypatch.setattr(scoping, "FEW", 1)
    assert found(cast, "north", "alice") == ["Northwind 0", "Northwind 1"]


def test_search_takes_a_constant_number_of_queries(
    cast: Cast, make: Make, settled_organisation: None, django_assert_num_queries: object
) -> None:
    make("Acme 1", by="alice")
    searched = len([kind for kind in registry.every() if access.rights(cast.alice, kind.label).sees_any])
    with CaptureQueriesContext(connection) as queries:
        assert len(found(cast, "acme", "alice")) == 1
    assert len(queries) <= 4 * searched
    make("Acme 2", by="alice")
    make("Acme 3", by="alice")
    with django_assert_num_queries(len(queries)):  # type: ignore[operator]
        assert len(found(cast, "acme", "alice")) == 3
