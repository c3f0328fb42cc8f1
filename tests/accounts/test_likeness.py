"""What may be the same already: found while typing, within one's scope, in a constant number of queries."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.actions import create_account, create_contact, create_lead
from accounts.models import Contact
from revops.kernel.records import likeness, registry
from tests.cast import Cast

pytestmark = pytest.mark.django_db
BACKEND = "revops.kernel.people.backends.SignInBackend"


def contact(by: Any, first: str, last: str, **values: Any) -> Contact:
    return create_contact(by=by, values={"first_name": first, "last_name": last, **values})


def lead(by: Any, first: str, last: str, company: str = "Acme", **values: Any) -> Any:
    given = {"first_name": first, "last_name": last, "company": company, "source_original": "web"}
    return create_lead(by=by, values={**given, "phone": "+1 512 555 0100", **values})


def titles(label: str, user: Any, **given: str) -> list[str]:
    return [like.title for like in likeness.likely(registry.get(label), user, given)]


@pytest.mark.parametrize(
    ("typed", "stored", "found"),
    [
        (("John", "Smith"), ("John", "Smith"), True),
        (("Jon", "Smith"), ("John", "Smith"), True),
        (("Smith", "John"), ("John", "Smith"), True),
        (("JOSÉ", "Garcia"), ("Jose", "García"), True),
        (("John", "Smithers"), ("John", "Smith"), False),
        (("Jane", "Smith"), ("Walter", "Smith"), False),
        (("Jo", "Li"), ("John", "Lindqvist"), False),
    ],
)
def test_name_that_is_alike_is_found(
    cast: Cast, typed: tuple[str, str], stored: tuple[str, str], found: bool
) -> None:
    contact(cast.alice, *stored)
    first, last = typed
    wanted = [" ".join(stored)] if found else []
    assert titles("accounts.contact", cast.alice, first_name=first, last_name=last) == wanted


def test_lead_is_held_against_leads_contacts_and_accounts(cast: Cast) -> None:
    lead(cast.alice, "Rose", "Gonzalez")
    contact(cast.alice, "Rose", "Gonzales")
    create_account(by=cast.alice, values={"name": "Acme Industrial, Inc."})
    found = titles(
        "accounts.lead", cast.alice, first_name="Rose", last_name="Gonzalez", company="ACME industrial"
    )
    assert sorted(found) == ["Acme Industrial, Inc.", "Rose Gonzales", "Rose Gonzalez"]


def test_legal_forms_say_nothing(cast: Cast) -> None:
    create_account(by=cast.alice, values={"name": "Northwind Holding GmbH"})
    create_account(by=cast.alice, values={"name": "Holding Holding"})
    assert titles("accounts.account", cast.alice, name="Northwind Inc") == ["Northwind Holding GmbH"]
    assert titles("accounts.account", cast.alice, name="The Company Ltd") == []


def test_record_outside_the_scope_is_not_found(cast: Cast) -> None:
    contact(cast.charlie, "Rose", "Gonzalez")
    given = {"first_name": "Rose", "last_name": "Gonzalez"}
    assert titles("accounts.contact", cast.alice, **given) == []
    assert titles("accounts.contact", cast.rita, **given) == ["Rose Gonzalez"]


def test_at_most_five_are_shown_the_most_alike_first(cast: Cast) -> None:
    for last in ("Smithson", "Smith", "Smithe", "Smithy", "Smitha", "Smithi", "Smitho"):
        contact(cast.alice, "John", last)
    found = titles("accounts.contact", cast.alice, first_name="John", last_name="Smith")
    assert (len(found), found[0]) == (5, "John Smith")


@pytest.mark.parametrize("number", [1, 3])
def test_queries_do_not_grow_with_what_is_found(cast: Cast, settled_organisation: None, number: int) -> None:
    for index in range(number):
        lead(cast.alice, "Rose", f"Gonzalez{index}")
    given = {"first_name": "Rose", "last_name": "Gonzalez", "company": "Acme"}
    likeness.likely(registry.get("accounts.lead"), cast.rita, given)
    with CaptureQueriesContext(connection) as queries:
        likeness.likely(registry.get("accounts.lead"), cast.rita, given)
    assert len(queries) == 9


def test_form_asks_while_typing_and_shows_the_hit(cast: Cast) -> None:
    known = contact(cast.alice, "Rose", "Gonzalez", title="CFO")
    client = Client()
    client.force_login(cast.alice, backend=BACKEND)
    assert 'hx-params="first_name,last_name"' in client.get("/contacts/new/").content.decode()
    said = client.get("/contacts/likely/", {"first_name": "Rose", "last_name": "Gonzalez"}).content.decode()
    assert f'href="/contacts/{known.pk}/"' in said
    assert "CFO" in said
    assert client.get("/contacts/likely/").content.strip() == b""


def test_api_answers_within_scope_and_refuses_what_is_not_compared(cast: Cast) -> None:
    contact(cast.alice, "Rose", "Gonzalez")
    client = Client()
    client.force_login(cast.bob, backend=BACKEND)
    answer = client.get("/api/v1/contacts/likely/", {"last_name": "Gonzalez", "first_name": "Rosa"})
    assert [(one["type"], one["title"]) for one in answer.json()["results"]] == [
        ("accounts.contact", "Rose Gonzalez")
    ]
    assert client.get("/api/v1/contacts/likely/", {"title": "CFO"}).status_code == 400
    client.force_login(cast.charlie, backend=BACKEND)
    answer = client.get("/api/v1/contacts/likely/", {"last_name": "Gonzalez", "first_name": "Rose"})
    assert answer.json() == {"results": []}


def test_who_may_not_create_is_not_asked(cast: Cast) -> None:
    client = Client()
    client.force_login(cast.otto, backend=BACKEND)
    assert client.get("/contacts/likely/", {"last_name": "Gonzalez"}).status_code == 403
    client.force_login(cast.paul, backend=BACKEND)
    assert client.get("/contacts/likely/", {"last_name": "Gonzalez"}).status_code == 404
    assert client.get("/api/v1/contacts/likely/", {"last_name": "Gonzalez"}).status_code == 404
