"""Erasure takes the values and their salts; every code, digest and seal still fits."""

from typing import Any

import pytest
from django.db import connection

from revops.kernel import audit, clocks
from revops.kernel.audit import reading, sealing
from revops.kernel.audit.enums import Kind
from revops.kernel.audit.models import ChangedRow, ChangeEvent
from revops.kernel.identity.models import User
from tests.kernel.audit.acts import keep
from tests.kernel.audit.specimens import Entry
from tests.kernel.audit.tampering import HISTORY, sql, tampered
from tests.kernel.audit.world import NOON, World, examine, first, found, ledger

pytestmark = pytest.mark.django_db


def erase(by: User, user: User, *fields: str, **options: Any) -> User:
    with audit.change(by=by, action="person.erase", reason="asked by the person"):
        locked = audit.lock(User.objects.all(), pk=user.pk)
        return audit.erase(locked, fields, **options)


def everything_stored() -> str:
    """Return every value of every table as one text."""
    texts = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            texts += [repr(row) for row in cursor.fetchall()]
    return "\n".join(texts)


def test_erased_value_is_nowhere_and_the_trail_valid(world: World) -> None:
    person = world.people[2]
    assert "p2@example.com" in everything_stored()
    erased = erase(world.system, person, "name", "email")
    stored = everything_stored()
    assert "p2@example.com" not in stored
    assert "Person 2" not in stored
    assert "p1@example.com" in stored
    assert (erased.email, erased.name, erased.version) == (f"erased-{person.pk}@erased.invalid", "Erased", 4)
    assert found(stop_at_first=False) == []
    sealing.seal()
    assert found(stop_at_first=False) == []


def test_erasure_says_who_erased_what_and_when(world: World) -> None:
    person = world.people[2]
    erase(world.people[0], person, "name")
    event = ChangeEvent.objects.latest("id")
    rows = ChangedRow.objects.filter(event=event).order_by("row_version")
    assert (event.actor_id, event.action, event.recorded_at) == (world.people[0].pk, "person.erase", NOON)
    assert [(row.row_version, row.kind) for row in rows] == [(1, "x"), (2, "x"), (3, "x"), (4, "~")]
    for row in rows.filter(kind=Kind.ERASED):
        original = ChangedRow.objects.get(record_id=person.pk, row_version=row.row_version, kind__in="+~")
        assert (row.digest, row.history_id, row.tracked) == (
            original.digest,
            original.history_id,
            original.tracked,
        )
        assert row.commitments.keys() == {"name"}
        assert (row.salts, original.salts.keys()) == (None, {"email"})
    texts = HISTORY._base_manager.filter(id=person.pk).order_by("version").values_list("name", "email")
    assert list(texts) == [("Erased", "p2@example.com")] * 4


def test_one_field_after_the_other(world: World) -> None:
    person = world.people[2]
    erase(world.system, person, "name")
    erase(world.system, person, "email")
    assert found(stop_at_first=False) == []
    assert ChangedRow.objects.filter(record_id=person.pk, kind=Kind.ERASED).count() == 3 + 4
    assert not ChangedRow.objects.filter(
        record_id=person.pk, row_version__lte=3, salts__isnull=False
    ).exists()


def test_erasing_twice_writes_nothing_more(world: World) -> None:
    erase(world.system, world.people[2], "name", "email")
    before = (ChangeEvent.objects.count(), ChangedRow.objects.count(), HISTORY._base_manager.count())
    erase(world.system, world.people[2], "name", "email")
    assert (ChangeEvent.objects.count(), ChangedRow.objects.count(), HISTORY._base_manager.count()) == before


def test_value_entered_again_after_an_erasure_can_be_erased_again(world: World) -> None:
    person = world.people[2]
    erase(world.system, person, "name")
    with audit.change(by=world.system, action="user.rename"):
        locked = audit.lock(User.objects.all(), pk=person.pk)
        locked.name = "Person 2 again"
        audit.write(locked)
    assert found(stop_at_first=False) == []
    erase(world.system, person, "name")
    assert "Person 2" not in everything_stored()
    assert found(stop_at_first=False) == []


def test_only_history_holds_the_value(world: World) -> None:
    """The live row was blanked long ago: no new version, but the older ones are erased and say so."""
    person = world.people[2]
    with audit.change(by=world.system, action="user.rename"):
        locked = audit.lock(User.objects.all(), pk=person.pk)
        locked.name = "Erased"
        audit.write(locked)
    erase(world.system, person, "name")
    assert User.objects.get(pk=person.pk).version == 4
    assert ChangeEvent.objects.latest("id").rows.count() == 3
    assert "Person 2" not in everything_stored()
    assert found(stop_at_first=False) == []


def test_row_made_and_erased_in_one_change(world: World) -> None:
    with audit.change(by=world.system, action="person.import"):
        made = audit.write(User(email="eve@example.com", name="Eve Canary"))
        audit.erase(audit.lock(User.objects.all(), pk=made.pk), ["name", "email"])
    assert "Canary" not in everything_stored()
    assert found(stop_at_first=False) == []


def test_placeholder_may_be_chosen(world: World) -> None:
    erased = erase(world.system, world.people[2], "name", placeholders={"name": "A former colleague"})
    assert erased.name == "A former colleague"
    assert found(stop_at_first=False) == []


def test_erasure_of_a_ledger_row_drops_its_older_salts(world: World, specimens: None) -> None:
    entry = keep(world.system, Entry(account="A", payee="Bob Canary"))
    with audit.change(by=world.system, action="person.erase"):
        audit.erase(audit.lock(Entry.objects.all(), pk=entry.pk), ["payee"])
    assert Entry.objects.get().payee == ""
    rows = ChangedRow.objects.filter(record_type="specimens.entry").order_by("id")
    assert [(row.row_version, row.kind, row.salts is None) for row in rows] == [
        (1, "+", True),
        (2, "~", False),
        (1, "x", True),
    ]
    assert "Canary" not in everything_stored()
    assert ledger() == []
    assert examine(stop_at_first=False).valid


def test_what_is_not_personal_is_not_erased(world: World) -> None:
    before = everything_stored()
    with pytest.raises(ValueError, match="kind is not declared as personal"):
        erase(world.system, world.people[2], "name", "kind")
    assert everything_stored() == before


def test_erasure_needs_a_lock_in_an_open_change(world: World) -> None:
    with pytest.raises(TypeError, match="No change is open"):
        audit.erase(world.people[2], ["name"])
    with (
        pytest.raises(TypeError, match="was not locked"),
        audit.change(by=world.system, action="person.erase"),
    ):
        audit.erase(User.objects.get(pk=world.people[2].pk), ["name"])


def test_history_shows_the_erasure_and_restore_refuses(world: World) -> None:
    person = world.people[2]
    erase(world.system, person, "name")
    newest, *_, oldest = reading.history(person)
    assert newest.action == "person.erase"
    assert [(one.field, one.old, one.new, one.erased) for one in newest.changes] == []
    assert [one.erased for one in oldest.changes if one.field == "name"] == [True]
    with pytest.raises(LookupError, match="name: the value of version 2 was erased"):
        reading.values_at(person, 2, ["name", "kind"])
    assert reading.values_at(person, 2, ["kind"]) == {"kind": "person"}


# -- an erasure is not a way to forge ----------------------------------------------------------------------


def test_salt_dropped_without_an_erasure_is_found(world: World) -> None:
    pk = world.people[2].pk
    with tampered(
        "UPDATE {history} SET name = 'Erased' WHERE id = %s AND version = 1",
        f"UPDATE audit_changedrow SET salts = NULL WHERE record_id = {pk} AND row_version = 1",
        values=(pk,),
    ):
        assert first() == ("history", HISTORY._meta.db_table, f"identity.user {pk}", 1)
        assert "no event erased it" in examine().findings[0].why


def test_erased_place_cannot_be_filled(world: World) -> None:
    pk = world.people[2].pk
    erase(world.system, world.people[2], "name")
    with tampered(f"UPDATE {{history}} SET name = 'Forged' WHERE id = {pk} AND version = 2"):
        assert "something else stands in its place" in examine().findings[0].why
    with tampered(f"UPDATE {{history}} SET email = 'forged@example.com' WHERE id = {pk} AND version = 2"):
        assert first() == ("history", HISTORY._meta.db_table, f"identity.user {pk}", 2)


def test_erased_value_put_back_from_a_copy_is_found(world: World) -> None:
    pk = world.people[2].pk
    kept = ChangedRow.objects.get(record_id=pk, row_version=2).salts
    name = HISTORY._base_manager.get(id=pk, version=2).name
    erase(world.system, world.people[2], "name")
    with tampered("UPDATE {history} SET name = %s WHERE id = %s AND version = 2", values=(name, pk)):
        row = ChangedRow.objects.get(record_id=pk, row_version=2, kind="~")
        salts = ChangedRow._meta.get_field("salts").get_db_prep_save(kept, connection)  # type: ignore[union-attr]
        sql("UPDATE audit_changedrow SET salts = %s WHERE id = %s", salts, row.pk)
        assert "its salt is there again" in examine().findings[0].why


def test_forged_erasure_is_found_at_its_event(world: World) -> None:
    """An ERASED row slipped into an event that did not make it breaks that event's code."""
    erase(world.system, world.people[2], "name")
    with tampered(
        "UPDATE audit_changedrow SET record_id = %s WHERE kind = 'x' AND row_version = 1",
        values=(world.people[1].pk,),
    ):
        event = ChangeEvent.objects.latest("id")
        assert first()[:3] == ("events", "audit_changeevent", f"event {event.id} (person.erase)")


def test_erasure_is_rolled_back_with_its_change(world: World) -> None:
    def act() -> None:
        with clocks.at(NOON), audit.change(by=world.system, action="person.erase"):
            audit.erase(audit.lock(User.objects.all(), pk=world.people[2].pk), ["name"])
            raise audit.Blocked([audit.Finding("X-001", "legal hold")])

    before = everything_stored()
    with pytest.raises(audit.Blocked):
        act()
    assert everything_stored() == before
