"""Somebody leaves: the plan says what deactivation does; it happens whole or not at all."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from accounts.actions import assign_account, create_account
from accounts.models import Account
from revops.kernel import audit, clocks
from revops.kernel.identity.models import User
from revops.kernel.people import access, actions, ownership
from revops.kernel.people.access import organisation
from revops.kernel.people.actions import leaving
from revops.kernel.people.enums import OwnerRole, Role
from revops.kernel.people.models import (
    OwnershipInterval,
    Queue,
    QueueMembership,
    ReportingLine,
    RoleAssignment,
    Team,
    TeamMembership,
    Territory,
)
from tests.cast import Cast
from tests.evidence import ledger_faults, unchanged

WHY = "Because the test wants it so"


@pytest.fixture
def holdings(cast: Cast) -> dict[str, Account]:
    """Alice holds two accounts as owner, one in another role, a territory, and alone a queue."""
    made = {
        "first": create_account(by=cast.alice, values={"name": "First"}),
        "second": create_account(by=cast.alice, values={"name": "Second"}),
        "bobs": create_account(by=cast.bob, values={"name": "Bobs"}),
    }
    assign_account(by=cast.rita, pk=made["bobs"].pk, owner=cast.alice, role=OwnerRole.CSM, reason=WHY)
    actions.create_territory(by=cast.rita, code="NA", name="North", default_owner=cast.alice)
    queue = actions.create_queue(by=cast.rita, name="Trials", members=[cast.alice])
    made["queued"] = create_account(by=cast.rita, values={"name": "Queued", "queue": queue.pk})
    return made


def test_plan_is_what_deactivation_does(cast: Cast, holdings: dict[str, Account]) -> None:
    with unchanged():
        plan = actions.plan_offboarding(by=cast.ada, user=cast.alice)
    assert plan == leaving.OffboardingPlan(
        user=cast.alice,
        manager=cast.mona,
        receiving_queue="Holding of Mona",
        holdings={("accounts.account", "primary"): 2, ("accounts.account", "csm"): 1},
        reports=0,
        teams_managed=0,
        territories=1,
        queues=1,
    )
    actions.deactivate_user(by=cast.ada, user=cast.alice, reason="She leaves")
    queue = Queue.objects.get(name=plan.receiving_queue)
    moved = OwnershipInterval.objects.filter(queue=queue, active_to=None, reason_code="offboarded")
    assert sorted(moved.values_list("record_id", "role")) == sorted(
        [
            (holdings["first"].pk, "primary"),
            (holdings["second"].pk, "primary"),
            (holdings["bobs"].pk, "csm"),
        ]
    )
    assert not OwnershipInterval.objects.filter(owner=cast.alice, active_to=None).exists()
    assert Territory.objects.get(code="NA").default_queue == queue
    assert ledger_faults() == []
    assert set(Account.objects.visible_to(cast.bob)) == set(
        Account.objects.filter(name__in=["First", "Second", "Bobs"])
    )


def test_deactivation_of_a_manager_passes_reports_and_teams_up(cast: Cast) -> None:
    plan = actions.plan_offboarding(by=cast.ada, user=cast.mona)
    assert (plan.manager, plan.reports, plan.teams_managed) == (cast.dora, 4, 1)
    actions.deactivate_user(by=cast.ada, user=cast.mona, reason="She leaves")
    lines = ReportingLine.objects.filter(manager=cast.dora, active_to=None)
    assert {line.user.name for line in lines} == {"Alice", "Bob", "Sam", "Sven", "Marco"}
    assert Team.objects.get(name="East").manager == cast.dora


def test_deactivation_ends_every_duty_dated_ones_too(cast: Cast, holdings: dict[str, Account]) -> None:
    later = clocks.now() + timedelta(days=9)
    actions.grant_role(by=cast.ada, user=cast.alice, role=Role.EXEC, active_to=later)
    actions.grant_role(by=cast.ada, user=cast.alice, role=Role.LEGAL, active_from=later)
    actions.deactivate_user(by=cast.ada, user=cast.alice, reason="She leaves")
    back = actions.reactivate_user(by=cast.ada, user=cast.alice, reason="She is back")
    for moment in (clocks.now(), later + timedelta(days=1)):
        with clocks.at(moment):
            assert access.roles_of(back) == frozenset()
            assert back.pk not in organisation.current().home_team
    for model in (RoleAssignment, TeamMembership, QueueMembership, ReportingLine):
        assert not model.objects.filter(user=back, active_to=None).exists()
    assert ledger_faults() == []


def test_nobody_above_means_the_unassigned_queue(cast: Cast) -> None:
    actions.deactivate_user(by=cast.ada, user=cast.rita, reason="She leaves")
    hers = create_account(by=cast.olga, values={"name": "X", "owner": cast.fin.pk})
    assert actions.plan_offboarding(by=cast.ada, user=cast.fin).receiving_queue == "Unassigned"
    actions.deactivate_user(by=cast.ada, user=cast.fin, reason="He leaves")
    hers.refresh_from_db()
    assert hers.queue == cast.unassigned
    assert ledger_faults() == []


def test_manager_who_left_is_skipped(cast: Cast) -> None:
    actions.deactivate_user(by=cast.ada, user=cast.mona, reason="She leaves")
    assert actions.plan_offboarding(by=cast.ada, user=cast.alice).manager == cast.dora


def test_last_member_of_a_queue_is_followed_by_the_manager(cast: Cast, holdings: dict[str, Account]) -> None:
    actions.deactivate_user(by=cast.ada, user=cast.alice, reason="She leaves")
    members = QueueMembership.objects.filter(queue=holdings["queued"].queue_id, active_to=None)
    assert [member.user for member in members] == [cast.mona]


def test_deactivation_that_fails_half_way_leaves_everything(
    cast: Cast, holdings: dict[str, Account], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: Any) -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr("revops.kernel.audit.changes._record", fail)
    with pytest.raises(RuntimeError), unchanged():
        actions.deactivate_user(by=cast.ada, user=cast.alice, reason="She leaves")
    assert User.objects.get(pk=cast.alice.pk).is_active


@pytest.mark.parametrize("reason", ["", "   ", "\u200b", "\x00"])
def test_deactivation_needs_a_reason(cast: Cast, reason: str) -> None:
    with pytest.raises(audit.Blocked) as refusal, unchanged():
        actions.deactivate_user(by=cast.ada, user=cast.alice, reason=reason)
    assert [finding.code for finding in refusal.value.findings] == ["PPL-030"]


def test_deactivation_is_for_administrators_and_not_of_oneself_nor_twice(cast: Cast) -> None:
    with unchanged():
        with pytest.raises(access.Forbidden):
            actions.deactivate_user(by=cast.ada, user=cast.ada, reason="I leave")
        for key in ("rita", "mona", "otto"):
            with pytest.raises(access.Forbidden):
                actions.deactivate_user(by=cast.people[key], user=cast.alice, reason="She leaves")
        with pytest.raises(access.Forbidden):
            actions.plan_offboarding(by=cast.mona, user=cast.alice)
    actions.deactivate_user(by=cast.ada, user=cast.alice, reason="She leaves")
    with pytest.raises(audit.Blocked) as refusal, unchanged():
        actions.deactivate_user(by=cast.ada, user=cast.alice, reason="Again")
    assert [finding.code for finding in refusal.value.findings] == ["PPL-031"]


def test_user_is_not_deactivated_past_the_plan(cast: Cast) -> None:
    cast.alice.is_active = False
    with unchanged(), pytest.raises(TypeError), transaction.atomic():
        cast.alice.save()
    with unchanged(), pytest.raises(TypeError), transaction.atomic():
        User.objects.filter(pk=cast.alice.pk).update(is_active=False)


def test_session_of_a_deactivated_person_is_dead(cast: Cast) -> None:
    client = Client()
    client.force_login(cast.alice)
    assert client.get("/api/v1/me/").status_code == 200
    actions.deactivate_user(by=cast.ada, user=cast.alice, reason="She leaves")
    assert client.get("/api/v1/me/").status_code in (401, 403)


def test_session_from_before_does_not_come_back_with_the_person(cast: Cast) -> None:
    client = Client()
    client.force_login(cast.alice)
    actions.deactivate_user(by=cast.ada, user=cast.alice, reason="She leaves")
    actions.reactivate_user(by=cast.ada, user=cast.alice, reason="She is back")
    assert client.get("/api/v1/me/").status_code in (401, 403)


def test_deactivated_person_owns_nothing_new(cast: Cast, holdings: dict[str, Account]) -> None:
    actions.deactivate_user(by=cast.ada, user=cast.alice, reason="She leaves")
    with pytest.raises(audit.Blocked) as refusal, unchanged():
        assign_account(by=cast.rita, pk=holdings["bobs"].pk, owner=cast.alice, reason=WHY)
    assert [finding.code for finding in refusal.value.findings] == ["OWN-001"]
    assert ownership.held_at(holdings["bobs"], clocks.now()) is not None
