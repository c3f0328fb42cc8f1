"""Two people at the same moment: numbers stay unique, and one version is in force at an instant.

SQLite lets one writer in at a time, so there is no lock to remove there and the control runs on PostgreSQL.
"""

from itertools import pairwise
from typing import Any

import pytest
from django.db import connection

from revops.kernel import audit
from revops.kernel.policies import actions
from revops.kernel.policies.actions import approving, drafting, releasing
from revops.kernel.policies.models import Policy, PolicyVersion, SetUpMode
from tests import meeting
from tests.cast import Cast
from tests.kernel.policies.papers import Documents
from tests.meeting import Meeting, kinds, remove_locks, together

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]
WHY = "Because the test wants it so"


@pytest.fixture
def postgres() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer: there is no lock to remove")


def draft(cast: Cast, limit: int, again: bool = True) -> PolicyVersion:
    act: Any = actions.draft_version if again else actions.draft_version.__wrapped__  # type: ignore[attr-defined]
    made: PolicyVersion = act(
        by=cast.rita, key="specimens.limit", body={"limit": limit}, source_note="A test"
    )
    return made


def two_first_drafts(cast: Cast, monkeypatch: pytest.MonkeyPatch, *, again: bool) -> list[Any]:
    monkeypatch.setattr(drafting, "declared", Meeting().after(drafting.declared))
    return together(lambda: draft(cast, 20, again), lambda: draft(cast, 30, again))


def test_two_first_drafts_get_two_numbers(
    committed_cast: Cast, documents: Documents, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert kinds(two_first_drafts(committed_cast, monkeypatch, again=True)) == ["ok", "ok"]
    assert Policy.objects.count() == 1
    rows = PolicyVersion.objects.order_by("n").values_list("n", "status")
    assert list(rows) == [(1, "active"), (2, "draft"), (3, "draft")]


@pytest.mark.control
def test_two_first_drafts_collide_where_nobody_tries_again(
    postgres: None, committed_cast: Cast, documents: Documents, monkeypatch: pytest.MonkeyPatch
) -> None:
    results = two_first_drafts(committed_cast, monkeypatch, again=False)
    assert kinds(results) == ["IntegrityError", "ok"]


def two_activations(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    drafts = [draft(cast, 20), draft(cast, 30)]
    monkeypatch.setattr(releasing, "declared", Meeting().after(releasing.declared))
    return together(*(lambda pk=one.pk: actions.activate_version(by=cast.rita, pk=pk) for one in drafts))


def faults() -> list[str]:
    """Return where two versions are in force at one instant, or none is open."""
    rows = list(PolicyVersion.objects.filter(effective_from__isnull=False).order_by("effective_from", "n"))
    found = [
        f"{one.n} and {other.n}"
        for one, other in pairwise(rows)
        if one.effective_to is None or other.effective_from is None or one.effective_to > other.effective_from
    ]
    opened = [row.n for row in rows if row.effective_to is None]
    return found if len(opened) == 1 else [*found, f"open: {opened}"]


def test_two_activations_follow_each_other(
    committed_cast: Cast, documents: Documents, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert kinds(two_activations(committed_cast, monkeypatch)) == ["ok", "ok"]
    assert faults() == []
    statuses = PolicyVersion.objects.order_by("n").values_list("status", flat=True)
    assert sorted(statuses) == ["active", "retired", "retired"]


@pytest.mark.control
def test_two_activations_without_the_lock_meet_the_constraint(
    postgres: None, committed_cast: Cast, documents: Documents, monkeypatch: pytest.MonkeyPatch
) -> None:
    remove_locks(monkeypatch)
    assert kinds(two_activations(committed_cast, monkeypatch)) == ["Conflict", "ok"]
    assert faults() == []


def test_set_up_mode_ends_once(
    committed_cast: Cast, documents: Documents, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(releasing, "require_reason", Meeting().after(releasing.require_reason))
    results = together(*[lambda: actions.end_set_up_mode(by=committed_cast.rita, reason=WHY)] * 2)
    assert kinds(results) == ["Blocked", "ok"]
    assert SetUpMode.objects.count() == 1


def two_roll_backs(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    version = actions.activate_version(by=cast.rita, pk=draft(cast, 20).pk)
    monkeypatch.setattr(approving, "_before", Meeting().after(approving._before))

    def back() -> PolicyVersion:
        with audit.change(by=cast.rita, action="rfc.roll_back"):
            (held,) = approving.hold([version.pk])
            return approving.roll_back(held, authority="RFC-000012")

    return together(back, back)


def test_version_is_rolled_back_once(
    committed_cast: Cast, documents: Documents, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert kinds(two_roll_backs(committed_cast, monkeypatch)) == ["Blocked", "ok"]
    assert faults() == []
    assert list(PolicyVersion.objects.order_by("n").values_list("n", "status")) == [
        (1, "retired"),
        (2, "retired"),
        (3, "active"),
    ]


@pytest.mark.control
def test_version_is_not_rolled_back_twice_without_the_lock_either(
    postgres: None, committed_cast: Cast, documents: Documents, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the lock the second one runs into the constraints instead of being told."""
    remove_locks(monkeypatch)
    monkeypatch.setattr(meeting, "PATIENCE", 30.0)  # both always come: no lock keeps one out
    results = kinds(two_roll_backs(committed_cast, monkeypatch))
    assert [one for one in results if one not in ("IntegrityError", "Conflict")] == ["ok"]
    assert faults() == []
