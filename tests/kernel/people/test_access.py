"""The matrix: denied unless declared; a queryset and an object check with one meaning; roles kept as data obey."""

import json
import random
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from accounts.actions import add_domain, assign_account, create_account, edit_account
from accounts.models import Account, AccountDomain
from revops.kernel import audit
from revops.kernel.identity.models import User
from revops.kernel.people import access, actions
from revops.kernel.people.access import Scope, organisation
from revops.kernel.people.access.vocabulary import SCOPE_LETTERS
from revops.kernel.people.enums import OwnerRole, Role
from revops.kernel.people.models import Team
from tests.cast import Cast
from tests.evidence import unchanged

WHY = "Because the test wants it so"
OTHER_HOLDERS = (
    ("charlie", "carla", OwnerRole.CSM),
    ("charlie", "sven", OwnerRole.PARTNER),
    ("queued", "ron", OwnerRole.RENEWAL),
    ("fin", "alice", OwnerRole.CSM),
    ("fin", "carla", OwnerRole.RENEWAL),
)


@pytest.fixture
def world(cast: Cast) -> dict[str, Account]:
    """One account for everybody who may create one, one in each queue, and some held in other roles."""
    made = {
        key: create_account(by=cast.people[key], values={"name": f"Of {key}", "domain": f"{key}-corp.com"})
        for key in ("alice", "bob", "charlie", "sam")
    }
    for key in ("mona", "dora", "fin", "lena", "carla", "rita"):
        made[key] = create_account(
            by=cast.rita,
            values={"name": f"Of {key}", "owner": cast.people[key].pk, "domain": f"{key}-corp.com"},
        )
    made["partner"] = create_account(by=cast.rita, values={"name": "Partner", "status": "partner"})
    made["west"] = create_account(by=cast.rita, values={"name": "W", "queue": cast.west_queue.pk})
    made["queued"] = create_account(by=cast.rita, values={"name": "Q", "queue": cast.unassigned.pk})
    for key, holder, role in OTHER_HOLDERS:
        assign_account(
            by=cast.rita, pk=made[key].pk, owner=cast.people[holder], role=role, reason=WHY, version=None
        )
    return {key: Account.objects.get(pk=account.pk) for key, account in made.items()}


def others_of(cast: Cast, world: dict[str, Account]) -> set[tuple[int, int]]:
    return {(world[key].pk, cast.people[holder].pk) for key, holder, _ in OTHER_HOLDERS}


def people_of(cast: Cast) -> Iterator[User]:
    yield from cast.people.values()


def expected(user: User, account: Account, scope: Scope, others: set[tuple[int, int]]) -> bool:
    """Say by hand whether `account` lies inside `scope` of `user`: the meaning of spec/access.md."""
    held = organisation.current()
    if scope == Scope.ALL:
        return True
    if scope == Scope.NONE:
        return False
    if account.owner_id == user.pk or (account.pk, user.pk) in others:
        return True
    home = held.home_team.get(user.pk)
    if scope == Scope.TEAM:
        return account.team_id is not None and account.team_id == home
    if scope == Scope.SUBTREE:
        subtree = held.subtree(user.pk)
        on_it = any((account.pk, report) in others for report in subtree)
        return on_it or account.owner_id in subtree or account.team_id in managed(user, held)
    return False


def managed(user: User, held: organisation.Organisation) -> set[int]:
    """Return the teams that the subtree of `user` manages or fills, with all teams below the managed ones."""
    people = held.subtree(user.pk)
    teams = {team for team, manager in held.team_manager.items() if manager in people}
    for _ in range(10):
        teams |= {team for team, parent in held.parent_team.items() if parent in teams}
    for team in Team.objects.all():
        members = {person for person, home in held.home_team.items() if home == team.pk}
        if members and members <= people:
            teams.add(team.pk)
    return teams


def test_scope_means_the_same_for_a_queryset_a_row_and_by_hand(cast: Cast, world: dict[str, Account]) -> None:
    others = others_of(cast, world)
    for user in people_of(cast):
        for scope in Scope:
            by_hand = {a.pk for a in world.values() if expected(user, a, scope, others)}
            rows = Account.objects.all().within(user, scope)
            assert set(rows.values_list("pk", flat=True)) == by_hand, (user, scope)
            by_row = {a.pk for a in world.values() if access.in_scope(user, a, scope)}
            assert by_row == by_hand, (user, scope)


def test_wider_scope_includes_the_narrower(cast: Cast, world: dict[str, Account]) -> None:
    for user in people_of(cast):
        seen = [
            set(Account.objects.all().within(user, scope).values_list("pk", flat=True)) for scope in Scope
        ]
        assert seen[Scope.OWN] <= seen[Scope.TEAM]
        assert seen[Scope.OWN] <= seen[Scope.SUBTREE]
        assert seen[Scope.SUBTREE] <= seen[Scope.ALL]
        assert seen[Scope.NONE] == set()


def test_child_record_is_seen_with_its_parent(cast: Cast, world: dict[str, Account]) -> None:
    for user in people_of(cast):
        if access.rights(user, "accounts.accountdomain").view == Scope.NONE:
            assert list(AccountDomain.objects.visible_to(user)) == []
            continue
        accounts = set(Account.objects.visible_to(user).values_list("pk", flat=True))
        domains = set(AccountDomain.objects.visible_to(user).values_list("account_id", flat=True))
        assert domains == accounts & set(AccountDomain.objects.values_list("account_id", flat=True)), user


def test_grant_with_a_condition_sees_only_such_rows(cast: Cast, world: dict[str, Account]) -> None:
    assert list(Account.objects.visible_to(cast.pia)) == [world["partner"]]
    actions.grant_role(by=cast.ada, user=cast.pia, role=Role.CSM)
    assign_account(by=cast.rita, pk=world["queued"].pk, owner=cast.pia, role=OwnerRole.CSM, reason=WHY)
    assert set(Account.objects.visible_to(cast.pia)) == {world["partner"], world["queued"]}


def test_signed_out_deactivated_and_roleless_people_see_nothing(
    cast: Cast, world: dict[str, Account]
) -> None:
    nobody = actions.create_user(by=cast.ada, email="new@example.com", name="New")
    actions.deactivate_user(by=cast.ada, user=cast.otto, reason="Leaves")
    gone = User.objects.get(pk=cast.otto.pk)
    for user in (nobody, gone, None):
        assert access.roles_of(user) == frozenset()
        assert list(Account.objects.visible_to(user)) == []
        assert not access.rights(user, "accounts.account").sees_any


def test_undeclared_record_type_is_denied_to_everybody(cast: Cast) -> None:
    for user in people_of(cast):
        with pytest.raises(LookupError, match="not in the access matrix"):
            access.rights(user, "accounts.maildomain")


def test_declaration_with_an_unknown_field_or_a_role_twice_is_refused() -> None:
    for grants, hidden in (
        ({"AE": access.Grant(create=frozenset({"nmae"}))}, {}),
        ({"AE": access.Grant(), "SDR AE": access.Grant()}, {}),
        ({}, {"nmae": ["AE"]}),
    ):
        with pytest.raises(ValueError, match=r"accounts\.none"):
            access.declare("accounts.none", fields={"name"}, grants=grants, hidden=hidden)
    assert "accounts.none" not in access.declarations()


def test_visible_to_takes_the_same_queries_for_one_and_many_rows(
    cast: Cast, world: dict[str, Account], settled_organisation: None, django_assert_num_queries: Any
) -> None:
    # One for the rows, one more that asks whether somebody holds records in another role.
    for key, queries in {"ada": 1, "rita": 1, "alice": 2, "mona": 2, "carla": 2, "pia": 1, "paul": 0}.items():
        with django_assert_num_queries(queries):
            list(Account.objects.visible_to(cast.people[key]))


def some(chance: random.Random, names: list[str]) -> list[str]:
    return sorted(chance.sample(names, chance.randint(0, len(names))))


def random_grants(chance: random.Random) -> dict[str, Any]:
    grants: dict[str, Any] = {}
    for name, declared in access.declarations().items():
        if chance.random() < 0.2:
            continue
        fields = sorted(declared.fields)
        grants[name] = {
            "view": chance.choice(sorted(SCOPE_LETTERS)),
            "create": some(chance, fields) if chance.random() < 0.5 else [],
            "edit": [
                {"scope": chance.choice(sorted(SCOPE_LETTERS)), "fields": some(chance, fields)}
                for _ in range(chance.randint(0, 2))
            ],
            "actions": {
                action: chance.choice(sorted(SCOPE_LETTERS))
                for action in sorted(declared.actions)
                if chance.random() < 0.5
            },
        }
    return grants


@pytest.mark.parametrize("seed", range(6))
def test_random_custom_role_obeys(cast: Cast, world: dict[str, Account], seed: int) -> None:
    chance = random.Random(seed)
    grants = random_grants(chance)
    grants["accounts.account"] = grants.get("accounts.account") or {"view": "T"}
    actions.define_custom_role(by=cast.ada, code="odd", name="Odd", grants=grants, reason="RFC-1")
    user = cast.bob
    actions.revoke_role(by=cast.ada, user=user, role=Role.AE)
    actions.grant_role(by=cast.ada, user=user, role="odd")
    others = others_of(cast, world)
    mine = grants["accounts.account"]
    view = SCOPE_LETTERS[mine.get("view", "-")]
    for account in world.values():
        sees = expected(user, account, view, others)
        assert Account.objects.filter(pk=account.pk).visible_to(user).exists() == sees
        fields = set()
        for edit in mine.get("edit", []):
            if expected(user, account, SCOPE_LETTERS[edit["scope"]], others):
                fields |= set(edit["fields"])
        assert access.editable(user, account) == fields
        for action in access.declarations()["accounts.account"].actions:
            scope = SCOPE_LETTERS[mine.get("actions", {}).get(action, "-")]
            assert access.allowed(user, action, account) == expected(user, account, scope, others)
    hidden = set(access.declarations()["accounts.account"].hidden)
    assert (
        access.readable(user, "accounts.account") == access.declarations()["accounts.account"].fields - hidden
    )
    assert access.rights(user, "accounts.account").creatable == set(mine.get("create", []))


@pytest.mark.parametrize("seed", range(3))
def test_random_custom_role_is_obeyed_by_the_actions(
    cast: Cast, world: dict[str, Account], seed: int
) -> None:
    chance = random.Random(100 + seed)
    fields = sorted({"description", "phone", "city", "success_note", "region"})
    allowed = set(chance.sample(fields, 2))
    grants = {
        "accounts.account": {
            "view": "A",
            "edit": [{"scope": "T", "fields": sorted(allowed)}],
            "actions": {"domains": "T"},
        }
    }
    actions.define_custom_role(by=cast.ada, code="odd", name="Odd", grants=grants, reason="RFC-1")
    actions.grant_role(by=cast.ada, user=cast.prue, role="odd")
    actions.move_to_team(by=cast.ada, user=cast.prue, team=cast.teams["East"])
    for field in fields:
        for key, inside in (("alice", True), ("charlie", False)):
            pk = world[key].pk
            if field in allowed and inside:
                edited = edit_account(by=cast.prue, pk=pk, changes={field: f"new {field}"})
                assert getattr(edited, field) == f"new {field}"
            else:
                with pytest.raises(access.Forbidden), unchanged():
                    edit_account(by=cast.prue, pk=pk, changes={field: f"new {field}"})
    add_domain(by=cast.prue, pk=world["alice"].pk, domain="alice-two.com")
    with pytest.raises(access.Forbidden), unchanged():
        add_domain(by=cast.prue, pk=world["charlie"].pk, domain="charlie-two.com")
    with pytest.raises(access.Forbidden), unchanged():
        assign_account(by=cast.prue, pk=world["alice"].pk, owner=cast.prue, reason=WHY)


def test_policy_dump_prints_what_the_matrix_is(cast: Cast) -> None:
    grants = {"accounts.account": {"view": "T", "edit": [{"scope": "O", "fields": ["city"]}]}}
    actions.define_custom_role(by=cast.ada, code="odd", name="Odd", grants=grants, reason="RFC-1")
    out = StringIO()
    call_command("policy_dump", "--json", stdout=out)
    printed = json.loads(out.getvalue())
    assert printed == access.dump([*Role.values, "odd"])
    assert set(printed) == {*Role.values, "odd"}
    assert printed["odd"]["accounts.account"] == {
        "view": "team",
        "conditional": [],
        "create": [],
        "edit": [{"scope": "own", "fields": ["city"]}],
        "actions": dict.fromkeys(printed["odd"]["accounts.account"]["actions"], "none"),
        "hidden": sorted(access.declarations()["accounts.account"].hidden),
    }


def test_denial_is_told_in_words(cast: Cast, world: dict[str, Account]) -> None:
    with pytest.raises(access.Forbidden) as refusal:
        edit_account(by=cast.alice, pk=world["alice"].pk, changes={"legal_name": "X", "name": "Y"})
    assert str(refusal.value) == "Your role may not change legal name, name of this account."
    with pytest.raises(access.Forbidden) as refusal:
        create_account(by=cast.fin, values={"name": "X"})
    assert str(refusal.value) == "Your role may not create accounts."
    with pytest.raises(audit.Blocked):
        create_account(by=cast.alice, values={"name": ""})
