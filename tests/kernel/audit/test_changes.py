"""`audit.change`: one action, one transaction, one event."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from revops.kernel import audit, clocks
from revops.kernel.audit import changes, signing, versions
from revops.kernel.audit.enums import Kind, Source
from revops.kernel.audit.history import history_model
from revops.kernel.audit.models import ChangedRow, ChangeEvent
from revops.kernel.guard import UngovernedWrite
from revops.kernel.identity.models import User
from tests.kernel.audit.acts import create, rename

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)


def everything() -> list[Any]:
    """Return every row that a change could leave behind."""
    tables: list[Any] = [User, history_model(User), ChangeEvent, ChangedRow]
    return [list(table._base_manager.order_by("pk").values()) for table in tables]


def test_change_records_one_event_for_all_it_wrote(system: User) -> None:
    with (
        clocks.at(NOON),
        audit.door(Source.API, request_id="req-1", acting_for=None),
        audit.change(
            by=system,
            action="user.create",
            reason="  hired ",
            policy_refs=["people-3"],
            at=NOON - timedelta(days=2),
        ) as change,
    ):
        first = audit.write(User(email="a@example.com", name="A"))
        second = audit.write(User(email="b@example.com", name="B"))
        audit.write_many([User(email=f"{n}@example.com", name=str(n)) for n in range(3)])
    event = ChangeEvent.objects.get()
    assert event.id == change.id
    assert (event.actor, event.acting_for, event.action, event.reason) == (
        system,
        None,
        "user.create",
        "hired",
    )
    assert (event.source, event.request_id, event.policy_refs) == ("api", "req-1", ["people-3"])
    assert (event.occurred_at, event.recorded_at) == (NOON - timedelta(days=2), NOON)
    assert event.sealed is False
    assert event.mac == signing.event_mac(event, list(event.rows.all()))
    assert event.rows.count() == 5
    assert [row.record_id for row in event.rows.order_by("id")][:2] == [first.pk, second.pk]
    assert {row.history_date for row in history_model(User)._base_manager.all()} == {NOON}  # type: ignore[union-attr]


def test_change_through_another_door_says_so(system: User, alice: User) -> None:
    with audit.door(Source.UI, request_id="r", acting_for=alice):
        create(system, "b@example.com")
    create(system, "c@example.com", source=Source.IMPORT)
    events = ChangeEvent.objects.order_by("id").values_list("source", "acting_for")
    assert list(events) == [("command", None), ("ui", alice.pk), ("import", None)]


def test_change_that_writes_nothing_leaves_nothing(alice: User) -> None:
    before = everything()
    with audit.change(by=alice, action="user.look"):
        pass
    rename(alice, alice, alice.name)
    assert everything() == before


def test_refused_change_leaves_nothing(alice: User) -> None:
    def act() -> None:
        with audit.change(by=alice, action="user.create"):
            audit.write(User(email="b@example.com", name="B"))
            raise audit.Blocked([audit.Finding("X-001", "no"), audit.Finding("X-002", "never")])

    before = everything()
    with pytest.raises(audit.Blocked) as refusal:
        act()
    assert str(refusal.value) == "no; never"
    assert everything() == before


@pytest.mark.parametrize("step", ["event", "versions"])
def test_change_whose_audit_insert_fails_leaves_nothing(
    step: str, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = everything()

    def fail(*args: Any) -> None:
        raise IntegrityError("the disk is full")

    monkeypatch.setattr(*((changes, "_record") if step == "event" else (versions, "record")), fail)
    with pytest.raises(IntegrityError):
        create(alice, "b@example.com")
    with pytest.raises(IntegrityError):
        rename(alice, alice, "Eve")
    assert everything() == before


def test_change_whose_changed_rows_clash_leaves_nothing(alice: User) -> None:
    """The database itself refuses: the same version of the same record, twice in one event."""

    def act() -> None:
        with audit.change(by=alice, action="user.create") as change:
            audit.write(User(email="b@example.com", name="B"))
            change.rows.append(change.rows[0])

    before = everything()
    with pytest.raises(IntegrityError):
        act()
    assert everything() == before


def test_change_inside_a_change_is_a_mistake(alice: User) -> None:
    before = everything()
    with (
        pytest.raises(TypeError, match="may not call another action"),
        audit.change(by=alice, action="outer"),
        audit.change(by=alice, action="inner"),
    ):
        pass
    assert everything() == before
    create(alice, "b@example.com")


@pytest.mark.django_db(transaction=True)
def test_change_inside_another_transaction_is_a_mistake(system: User) -> None:
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        create(system, "b@example.com")
    assert not User.objects.filter(email="b@example.com").exists()


@pytest.mark.parametrize("nobody", [None, User(email="x@example.com")], ids=["None", "an unsaved user"])
def test_change_needs_an_actor(nobody: Any, alice: User) -> None:
    before = everything()
    with (
        pytest.raises(TypeError, match="must name a stored user"),
        audit.change(by=nobody, action="user.create"),
    ):
        pass
    assert everything() == before


@pytest.mark.parametrize("write", [audit.write, lambda user: audit.write_many([user])])
def test_write_outside_a_change_is_a_mistake(write: Any, system: User) -> None:
    with pytest.raises(TypeError, match="No change is open"):
        write(User(email="b@example.com"))
    with pytest.raises(TypeError, match="No change is open"):
        audit.lock(User.objects.all(), pk=system.pk)


def test_hook_joins_the_transaction_and_the_event(system: User) -> None:
    seen: list[Any] = []

    def hook(change: audit.Change) -> None:
        assert connection.in_atomic_block
        seen.append((change.created, change.changed))
        audit.write(User(email="joined@example.com", name="Joined"))

    audit.on_change("tests", hook)
    audit.on_change("tests", hook)
    with pytest.raises(ValueError, match="already has a hook"):
        audit.on_change("tests", lambda change: None)
    made = create(system, "b@example.com")
    joined = User.objects.get(email="joined@example.com")
    assert seen[0][0] == {User: [made, joined]}
    assert {row.record_id for row in ChangeEvent.objects.get().rows.all()} == {made.pk, joined.pk}


def test_hook_learns_what_changed(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []
    monkeypatch.setattr(changes, "_hooks", {"tests": lambda change: seen.extend(change.changed[User])})
    rename(alice, alice, "Alicia")
    assert [(record.pk, before) for record, before in seen] == [(alice.pk, {"name": "Alice"})]


def test_hook_that_fails_takes_the_change_with_it(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(change: audit.Change) -> None:
        raise RuntimeError("no room")

    before = everything()
    monkeypatch.setattr(changes, "_hooks", {"tests": fail})
    with pytest.raises(RuntimeError, match="no room"):
        rename(alice, alice, "Alicia")
    assert everything() == before


def test_rows_are_kinds_of_what_happened(alice: User) -> None:
    rename(alice, alice, "Alicia")
    rows = ChangedRow.objects.order_by("id").values_list("row_version", "kind")
    assert list(rows) == [(1, Kind.CREATED), (2, Kind.CHANGED)]


def test_refusal_inside_does_not_close_the_door_for_the_next(alice: User) -> None:
    with pytest.raises(UngovernedWrite), audit.change(by=alice, action="user.rename"):
        alice.save()
    rename(alice, alice, "Alicia")
    assert User.objects.get(pk=alice.pk).name == "Alicia"


def test_hook_sees_a_change_that_left_only_notes(system: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """A note may become rows, as in the ownership ledger; without any there is no event."""

    def hook(change: audit.Change) -> None:
        for email in change.notes.pop("wanted", []):
            audit.write(User(email=email, name="From a note"))

    monkeypatch.setattr(changes, "_hooks", {"tests": hook})
    before = everything()
    with audit.change(by=system, action="user.note") as change:
        change.notes["wanted"] = []
    assert everything() == before
    with audit.change(by=system, action="user.note") as change:
        change.notes["wanted"] = ["note@example.com"]
    assert User.objects.filter(email="note@example.com").count() == 1
    event = ChangeEvent.objects.get(id=change.id)
    assert [(row.record_type, row.kind) for row in event.rows.all()] == [("identity.user", "+")]


def test_last_hook_runs_after_the_others(system: User, monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []
    monkeypatch.setattr(changes, "_hooks", {})
    monkeypatch.setattr(changes, "_last", {})
    audit.on_change("looks", lambda change: order.append("looks"), last=True)
    audit.on_change("writes", lambda change: order.append("writes"))
    create(system, "b@example.com")
    assert order == ["writes", "looks"]
