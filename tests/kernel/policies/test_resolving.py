"""Which version is in force: most specific scope, then priority, then version (M2); and how soon everybody knows."""

import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from revops.kernel import clocks, policies
from revops.kernel.guard import permit
from revops.kernel.policies import actions, store
from revops.kernel.policies import documents as registry
from revops.kernel.policies.enums import Mode, Status
from revops.kernel.policies.models import Policy, PolicyVersion
from revops.kernel.policies.rules import RuleError
from tests.cast import Cast
from tests.kernel.outbox.processes import environment
from tests.kernel.policies.papers import Documents

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def live(
    scope: dict[str, str],
    limit: Any,
    *,
    n: int = 1,
    priority: int = 0,
    days: tuple[int, int | None] = (-1, None),
) -> None:
    """Store a version in force, as if somebody had activated it."""
    key = "&".join(f"{name}={value}" for name, value in sorted(scope.items()))
    stamps = {"created_at": NOON, "updated_at": NOON, "version": 1}
    with permit():
        policy, _ = Policy.objects.get_or_create(
            key="specimens.limit",
            scope_key=key,
            defaults={"domain": "specimens", "scope": scope, "priority": priority, **stamps},
        )
        PolicyVersion.objects.create(
            policy=policy,
            n=n,
            body={"limit": limit},
            mode=Mode.ENFORCE,
            status=Status.RETIRED if days[1] is not None else Status.ACTIVE,
            effective_from=NOON + timedelta(days=days[0]),
            effective_to=None if days[1] is None else NOON + timedelta(days=days[1]),
            authority="a test",
            source_note="A test",
            **stamps,
        )
    store.forget()


def held(scope: dict[str, Any] | None = None, at: datetime = NOON) -> int:
    return int(policies.get("specimens.limit", scope, at).raw["limit"])


@pytest.mark.django_db
def test_most_specific_scope_wins_then_priority_then_version(documents: Documents) -> None:
    live({}, 1, priority=9)
    live({"segment": "ENT"}, 2)
    live({"geo": "EU"}, 3, priority=1)
    live({"geo": "EU", "segment": "ENT"}, 4)
    assert held() == 1
    assert held({"segment": "MM", "geo": "US"}) == 1
    assert held({"segment": "ENT"}) == 2
    assert held({"segment": "ENT", "geo": "US"}) == 2
    assert held({"geo": "EU", "segment": "SMB"}) == 3
    assert held({"geo": "EU", "segment": "ENT", "product": "x"}) == 4
    assert held({"geo": "EU", "segment": None}) == 3


@pytest.mark.django_db
def test_priority_decides_between_equally_specific_scopes(documents: Documents) -> None:
    live({"segment": "ENT"}, 2, priority=1)
    live({"geo": "EU"}, 3, priority=2)
    assert held({"segment": "ENT", "geo": "EU"}) == 3


@pytest.mark.django_db
def test_higher_version_then_key_decide_at_last(documents: Documents) -> None:
    live({"segment": "ENT"}, 2, n=1)
    live({"geo": "EU"}, 3, n=2)
    assert held({"segment": "ENT", "geo": "EU"}) == 3
    live({"segment": "ENT"}, 4, n=3, days=(-1, 1))
    assert held({"segment": "ENT", "geo": "EU"}) == 4
    live({"geo": "EU"}, 5, n=3, days=(-1, 1))
    assert held({"segment": "ENT", "geo": "EU"}) == 5


@pytest.mark.django_db
def test_interval_is_half_open_and_the_shipped_default_fills_gaps(documents: Documents) -> None:
    live({}, 1, n=1, days=(-10, -5))
    live({}, 2, n=2, days=(-3, None))
    assert held(at=NOON - timedelta(days=11)) == 10
    assert held(at=NOON - timedelta(days=10)) == 1
    assert held(at=NOON - timedelta(days=5)) == 10
    assert held(at=NOON - timedelta(days=3)) == 2
    with clocks.at(NOON):
        assert policies.get("specimens.limit").ref == "specimens.limit@2"


@pytest.mark.django_db
def test_reference_names_scope_and_version(documents: Documents) -> None:
    live({"segment": "ENT", "geo": "EU"}, 1, n=3)
    assert policies.get("specimens.limit", {"segment": "ENT", "geo": "EU"}, NOON).ref == (
        "specimens.limit[geo=EU&segment=ENT]@3"
    )
    assert policies.get("specimens.limit").ref == "specimens.limit@0"


@pytest.mark.django_db
def test_unknown_policy_is_a_mistake_of_the_caller(documents: Documents) -> None:
    with pytest.raises(LookupError, match=r"specimens\.nothing is no policy"):
        policies.get("specimens.nothing")


@pytest.mark.django_db
@pytest.mark.parametrize("bad", ["__import__('os')", -1, None, {"f": "s.number"}])
def test_stored_body_that_is_refused_today_does_not_run(documents: Documents, bad: Any) -> None:
    live({}, bad)
    policy = policies.get("specimens.limit", at=NOON)
    with pytest.raises(RuleError, match="/limit"):
        _ = policy.body


@pytest.mark.django_db
@pytest.mark.parametrize("versions", [1, 3])
def test_policies_are_read_once(documents: Documents, versions: int) -> None:
    for n in range(versions):
        live({"segment": f"S{n}"}, n)
    with CaptureQueriesContext(connection) as asked:
        for n in range(versions):
            assert held({"segment": f"S{n}"}) == n
        policies.get("accounts.segment")
    assert len(asked) == 2


def _activate(cast: Cast, limit: int) -> None:
    version = actions.draft_version(
        by=cast.rita, key="specimens.limit", body={"limit": limit}, source_note="A test"
    )
    actions.activate_version(by=cast.rita, pk=version.pk)


@pytest.mark.django_db
def test_own_change_is_seen_at_once(cast: Cast, documents: Documents) -> None:
    assert policies.get("specimens.limit").raw == {"limit": 10}
    _activate(cast, 20)
    assert policies.get("specimens.limit").raw == {"limit": 20}


WATCHER = """
import sys, time, django
django.setup()
from revops.kernel import policies
print(policies.get("accounts.segment").n, flush=True)
sys.stdin.readline()
started = time.monotonic()
while policies.get("accounts.segment").n != 2 and time.monotonic() - started < 60:
    time.sleep(0.02)
print(policies.get("accounts.segment").n, flush=True)
"""


@pytest.mark.slow
@pytest.mark.concurrency
@pytest.mark.django_db(transaction=True)
def test_other_process_learns_without_being_told(committed_cast: Cast) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", WATCHER],
        env=environment() | {"DJANGO_SETTINGS_MODULE": "revops.settings", "LOG_LEVEL": "ERROR"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        assert child.stdout.readline() == "0\n"
        body = {**registry.get("accounts.segment").default, "otherwise": "MM"}
        version = actions.draft_version(
            by=committed_cast.rita, key="accounts.segment", body=body, source_note="A test"
        )
        actions.activate_version(by=committed_cast.rita, pk=version.pk)
        child.stdin.write("\n")
        child.stdin.flush()
        assert child.stdout.readline() == "2\n"


def _elsewhere(cast: Cast, limit: int) -> None:
    """Change the policy as another process would: this one's copy is put back, as if it had not been told."""
    copies = dict(store._copies)

    def run() -> None:
        try:
            _activate(cast, limit)
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    store._copies.update(copies)


@pytest.mark.concurrency
@pytest.mark.django_db(transaction=True)
def test_copy_looks_again_when_its_time_is_over(
    committed_cast: Cast, documents: Documents, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert policies.get("specimens.limit").n == 0
    _elsewhere(committed_cast, 20)
    assert policies.get("specimens.limit").n == 0
    monkeypatch.setattr(store, "CHECK_EVERY", 0.0)
    assert policies.get("specimens.limit").n == 2


@pytest.mark.control
@pytest.mark.concurrency
@pytest.mark.django_db(transaction=True)
def test_copy_stays_old_without_the_stamp(
    committed_cast: Cast, documents: Documents, monkeypatch: pytest.MonkeyPatch
) -> None:
    from revops.kernel.audit import changes

    monkeypatch.setitem(changes._hooks, "policies", lambda change: None)
    monkeypatch.setattr(store, "CHECK_EVERY", 0.0)
    assert policies.get("specimens.limit").n == 0
    _elsewhere(committed_cast, 20)
    assert policies.get("specimens.limit").n == 0
