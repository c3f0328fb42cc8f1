"""History as people read it: who, when, why, through which door, field by field."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from revops.kernel import audit, clocks
from revops.kernel.audit import reading
from revops.kernel.audit.enums import Kind, Source
from revops.kernel.identity.models import User
from tests.kernel.audit.acts import create, rename
from tests.kernel.audit.specimens import Entry

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def bob(alice: User, system: User) -> User:
    """Return a person with three versions, an hour apart; the last came by an import on Alice's behalf."""
    with clocks.at(NOON):
        bob = create(system, "bob@example.com", "Bob")
    with clocks.at(NOON + HOUR), audit.door(Source.UI, request_id="r1"):
        rename(alice, bob, "Robert", reason="marriage")
    with (
        clocks.at(NOON + 2 * HOUR),
        audit.door(Source.IMPORT, acting_for=alice),
        audit.change(by=system, action="user.edit", at=NOON),
    ):
        locked = audit.lock(User.objects.all(), pk=bob.pk)
        locked.name, locked.is_active = "Rob", False
        return audit.write(locked)


def changes(version: reading.Version) -> list[tuple[str, Any, Any]]:
    return [(change.field, change.old, change.new) for change in version.changes]


def test_history_tells_who_when_why_and_what(bob: User, alice: User, system: User) -> None:
    third, second, first = reading.history(bob)
    assert [(one.version, one.kind) for one in (first, second, third)] == [
        (1, Kind.CREATED),
        (2, Kind.CHANGED),
        (3, Kind.CHANGED),
    ]
    assert (second.who, second.acting_for, second.reason, second.source) == (alice, None, "marriage", "ui")
    assert (second.recorded_at, second.occurred_at, second.action) == (
        NOON + HOUR,
        NOON + HOUR,
        "user.rename",
    )
    assert (third.who, third.acting_for, third.source) == (system, alice, "import")
    assert (third.recorded_at, third.occurred_at) == (NOON + 2 * HOUR, NOON)
    assert changes(second) == [("name", "Bob", "Robert")]
    assert changes(third) == [("is_active", True, False), ("name", "Robert", "Rob")]
    assert changes(first) == [
        ("email", None, "bob@example.com"),
        ("is_active", None, True),
        ("kind", None, "person"),
        ("name", None, "Bob"),
    ]


def test_history_shows_only_readable_fields(bob: User) -> None:
    shown = reading.history(bob, fields={"is_active"})
    assert [changes(version) for version in shown] == [
        [("is_active", True, False)],
        [],
        [("is_active", None, True)],
    ]
    assert "Rob" not in repr(shown)
    assert [changes(version) for version in reading.history(bob, fields=())] == [[], [], []]


def test_history_pages(bob: User) -> None:
    newest = reading.history(bob, limit=2)
    assert [one.version for one in newest] == [3, 2]
    assert changes(newest[1]) == [("name", "Bob", "Robert")]
    rest = reading.history(bob, before=2, limit=2)
    assert [one.version for one in rest] == [1]
    assert reading.history(bob, before=1) == []


@pytest.mark.parametrize("limit", [1, 3])
def test_history_takes_two_queries(limit: int, bob: User) -> None:
    with CaptureQueriesContext(connection) as queries:
        shown = reading.history(bob, limit=limit)
        assert [(one.who.name, one.acting_for) for one in shown]
    assert (len(shown), len(queries)) == (limit, 2)


def test_history_of_a_record_named_by_type_and_id(bob: User, alice: User) -> None:
    assert reading.history((User, bob.pk)) == reading.history(bob)
    assert reading.history(("identity.User", bob.pk)) == reading.history(bob)
    assert [one.version for one in reading.history(alice)] == [1]
    assert reading.history((User, 10**9)) == []


def test_ledger_has_no_versions() -> None:
    with pytest.raises(TypeError, match="is a ledger"):
        reading.history((Entry, 1))


def test_as_of_returns_the_state_at_an_instant(bob: User) -> None:
    assert reading.as_of(User, bob.pk, NOON - timedelta(microseconds=1)) is None
    names = [
        reading.as_of(User, bob.pk, instant).name  # type: ignore[union-attr]
        for instant in (NOON, NOON + HOUR - timedelta(microseconds=1), NOON + HOUR, NOON + 99 * HOUR)
    ]
    assert names == ["Bob", "Bob", "Robert", "Rob"]


def test_as_of_takes_the_last_of_versions_written_at_once(system: User) -> None:
    with clocks.at(NOON):
        bob = create(system, "bob@example.com", "Bob")
        rename(system, bob, "Robert")
    row = reading.as_of(User, bob.pk, NOON)
    assert row is not None
    assert (row.name, row.version) == ("Robert", 2)


def test_as_of_many_returns_states_in_one_query(bob: User, alice: User, system: User) -> None:
    ids = User.objects.filter(pk__in=[alice.pk, bob.pk]).values("pk")
    with CaptureQueriesContext(connection) as queries:
        found = reading.as_of_many(User, ids, NOON + HOUR)
    assert len(queries) == 1
    assert {pk: row.name for pk, row in found.items()} == {bob.pk: "Robert"}
    later = reading.as_of_many(User, [alice.pk, bob.pk, system.pk], clocks.now())
    assert {pk: row.name for pk, row in later.items() if pk != bob.pk} == {alice.pk: "Alice"}


def test_values_at_gives_what_a_restore_brings_back(bob: User) -> None:
    assert reading.values_at(bob, 1, ["name", "is_active"]) == {"name": "Bob", "is_active": True}
    assert reading.values_at((User, bob.pk), 2, ["name"]) == {"name": "Robert"}
    with pytest.raises(LookupError, match="has no version 9"):
        reading.values_at(bob, 9, ["name"])


def test_restore_is_an_ordinary_write(bob: User, alice: User) -> None:
    with audit.change(by=alice, action="user.restore", reason="was right before"):
        locked = audit.lock(User.objects.all(), pk=bob.pk)
        for name, value in reading.values_at(bob, 1, ["name"]).items():
            setattr(locked, name, value)
        audit.write(locked)
    newest = reading.history(bob)[0]
    assert (newest.version, newest.action, changes(newest)) == (4, "user.restore", [("name", "Rob", "Bob")])
