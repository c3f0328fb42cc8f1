"""What was signed stays valid while columns, keys and releases change; ledgers; the size of the work."""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from revops.kernel import audit
from revops.kernel.audit import canonical, sealing
from revops.kernel.audit.models import ChangedRow, TrackedFields
from revops.kernel.audit.verifying import verify
from revops.kernel.identity.models import User
from tests.kernel.audit.acts import create, keep, rename
from tests.kernel.audit.specimens import Entry
from tests.kernel.audit.tampering import columns, tampered
from tests.kernel.audit.world import World, examine, first, found, ledger

pytestmark = pytest.mark.django_db


@contextmanager
def before_column(name: str) -> Iterator[None]:
    """Behave as the release did in which users had no column `name`."""
    fields = tuple(field for field in canonical.tracked_fields(User) if field.name != name)
    with pytest.MonkeyPatch.context() as earlier:
        earlier.setattr(canonical, "tracked_fields", lambda model: fields)
        forget_recipes()
        try:
            yield
        finally:
            forget_recipes()


def forget_recipes() -> None:
    canonical.covered.cache_clear()
    canonical._recipe.cache_clear()


def test_column_added_later_leaves_old_digests_valid(world: World) -> None:
    with before_column("kind"):
        old = create(world.system, "old@example.com", "Old")
        assert found() == []
    assert TrackedFields.objects.filter(record_type="identity.user").count() == 2
    assert found(stop_at_first=False) == []
    place = ("live", "identity_user", f"identity.user {old.pk}")
    with tampered(f"UPDATE identity_user SET name = 'Eve' WHERE id = {old.pk}"):
        assert first() == (*place, 1)
    with tampered(f"UPDATE identity_user SET kind = 'service' WHERE id = {old.pk}"):
        assert found() == [], "filled by the migration: not signed before the next write"
    rename(world.system, old, "Older")
    assert found(stop_at_first=False) == []
    with tampered(f"UPDATE identity_user SET kind = 'service' WHERE id = {old.pk}"):
        assert first() == (*place, 2)


def test_dropped_column_is_counted_not_accused(world: World) -> None:
    with before_column("kind"):
        report = examine()
    assert report.findings == []
    assert report.checked["versions with a dropped column (not recomputed)"] == 9


def test_column_that_became_personal_leaves_old_digests_valid(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(User, "PERSONAL", frozenset({"email", "name", "kind"}))
    forget_recipes()
    new = create(world.system, "new@example.com")
    assert ChangedRow.objects.get(record_id=new.pk).commitments.keys() == {"email", "name", "kind"}
    assert found(stop_at_first=False) == []
    monkeypatch.undo()
    forget_recipes()
    assert found(stop_at_first=False) == []


def test_retired_key_still_verifies_and_a_missing_key_is_named(world: World, settings: Any) -> None:
    (old,) = settings.AUDIT_KEYS
    settings.AUDIT_KEYS = ["newer", old]
    create(world.system, "new@example.com")
    sealing.seal()
    assert found(stop_at_first=False) == []
    settings.AUDIT_KEYS = ["newer"]
    assert "is not in AUDIT_KEY" in examine().findings[0].why


def test_ledger_is_compared_with_what_was_signed_last(world: World, specimens: None) -> None:
    entries = [
        keep(world.system, Entry(account=str(number), payee="Bob", amount=Decimal(number)))
        for number in range(4)
    ]
    with audit.change(by=world.system, action="entry.close"):
        locked = audit.lock(Entry.objects.all(), pk=entries[1].pk)
        locked.amount = Decimal("99.5")
        audit.write(locked)
    assert ledger() == []
    pk = entries[1].pk
    for edit in ("amount = 1", "payee = 'Eve'", "version = 1", "account = 'x'"):
        with tampered(f"UPDATE specimens_entry SET {edit} WHERE id = {pk}"):
            assert ledger() == [("live", f"specimens.entry {pk}", 1 if edit == "version = 1" else 2)]
    for entry in entries:
        with tampered(f"DELETE FROM specimens_entry WHERE id = {entry.pk}"):
            assert [place[:2] for place in ledger()] == [("live", f"specimens.entry {entry.pk}")]
    rest = columns(of=Entry, without=("id",))
    with tampered(f"INSERT INTO specimens_entry ({rest}) SELECT {rest} FROM specimens_entry WHERE id = {pk}"):
        newest = Entry.objects.latest("id").pk
        assert ledger() == [("live", f"specimens.entry {newest}", 2)]
    with tampered(
        f"DELETE FROM audit_changedrow WHERE record_type = 'specimens.entry' AND record_id = {pk} AND kind = '+'"
    ):
        assert ("history", f"specimens.entry {pk}", None) in ledger()


def test_first_finding_stops_and_all_are_collected_up_to_a_limit(world: World) -> None:
    with tampered("UPDATE {history} SET name = 'Eve'"):
        assert len(verify().findings) == 1
        report = examine(stop_at_first=False)
        assert (len([one for one in report.findings if one.check == "history"]), report.complete) == (
            9,
            True,
        )
        limited = examine(stop_at_first=False, at_most=4)
        assert (len(limited.findings), limited.complete) == (4, False)


def test_verification_writes_nothing_and_its_queries_do_not_grow(world: World) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            examine()
        verbs = {query["sql"].lstrip("(").split()[0] for query in queries}
        assert verbs <= {"SELECT", "SAVEPOINT", "RELEASE", "DECLARE", "FETCH", "CLOSE"}
        return len(queries)

    few = count()
    for number in range(40):
        create(world.system, f"more{number}@example.com")
    sealing.seal()
    assert count() == few
