"""Roles: dated, united, never granted to oneself; the last administrator stays."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from accounts.actions import create_account
from accounts.models import Account
from revops.kernel import audit, clocks
from revops.kernel.identity.models import User, UserKind
from revops.kernel.people import access, actions, queries
from revops.kernel.people.access import Scope, organisation
from revops.kernel.people.enums import Role
from revops.kernel.people.models import CustomRole, RoleAssignment
from tests.cast import Cast
from tests.evidence import unchanged


def refused(refusal: pytest.ExceptionInfo[audit.Blocked]) -> list[str]:
    return [finding.code for finding in refusal.value.findings]


def test_role_begins_and_ends_by_the_clock_without_any_write(cast: Cast) -> None:
    now = clocks.now()
    create_account(by=cast.alice, values={"name": "Northwind"})
    actions.grant_role(
        by=cast.ada,
        user=cast.paul,
        role=Role.EXEC,
        active_from=now + timedelta(hours=1),
        active_to=now + timedelta(hours=2),
    )
    seen = {}
    with unchanged():
        for minutes in (0, 59, 60, 119, 120, 600):
            with clocks.at(now + timedelta(minutes=minutes)):
                seen[minutes] = Account.objects.visible_to(cast.paul).count()
    assert seen == {0: 0, 59: 0, 60: 1, 119: 1, 120: 0, 600: 0}


def test_roles_unite(cast: Cast) -> None:
    alices = create_account(by=cast.alice, values={"name": "Northwind"})
    actions.grant_role(by=cast.ada, user=cast.fin, role=Role.AE)
    held = access.rights(cast.fin, "accounts.account")
    assert access.roles_of(cast.fin) == {"FINANCE", "AE"}
    assert held.view == Scope.ALL
    assert "name" in held.creatable
    billing = {name for name in access.editable(cast.fin, alices) if name.startswith("billing_")}
    assert access.editable(cast.fin, alices) - billing == {"tax_id", "legal_name", "credit_status"}
    actions.move_to_team(by=cast.ada, user=cast.fin, team=cast.teams["East"])
    united = {"tax_id", "legal_name", "credit_status", "description", "phone", "website"}
    assert access.editable(cast.fin, alices) - billing == united


@pytest.mark.parametrize("role", [Role.ADMIN, Role.REVOPS, Role.AE])
def test_nobody_grants_or_takes_their_own_role(cast: Cast, role: Role) -> None:
    with unchanged():
        with pytest.raises(access.Forbidden):
            actions.grant_role(by=cast.ada, user=cast.ada, role=role)
        with pytest.raises(access.Forbidden):
            actions.revoke_role(by=cast.ada, user=cast.ada, role=role)


def test_only_administrators_grant(cast: Cast) -> None:
    for role in Role:
        by = cast.by_role(role)
        if role == Role.ADMIN:
            continue
        with unchanged():
            for attempt in (
                lambda by=by: actions.grant_role(by=by, user=cast.bob, role=Role.EXEC),
                lambda by=by: actions.revoke_role(by=by, user=cast.charlie, role=Role.AE),
                lambda by=by: actions.create_user(by=by, email="x@example.com", name="X", roles=["ADMIN"]),
                lambda by=by: actions.deactivate_user(by=by, user=cast.bob, reason="no"),
                lambda by=by: actions.set_password(by=by, user=cast.bob, password="correct-horse"),
            ):
                with pytest.raises((access.Forbidden, User.DoesNotExist)):
                    attempt()


def test_role_is_granted_once_and_must_be_known(cast: Cast) -> None:
    with unchanged():
        with pytest.raises(audit.Blocked) as refusal:
            actions.grant_role(by=cast.ada, user=cast.bob, role=Role.AE)
        assert refused(refusal) == ["PPL-007"]
        with pytest.raises(audit.Blocked) as refusal:
            actions.grant_role(by=cast.ada, user=cast.bob, role="KING")
        assert refused(refusal) == ["PPL-005"]
        with pytest.raises(audit.Blocked) as refusal:
            actions.revoke_role(by=cast.ada, user=cast.bob, role=Role.EXEC)
        assert refused(refusal) == ["PPL-009"]
        with pytest.raises(audit.Blocked) as refusal:
            actions.grant_role(by=cast.ada, user=cast.bob, role=Role.EXEC, active_to=clocks.now())
        assert refused(refusal) == ["PPL-008"]


def test_revoked_role_ends_now_and_stays_in_the_ledger(cast: Cast) -> None:
    actions.revoke_role(by=cast.ada, user=cast.bob, role=Role.AE)
    assert access.roles_of(cast.bob) == frozenset()
    ended = RoleAssignment.objects.get(user=cast.bob)
    assert ended.active_to is not None
    assert ended.granted_by == cast.ada


def second_admin(cast: Cast, **dates: Any) -> User:
    actions.grant_role(by=cast.ada, user=cast.olga, role=Role.ADMIN, **dates)
    return cast.olga


def test_last_administrator_stays(cast: Cast) -> None:
    olga = second_admin(cast, active_to=clocks.now() + timedelta(days=1))
    with pytest.raises(audit.Blocked) as refusal, unchanged():
        actions.revoke_role(by=olga, user=cast.ada, role=Role.ADMIN)
    assert refused(refusal) == ["PPL-010"]
    with pytest.raises(audit.Blocked) as refusal, unchanged():
        actions.deactivate_user(by=olga, user=cast.ada, reason="She leaves")
    assert refused(refusal) == ["PPL-010"]


def test_administrator_to_come_or_a_service_does_not_count_as_another(cast: Cast) -> None:
    olga = second_admin(cast, active_to=clocks.now() + timedelta(days=1))
    actions.grant_role(
        by=cast.ada, user=cast.rita, role=Role.ADMIN, active_from=clocks.now() + timedelta(days=30)
    )
    actions.create_user(
        by=cast.ada, email="robot@example.com", name="Robot", kind=UserKind.SERVICE, roles=[Role.ADMIN]
    )
    with pytest.raises(audit.Blocked) as refusal:
        actions.revoke_role(by=olga, user=cast.ada, role=Role.ADMIN)
    assert refused(refusal) == ["PPL-010"]


def test_administrator_may_go_when_another_stays(cast: Cast) -> None:
    olga = second_admin(cast)
    actions.revoke_role(by=olga, user=cast.ada, role=Role.ADMIN)
    assert access.roles_of(cast.ada) == frozenset()


def test_second_bootstrap_is_refused(cast: Cast) -> None:
    with pytest.raises(audit.Blocked) as refusal, unchanged():
        actions.bootstrap_admin(email="evil@example.com", name="Eve")
    assert refused(refusal) == ["PPL-001"]


@pytest.mark.parametrize(
    ("email", "name", "codes"),
    [
        ("nobody", "N", ["PPL-002"]),
        ("ALICE@example.com", "N", ["PPL-003"]),
        ("n@example.com", " ", ["PPL-004"]),
        ("n@example.com", "zero\u200bwidth", ["PPL-004"]),
        ("n@example.com", "a\u202eb", ["PPL-004"]),
        ("n@example.com", "n\x00", ["PPL-004"]),
        ("n@example.com", "n" * 121, ["PPL-004"]),
        (
            "n" * 60 + "@" + "e" * 60 + "." + "x" * 60 + "." + "y" * 60 + "." + "z" * 40 + ".com",
            "N",
            ["PPL-002"],
        ),
        ("\x00", "", ["PPL-002", "PPL-004"]),
    ],
)
def test_person_needs_an_unused_address_and_a_visible_name(
    cast: Cast, email: str, name: str, codes: list[str]
) -> None:
    with pytest.raises(audit.Blocked) as refusal, unchanged():
        actions.create_user(by=cast.ada, email=email, name=name)
    assert refused(refusal) == codes
    with pytest.raises(audit.Blocked) as refusal, unchanged():
        actions.edit_user(by=cast.ada, pk=cast.bob.pk, email=email, name=name)
    assert refused(refusal) == codes


def test_person_is_edited_and_keeps_their_own_address(cast: Cast) -> None:
    edited = actions.edit_user(by=cast.ada, pk=cast.bob.pk, email="Bob@Example.com", name="Bob Brandt")
    assert (edited.email, edited.name, edited.version) == ("bob@example.com", "Bob Brandt", 2)
    with pytest.raises(access.Forbidden):
        actions.edit_user(by=cast.bob, pk=cast.bob.pk, name="King Bob")
    with pytest.raises(User.DoesNotExist):
        actions.edit_user(by=cast.bob, pk=cast.alice.pk, name="Al")


def test_password_of_another_administrator_is_theirs(cast: Cast) -> None:
    olga = second_admin(cast)
    with pytest.raises(access.Forbidden):
        actions.set_password(by=cast.ada, user=olga, password="correct-horse-battery")
    actions.set_password(by=cast.ada, user=cast.bob, password="correct-horse-battery")
    assert User.objects.get(pk=cast.bob.pk).check_password("correct-horse-battery")


ESCALATING = {
    "identity.user": {"view": "A", "create": ["name", "email", "kind"]},
    "people.customrole": {"view": "A", "edit": [{"scope": "A", "fields": ["grants"]}]},
}


def test_creating_people_does_not_include_giving_roles(cast: Cast) -> None:
    actions.define_custom_role(by=cast.ada, code="desk", name="Desk", grants=ESCALATING, reason="RFC-1")
    actions.grant_role(by=cast.ada, user=cast.bob, role="desk")
    with unchanged():
        for extra in ({"roles": ["ADMIN"]}, {"team": cast.teams["East"]}, {"manager": cast.vera}):
            with pytest.raises(access.Forbidden):
                actions.create_user(by=cast.bob, email="x@example.com", name="X", **extra)
    assert actions.create_user(by=cast.bob, email="x@example.com", name="X").name == "X"


def test_custom_role_is_not_changed_by_who_holds_it(cast: Cast) -> None:
    actions.define_custom_role(by=cast.ada, code="extra", name="Extra", grants={}, reason="RFC-1")
    olga = second_admin(cast)
    actions.grant_role(by=olga, user=cast.ada, role="extra")
    grown = {"accounts.account": {"view": "A", "edit": [{"scope": "A", "fields": ["tax_id"]}]}}
    with pytest.raises(access.Forbidden), unchanged():
        actions.define_custom_role(by=cast.ada, code="extra", name="Extra", grants=grown, reason="mine")
    changed = actions.define_custom_role(by=olga, code="extra", name="Extra", grants=grown, reason="RFC-2")
    assert changed.version == 2


@pytest.mark.parametrize(
    "grants",
    [
        [],
        "all",
        {"accounts.nothing": {"view": "A"}},
        {"accounts.account": "A"},
        {"accounts.account": {"view": "X"}},
        {"accounts.account": {"view": 4}},
        {"accounts.account": {"view": ["A"]}},
        {"accounts.account": {"create": "name"}},
        {"accounts.account": {"create": ["password"]}},
        {"accounts.account": {"create": [{"name": 1}]}},
        {"accounts.account": {"edit": {"scope": "A", "fields": ["name"]}}},
        {"accounts.account": {"edit": [{"scope": "A"}]}},
        {"accounts.account": {"edit": [{"scope": "Z", "fields": ["name"]}]}},
        {"accounts.account": {"edit": [{"scope": "A", "fields": "name"}]}},
        {"accounts.account": {"edit": [{"scope": "A", "fields": ["version"]}]}},
        {"accounts.account": {"actions": ["assign"]}},
        {"accounts.account": {"actions": None}},
        {"accounts.account": {"actions": {"delete": "A"}}},
        {"accounts.account": {"actions": {"assign": None}}},
        {"accounts.account": {"read_hidden": ["tax_id"]}},
    ],
)
def test_custom_role_with_words_the_matrix_does_not_know_is_refused(cast: Cast, grants: Any) -> None:
    with pytest.raises(audit.Blocked) as refusal, unchanged():
        actions.define_custom_role(by=cast.ada, code="odd", name="Odd", grants=grants, reason="RFC-1")
    assert set(refused(refusal)) == {"ACC-010"}


@pytest.mark.parametrize("code", ["ADMIN", "with space", "", "x" * 41, "a\x00"])
def test_custom_role_code_is_checked(cast: Cast, code: str) -> None:
    with pytest.raises(audit.Blocked) as refusal:
        actions.define_custom_role(by=cast.ada, code=code, name="Odd", grants={}, reason="RFC-1")
    assert refused(refusal) == ["PPL-012"]


@pytest.mark.parametrize("name", ["", "x" * 121, "a\x00", "a\u200bb"])
def test_custom_role_name_is_checked(cast: Cast, name: str) -> None:
    with pytest.raises(audit.Blocked) as refusal:
        actions.define_custom_role(by=cast.ada, code="odd", name=name, grants={}, reason="RFC-1")
    assert refused(refusal) == ["PPL-013"]


def test_stored_role_outlives_a_field_that_is_gone(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    grants = {"accounts.account": {"view": "A", "create": ["name", "city"]}, "people.team": {"view": "A"}}
    actions.define_custom_role(by=cast.ada, code="old", name="Old", grants=grants, reason="RFC-1")
    declared = dict(access.declarations())
    account = declared["accounts.account"]
    narrower = replace(account, fields=account.fields - {"city"})
    monkeypatch.setattr(
        "revops.kernel.people.access.vocabulary._declared",
        {name: one for name, one in declared.items() if name != "people.team"}
        | {"accounts.account": narrower},
    )
    held = organisation.read(clocks.now()).custom_roles["old"]
    assert list(held) == ["accounts.account"]
    assert held["accounts.account"].create == {"name"}


def test_service_and_deactivated_people_own_nothing_new(cast: Cast) -> None:
    actions.deactivate_user(by=cast.ada, user=cast.bob, reason="He leaves")
    assert cast.bob not in queries.assignable_people()
    assert CustomRole.objects.count() == 0
