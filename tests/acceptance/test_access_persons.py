"""Shown-by 5 for contacts and leads: for every role and position what the table says, in actions, pages and API."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client

from accounts.actions import (
    assign_account,
    assign_contact,
    create_account,
    create_contact,
    create_lead,
    edit_contact,
    edit_lead,
    reassign_lead,
)
from accounts.models import Contact, ContactEmail, ContactPhone, Lead
from revops.kernel.identity.models import User
from revops.kernel.people import access, actions
from revops.kernel.people.access import organisation
from revops.kernel.people.enums import OwnerRole, Role
from tests.acceptance import person_expectations as expected
from tests.acceptance.person_expectations import Row
from tests.cast import Cast
from tests.evidence import rolled_back, unchanged

pytestmark = pytest.mark.django_db
ROLES = [str(role) for role in Role]
BACKEND = "revops.kernel.people.backends.SignInBackend"
WHY = "Because the test wants it so"
SECRET = "+1512757{:04}"


@dataclass(frozen=True)
class World:
    """The person who asks, and a contact and a lead in each position."""

    role: str
    user: User
    contacts: dict[str, Contact]
    leads: dict[str, Lead]


def _holders(cast: Cast, user: User, report: User) -> dict[str, dict[str, Any]]:
    return {
        "own": {"owner": user},
        "held": {"owner": cast.charlie},
        "around": {"owner": cast.charlie},
        "mate": {"owner": cast.bob},
        "report": {"owner": report},
        "other": {"owner": cast.charlie},
        "queue": {"queue": cast.west_queue},
        "partner": {"owner": cast.charlie},
    }


def make_world(cast: Cast, role: str) -> World:
    user = actions.create_user(
        by=cast.ada, email="asker@example.com", name="Asker", roles=[role], team=cast.teams["East"]
    )
    report = actions.create_user(
        by=cast.ada, email="r@example.com", name="Report", roles=["AE"], team=cast.teams["West"], manager=user
    )
    account = create_account(by=cast.rita, values={"name": "Around", "owner": cast.charlie.pk})
    contacts, leads = {}, {}
    for number, (position, to) in enumerate(_holders(cast, user, report).items()):
        if position in expected.CONTACT_POSITIONS:
            values = {
                "last_name": f"QC{number} {position}",
                "email": f"qc{number}@edge.com",
                "personal_phone": SECRET.format(number),
                "phone": "+44 191 495 6203",
                "account": account.pk if position == "around" else None,
            }
            contact = create_contact(by=cast.charlie, values=values)
            contacts[position] = assign_contact(by=cast.rita, pk=contact.pk, reason=WHY, **to)
        if position in expected.LEAD_POSITIONS:
            values = {
                "last_name": f"QL{number} {position}",
                "company": "Edge",
                "email": f"ql{number}@edge.com",
                "source_original": "partner_referral" if position == "partner" else "web",
            }
            lead = create_lead(by=cast.charlie, values=values)
            leads[position] = reassign_lead(by=cast.rita, pk=lead.pk, reason=WHY, **to)
    assign_contact(by=cast.rita, pk=contacts["held"].pk, owner=user, role=OwnerRole.CSM, reason=WHY)
    assign_account(by=cast.rita, pk=account.pk, owner=user, role=OwnerRole.CSM, reason=WHY)
    return World(role, user, contacts, leads)


@pytest.fixture(scope="module", name="world")
def world_of_persons(
    request: pytest.FixtureRequest, cast_of_module: Cast, django_db_blocker: Any
) -> Iterator[World]:
    from tests.evidence import rolled_back as undone

    with django_db_blocker.unblock(), undone():
        organisation.forget()
        yield make_world(cast_of_module, request.param)


def for_roles(*roles: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("world", roles, indirect=True, scope="module")


def test_tables_name_every_role_and_every_field() -> None:
    assert set(expected.CONTACTS) == set(expected.LEADS) == set(ROLES)
    contact, lead = (access.declarations()[f"accounts.{noun}"] for noun in ("contact", "lead"))
    assert contact.fields == expected.CONTACT | expected.NEVER_EDITED_OF_CONTACTS
    assert lead.fields == expected.LEAD | expected.SCORES | expected.NEVER_EDITED_OF_LEADS
    assert contact.actions == set(expected.CONTACT_ACTIONS)
    assert lead.actions == set(expected.LEAD_ACTIONS)


def hold(user: User, records: dict[str, Any], row: Row, reach: dict[str, set[str]], names: Any) -> None:
    """Hold the matrix itself against one row of the table."""
    model = type(next(iter(records.values())))
    places = {record.pk: position for position, record in records.items()}
    seen = {places[pk] for pk in model.objects.visible_to(user).values_list("pk", flat=True)}
    assert seen == reach[row.view]
    for position, record in records.items():
        fields = row.fields if position in reach[row.edit] else set()
        assert access.editable(user, record) == fields, position
        for action in names:
            may = position in reach[row.actions.get(action, "-")]
            assert access.allowed(user, action, record) == may, (position, action)
    assert access.rights(user, model._meta.label_lower).creatable == row.create


@for_roles(*ROLES)
def test_contacts_are_seen_and_written_as_the_table_says(cast: Cast, world: World) -> None:
    row, reach = expected.CONTACTS[world.role], expected.CONTACT_REACH
    hold(world.user, world.contacts, row, reach, expected.CONTACT_ACTIONS)
    for model in (ContactEmail, ContactPhone):
        rows = model.objects.exclude(**({"kind": "personal"} if model is ContactPhone else {}))
        seen = set(rows.visible_to(world.user).values_list("contact_id", flat=True))
        assert seen == {world.contacts[position].pk for position in reach[row.view]}


@for_roles(*ROLES)
def test_personal_numbers_stay_with_the_team(cast: Cast, world: World) -> None:
    seen = expected.CONTACT_REACH[expected.CONTACTS[world.role].view]
    known = seen if world.role in expected.READERS_OF_PERSONAL else seen & expected.NEAR
    rows = ContactPhone.objects.filter(kind="personal").visible_to(world.user)
    assert set(rows.values_list("contact_id", flat=True)) == {world.contacts[one].pk for one in known}
    client = Client()
    client.force_login(world.user, backend=BACKEND)
    for position, contact in world.contacts.items():
        secret = ContactPhone.objects.get(contact=contact, kind="personal").number
        paths = [
            f"/contacts/{contact.pk}/",
            f"/contacts/{contact.pk}/history/",
            f"/api/v1/contacts/{contact.pk}/",
        ]
        paths += ["/contacts/", "/api/v1/contacts/", f"/api/v1/contacts/{contact.pk}/history/"]
        leaks = [path for path in paths if secret in client.get(path).content.decode()]
        assert leaks == ([f"/contacts/{contact.pk}/"] if position in known else []), position
        found = client.get("/api/v1/search/", {"q": secret}).content.decode()
        assert contact.name not in found


@for_roles(*ROLES)
def test_leads_are_seen_and_written_as_the_table_says(cast: Cast, world: World) -> None:
    row = expected.LEADS[world.role]
    hold(world.user, world.leads, row, expected.LEAD_REACH, expected.LEAD_ACTIONS)


# A value for a field of each kind; the matrix itself is held in full above.
VALUES = {
    "description": "New words",
    "status": "left",
    "technical_note": "New",
    "source_note": "New",
    "city": "Oslo",
}


@for_roles(*ROLES)
def test_denied_edits_change_nothing_and_allowed_ones_happen(cast: Cast, world: World) -> None:
    cases: list[tuple[Any, dict[str, Any], Row, dict[str, set[str]], tuple[str, ...]]] = [
        (edit_contact, world.contacts, expected.CONTACTS[world.role], expected.CONTACT_REACH,
         ("description", "status", "technical_note")),
        (edit_lead, world.leads, expected.LEADS[world.role], expected.LEAD_REACH,
         ("description", "source_note", "city")),
    ]  # fmt: skip
    for edit, records, row, reach, names in cases:
        for position, record in records.items():
            for name in names:
                changes = {name: VALUES[name]}
                if position in reach[row.edit] and name in row.fields:
                    with rolled_back():
                        assert edit(by=world.user, pk=record.pk, changes=changes).pk == record.pk
                    continue
                denied: Any = access.Forbidden if position in reach[row.view] else type(record).DoesNotExist
                with pytest.raises(denied):
                    edit(by=world.user, pk=record.pk, changes=changes)


@for_roles(*ROLES)
def test_pages_and_api_answer_as_the_table_says(cast: Cast, world: World) -> None:
    client = Client()
    client.force_login(world.user, backend=BACKEND)
    nouns: list[tuple[str, dict[str, Any], Row, dict[str, set[str]]]] = [
        ("contacts", world.contacts, expected.CONTACTS[world.role], expected.CONTACT_REACH),
        ("leads", world.leads, expected.LEADS[world.role], expected.LEAD_REACH),
    ]
    for noun, records, row, reach in nouns:
        found, wanted = {}, {}
        for position, record in records.items():
            for path in (f"/{noun}/{record.pk}/", f"/api/v1/{noun}/{record.pk}/"):
                found[path] = client.get(path).status_code
                wanted[path] = 200 if position in reach[row.view] else 404
        for path in (f"/{noun}/", f"/api/v1/{noun}/"):
            found[path], wanted[path] = client.get(path).status_code, 200 if reach[row.view] else 404
        assert found == wanted
        if reach[row.view]:
            listed = {one["id"] for one in client.get(f"/api/v1/{noun}/?limit=50").json()["results"]}
            assert listed == {records[position].pk for position in reach[row.view]}
        form = client.get(f"/{noun}/new/").status_code
        assert form == (200 if row.create else 403 if row.view != "-" else 404)


@for_roles(*ROLES)
def test_special_actions_over_the_api_are_answered_as_the_table_says(cast: Cast, world: World) -> None:
    client = Client()
    client.force_login(world.user, backend=BACKEND)

    def post(noun: str, record: Any, deed: str, body: dict[str, Any]) -> int:
        return client.post(
            f"/api/v1/{noun}/{record.pk}/{deed}/",
            json.dumps(body),
            "application/json",
            headers={"If-Match": f'"{type(record).objects.get(pk=record.pk).version}"'},
        ).status_code

    deeds: list[tuple[str, str, str, dict[str, Any]]] = [
        ("contacts", "add_email", "emails", {"email": "fresh@edge.com"}),
        ("contacts", "leave", "leave", {}),
        ("contacts", "assign", "assign", {"owner": cast.bob.pk, "reason": WHY}),
        ("leads", "accept", "accept", {}),
        ("leads", "disqualify", "dispose", {"disposition": "not_icp"}),
        ("leads", "reassign", "reassign", {"owner": cast.bob.pk, "reason": WHY}),
    ]
    for noun, deed, right, body in deeds:
        records: dict[str, Any] = world.contacts if noun == "contacts" else world.leads
        row = (expected.CONTACTS if noun == "contacts" else expected.LEADS)[world.role]
        reach = expected.CONTACT_REACH if noun == "contacts" else expected.LEAD_REACH
        for position in ("own", "other"):
            may = position in reach[row.actions.get(right, "-")]
            status = 200 if may else 403 if position in reach[row.view] else 404
            with rolled_back():
                assert post(noun, records[position], deed, body) == status, (noun, deed, position)


@for_roles("FINANCE", "AUDITOR", "PARTNER")
def test_creation_is_refused_to_who_may_not(cast: Cast, world: World) -> None:
    with unchanged():
        for create, values in ((create_contact, {"last_name": "X"}), (create_lead, {"last_name": "X"})):
            with pytest.raises(access.Forbidden):
                create(by=world.user, values=values)


@for_roles("AE")
@pytest.mark.control
def test_table_tells_a_personal_number_that_everybody_sees(
    cast: Cast, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(ContactPhone.objects.all()), "visible_to", lambda rows, user: rows)
    rows = ContactPhone.objects.filter(kind="personal").visible_to(world.user)
    assert rows.count() == len(world.contacts)
