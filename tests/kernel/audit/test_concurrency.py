"""Many writers and many sealers at once: no fork, no gap, no lost update, no lock error."""

import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, OperationalError, connection, connections

from revops.kernel import audit
from revops.kernel.audit import sealing, signing, writing
from revops.kernel.audit.models import ChangeEvent, Seal, SealHead
from revops.kernel.audit.verifying import Report
from revops.kernel.guard import GovernedQuerySet
from revops.kernel.identity.models import User
from tests.kernel.audit.acts import create
from tests.kernel.audit.world import examine

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]

postgres_only = "SQLite has one writer at a time: there is no lock to take away"


def at_once(*jobs: Callable[[], None]) -> list[BaseException]:
    """Run the jobs in a thread each, started together; return what they raised."""
    raised: list[BaseException] = []
    start = threading.Barrier(len(jobs))

    def run(job: Callable[[], None]) -> None:
        try:
            start.wait(10)
            job()
        except BaseException as error:  # noqa: BLE001 (handed to the test)
            raised.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[job]) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads)
    return raised


def append_to_name(by: User, user: User, letter: str) -> None:
    with audit.change(by=by, action="user.rename"):
        locked = audit.lock(User.objects.all(), pk=user.pk)
        locked.name += letter
        audit.write(locked)


def test_writers_sealers_and_a_verifier_at_once(system: User) -> None:
    """One chain without fork or gap, no lock error, and no false alarm while all of it goes on."""
    writing = threading.Event()
    writing.set()
    reports: list[Report] = []

    def write(name: str) -> Callable[[], None]:
        return lambda: [create(system, f"{name}{n}@example.com") for n in range(25)] and None

    def sealer() -> None:
        while sealing.seal(limit=7) or writing.is_set():
            time.sleep(0.01)

    def all_written() -> None:
        while ChangeEvent.objects.count() < 100:
            time.sleep(0.01)
        writing.clear()

    def verifier() -> None:
        while writing.is_set():
            reports.append(examine(stop_at_first=False))

    raised = at_once(*(write(name) for name in "abcd"), sealer, sealer, verifier, all_written)
    assert raised == []
    assert reports
    assert [finding for report in reports for finding in report.findings] == []
    while sealing.seal():
        pass
    assert list(Seal.objects.order_by("seq").values_list("seq", flat=True)) == list(range(1, 101))
    assert SealHead.objects.get().alarm == ""
    assert examine(stop_at_first=False).findings == []


class Unlocked:
    """`SealHead.objects` as it would be without its lock."""

    def __getattr__(self, name: str) -> Any:
        return getattr(SealHead._default_manager, name)

    def select_for_update(self, **options: Any) -> Any:
        return SealHead._default_manager.all()


@pytest.mark.control
def test_without_the_lock_two_sealers_clash(system: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: both read the same head, so one of them must fail. With the lock nothing is raised."""
    if connection.vendor == "sqlite":
        pytest.skip(postgres_only)
    for number in range(5):
        create(system, f"{number}@example.com")
    sealing.seal(limit=1)
    both_have_read = threading.Barrier(2)

    def key() -> str:
        both_have_read.wait(10)
        return signing.key_id("any")

    monkeypatch.setattr(sealing.SealHead, "objects", Unlocked())
    monkeypatch.setattr(sealing.signing, "current_key_id", key)
    raised = at_once(sealing.seal, sealing.seal)
    assert [type(error) for error in raised] == [IntegrityError]


def test_no_update_is_lost(alice: User) -> None:
    def write(letter: str) -> Callable[[], None]:
        return lambda: [append_to_name(alice, alice, letter) for _ in range(10)] and None

    assert at_once(*(write(letter) for letter in "wxyz")) == []
    kept = User.objects.get(pk=alice.pk)
    assert sorted(kept.name.removeprefix("Alice")) == sorted("wxyz" * 10)
    assert kept.version == 41
    while sealing.seal():
        pass
    assert examine().findings == []


@pytest.mark.control
def test_without_the_lock_the_version_still_refuses(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control of the lock: two read the same version. The second write is refused, not lost."""
    if connection.vendor == "sqlite":
        pytest.skip(postgres_only)
    both_have_read = threading.Barrier(2)
    lock = writing.lock

    def lock_and_wait(*args: Any, **kwargs: Any) -> Any:
        found = lock(*args, **kwargs)
        both_have_read.wait(10)
        return found

    monkeypatch.setattr(GovernedQuerySet, "select_for_update", lambda self, **options: self)
    monkeypatch.setattr(audit, "lock", lock_and_wait)
    raised = at_once(*(partial(append_to_name, alice, alice, letter) for letter in "xy"))
    assert [type(error) for error in raised] == [audit.Conflict]
    assert User.objects.get(pk=alice.pk).name in {"Alicex", "Alicey"}


@pytest.mark.control
def test_without_lock_and_version_an_update_is_lost(alice: User) -> None:
    """The control of both: what read, change, write does to two writers without the one door."""
    both_have_read = threading.Barrier(2)

    def careless(letter: str) -> Callable[[], None]:
        def run() -> None:
            name = User.objects.get(pk=alice.pk).name
            both_have_read.wait(10)
            with connection.cursor() as cursor:
                cursor.execute("UPDATE identity_user SET name = %s WHERE id = %s", [name + letter, alice.pk])

        return run

    assert at_once(careless("x"), careless("y")) == []
    assert User.objects.get(pk=alice.pk).name in {"Alicex", "Alicey"}


def test_conflicting_inserts_leave_one(system: User) -> None:
    """The database keeps what two actions could not know of each other; the loser leaves nothing behind."""
    raised = at_once(*(lambda: create(system, "same@example.com") and None for _ in range(4)))
    assert [type(error) for error in raised] == [IntegrityError] * 3
    assert not any(isinstance(error, OperationalError) for error in raised)
    assert User.objects.filter(email="same@example.com").count() == 1
    assert ChangeEvent.objects.count() == 1
    sealing.seal()
    assert examine().findings == []
