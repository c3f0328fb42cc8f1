"""Records by phone number, address, domain, owner and kind: within the scope, in a constant number of queries."""

from importlib import import_module
from io import StringIO
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.actions import add_phone, create_account, create_contact, create_lead, edit_lead
from revops.kernel.people import access
from revops.kernel.records import registry, searching
from revops.kernel.records.models import SearchWord
from revops.kernel.records.searching import reaching
from tests.cast import Cast
from tests.kernel.records.conftest import Make


def lead(cast: Cast, last_name: str, *, by: str = "alice", **values: Any) -> Any:
    given = {"last_name": last_name, "company": "Edge", "country": "US", "source_original": "trade_show"}
    if not values:
        given["email"] = "somebody@leads.example.org"
    return create_lead(by=cast.people[by], values=given | values)


def titles(cast: Cast, text: str, key: str = "alice") -> list[str]:
    return [hit.title for hit in searching.search(cast.people[key], text)]


@pytest.mark.parametrize(
    "text",
    [
        "+15127576000",
        "+1 (512) 757-6000",
        "512-757-6000",
        "(512) 757 6000",
        "512.757.6000",
        "1 512 757 6000",
        "001 512 757 6000",
        "757-6000",
        "tel:+15127576000",
        "512 757 6000 x9",
    ],
)
def test_phone_number_finds_in_any_spelling(cast: Cast, text: str) -> None:
    lead(cast, "Known", mobile_phone="(512) 757-6000")
    lead(cast, "Other", phone="(512) 757-6001")
    assert titles(cast, text) == ["Known"]
    assert titles(cast, text, "charlie") == []


def test_phone_number_finds_every_kind_and_only_what_may_be_known(cast: Cast, make: Make) -> None:
    make("Acme", by="alice", phone="030 1234567")
    contact = create_contact(
        by=cast.alice,
        values={
            "last_name": "Berg",
            "country": "DE",
            "phone": "030 1234567",
            "personal_phone": "030 7654321",
        },
    )
    assert sorted(titles(cast, "+49 30 1234567")) == ["Acme", "Berg"]
    assert sorted(titles(cast, "0049301234567")) == ["Acme", "Berg"]
    assert titles(cast, "030 7654321") == []
    add_phone(by=cast.alice, pk=contact.pk, phone="030 1111111")
    assert titles(cast, "030/1111111") == ["Berg"]


@pytest.mark.parametrize(
    ("text", "field"), [("512-757-6000", "mobile_phone"), ("anna@acme.com", "email"), ("acme.com", "email")]
)
def test_field_that_one_may_not_read_leads_nowhere(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, text: str, field: str
) -> None:
    one = lead(cast, "Known", email="anna@acme.com", mobile_phone="(512) 757-6000")
    kind, asked = registry.get("accounts.lead"), searching.asked(text)
    assert reaching.reached(cast.alice, asked, kind, 5) == [(one.pk, "Known")]
    readable = access.readable(cast.alice, "accounts.lead") - {field}
    monkeypatch.setattr(reaching.access, "readable", lambda user, label: readable)
    assert reaching.reached(cast.alice, asked, kind, 5) == []


def test_words_of_a_phone_number_follow_an_edit(cast: Cast) -> None:
    one = lead(cast, "Known", phone="(512) 757-6000")
    edit_lead(by=cast.alice, pk=one.pk, changes={"phone": "(512) 757-6999"})
    assert [titles(cast, "757-6000"), titles(cast, "757-6999")] == [[], ["Known"]]
    assert titles(cast, "Known") == ["Known"]


def test_date_that_looks_like_a_number_is_asked_as_words(cast: Cast, make: Make) -> None:
    make("Renewal 2026-01-15", by="alice")
    assert titles(cast, "2026-01-15") == ["Renewal 2026-01-15"]


def test_address_finds_exactly_its_owner_before_what_begins_so(cast: Cast) -> None:
    lead(cast, "Zander", email="anna@acme.com")
    lead(cast, "Abel", email="anna@acme.community")
    lead(cast, "Jo Anna", email="jo@acme.com")
    assert titles(cast, "anna@acme.com") == ["Zander", "Abel"]
    assert titles(cast, "Anna <ANNA@acme.com>") == ["Zander", "Abel"]
    assert titles(cast, "anna@") == ["Abel", "Zander"]
    assert titles(cast, "anna@acme.com", "charlie") == []


def test_domain_finds_the_company_and_its_people(cast: Cast) -> None:
    create_account(by=cast.alice, values={"name": "Acme", "domain": "acme.com"})
    create_contact(by=cast.alice, values={"last_name": "Berg", "country": "US", "email": "b@acme.com"})
    lead(cast, "Zander", email="anna@acme.com")
    lead(cast, "Acme", email="acme@other.com")
    for text in ("acme.com", "https://www.acme.com/about?x=1", "mail.acme.com", "@acme.com"):
        expected = ["Acme", "Zander"] if text.startswith("mail") else ["Acme", "Berg", "Zander"]
        assert sorted(titles(cast, text)) == expected, text
    assert titles(cast, "acme.com", "charlie") == []


def test_kind_before_a_colon_asks_of_it_alone(cast: Cast, make: Make) -> None:
    account = make("Acme", by="alice")
    lead(cast, "Acme")
    kinds = [hit.record_type.label for hit in searching.search(cast.alice, "acme")]
    assert sorted(kinds) == ["accounts.account", "accounts.lead"]
    for text in ("lead: acme", "leads:acme", "LEA: acme", "lead:"):
        assert [hit.record_type.label for hit in searching.search(cast.alice, text)] == ["accounts.lead"], (
            text
        )
    assert [hit.pk for hit in searching.search(cast.alice, f"account: {account.pk}")] == [account.pk]


def test_person_finds_what_they_own_within_the_scope(cast: Cast, make: Make) -> None:
    make("Hers", by="alice")
    make("His", by="bob")
    make("Far", by="charlie")
    assert titles(cast, "@bob") == ["His"]
    assert titles(cast, "@me") == ["Hers"]
    assert titles(cast, "@alice her") == ["Hers"]
    assert titles(cast, "@alice his") == []
    assert titles(cast, "@charlie") == []
    assert titles(cast, "@charlie", "rita") == ["Far"]


def test_best_title_and_its_kind_come_first(cast: Cast, make: Make) -> None:
    make("Beta Acme", by="alice")
    make("Acme Group", by="alice")
    lead(cast, "Acme")
    assert titles(cast, "acme") == ["Acme", "Acme Group", "Beta Acme"]


@pytest.mark.parametrize(
    "text", ["hidden", "hidden@far.com", "far.com", "512-757-6000", "@charlie", "lead: hidden"]
)
def test_what_is_hidden_is_answered_like_what_is_not_there(
    cast: Cast, settled_organisation: None, text: str
) -> None:
    with CaptureQueriesContext(connection) as absent:
        assert searching.search(cast.alice, text) == []
    lead(cast, "Hidden", by="charlie", email="hidden@far.com", phone="(512) 757-6000")
    assert searching.search(cast.charlie, text) != []
    with CaptureQueriesContext(connection) as hidden:
        assert searching.search(cast.alice, text) == []
    assert abs(len(hidden) - len(absent)) <= 3


@pytest.mark.parametrize("text", ["known@", "edge.com", "512-757-60", "@me", "lead: known"])
def test_question_takes_as_many_queries_for_three_as_for_one(
    cast: Cast, settled_organisation: None, django_assert_num_queries: Any, text: str
) -> None:
    lead(cast, "Known 0", email="known@0.edge.com", phone="(512) 757-6000")
    with CaptureQueriesContext(connection) as queries:
        searching.search(cast.alice, text)
    for place in (1, 2):
        lead(cast, f"Known {place}", email=f"known@{place}.edge.com", phone=f"(512) 757-600{place}")
    with django_assert_num_queries(len(queries)):
        searching.search(cast.alice, text)


def test_words_are_rebuilt_as_they_were(cast: Cast) -> None:
    lead(cast, "Known", email="anna@acme.com", phone="(512) 757-6000")
    before = sorted(SearchWord.objects.values_list("record_type", "record_id", "word"))
    SearchWord.objects.filter(word__startswith="~").delete()
    assert titles(cast, "757-6000") == []
    for kind in registry.every():
        searching.rebuild(kind, batch=2)
    assert sorted(SearchWord.objects.values_list("record_type", "record_id", "word")) == before


def test_command_rebuilds_what_is_named(cast: Cast) -> None:
    lead(cast, "Known", phone="(512) 757-6000")
    SearchWord.objects.all().delete()
    call_command("rebuild_search", "accounts.lead", verbosity=0, stdout=StringIO())
    assert titles(cast, "757-6000") == titles(cast, "known") == ["Known"]
    with pytest.raises(CommandError, match=r"identity\.user is not searched"):
        call_command("rebuild_search", "identity.user")


def test_migration_adds_the_words_that_the_index_would_write(cast: Cast, make: Make) -> None:
    make("Acme", by="alice", phone="+49 (0)30 1234567 ext. 8")
    lead(cast, "Known", phone="(512) 757-6000", mobile_phone="555 01")
    create_contact(
        by=cast.alice,
        values={
            "last_name": "Berg",
            "country": "US",
            "phone": "(512) 757-6000",
            "personal_phone": "(512) 757-6009",
        },
    )
    numbers = SearchWord.objects.filter(word__startswith="~")
    columns = ("record_type", "record_id", "source_type", "source_id", "word")
    before = sorted(numbers.values_list(*columns))
    assert len(before) == 3
    numbers.all()[0].delete()
    migration = import_module("accounts.migrations.0009_find_by_phone_number")
    migration.add_words(apps, None)
    assert sorted(numbers.values_list(*columns)) == before
