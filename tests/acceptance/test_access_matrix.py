"""Shown-by 5: for every role and every position, what the table of the specification says, and nothing else.

Here the matrix itself is asked; test_access_surfaces.py asks the pages and the API the same.
"""

from typing import Any

import pytest

from accounts.actions import assign_account, create_account, edit_account
from accounts.models import Account, AccountDomain
from revops.kernel import clocks
from revops.kernel.identity.models import User
from revops.kernel.people import access, actions, queries
from revops.kernel.people.enums import OwnerRole, Role
from revops.kernel.people.models import Availability, CustomRole, Queue, Team, Territory
from tests.acceptance import expectations as expected
from tests.acceptance.worlds import WHY, World, for_roles, world_of_role  # noqa: F401
from tests.cast import Cast
from tests.evidence import rolled_back, unchanged

pytestmark = pytest.mark.django_db
ROLES = [str(role) for role in Role]


def test_table_names_every_role_and_every_field() -> None:
    assert set(expected.ACCOUNTS) == set(ROLES)
    assert set(expected.PEOPLE) == set(ROLES)
    declared = access.declarations()["accounts.account"]
    named = expected.BY_OPERATIONS | expected.BILLING | expected.NEVER_EDITED
    assert declared.fields - named == {"tombstone_of", "updated_at"}
    assert declared.actions == set(expected.SPECIAL_ACTIONS)
    assert set(expected.NEW_VALUES) == expected.ALL_BUT_BILLING | expected.BILLING


@for_roles(*ROLES)
def test_accounts_are_seen_and_written_as_the_table_says(cast: Cast, world: World) -> None:
    role, row = world.role, expected.ACCOUNTS[world.role]
    user = world.user
    names = {account.pk: position for position, account in world.records.items()}
    seen = {names[pk] for pk in Account.objects.visible_to(user).values_list("pk", flat=True)}
    assert seen == expected.REACH[row.view]
    domains = AccountDomain.objects.visible_to(user).values_list("account_id", flat=True)
    assert {names[pk] for pk in domains} == expected.REACH[expected.DOMAINS_VIEW[role]]
    for position, account in world.records.items():
        edits = row.fields if position in expected.REACH[row.edit] else set()
        assert access.editable(user, account) == edits, position
        for action in expected.SPECIAL_ACTIONS:
            may = position in expected.REACH[row.actions]
            assert access.allowed(user, action, account) == may, (position, action)
    held = access.rights(user, "accounts.account")
    assert held.creatable == row.create
    hidden = set() if role in expected.READERS_OF_BILLING else expected.BILLING
    assert held.declaration.fields - access.readable(user, "accounts.account") == hidden


# Every field is tried on these; on the others, which differ by scope alone, a few that stand for all.
IN_FULL = ("own", "other")
FEW = {"description", "name", "success_note", "tax_id", "owner"}


@for_roles(*ROLES)
def test_denied_edits_and_assignments_change_nothing(cast: Cast, world: World) -> None:
    row = expected.ACCOUNTS[world.role]
    every = set(expected.NEW_VALUES) | expected.NEVER_EDITED
    with unchanged():
        for position, account in world.records.items():
            seen = position in expected.REACH[row.view]
            fields = row.fields if position in expected.REACH[row.edit] else set()
            denied: Any = access.Forbidden if seen else Account.DoesNotExist
            for name in sorted((every if seen and position in IN_FULL else FEW) - fields):
                changes = {name: expected.NEW_VALUES.get(name, "1")}
                with pytest.raises(denied):
                    edit_account(by=world.user, pk=account.pk, changes=changes)
            if position in expected.REACH[row.actions]:
                continue
            for owner_role in (OwnerRole.PRIMARY, OwnerRole.CSM):
                with pytest.raises(denied):
                    assign_account(by=world.user, pk=account.pk, owner=cast.bob, role=owner_role, reason=WHY)


@for_roles(*[role for role in ROLES if expected.ACCOUNTS[role].fields])
def test_allowed_edits_and_assignments_happen(cast: Cast, world: World) -> None:
    row = expected.ACCOUNTS[world.role]
    for position in sorted(expected.REACH[row.edit]):
        pk = world.records[position].pk
        for name in sorted(row.fields if position in IN_FULL else row.fields & FEW):
            with rolled_back():
                edited = edit_account(by=world.user, pk=pk, changes={name: expected.NEW_VALUES[name]})
                assert edited.pk == pk
    for position in sorted(expected.REACH[row.actions]):
        with rolled_back():
            assigned = assign_account(
                by=world.user, pk=world.records[position].pk, owner=cast.alice, reason=WHY
            )
            assert assigned.owner == cast.alice


@for_roles(*ROLES)
def test_creation_obeys_the_table_field_by_field(cast: Cast, world: World) -> None:
    row = expected.ACCOUNTS[world.role]
    values = {
        **expected.NEW_VALUES,
        "owner": cast.bob.pk,
        "queue": cast.unassigned.pk,
        "source_original": "fair",
    }
    every = set(values) | expected.NEVER_EDITED
    with unchanged():
        for name in sorted(every - row.create):
            with pytest.raises(access.Forbidden):
                create_account(by=world.user, values={"name": "Made", name: values.get(name, "1")})
    for name in sorted(row.create & every):
        with rolled_back():
            made = create_account(by=world.user, values={"name": "Made", name: values[name]})
            assert made.version == 1


@for_roles(*ROLES)
def test_people_are_seen_and_written_as_the_table_says(cast: Cast, world: World) -> None:
    row = expected.PEOPLE[world.role]
    standing = {"self": world.user, "report": world.report, "mate": cast.bob, "other": cast.charlie}
    seen = set(queries.visible_users(world.user))
    assert {key for key, user in standing.items() if user in seen} == expected.PEOPLE_REACH[row.view]
    if row.view != "A":
        assert seen <= set(standing.values())
    for position, user in standing.items():
        fields = row.fields if position in expected.PEOPLE_REACH[row.edit] else set()
        assert access.editable(world.user, user) == fields, position
        for action in ("deactivate", "reactivate", "grant_role"):
            may = position in expected.PEOPLE_REACH[row.actions]
            assert access.allowed(world.user, action, user) == may, position
    assert bool(access.rights(world.user, "identity.user").creatable) == row.create


@pytest.mark.parametrize("role", ROLES)
def test_organisation_is_read_and_shaped_as_the_table_says(cast: Cast, role: str) -> None:
    user = cast.by_role(role)
    models: dict[str, Any] = {"people.team": Team, "people.queue": Queue, "people.territory": Territory}
    for label, model in models.items():
        assert set(model.objects.visible_to(user)) == set(model.objects.all())
        shapes = role in expected.SHAPERS[label]
        held = access.rights(user, label)
        assert (bool(held.creatable), bool(held.edits)) == (shapes, shapes), label
    assert access.rights(user, "people.customrole").sees_any == (role in expected.CUSTOM_ROLE_READERS)
    assert bool(access.rights(user, "people.customrole").creatable) == (role == "ADMIN")
    assert CustomRole.objects.count() == 0


def test_absences_are_seen_with_the_person(cast: Cast) -> None:
    now = clocks.now()
    for key in ("alice", "charlie"):
        person = cast.people[key]
        later = now.replace(year=now.year + 1)
        actions.set_availability(by=person, user=person, active_from=now, active_to=later, kind="sick")
    for role in ROLES:
        user = cast.by_role(role)
        people = User.objects.filter(pk__in=queries.visible_users(user))
        seen = set(Availability.objects.visible_to(user).values_list("user_id", flat=True))
        assert seen == {cast.alice.pk, cast.charlie.pk} & set(people.values_list("pk", flat=True)), role
