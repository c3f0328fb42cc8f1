"""Two people, or two jobs, at the same moment: one decision, one lapse. SQLite has one writer and nothing to remove."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from revops.kernel import clocks
from revops.kernel.gates.exceptions import actions, lapsing
from revops.kernel.gates.exceptions.actions import deciding
from revops.kernel.gates.models import PolicyException
from revops.kernel.packets.models import Obligation
from revops.kernel.records.work.tasks.forms import create_task
from tests.cast import Cast
from tests.kernel.gates.waivers import WHY, World, ask, declare, grant
from tests.meeting import Meeting, kinds, remove_locks, together

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]


@pytest.fixture
def postgres() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer: there is no lock to remove")


@pytest.fixture
def world(committed_cast: Cast, monkeypatch: pytest.MonkeyPatch) -> World:
    return declare(monkeypatch)


@pytest.fixture
def task(world: World, committed_cast: Cast) -> Obligation:
    return create_task(by=committed_cast.alice, values={"text": "Call back"})


def decide(
    cast: Cast, task: Obligation, monkeypatch: pytest.MonkeyPatch, *works: Callable[[int], Any]
) -> tuple[list[str], PolicyException]:
    """Let two decisions about one exception meet after each has read it."""
    pk = ask(cast, task).pk
    monkeypatch.setattr(deciding, "_held", Meeting().after(deciding._held))
    found = kinds(together(*(lambda work=work: work(pk) for work in works)))
    return found, PolicyException.objects.get(pk=pk)


def test_two_approvers_at_once_are_one_decision(
    committed_cast: Cast, task: Obligation, monkeypatch: pytest.MonkeyPatch
) -> None:
    found, held = decide(
        committed_cast,
        task,
        monkeypatch,
        lambda pk: actions.approve(by=committed_cast.mona, pk=pk),
        lambda pk: actions.approve(by=committed_cast.dora, pk=pk),
    )
    assert (found, held.state, held.version) == (["Blocked", "ok"], "approved", 2)


def test_hc9_approval_and_revocation_at_once_follow_each_other(
    committed_cast: Cast, task: Obligation, monkeypatch: pytest.MonkeyPatch
) -> None:
    found, held = decide(
        committed_cast,
        task,
        monkeypatch,
        lambda pk: actions.approve(by=committed_cast.mona, pk=pk),
        lambda pk: actions.revoke(by=committed_cast.rita, pk=pk, reason=WHY),
    )
    # Granted and then revoked, or revoked and then refused: in the end it excuses nothing.
    assert (found in (["ok", "ok"], ["Blocked", "ok"]), held.state) == (True, "revoked")


@pytest.mark.control
def test_two_approvers_collide_without_the_lock(
    postgres: None, committed_cast: Cast, task: Obligation, monkeypatch: pytest.MonkeyPatch
) -> None:
    remove_locks(monkeypatch)
    found, _ = decide(
        committed_cast,
        task,
        monkeypatch,
        lambda pk: actions.approve(by=committed_cast.mona, pk=pk),
        lambda pk: actions.approve(by=committed_cast.dora, pk=pk),
    )
    assert found == ["Conflict", "ok"]


def test_two_jobs_at_once_lapse_an_exception_once(
    committed_cast: Cast, task: Obligation, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    grant(committed_cast, task)
    late = clocks.now() + timedelta(days=11)
    monkeypatch.setattr(lapsing, "hold", Meeting().after(lapsing.hold))
    found = together(lambda: lapsing.lapse_due(late), lambda: lapsing.lapse_due(late))
    assert (sorted(found), len(world.lapses)) == ([0, 1], 1)
