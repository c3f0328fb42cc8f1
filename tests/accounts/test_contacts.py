"""Contacts: what is written with one, who holds it, and every reason against it."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.actions import (
    add_email,
    add_phone,
    assign_account,
    assign_contact,
    create_account,
    create_contact,
    create_lead,
    edit_contact,
    make_email_primary,
    make_phone_primary,
    mark_as_left,
    release_email,
    release_phone,
)
from accounts.models import Contact, ContactEmail, ContactPhone
from accounts.queries import contact as queries
from revops.kernel import audit
from revops.kernel.audit.models import ChangedRow, ChangeEvent
from revops.kernel.outbox.models import OutboxEvent
from revops.kernel.people import access
from revops.kernel.people.enums import OwnerRole
from revops.kernel.records import searching
from tests.accounts.conftest import WHY, codes
from tests.cast import Cast
from tests.evidence import ledger_faults, unchanged

pytestmark = pytest.mark.django_db


def make(cast: Cast, last: str = "Gonzalez", *, by: str = "alice", **values: Any) -> Contact:
    return create_contact(by=cast.people[by], values={"last_name": last, **values})


def account(cast: Cast, name: str = "Acme", *, by: str = "rita", owner: str = "", **values: Any) -> Any:
    if owner:
        values["owner"] = cast.people[owner].pk
    return create_account(by=cast.people[by], values={"name": name, **values})


def test_contact_is_written_with_its_parts(cast: Cast) -> None:
    acme = account(cast, owner="alice", country="US")
    contact = make(
        cast,
        first_name="Rose",
        account=acme.pk,
        email="Rose.G@Edge.com",
        phone="(512) 757-6000",
        mobile_phone="512 757 6000",
        personal_phone="(512) 757-6001",
        source_original="web",
    )
    stored = Contact.objects.get(pk=contact.pk)
    assert (stored.name, stored.name_key) == ("Rose Gonzalez", "rose gonzalez")
    assert (stored.primary_email, stored.primary_phone) == ("Rose.G@edge.com", "+15127576000")
    assert (stored.owner, stored.team, stored.version) == (cast.alice, cast.teams["East"], 1)
    email = ContactEmail.objects.get()
    assert (email.address, email.address_key, email.is_primary) == (
        "Rose.G@edge.com",
        "rose.g@edge.com",
        True,
    )
    phones = ContactPhone.objects.order_by("pk").values_list("number", "kind", "is_primary")
    assert list(phones) == [("+15127576000", "work", True), ("+15127576001", "personal", False)]
    event = ChangeEvent.objects.order_by("-recorded_at").first()
    assert event is not None
    assert (event.action, event.actor) == ("contact.create", cast.alice)
    rows = sorted(ChangedRow.objects.filter(event=event).values_list("record_type", flat=True))
    assert rows == [
        "accounts.contact",
        "accounts.contactemail",
        "accounts.contactphone",
        "accounts.contactphone",
        "people.ownershipinterval",
    ]
    (told,) = OutboxEvent.objects.filter(type="contact.created")
    assert told.payload == {"account": acme.pk, "owner": cast.alice.pk}
    assert ledger_faults() == []


@pytest.mark.parametrize(
    ("by", "holder", "held"),
    [
        ("alice", "alice", "alice"),
        ("alice", "bob", "bob"),  # a colleague's account: Alice goes on seeing its contacts
        ("alice", "charlie", None),  # she does not see the account at all
        ("sam", "alice", "alice"),
        ("rita", "", "rita"),
    ],
)
def test_contact_belongs_to_who_holds_the_account(cast: Cast, by: str, holder: str, held: str | None) -> None:
    acme = account(cast, owner=holder)
    if by == "rita":
        with pytest.raises(access.Forbidden):
            make(cast, by=by, account=acme.pk)
        return
    if held is None:
        with pytest.raises(audit.Blocked) as refusal:
            make(cast, by=by, account=acme.pk)
        assert codes(refusal) == [("CON-008", "account")]
        return
    assert make(cast, by=by, account=acme.pk).owner == cast.people[held]


def test_success_manager_keeps_a_contact_of_an_account_they_are_on(cast: Cast) -> None:
    acme = account(cast, owner="charlie")
    assign_account(by=cast.rita, pk=acme.pk, owner=cast.carla, role=OwnerRole.CSM, reason=WHY)
    theirs = make(cast, by="charlie", account=acme.pk)
    mine = make(cast, "Forbes", by="carla", account=acme.pk)
    assert mine.owner == cast.carla
    assert set(Contact.objects.visible_to(cast.carla)) == {theirs, mine}
    assert set(Contact.objects.visible_to(cast.lena)) == {theirs, mine}
    assert set(Contact.objects.visible_to(cast.ron)) == set()
    with pytest.raises(audit.Blocked) as refusal:
        make(cast, "Nobody", by="carla")
    assert codes(refusal) == [("CON-004", "account")]


def test_contact_follows_its_account_to_the_next_owner(cast: Cast) -> None:
    acme, beta = account(cast, owner="alice"), account(cast, "Beta", owner="bob")
    follower = make(cast, account=acme.pk)
    named = make(cast, "Forbes", account=acme.pk)
    assign_contact(by=cast.rita, pk=named.pk, owner=cast.bob, reason=WHY)
    assign_account(by=cast.rita, pk=acme.pk, owner=cast.charlie, reason=WHY)
    follower.refresh_from_db()
    named.refresh_from_db()
    assert (follower.owner, follower.team, named.owner) == (cast.charlie, cast.teams["West"], cast.bob)
    edit_contact(by=cast.rita, pk=follower.pk, changes={"account": str(beta.pk)})
    follower.refresh_from_db()
    assert follower.owner == cast.bob
    assert ledger_faults() == []


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ({"last_name": ""}, [("VAL-002", "last_name")]),
        ({"email": "rose@"}, [("CON-001", "email")]),
        ({"email": "rose@localhost"}, [("CON-001", "email")]),
        ({"phone": "call me"}, [("CON-002", "phone")]),
        ({"status": "erased"}, [("CON-005", "status")]),
        ({"status": "tombstone"}, [("CON-005", "status")]),
        ({"source_original": "other", "source_note": "short"}, [("CON-006", "source_note")]),
        ({"time_zone": "Mars/Base"}, [("CON-007", "time_zone")]),
        ({"account": "999999"}, [("CON-008", "account")]),
        ({"email": "known@edge.com"}, [("CON-012", "email")]),
        ({"email": "KNOWN@EDGE.COM"}, [("CON-012", "email")]),
        ({"email": "lead@edge.com"}, [("CON-013", "email")]),
        (
            {"email": "x", "phone": "-", "time_zone": "x", "status": "erased"},
            [("CON-001", "email"), ("CON-005", "status"), ("CON-007", "time_zone"), ("CON-002", "phone")],
        ),
    ],
)
def test_contact_is_refused_with_every_reason(
    cast: Cast, values: dict[str, Any], found: list[tuple[str, str]]
) -> None:
    make(cast, "Known", email="known@edge.com")
    given = {"last_name": "Lead", "company": "Edge", "source_original": "web", "email": "lead@edge.com"}
    create_lead(by=cast.alice, values=given)
    with unchanged(), pytest.raises(audit.Blocked) as refusal:
        create_contact(by=cast.alice, values={"last_name": "Gonzalez", **values})
    assert sorted(codes(refusal)) == sorted(found)


def test_known_address_tells_name_and_owner_and_nothing_else(cast: Cast) -> None:
    known = make(
        cast, first_name="Rose", by="charlie", email="rose@edge.com", title="CFO", phone="+1 512 757 6000"
    )
    with pytest.raises(audit.Blocked) as refusal:
        make(cast, by="alice", email="rose@edge.com")
    (finding,) = refusal.value.findings
    assert "Rose Gonzalez (owner: Charlie)" in finding.message
    assert [remedy.url for remedy in finding.remedies] == [""]
    for secret in ("CFO", "512", str(known.pk)):
        assert secret not in finding.message
    with pytest.raises(audit.Blocked) as refusal:
        make(cast, by="charlie", email="rose@edge.com")
    assert {remedy.url for remedy in refusal.value.findings[0].remedies} == {f"/contacts/{known.pk}/"}


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("rose.g+news@gmail.com", "ROSEG@googlemail.com", True),
        ("rose+news@outlook.com", "rose@outlook.com", True),
        ("rose.g@outlook.com", "roseg@outlook.com", False),
        ("rose+news@edge.com", "rose@edge.com", False),
        ("a@münchen.de", "a@xn--mnchen-3ya.de", True),
    ],
)
def test_address_is_normalised_as_its_provider_does(cast: Cast, one: str, other: str, same: bool) -> None:
    make(cast, email=one)
    if not same:
        assert make(cast, "Other", email=other).primary_email == other
        return
    with pytest.raises(audit.Blocked) as refusal:
        make(cast, "Other", email=other)
    assert codes(refusal) == [("CON-012", "email")]


def test_edit_changes_name_search_and_history(cast: Cast) -> None:
    contact = make(cast, first_name="Rose")
    edited = edit_contact(
        by=cast.bob, pk=contact.pk, changes={"last_name": "Forbes", "country": "de"}, version=1
    )
    assert (edited.name, edited.name_key, edited.country, edited.version) == (
        "Rose Forbes",
        "rose forbes",
        "DE",
        2,
    )
    assert [hit.title for hit in searching.search(cast.alice, "forbes")] == ["Rose Forbes"]
    assert searching.search(cast.alice, "gonzalez") == []
    (event,) = OutboxEvent.objects.filter(type="contact.edited")
    assert event.payload == {"fields": ["country", "last_name"], "by": cast.bob.pk}
    with pytest.raises(audit.Conflict):
        edit_contact(by=cast.alice, pk=contact.pk, changes={"title": "CFO"}, version=1)


def test_what_a_contact_always_has_is_not_emptied(cast: Cast) -> None:
    contact = make(cast)
    with pytest.raises(audit.Blocked) as refusal:
        edit_contact(by=cast.alice, pk=contact.pk, changes={"status": "", "subscriber_type": ""})
    assert codes(refusal) == [("CON-009", "status"), ("CON-009", "subscriber_type")]


def test_person_who_left_is_marked_once(cast: Cast) -> None:
    contact = make(cast)
    mark_as_left(by=cast.mark, pk=contact.pk, version=1)
    assert Contact.objects.get(pk=contact.pk).status == "left"
    assert OutboxEvent.objects.filter(type="contact.left").count() == 1
    with pytest.raises(audit.Blocked) as refusal:
        mark_as_left(by=cast.alice, pk=contact.pk)
    assert codes(refusal) == [("CON-016", "status")]
    other = make(cast, "Forbes")
    edit_contact(by=cast.mark, pk=other.pk, changes={"status": "left"})
    assert OutboxEvent.objects.filter(type="contact.left").count() == 2


def test_addresses_come_go_and_take_turns(cast: Cast) -> None:
    contact = make(cast, email="one@edge.com")
    add_email(by=cast.alice, pk=contact.pk, email="two@edge.com", kind="personal", version=1)
    contact.refresh_from_db()
    assert contact.primary_email == "one@edge.com"
    make_email_primary(by=cast.alice, pk=contact.pk, email="TWO@edge.com")
    contact.refresh_from_db()
    assert contact.primary_email == "two@edge.com"
    release_email(by=cast.alice, pk=contact.pk, email="two@edge.com")
    contact.refresh_from_db()
    assert contact.primary_email == "one@edge.com"
    assert make(cast, "Other", email="two@edge.com").primary_email == "two@edge.com"
    reach = queries.reach(contact, cast.alice)
    assert [(row.address, row.is_primary) for row in reach.emails] == [("one@edge.com", True)]
    release_email(by=cast.alice, pk=contact.pk, email="one@edge.com")
    contact.refresh_from_db()
    assert contact.primary_email == ""


@pytest.mark.parametrize(
    ("call", "found"),
    [
        (lambda c, pk: add_email(by=c.alice, pk=pk, email="bad"), [("CON-001", "email")]),
        (lambda c, pk: add_email(by=c.alice, pk=pk, email="one@edge.com"), [("CON-021", "email")]),
        (lambda c, pk: add_email(by=c.alice, pk=pk, email="known@edge.com"), [("CON-012", "email")]),
        (lambda c, pk: add_email(by=c.alice, pk=pk, email="n@e.com", kind="fax"), [("CON-022", "kind")]),
        (lambda c, pk: release_email(by=c.alice, pk=pk, email="two@edge.com"), [("CON-020", "email")]),
        (lambda c, pk: make_email_primary(by=c.alice, pk=pk, email="x"), [("CON-020", "email")]),
        (lambda c, pk: add_phone(by=c.alice, pk=pk, phone="none"), [("CON-002", "phone")]),
        (lambda c, pk: add_phone(by=c.alice, pk=pk, phone="+1 512 757 6000"), [("CON-031", "phone")]),
        (lambda c, pk: add_phone(by=c.alice, pk=pk, phone="1", kind="fax"), [("CON-022", "kind")]),
        (lambda c, pk: release_phone(by=c.alice, pk=pk, phone="123"), [("CON-030", "phone")]),
        (lambda c, pk: make_phone_primary(by=c.alice, pk=pk, phone="+15127576001"), [("CON-032", "phone")]),
    ],
)
def test_part_is_refused_with_its_reason(cast: Cast, call: Any, found: list[tuple[str, str]]) -> None:
    make(cast, "Known", email="known@edge.com")
    contact = make(cast, email="one@edge.com", phone="+15127576000", personal_phone="+15127576001")
    with unchanged(), pytest.raises(audit.Blocked) as refusal:
        call(cast, contact.pk)
    assert codes(refusal) == found


def test_numbers_come_go_and_take_turns(cast: Cast) -> None:
    contact = make(cast, country="DE", personal_phone="030 901820")
    assert contact.primary_phone == ""
    add_phone(by=cast.alice, pk=contact.pk, phone="030 901821")
    add_phone(by=cast.alice, pk=contact.pk, phone="+44 191 495 6203", kind="mobile")
    contact.refresh_from_db()
    assert contact.primary_phone == "+4930901821"
    make_phone_primary(by=cast.alice, pk=contact.pk, phone="+441914956203")
    release_phone(by=cast.alice, pk=contact.pk, phone="+441914956203")
    contact.refresh_from_db()
    assert contact.primary_phone == "+4930901821"
    release_phone(by=cast.alice, pk=contact.pk, phone="030 901821")
    contact.refresh_from_db()
    assert contact.primary_phone == ""


def test_personal_number_stays_within_the_owners_team(cast: Cast) -> None:
    contact = make(cast, phone="+15127576000", personal_phone="+15127576001")
    everything, open_ones = {"+15127576000", "+15127576001"}, {"+15127576000"}
    seen = {
        "alice": everything,
        "bob": everything,
        "mona": everything,
        "priya": everything,
        "otto": everything,
        "dora": open_ones,
        "rita": open_ones,
        "cleo": open_ones,
        "ada": open_ones,
        "charlie": set(),
    }
    found = {key: {row.number for row in queries.reach(contact, cast.people[key]).phones} for key in seen}
    assert found == seen
    with pytest.raises(audit.Blocked) as refusal:
        release_phone(by=cast.rita, pk=contact.pk, phone="+15127576001")
    assert codes(refusal) == [("CON-030", "phone")]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("rose", True),
        ("rose@edge.com", True),
        ("edge", True),
        ("5127576000", True),
        ("15127576000", True),
        ("+1 512 757 6000", True),
        ("(512) 757-6000", True),
        ("5127576001", False),
        ("old@edge.com", False),
    ],
)
def test_contact_is_found_by_what_may_be_known(cast: Cast, text: str, found: bool) -> None:
    contact = make(
        cast, first_name="Rose", email="rose@edge.com", phone="+15127576000", personal_phone="+15127576001"
    )
    add_email(by=cast.alice, pk=contact.pk, email="old@edge.org")
    release_email(by=cast.alice, pk=contact.pk, email="old@edge.org")
    assert [hit.pk for hit in searching.search(cast.rita, text)] == ([contact.pk] if found else [])


def test_assignment_needs_its_reason_and_can_be_taken_back(cast: Cast) -> None:
    acme = account(cast, owner="alice")
    contact = make(cast, account=acme.pk)
    with pytest.raises(audit.Blocked) as refusal:
        assign_contact(
            by=cast.rita, pk=contact.pk, owner=cast.bob, queue=cast.unassigned, reason="no", role="x"
        )
    assert codes(refusal) == [("OWN-004", "reason"), ("OWN-005", "role"), ("OWN-006", "queue")]
    with pytest.raises(access.Forbidden):
        assign_contact(by=cast.alice, pk=contact.pk, owner=cast.bob, reason=WHY)
    assert assign_contact(by=cast.rita, pk=contact.pk, owner=cast.bob, reason=WHY).owner == cast.bob
    assert assign_contact(by=cast.rita, pk=contact.pk, reason=WHY).owner == cast.alice
    assert ledger_faults() == []


def test_nothing_stays_when_the_trail_cannot_be_written(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(change: Any) -> None:
        raise RuntimeError("no trail")

    monkeypatch.setattr("revops.kernel.audit.changes._record", fail)
    with unchanged(), pytest.raises(RuntimeError):
        make(cast, email="rose@edge.com", phone="+15127576000")


@pytest.mark.parametrize("number", [1, 3])
def test_panels_ask_constantly(cast: Cast, settled_organisation: None, number: int) -> None:
    acme = account(cast, owner="alice")
    for index in range(number):
        contact = make(cast, f"No {index}", account=acme.pk, email=f"a{index}@edge.com")
        for extra in range(number):
            add_email(by=cast.alice, pk=contact.pk, email=f"b{index}.{extra}@edge.com")
    queries.at(acme, cast.alice)
    with CaptureQueriesContext(connection) as asked:
        assert len(queries.at(acme, cast.alice).contacts) == number
        assert len(queries.reach(contact, cast.alice).emails) == number + 1
    assert len(asked) == 9


def test_api_tells_how_a_contact_is_reached(cast: Cast) -> None:
    contact = make(cast, email="one@edge.com", phone="+15127576000", personal_phone="+15127576001")
    client = Client()
    address = f"/api/v1/contacts/{contact.pk}/reach/"
    personal = {"phone": "+15127576001", "kind": "personal", "is_primary": False}
    for by, knows in (("bob", True), ("rita", False)):
        client.force_login(cast.people[by], backend="revops.kernel.people.backends.SignInBackend")
        answer = client.get(address).json()
        assert answer["emails"] == [{"email": "one@edge.com", "kind": "work", "is_primary": True}]
        assert (personal in answer["phones"], len(answer["phones"])) == (knows, 1 + knows)
    client.force_login(cast.charlie, backend="revops.kernel.people.backends.SignInBackend")
    assert client.get(address).status_code == 404
