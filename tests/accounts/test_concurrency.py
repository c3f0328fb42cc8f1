"""Two people change accounts at the same moment. Each control shows the fault once the lock is gone.

SQLite lets one writer in at a time, so there is no lock to remove there and the controls run on PostgreSQL.
"""

from typing import Any

import pytest
from django.db import IntegrityError, connection

from accounts.actions import (
    add_domain,
    assign_account,
    create_account,
    creating,
    edit_account,
    editing,
    hierarchy,
)
from accounts.models import Account, AccountDomain
from revops.kernel import audit
from tests.accounts.conftest import WHY
from tests.cast import Cast
from tests.evidence import ledger_faults
from tests.meeting import Meeting, kinds, remove_locks, together

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]


@pytest.fixture
def postgres() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer: there is no lock to remove")


def make(cast: Cast, name: str, **values: Any) -> Account:
    return create_account(by=cast.rita, values={"name": name, **values})


def move(cast: Cast, account: Account, parent: Account) -> Account:
    return edit_account(by=cast.rita, pk=account.pk, changes={"parent": parent.pk})


def circles() -> list[int]:
    parent_of = dict(Account.objects.values_list("pk", "parent_id"))
    return [
        pk
        for pk in parent_of
        if len(set(hierarchy._path(pk, parent_of))) < len(hierarchy._path(pk, parent_of))
    ]


def two_moves(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    one, two = make(cast, "One"), make(cast, "Two")
    meeting = Meeting()
    monkeypatch.setattr(editing, "check_tree", meeting.after(creating.check_tree))
    return together(lambda: move(cast, one, two), lambda: move(cast, two, one))


def test_two_moves_that_close_a_circle_do_not_both_happen(
    committed_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    results = two_moves(committed_cast, monkeypatch)
    assert kinds(results) == ["Blocked", "ok"]
    assert circles() == []


@pytest.mark.control
def test_two_moves_without_the_lock_close_a_circle(
    postgres: None, committed_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    remove_locks(monkeypatch)
    two_moves(committed_cast, monkeypatch)
    assert len(circles()) == 2


def test_three_moves_that_close_a_circle_do_not_all_happen(
    committed_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast = committed_cast
    made = [make(cast, name) for name in ("One", "Two", "Three")]
    under = [make(cast, f"Under {account.name}", parent=account.pk) for account in made]
    meeting = Meeting(3)
    monkeypatch.setattr(editing, "check_tree", meeting.after(creating.check_tree))
    results = together(*[lambda n=n: move(cast, made[n], under[(n + 1) % 3]) for n in range(3)])
    assert kinds(results) == ["Blocked", "ok", "ok"]
    assert circles() == []


def same_domain(cast: Cast, monkeypatch: pytest.MonkeyPatch, create: Any) -> list[Any]:
    meeting = Meeting()
    monkeypatch.setattr(creating, "check_tree", meeting.after(creating.check_tree))
    values = [{"name": name, "domain": "acme.com"} for name in ("One", "Two")]
    return together(*[lambda given=given: create(by=cast.rita, values=given) for given in values])


def test_domain_taken_at_the_same_moment_is_refused_with_its_reason(
    committed_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    results = same_domain(committed_cast, monkeypatch, create_account)
    assert kinds(results) == ["Blocked", "ok"]
    (refusal,) = [r for r in results if isinstance(r, audit.Blocked)]
    assert [finding.code for finding in refusal.findings] == ["ACC-012"]
    assert (Account.objects.count(), AccountDomain.objects.count()) == (1, 1)


@pytest.mark.control
def test_domain_without_the_second_look_is_an_error_of_the_database(
    postgres: None, committed_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    results = same_domain(committed_cast, monkeypatch, create_account.__wrapped__)  # type: ignore[attr-defined]
    assert kinds(results) == ["IntegrityError", "ok"]
    assert any(isinstance(result, IntegrityError) for result in results)


def test_same_domain_is_added_to_one_of_two_accounts(committed_cast: Cast) -> None:
    cast = committed_cast
    made = [make(cast, name) for name in ("One", "Two")]
    for number in range(5):
        results = together(
            *[lambda a=a, n=number: add_domain(by=cast.rita, pk=a.pk, domain=f"acme{n}.com") for a in made]
        )
        assert kinds(results) == ["Blocked", "ok"]
    assert AccountDomain.objects.filter(is_active=True).count() == 5


def test_stale_edit_loses_whoever_is_faster(committed_cast: Cast) -> None:
    cast = committed_cast
    account = make(cast, "Northwind")
    for trial in range(8):
        version = Account.objects.get(pk=account.pk).version
        results = together(
            *[
                lambda f=field, t=trial, v=version: edit_account(
                    by=cast.rita, pk=account.pk, changes={f: f"{f} {t}"}, version=v
                )
                for field in ("city", "region")
            ]
        )
        assert kinds(results) == ["Conflict", "ok"]
        (loser,) = [r for r in results if isinstance(r, audit.Conflict)]
        assert len(loser.differences) == 1
    stored = Account.objects.get(pk=account.pk)
    assert (stored.version, stored.history.count()) == (9, 9)


def edits_without_version(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    account = make(cast, "Northwind")
    meeting = Meeting()
    monkeypatch.setattr(editing, "check_tree", meeting.after(creating.check_tree))
    return together(
        lambda: edit_account(by=cast.rita, pk=account.pk, changes={"city": "Oslo"}),
        lambda: edit_account(by=cast.olga, pk=account.pk, changes={"region": "Viken"}),
    )


def test_edits_of_different_fields_both_hold(committed_cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    assert kinds(edits_without_version(committed_cast, monkeypatch)) == ["ok", "ok"]
    stored = Account.objects.get()
    assert (stored.city, stored.region, stored.version) == ("Oslo", "Viken", 3)


@pytest.mark.control
def test_edits_without_the_lock_refuse_the_slower(
    postgres: None, committed_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    remove_locks(monkeypatch)
    assert kinds(edits_without_version(committed_cast, monkeypatch)) == ["Conflict", "ok"]


def test_owners_flow_down_while_a_child_is_added(committed_cast: Cast) -> None:
    cast = committed_cast
    parent = make(cast, "Parent", owner=cast.alice.pk)
    owners = [cast.bob, cast.charlie, cast.alice, cast.sam]
    results = together(
        *[
            lambda o=owner: assign_account(by=cast.rita, pk=parent.pk, owner=o, reason=WHY)
            for owner in owners
        ],
        *[lambda n=n: make(cast, f"Child {n}", parent=parent.pk) for n in range(4)],
    )
    assert kinds([r for r in results if not isinstance(r, audit.Blocked)]) == ["ok"] * sum(
        not isinstance(r, audit.Blocked) for r in results
    )
    holder = Account.objects.get(pk=parent.pk).owner
    assert {child.owner for child in Account.objects.filter(parent=parent)} == {holder}
    assert Account.objects.filter(parent=parent).count() == 4
    assert ledger_faults() == []


def test_four_writers_meet_no_lock_error(committed_cast: Cast) -> None:
    cast = committed_cast

    def write(writer: int) -> list[int]:
        return [make(cast, f"W{writer} {n}", domain=f"w{writer}n{n}.com").pk for n in range(6)]

    results = together(*[lambda w=w: write(w) for w in range(4)])
    assert kinds(results) == ["ok"] * 4
    assert len({pk for made in results for pk in made}) == 24
    assert ledger_faults() == []
