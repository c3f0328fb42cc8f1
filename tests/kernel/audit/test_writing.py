"""`audit.write`, `write_many`, `lock`: rows with their history, and who was faster."""

import uuid
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from revops.kernel import audit, clocks
from revops.kernel.audit import bulk, canonical
from revops.kernel.audit.history import history_model
from revops.kernel.audit.models import ChangedRow, ChangeEvent, TrackedFields
from revops.kernel.audit.writing import lock_many
from revops.kernel.identity.models import User, UserKind
from tests.kernel.audit.acts import create, keep, rename
from tests.kernel.audit.specimens import Entry, Specimen

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
HISTORY: Any = history_model(User)

# What may be assigned to a column of each kind; the database may give it back as another Python type.
VALUES: dict[str, list[Any]] = {
    "text": ["", "plain", "Ünïcødé 漢字 🙂", "line\nbreak\ttab", '"quotes" \\', "x" * 5_000, 12],
    "word": ["word", UserKind.PERSON, "trailing  "],
    "mail": ["a@example.com"],
    "link": ["https://example.com/?q=1&r=ä"],
    "slug": ["a-slug"],
    "whole": [0, -1, 1_073_741_823, "12", True],
    "small": [0, 32_767],
    "big": [9_223_372_036_854_775_807, -9_223_372_036_854_775_808],
    "yes": [True, False, 1, 0],
    "ratio": [0.1, -0.0, 1e300, 5, 1e-7, 1 / 3, "2.5"],
    "rate": [Decimal("0.0001"), Decimal("12345678.9"), Decimal("-1"), 2, "3.50", 0.5, Decimal("1E+3")],
    "money": [Decimal("0.0001"), Decimal("-12.50"), 7],
    "day": [date(2024, 2, 29), date(1, 1, 1), "2026-11-02", NOON],
    "hour": [time(23, 59, 59, 999_999), time(0, 0), "12:30"],
    "instant": [
        NOON,
        NOON.replace(microsecond=1),
        NOON.astimezone(timezone(timedelta(hours=-8))),
        "2026-11-02T12:00:00+01:00",
    ],
    "span": [timedelta(0), timedelta(days=-1, microseconds=1), timedelta(days=400, hours=3)],
    "key": [uuid.UUID(int=7), "0190163d-8694-739b-aea5-966c26f8ad91", "0190163D8694739BAEA5966C26F8AD91"],
    "address": ["192.0.2.7", "2001:DB8::1", "2001:0db8:0:0:0:0:0:0001"],
    "data": [
        {},
        [],
        {"b": [1, 2.5, None, True], "a": {"ü": "漢"}},
        {"tuple": (1, 2)},
        {1: "integer key"},
        {"floats": [1e2, 1.0, 1e16, 1e-7, -0.0, 0.1]},
        {"whole": 10**20},
        "text",
        7,
    ],
    "blob": [b"", b"\x00\xff", bytearray(b"ab"), memoryview(b"cd")],
    "file": ["folder/name.pdf"],
}


def digest_of_stored(model: Any, pk: int) -> tuple[str, str]:
    """Return the signed digest of a row, and the digest of the row as the database gives it back."""
    signed = ChangedRow.objects.filter(record_type=model._meta.label_lower, record_id=pk).latest(
        "row_version"
    )
    again = canonical.row_digest(model, model.objects.get(pk=pk))
    return signed.digest, again.hexdigest


def test_digest_is_that_of_the_stored_row_in_bulk(specimens: None, system: User) -> None:
    records = [Specimen(**{column: value}) for column, values in VALUES.items() for value in values]
    with audit.change(by=system, action="specimen.create"):
        audit.write_many(records)
    kept = Specimen.objects.in_bulk([record.pk for record in records])
    signed = {
        row.record_id: row.digest for row in ChangedRow.objects.filter(record_type="specimens.specimen")
    }
    assert len(records) > 40
    given = [(column, value) for column, values in VALUES.items() for value in values]
    differing = [
        (column, value)
        for record, (column, value) in zip(records, given, strict=True)
        if canonical.row_digest(Specimen, kept[record.pk]).hexdigest != signed[record.pk]
    ]
    assert differing == []


@pytest.mark.parametrize(
    ("column", "value"), [(column, value) for column, values in VALUES.items() for value in [None, *values]]
)
def test_digest_is_that_of_the_stored_row(column: str, value: Any, specimens: None, system: User) -> None:
    record = keep(system, Specimen(**{column: value}))
    signed, again = digest_of_stored(Specimen, record.pk)
    assert signed == again


def test_every_kind_of_column_has_values() -> None:
    kept = {"id", "version", "created_at", "updated_at"}
    assert {field.name for field in canonical.tracked_fields(Specimen)} == VALUES.keys() | kept


def test_digests_of_different_values_differ(specimens: None, system: User) -> None:
    digests = {}
    for column, values in VALUES.items():
        for value in [values[0], values[-1]]:
            row = Specimen(id=1, version=1, created_at=NOON, updated_at=NOON, **{column: value})
            digests[column, repr(value)] = canonical.row_digest(Specimen, row).hexdigest
    assert len(set(digests.values())) == len(digests)


def test_value_that_the_database_would_round_is_refused(specimens: None, system: User) -> None:
    with pytest.raises(ValueError, match="more than 4 decimals"):
        keep(system, Specimen(rate=Decimal("0.00005")))
    assert not Specimen.objects.exists()


def test_derived_and_bookkeeping_columns_are_not_covered(specimens: None, system: User) -> None:
    names = {field.attname for field in canonical.tracked_fields(Specimen)}
    assert names.isdisjoint({"doubled", "seen"})
    assert names.isdisjoint({"password"})


def test_insert_writes_row_history_and_changed_row(system: User) -> None:
    with clocks.at(NOON):
        bob = create(system, "bob@example.com", "Bob")
    row, signed = HISTORY._base_manager.get(id=bob.pk), ChangedRow.objects.get()
    event = ChangeEvent.objects.get()
    assert (bob.version, bob.created_at, bob.updated_at) == (1, NOON, NOON)
    assert (row.email, row.name, row.version, row.history_type) == ("bob@example.com", "Bob", 1, "+")
    assert (row.history_date, row.history_change_id) == (NOON, event.id)
    assert (signed.record_type, signed.record_id, signed.row_version) == ("identity.user", bob.pk, 1)
    assert (signed.history_id, signed.event_id, signed.kind) == (row.history_id, event.id, "+")
    assert signed.commitments.keys() == signed.salts.keys() == {"email", "name"}
    assert signed.commitments["name"] == canonical.commit(signed.salts["name"], "Bob")


def test_salts_are_never_used_twice(system: User) -> None:
    create(system, "a@example.com", "Same")
    create(system, "b@example.com", "Same")
    first, second = ChangedRow.objects.order_by("id")
    assert first.commitments["name"] != second.commitments["name"]


def test_update_writes_only_what_changed(alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(password="kept")
    with CaptureQueriesContext(connection) as queries:
        rename(alice, alice, "Alicia", version=1)
    updates = [query["sql"] for query in queries if query["sql"].startswith('UPDATE "identity_user"')]
    assert len(updates) == 1
    assert '"name"' in updates[0]
    assert '"email"' not in updates[0].split("WHERE")[0]
    assert [(row.version, row.name) for row in HISTORY._base_manager.order_by("version")] == [
        (1, "Alice"),
        (2, "Alicia"),
    ]
    assert User.objects.get(pk=alice.pk).password == "kept"


@pytest.mark.parametrize(("rows", "statements"), [(1, 5), (3, 5), (60, 5)])
def test_insert_takes_a_constant_number_of_statements(rows: int, statements: int, alice: User) -> None:
    people = [User(email=f"{n}@example.com", name=str(n)) for n in range(rows)]
    with CaptureQueriesContext(connection) as queries, audit.change(by=alice, action="user.create"):
        audit.write_many(people)
    told = [query["sql"] for query in queries if "SAVEPOINT" not in query["sql"]]
    drawn = int(
        connection.vendor == "postgresql" and rows >= bulk.WORTHWHILE
    )  # COPY needs its keys beforehand
    assert len(told) == statements + drawn, told
    assert HISTORY._base_manager.count() == rows + 1


def test_write_many_updates_only_rows_that_changed(system: User) -> None:
    people = [create(system, f"{n}@example.com", str(n)) for n in range(4)]
    with audit.change(by=system, action="user.rename"):
        locked = lock_many(User.objects.filter(pk__in=[user.pk for user in people]))
        assert [user.pk for user in locked] == sorted(user.pk for user in people)
        for user in locked[:3]:
            user.name = f"new {user.name}"
        locked[2].email = "other@example.com"
        audit.write_many(locked)
    assert [(user.name, user.version) for user in User.objects.exclude(pk=system.pk).order_by("pk")] == [
        ("new 0", 2),
        ("new 1", 2),
        ("new 2", 2),
        ("3", 1),
    ]
    assert ChangeEvent.objects.latest("id").rows.count() == 3
    for user in people:
        signed = ChangedRow.objects.filter(record_id=user.pk).latest("row_version")
        opened = canonical.commit(signed.salts["name"], User.objects.get(pk=user.pk).name)
        assert signed.commitments["name"] == opened


def test_write_many_takes_rows_of_one_kind(alice: User, specimens: None) -> None:
    with audit.change(by=alice, action="user.misuse"):
        locked = audit.lock(User.objects.all(), pk=alice.pk)
        with pytest.raises(TypeError, match="one model, all new or all locked"):
            audit.write_many([locked, User(email="b@example.com")])
        with pytest.raises(TypeError, match="one model, all new or all locked"):
            audit.write_many([User(email="b@example.com"), Entry()])  # type: ignore[type-var]
        assert audit.write_many([]) == []


def test_row_that_was_not_locked_in_this_change_is_not_written(alice: User) -> None:
    with pytest.raises(TypeError, match="was not locked"), audit.change(by=alice, action="user.rename"):
        audit.write(User.objects.get(pk=alice.pk))
    with audit.change(by=alice, action="user.rename"):
        locked = audit.lock(User.objects.all(), pk=alice.pk)
    locked.name = "Eve"
    with pytest.raises(TypeError, match="was not locked"), audit.change(by=alice, action="user.rename"):
        audit.write(locked)
    assert User.objects.get(pk=alice.pk).name == "Alice"


def test_row_may_be_written_twice_in_one_change(alice: User) -> None:
    with audit.change(by=alice, action="user.rename"):
        locked = audit.lock(User.objects.all(), pk=alice.pk)
        for name in ("Alicia", "Ali"):
            locked.name = name
            audit.write(locked)
    assert [row.name for row in HISTORY._base_manager.order_by("version")] == ["Alice", "Alicia", "Ali"]


def test_json_changed_in_place_is_a_change(specimens: None, system: User) -> None:
    record = keep(system, Specimen(data={"list": [1]}))
    with audit.change(by=system, action="specimen.edit"):
        locked = audit.lock(Specimen.objects.all(), pk=record.pk)
        locked.data["list"].append(2)
        audit.write(locked)
    kept = Specimen.objects.get(pk=record.pk)
    assert (kept.data, kept.version) == ({"list": [1, 2]}, 2)


def test_lock_of_an_invisible_row_finds_nothing(alice: User) -> None:
    with pytest.raises(User.DoesNotExist), audit.change(by=alice, action="user.rename"):
        audit.lock(User.objects.filter(kind=UserKind.SERVICE), pk=alice.pk)


def test_stale_caller_learns_who_changed_what_and_when(alice: User, system: User) -> None:
    bob = create(system, "bob@example.com", "Bob")
    with clocks.at(NOON):
        rename(alice, bob, "Robert", version=1)
    before = list(HISTORY._base_manager.values())
    with pytest.raises(audit.Conflict) as conflict:
        rename(system, bob, "Bobby", version=1)
    found = conflict.value
    assert (found.expected, found.record.version, found.record.name) == (1, 2, "Robert")
    assert (found.changed_by, found.changed_at) == ("Alice", NOON)
    assert [(one.field, one.theirs) for one in found.differences] == [("name", "Robert")]
    assert "was changed by Alice" in str(found)
    assert list(HISTORY._base_manager.values()) == before


def test_row_that_moved_on_after_the_lock_is_a_conflict(alice: User) -> None:
    """Where the lock does not hold (SQLite reads outside its writer), the version in the UPDATE does."""

    def act() -> None:
        with audit.change(by=alice, action="user.rename"):
            locked = audit.lock(User.objects.all(), pk=alice.pk)
            with connection.cursor() as cursor:
                cursor.execute("UPDATE identity_user SET version = 2 WHERE id = %s", [alice.pk])
            locked.name = "Alicia"
            audit.write(locked)

    with pytest.raises(audit.Conflict):
        act()
    assert User.objects.get(pk=alice.pk).name == "Alice"


def test_ledger_has_no_history_and_is_signed_itself(specimens: None, system: User) -> None:
    entry = keep(system, Entry(account="A", payee="Bob", amount=Decimal("12.50")))
    signed = ChangedRow.objects.get(record_type="specimens.entry")
    assert (signed.record_id, signed.row_version, signed.history_id) == (entry.pk, 1, None)
    with audit.change(by=system, action="entry.close"):
        locked = audit.lock(Entry.objects.all(), pk=entry.pk, version=1)
        locked.account = "B"
        audit.write(locked)
    with pytest.raises(audit.Conflict) as conflict, audit.change(by=system, action="entry.close"):
        audit.lock(Entry.objects.all(), pk=entry.pk, version=1)
    assert conflict.value.differences == ()


def test_tracked_fields_are_kept_once(system: User) -> None:
    create(system, "a@example.com")
    create(system, "b@example.com")
    kept = TrackedFields.objects.get(record_type="identity.user")
    names = [field.attname for field in canonical.tracked_fields(User)]
    assert (kept.fields, kept.key) == (names, canonical.fields_key("identity.user", names))
    assert set(ChangedRow.objects.values_list("tracked", flat=True)) == {kept.key}
