"""What an approved request does with versions: approval, its instant, roll back, what is in flight, tables in line."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from revops.kernel import audit, clocks, policies
from revops.kernel.notifications import broken_rules
from revops.kernel.notifications.models import Notification
from revops.kernel.outbox.models import OutboxEvent
from revops.kernel.people.access import Forbidden
from revops.kernel.people.models import Territory
from revops.kernel.policies import actions, store, tasks
from revops.kernel.policies import documents as registry
from revops.kernel.policies.models import PolicyVersion
from revops.kernel.policies.resolving import InForce
from tests.cast import Cast
from tests.evidence import unchanged
from tests.kernel.policies.damage import damage
from tests.kernel.policies.papers import Documents

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("documents")]
RFC = "RFC-000012"
DAY = timedelta(days=1)


def draft(cast: Cast, limit: int = 20, **given: Any) -> PolicyVersion:
    return actions.draft_version(
        by=cast.rita, key="specimens.limit", body={"limit": limit}, source_note="A test", **given
    )


def do(cast: Cast, act: Callable[..., PolicyVersion], version: PolicyVersion, **given: Any) -> PolicyVersion:
    """Do something to a version inside a change of an upper mechanism."""
    try:
        with audit.change(by=cast.rita, action="rfc.test"):
            (held,) = actions.hold([version.pk])
            return act(held, **given)
    finally:
        store.forget()


def live(cast: Cast, version: PolicyVersion, **given: Any) -> PolicyVersion:
    return do(cast, actions.put_in_force, version, **{"at": None, "authority": RFC, **given})


def limit(**given: Any) -> tuple[int, int]:
    held = policies.get("specimens.limit", **given)
    return held.n, held.raw["limit"]


def codes(refusal: pytest.ExceptionInfo[audit.Blocked]) -> list[str]:
    return [finding.code for finding in refusal.value.findings]


def test_draft_is_edited_until_it_is_approved(cast: Cast) -> None:
    version = draft(cast)
    edited = actions.edit_draft(by=cast.olga, pk=version.pk, version=1, body={"limit": 30}, mode="enforce")
    assert (edited.body, edited.mode, edited.source_note) == ({"limit": 30}, "enforce", "A test")
    with unchanged(), pytest.raises(audit.Conflict):
        actions.edit_draft(by=cast.olga, pk=version.pk, version=1, body={"limit": 40})
    with unchanged(), pytest.raises(audit.Blocked) as refusal:
        actions.edit_draft(by=cast.olga, pk=version.pk, body={"limit": -1}, mode="block", source_note="")
    assert codes(refusal) == ["POL-001", "POL-003", "POL-004"]
    with unchanged(), pytest.raises(Forbidden):
        actions.edit_draft(by=cast.alice, pk=version.pk, body={"limit": 40})


def test_hc1_what_was_approved_is_what_goes_live(cast: Cast) -> None:
    version = do(cast, actions.approve, draft(cast), authority=RFC)
    assert (version.status, version.authority, limit()) == ("approved", RFC, (1, 10))
    with unchanged(), pytest.raises(audit.Blocked) as refusal:
        actions.edit_draft(by=cast.rita, pk=version.pk, body={"limit": 900})
    assert codes(refusal) == ["POL-017"]
    with unchanged(), pytest.raises(audit.Blocked) as refusal:
        live(cast, version, authority="RFC-000099")
    assert codes(refusal) == ["POL-019"]
    with unchanged(), pytest.raises(audit.Blocked) as refusal:
        do(cast, actions.approve, version, authority=RFC)
    assert codes(refusal) == ["POL-011"]
    assert (live(cast, version).status, limit()) == ("active", (2, 20))


@pytest.mark.parametrize("column", ["body", "mode", "source_note"])
def test_database_refuses_to_change_an_approved_version(cast: Cast, column: str) -> None:
    version = do(cast, actions.approve, draft(cast), authority=RFC)
    value = {"body": '{"limit": 900}', "mode": "observe", "source_note": "Another"}[column]
    with (
        pytest.raises(IntegrityError, match="never changes"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"UPDATE policies_policyversion SET {column} = %s WHERE id = %s", [value, version.pk])


def test_reopened_version_is_a_draft_again(cast: Cast) -> None:
    version = do(cast, actions.approve, draft(cast), authority=RFC)
    reopened = do(cast, actions.reopen, version)
    assert (reopened.status, reopened.authority) == ("draft", "")
    actions.edit_draft(by=cast.rita, pk=version.pk, body={"limit": 30})
    with unchanged():
        do(cast, actions.reopen, version)


def test_hc1_roll_back_puts_the_version_before_in_force_from_that_instant(cast: Cast) -> None:
    begun = clocks.now()
    with clocks.at(begun):
        live(cast, draft(cast, 20))
    with clocks.at(begun + DAY):
        second = live(cast, draft(cast, 30))
    with clocks.at(begun + 2 * DAY):
        back = do(cast, actions.roll_back, second, authority=RFC)
    assert (back.n, back.body, back.authority) == (4, {"limit": 20}, RFC)
    assert back.source_note == "Rolls version 3 back to version 2"
    between = [limit(at=begun + days * DAY) for days in (0, 1, 2)]
    assert between == [(2, 20), (3, 30), (4, 20)]
    (told,) = OutboxEvent.objects.filter(type="policy.rolled_back")
    assert told.payload == {"policy": "specimens.limit", "n": 3, "now": 4, "authority": RFC}
    with unchanged(), pytest.raises(audit.Blocked) as refusal:
        do(cast, actions.roll_back, second, authority=RFC)
    assert codes(refusal) == ["POL-018"]


def test_first_variant_rolled_back_leaves_the_less_specific_policy(cast: Cast) -> None:
    scope = {"segment": "ENT"}
    version = live(cast, draft(cast, 20, scope=scope))
    assert limit(scope=scope) == (1, 20)
    assert do(cast, actions.roll_back, version, authority=RFC).status == "retired"
    assert limit(scope=scope) == (0, 10)


def test_planned_version_rolled_back_never_begins(cast: Cast) -> None:
    starts = clocks.now() + DAY
    version = live(cast, draft(cast, 20), at=starts)
    do(cast, actions.roll_back, version, authority=RFC)
    assert limit(at=starts + DAY) == (1, 10)


@pytest.mark.parametrize(("migrate", "kept"), [(False, 1), (True, 3)])
def test_m2_what_is_in_flight_keeps_its_version_unless_it_migrates(
    cast: Cast, migrate: bool, kept: int
) -> None:
    draft(cast)
    started = clocks.now()
    with clocks.at(started + DAY):
        live(cast, draft(cast, 30), migrate=migrate)
    assert OutboxEvent.objects.filter(type="policy.migrated").count() == migrate
    at = started + 2 * DAY
    assert limit(at=at, started_at=started)[0] == kept
    assert limit(at=at, started_at=started + DAY)[0] == 3
    assert limit(at=at)[0] == 3


def test_m2_roll_back_of_a_migration_migrates_back(cast: Cast) -> None:
    draft(cast)
    started = clocks.now()
    with clocks.at(started + DAY):
        version = live(cast, draft(cast, 30, migrate=True))
    with clocks.at(started + 2 * DAY):
        do(cast, actions.roll_back, version, authority=RFC)
    assert [limit(at=started + n * DAY, started_at=started) for n in (0, 1, 2)] == [(1, 10), (3, 30), (4, 10)]


def test_m2_migration_of_another_scope_binds_nobody_else(cast: Cast) -> None:
    draft(cast)
    started = clocks.now()
    with clocks.at(started + DAY):
        live(cast, draft(cast, 30, scope={"segment": "ENT"}, migrate=True))
    at = started + 2 * DAY
    assert limit(scope={"segment": "SMB"}, at=at, started_at=started) == (1, 10)
    assert limit(scope={"segment": "ENT"}, at=at, started_at=started) == (1, 30)


@pytest.fixture
def followed(documents: Documents, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Let the names of territories follow the limit, and tell when."""
    told: list[int] = []

    def apply(policy: InForce) -> None:
        told.append(policy.raw["limit"])
        audit.write(Territory(name=f"Limit {policy.raw['limit']}", code=f"L{len(told)}"))

    simple = replace(documents.limit, scopes=(), applied=apply)
    monkeypatch.setitem(registry._documents, "specimens.limit", simple)
    return told


def test_tables_follow_in_the_change_in_which_a_version_begins(cast: Cast, followed: list[int]) -> None:
    version = live(cast, draft(cast, 20))
    assert (followed, version.applied_at is not None) == ([20], True)
    do(cast, actions.roll_back, version, authority=RFC)
    assert followed == [20, 10]
    assert Territory.objects.filter(name__startswith="Limit").count() == 2
    assert tasks.apply_planned() == {"applied": 0}


def test_tables_follow_a_planned_version_when_its_instant_has_come(cast: Cast, followed: list[int]) -> None:
    starts = clocks.now() + DAY
    version = live(cast, draft(cast, 20), at=starts)
    assert (tasks.apply_planned(), followed) == ({"applied": 0}, [])
    with clocks.at(starts + DAY):
        assert (tasks.apply_planned(), followed) == ({"applied": 1}, [20])
        assert (tasks.apply_planned(), followed) == ({"applied": 0}, [20])
    assert PolicyVersion.objects.get(pk=version.pk).applied_at == starts + DAY


def test_version_does_not_begin_where_its_tables_cannot_follow(
    cast: Cast, documents: Documents, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(policy: InForce) -> None:
        raise audit.Blocked.because("SPE-001", "There are specimens of that size.")

    monkeypatch.setitem(
        registry._documents, "specimens.limit", replace(documents.limit, scopes=(), applied=refuse)
    )
    version = draft(cast)
    with unchanged(), pytest.raises(audit.Blocked) as refusal:
        live(cast, version)
    assert codes(refusal) == ["SPE-001"]
    assert limit() == (1, 10)


def test_broken_version_is_told_once_a_day_and_the_default_decides(cast: Cast) -> None:
    version = live(cast, draft(cast, 20))
    damage(version.pk, '{"limit": {"f": "__class__"}}')
    held = policies.get("specimens.limit")
    assert (held.n, str(held.broken).partition(":")[0]) == (3, "/limit")
    assert policies.get_sound("specimens.limit").raw == {"limit": 10}
    assert (tasks.watch_versions(), tasks.watch_versions()) == ({"broken": 1}, {"broken": 0})
    with clocks.at(clocks.now() + DAY):
        assert tasks.watch_versions() == {"broken": 1}
    first = OutboxEvent.objects.filter(type="policy.broken").order_by("occurred_at")[0]
    assert (first.payload["policy"], first.payload["ref"]) == ("specimens.limit", "specimens.limit@3")
    broken_rules.tell_operations(first)
    told = Notification.objects.filter(kind="policy.broken").values_list("recipient__name", "title")
    assert list(told) == [("Rita", "The rule specimens.limit@3 cannot be read")]


def test_sound_versions_are_told_to_nobody(cast: Cast) -> None:
    live(cast, draft(cast, 20))
    assert tasks.watch_versions() == {"broken": 0}
    assert policies.get_sound("specimens.limit").n == 2
