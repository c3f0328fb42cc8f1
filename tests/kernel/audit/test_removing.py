"""Removing what a reverted import brought: the trail keeps it, verify accepts it, and finds every other deletion."""

import pytest

from revops.kernel import audit, clocks
from revops.kernel.audit import reading
from revops.kernel.audit.enums import Kind
from revops.kernel.audit.models import ChangedRow
from revops.kernel.audit.writing import lock_many
from revops.kernel.guard import UngovernedWrite
from revops.kernel.identity.models import User
from tests.kernel.audit.acts import create
from tests.kernel.audit.specimens import Entry
from tests.kernel.audit.tampering import HISTORY, tampered
from tests.kernel.audit.world import NOON, examine, found, ledger

pytestmark = pytest.mark.django_db
REVERTED = audit.Removal.IMPORT_REVERTED
IMPORT = audit.Source.IMPORT


def imported(by: User, count: int = 2) -> list[User]:
    with audit.change(by=by, action="user.import", source=IMPORT):
        people = [User(email=f"i{number}@example.com", name="Imported") for number in range(count)]
        return list(audit.write_many(people))


def take_back(by: User, people: list[User]) -> None:
    with audit.change(by=by, action="user.revert", source=IMPORT):
        audit.remove_many(
            lock_many(User.objects.filter(pk__in=[user.pk for user in people])), because=REVERTED
        )


def test_removed_records_are_gone_and_their_trail_says_so(system: User) -> None:
    people = imported(system)
    take_back(system, people)
    pks = [user.pk for user in people]
    assert not User.objects.filter(pk__in=pks).exists()
    rows = ChangedRow.objects.filter(record_type="identity.user", record_id__in=pks)
    assert sorted(rows.values_list("record_id", "row_version", "kind")) == sorted(
        (pk, version, kind) for pk in pks for version, kind in ((1, "+"), (2, "-"))
    )
    kept = HISTORY._base_manager.filter(id=pks[0]).order_by("version")
    assert list(kept.values_list("version", "history_type", "name")) == [
        (1, "+", "Imported"),
        (2, "-", "Imported"),
    ]
    newest = reading.history((User, pks[0]))[0]
    assert (newest.kind, newest.who, newest.action) == (Kind.REMOVED, system, "user.revert")
    assert found() == []


@pytest.mark.parametrize("count", [1, 3])
def test_removing_takes_a_constant_number_of_statements(
    system: User, count: int, django_assert_num_queries: object
) -> None:
    people = imported(system, 5)
    take_back(system, people[:2])
    with audit.change(by=system, action="user.revert", source=IMPORT):
        held = lock_many(User.objects.filter(pk__in=[user.pk for user in people[2 : 2 + count]]))
        # Who brought them, the last version, its copy, the list of fields it covers, the end.
        with django_assert_num_queries(5):  # type: ignore[operator]
            audit.remove_many(held, because=REVERTED)


def test_record_that_was_removed_is_not_there_as_of_later(system: User) -> None:
    with clocks.at(NOON):
        (one,) = imported(system, 1)
        before = reading.as_of(User, one.pk, NOON)
        assert before.name == "Imported"  # type: ignore[union-attr]
    take_back(system, [one])
    assert reading.as_of(User, one.pk, clocks.now()) is None
    assert reading.as_of_many(User, [one.pk], clocks.now()) == {}
    assert list(reading.as_of_many(User, [one.pk], NOON)) == [one.pk]


def test_removal_is_refused_outside_a_change_of_an_import(system: User) -> None:
    people = imported(system)
    with pytest.raises(TypeError, match="No change is open"):
        audit.remove_many(people, because=REVERTED)
    with (
        pytest.raises(TypeError, match="removed for one reason"),
        audit.change(by=system, action="user.tidy"),
    ):
        audit.remove_many(lock_many(User.objects.filter(pk=people[0].pk)), because=REVERTED)
    with pytest.raises(TypeError, match="not locked"), audit.change(by=system, action="x", source=IMPORT):
        audit.remove_many(people, because=REVERTED)
    assert User.objects.filter(pk__in=[user.pk for user in people]).count() == 2


def test_record_that_no_import_brought_cannot_be_removed(system: User) -> None:
    own = create(system, "own@example.com")
    with pytest.raises(TypeError, match="brought by no import"):
        take_back(system, [*imported(system), own])
    assert User.objects.filter(pk=own.pk).exists()


def test_every_other_deletion_stays_refused(system: User) -> None:
    (one,) = imported(system, 1)
    with audit.change(by=system, action="x", source=IMPORT), pytest.raises(UngovernedWrite):
        one.delete()
    with audit.change(by=system, action="x", source=IMPORT), pytest.raises(UngovernedWrite):
        User.objects.filter(pk=one.pk).delete()


def test_raw_deletion_is_still_found_beside_a_removal(system: User) -> None:
    gone, deleted = imported(system)
    take_back(system, [gone])
    with tampered("DELETE FROM identity_user WHERE id = %s", values=(deleted.pk,)):
        assert found() == [("live", "identity_user", f"identity.user {deleted.pk}", 1)]
    with tampered(
        "DELETE FROM identity_user WHERE id = %s",
        f"UPDATE {{history}} SET history_type = '-' WHERE id = {deleted.pk}",
        values=(deleted.pk,),
    ):
        # Calling it a removal afterwards does not help: the event signed something else.
        assert ("history", HISTORY._meta.db_table, f"identity.user {deleted.pk}", 1) in found(
            stop_at_first=False
        )


def test_removed_record_that_is_put_back_is_found(system: User) -> None:
    (one,) = imported(system, 1)
    take_back(system, [one])
    columns = ", ".join(
        f.column for f in User._meta.concrete_fields if f.name not in ("last_login", "password", "version")
    )
    with tampered(
        f"INSERT INTO identity_user ({columns}, password, version) "
        f"SELECT {columns}, '', 1 FROM {{history}} WHERE id = %s AND version = 1",
        values=(one.pk,),
    ):
        (finding,) = examine(stop_at_first=False).findings
        assert (finding.row, finding.why) == (
            f"identity.user {one.pk}",
            "written past the one door: it says version 1, its newest version is 2",
        )


def test_ledger_row_that_was_removed_is_accepted_and_one_that_was_deleted_found(
    system: User, specimens: None
) -> None:
    with audit.change(by=system, action="entry.import", source=IMPORT):
        first, second, third = audit.write_many([Entry(account=f"a{number}") for number in range(3)])
    with audit.change(by=system, action="entry.revert", source=IMPORT):
        audit.remove_many(lock_many(Entry.objects.filter(pk=second.pk)), because=REVERTED)
    assert ledger() == []
    table = Entry._meta.db_table
    with tampered(f"DELETE FROM {table} WHERE id = %s", values=(third.pk,)):
        assert ledger() == [("live", f"specimens.entry {third.pk}", 1)]
    with tampered(f"UPDATE {table} SET id = %s WHERE id = {first.pk}", values=(second.pk,)):
        assert ledger() == [
            ("live", f"specimens.entry {first.pk}", 1),
            ("live", f"specimens.entry {second.pk}", 1),
        ]
