"""Two changes of the organisation at the same moment. Each control shows the fault once the lock is gone.

SQLite lets one writer in at a time, so there is no lock to remove there and the controls run on PostgreSQL.
"""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from accounts.actions import create_account
from accounts.models import Account
from revops.kernel.people import access, actions, ledger, ownership
from revops.kernel.people.access import organisation
from revops.kernel.people.actions import roles
from revops.kernel.people.enums import Role
from revops.kernel.people.models import ReportingLine, RoleAssignment
from tests.cast import Cast
from tests.evidence import ledger_faults
from tests.meeting import PATIENCE, Meeting, kinds, remove_locks, together

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]


@pytest.fixture
def postgres() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer: there is no lock to remove")


def circles() -> list[int]:
    manager_of = dict(ReportingLine.objects.filter(active_to=None).values_list("user_id", "manager_id"))
    found = []
    for person in manager_of:
        step, seen = person, set()
        while step in manager_of and step not in seen:
            seen.add(step)
            step = manager_of[step]
        if step in seen:
            found.append(person)
    return found


def two_lines(cast: Cast, monkeypatch: pytest.MonkeyPatch, lock: Callable[[], None]) -> list[Any]:
    meeting = Meeting()
    monkeypatch.setattr(ledger, "lock_organisation", meeting.after(lock))
    return together(
        lambda: actions.set_manager(by=cast.ada, user=cast.cleo, manager=cast.otto),
        lambda: actions.set_manager(by=cast.ada, user=cast.otto, manager=cast.cleo),
    )


def test_two_lines_that_close_a_circle_do_not_both_hold(
    committed_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert kinds(two_lines(committed_cast, monkeypatch, ledger.lock_organisation)) == ["Blocked", "ok"]
    assert circles() == []


@pytest.mark.control
def test_two_lines_without_the_lock_close_a_circle(
    postgres: None, committed_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    remove_locks(monkeypatch)
    two_lines(committed_cast, monkeypatch, lambda: None)
    assert len(circles()) == 2


def two_revocations(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    actions.grant_role(by=cast.ada, user=cast.olga, role=Role.ADMIN)
    organisation.forget()
    meeting = Meeting()
    monkeypatch.setattr(
        roles, "refuse_losing_the_last_admin", meeting.after(roles.refuse_losing_the_last_admin)
    )
    return together(
        lambda: actions.revoke_role(by=cast.ada, user=cast.olga, role=Role.ADMIN),
        lambda: actions.revoke_role(by=cast.olga, user=cast.ada, role=Role.ADMIN),
    )


def test_administrators_who_revoke_each_other_leave_one(
    committed_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    results = two_revocations(committed_cast, monkeypatch)
    assert sum(isinstance(r, Exception) for r in results) == 1
    assert RoleAssignment.objects.filter(role=Role.ADMIN, active_to=None).count() == 1


@pytest.mark.control
def test_administrators_without_the_lock_leave_none(
    postgres: None, committed_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    remove_locks(monkeypatch)
    two_revocations(committed_cast, monkeypatch)
    assert RoleAssignment.objects.filter(role=Role.ADMIN, active_to=None).count() == 0


def overtaken(
    monkeypatch: pytest.MonkeyPatch,
    check: Callable[..., bool],
    first: Callable[[], Any],
    second: Callable[[], Any],
) -> list[Any]:
    """Run `first` until it has checked its holder; then `second`, to its end unless a lock keeps it waiting."""
    checked, done = threading.Event(), threading.Event()
    holder = ownership.holder

    def checking(**named: Any) -> ownership.Holder:
        held = holder(**named)
        if not checked.is_set():
            checked.set()
            done.wait(PATIENCE)
        return held

    def following() -> Any:
        checked.wait(PATIENCE * 5)
        try:
            return second()
        finally:
            done.set()

    monkeypatch.setattr(ownership, "_still_active", check)
    monkeypatch.setattr(ownership, "holder", checking)
    return together(first, following)


def unlocked(model: Any, pk: int) -> bool:
    return bool(model.objects.filter(pk=pk, is_active=True).exists())


def assign_while_leaving(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, check: Callable[..., bool]
) -> list[Any]:
    return overtaken(
        monkeypatch,
        check,
        lambda: create_account(by=cast.bob, values={"name": "Late"}),
        lambda: actions.deactivate_user(by=cast.ada, user=cast.bob, reason="He leaves"),
    )


def test_record_given_to_who_leaves_is_moved_with_the_rest(
    committed_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    results = assign_while_leaving(committed_cast, monkeypatch, ownership._still_active)
    assert kinds(results) == ["ok", "ok"]
    assert Account.objects.get().queue is not None
    assert ledger_faults() == []


@pytest.mark.control
def test_record_given_without_the_share_lock_stays_with_who_left(
    postgres: None, committed_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    assign_while_leaving(committed_cast, monkeypatch, unlocked)
    assert ledger_faults() == [f"{Account.objects.get()!r}: its owner is deactivated"]


def queue_while_emptied(cast: Cast, monkeypatch: pytest.MonkeyPatch, check: Callable[..., bool]) -> list[Any]:
    return overtaken(
        monkeypatch,
        check,
        lambda: create_account(by=cast.rita, values={"name": "Late", "queue": cast.west_queue.pk}),
        lambda: actions.unstaff_queue(by=cast.rita, queue=cast.west_queue, user=cast.charlie),
    )


def test_queue_that_just_got_a_record_keeps_its_last_member(
    committed_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    results = queue_while_emptied(committed_cast, monkeypatch, ownership._still_active)
    assert kinds(results) == ["Blocked", "ok"]
    assert ledger_faults() == []


@pytest.mark.control
def test_queue_without_the_share_lock_holds_a_record_that_nobody_sees(
    postgres: None, committed_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue_while_emptied(committed_cast, monkeypatch, unlocked)
    assert ledger_faults() == [f"{Account.objects.get()!r}: its queue has no member"]


def test_moves_and_writes_at_the_same_moment_keep_the_keys_true(committed_cast: Cast) -> None:
    cast = committed_cast
    made = [create_account(by=cast.alice, values={"name": f"A{n}"}) for n in range(4)]
    teams = [cast.teams[name] for name in ("West", "East", "West")]
    together(
        *[lambda t=team: actions.move_to_team(by=cast.ada, user=cast.alice, team=t) for team in teams],
        *[lambda n=n: create_account(by=cast.alice, values={"name": f"B{n}"}) for n in range(4)],
    )
    organisation.forget()
    home = organisation.current().home_team[cast.alice.pk]
    assert set(Account.objects.values_list("team_id", flat=True)) == {home}
    assert Account.objects.count() == len(made) + 4
    assert access.roles_of(cast.alice) == {"AE"}
