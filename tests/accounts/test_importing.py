"""Accounts in bulk: the importer's steps refuse what an action refuses, and write what it writes."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.actions import importing
from accounts.models import Account, AccountDomain
from revops.kernel import audit
from revops.kernel.audit.enums import Source
from revops.kernel.exchange.importers import Batch, ImportRow
from revops.kernel.outbox.models import OutboxEvent
from revops.kernel.people import ownership
from tests.accounts.conftest import Make
from tests.cast import Cast
from tests.evidence import ledger_faults, unchanged


def batch(cast: Cast, *rows: dict[str, Any], ids: tuple[int | None, ...] = (), **options: Any) -> Batch:
    """Return the rows as they come from a file: typed values, the ids of known records where given."""
    made = [
        ImportRow(
            line=number + 2,
            number=number + 1,
            external_id=f"x{number}",
            values=dict(values),
            columns={name: name.title() for name in values},
            record_id=ids[number] if number < len(ids) else None,
        )
        for number, values in enumerate(rows)
    ]
    return Batch(by=cast.rita, rows=made, system="file", **options)


def run(cast: Cast, one: Batch) -> Batch:
    """Do what `importing.run` does with a chunk, with every difference taken over."""
    with audit.change(by=cast.rita, action="import.chunk", source=Source.IMPORT):
        importing.prepare(one)
        importing.load(one)
        for row in one.alive:
            if row.record is not None:
                row.changes = {n: v for n, v in row.values.items() if row.stored.get(n) != v}
        one.new = [row for row in one.alive if row.record_id is None]
        one.changed = [row for row in one.alive if row.changes]
        importing.write(one)
    return one


def told(one: Batch) -> list[list[tuple[str, str]]]:
    return [[(finding.code, finding.field) for finding in row.findings] for row in one.rows]


def test_new_rows_are_written_like_created_accounts(cast: Cast) -> None:
    one = run(
        cast, batch(cast, {"name": "Acme", "domain": "www.acme.com", "employees": 1_200}, {"name": "Beta"})
    )
    acme, beta = Account.objects.order_by("name_key")
    assert [row.record_id for row in one.rows] == [acme.pk, beta.pk]
    assert (acme.segment, acme.primary_domain, acme.queue) == ("ENT", "acme.com", cast.unassigned)
    assert AccountDomain.objects.get().source == "import"
    created = OutboxEvent.objects.filter(type="account.created").values_list("subject_id", flat=True)
    assert set(created) == {acme.pk, beta.pk}
    assert not OutboxEvent.objects.filter(type="account.assigned").exists()
    assert ledger_faults() == []


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ({"name": "X", "domain": "localhost"}, [("ACC-001", "domain")]),
        ({"name": "X", "domain": "gmail.com"}, [("ACC-011", "domain")]),
        ({"name": "X", "domain": "taken.com"}, [("ACC-012", "domain")]),
        ({"name": "X", "industry": "other"}, [("ACC-003", "industry_note")]),
        ({"name": "X", "currency": "XXL"}, [("ACC-004", "currency")]),
        ({"name": "X", "status": "tombstone"}, [("ACC-007", "status")]),
        ({"name": "X", "parent": 999_999}, [("ACC-008", "parent")]),
    ],
)
def test_row_is_refused_for_the_reasons_of_the_action(
    cast: Cast, make: Make, freemail: None, values: dict[str, Any], found: list[tuple[str, str]]
) -> None:
    make("Taker", domain="taken.com")
    one = batch(cast, values, {"name": "Fine"})
    with unchanged():
        importing.prepare(one)
    assert told(one) == [found, []]
    assert [row.rejected for row in one.rows] == [True, False]


def test_migration_relaxes_what_it_says(cast: Cast, freemail: None) -> None:
    one = batch(
        cast,
        {"name": "A", "domain": "gmail.com"},
        {"name": "B", "industry": "other"},
        {"name": "C", "status": "customer"},
        {"name": "D", "status": "tombstone"},
        migration=True,
    )
    importing.prepare(one)
    assert [row.rejected for row in one.rows] == [False, False, False, True]
    assert one.rows[0].values["domain"] == ""


def test_domain_twice_in_a_file_is_refused_the_second_time(cast: Cast) -> None:
    one = batch(cast, {"name": "A", "domain": "acme.com"}, {"name": "B", "domain": "https://acme.com/"})
    importing.prepare(one)
    assert told(one) == [[], [("ACC-013", "domain")]]


def test_known_rows_change_what_differs(cast: Cast, make: Make) -> None:
    acme, beta = make("Acme", city="Reno", domain="acme.com"), make("Beta")
    run(
        cast,
        batch(
            cast,
            {"name": "Acme", "city": "Oslo", "domain": "acme.com"},
            {"name": "Beta Ltd", "domain": "beta.com"},
            ids=(acme.pk, beta.pk),
        ),
    )
    acme.refresh_from_db()
    beta.refresh_from_db()
    assert (acme.city, acme.version, acme.primary_domain) == ("Oslo", 2, "acme.com")
    assert (beta.name, beta.name_key, beta.primary_domain) == ("Beta Ltd", "beta ltd", "beta.com")


def test_empty_cells_leave_alone_what_an_account_always_has(cast: Cast, make: Make) -> None:
    acme = make("Acme", status="partner", city="Reno")
    cells = {"name": "", "status": "", "kind": "", "currency": "", "city": ""}
    run(cast, batch(cast, cells, ids=(acme.pk,)))
    acme.refresh_from_db()
    assert (acme.name, acme.status, acme.kind, acme.currency) == ("Acme", "partner", "legal_entity", "USD")
    assert acme.city == ""


@pytest.mark.parametrize("child_first", [True, False])
def test_parent_and_child_that_move_together_keep_one_holder_each(
    cast: Cast, make: Make, child_first: bool
) -> None:
    old, new = make("Old", owner="alice"), make("New", owner="charlie")
    parent, child = make("Parent", parent=old.pk), make("Child", owner="")
    ids = (parent.pk, child.pk)
    rows = [{"name": "Parent", "parent": new.pk}, {"name": "Child", "parent": parent.pk}]
    if child_first:
        ids, rows = ids[::-1], rows[::-1]
    run(cast, batch(cast, *rows, ids=ids))
    parent.refresh_from_db()
    child.refresh_from_db()
    assert (parent.owner, child.owner) == (cast.charlie, cast.charlie)
    assert (parent.ultimate_parent, child.ultimate_parent) == (new, new)
    assert ownership.open_intervals("accounts.account", list(ids)).keys() == set(ids)
    assert ledger_faults() == []


def test_circle_within_one_file_is_refused(cast: Cast, make: Make) -> None:
    one, two = make("One"), make("Two")
    made = batch(
        cast,
        {"name": "One", "parent": two.pk},
        {"name": "Two", "parent": one.pk},
        ids=(one.pk, two.pk),
        dry_run=True,
    )
    importing.prepare(made)
    assert told(made) == [[("ACC-020", "parent")], [("ACC-020", "parent")]]


def test_bulk_takes_a_constant_number_of_statements(cast: Cast, settled_organisation: None) -> None:
    def statements(count: int) -> int:
        rows = [
            {"name": f"N{count} {n}", "domain": f"n{count}x{n}.com", "employees": n} for n in range(count)
        ]
        with CaptureQueriesContext(connection) as asked:
            run(cast, batch(cast, *rows))
        return len(asked)

    statements(2)
    assert statements(19) == statements(3)


def test_rule_sees_what_the_file_leaves_out_of_a_known_account(cast: Cast, make: Make) -> None:
    """A customer needs a billing account: one that is stored already counts, though the file has no such column."""
    held = make("Acme")
    with audit.change(by=cast.fin, action="account.edit"):
        account = audit.lock(Account.objects.all(), pk=held.pk)
        account.legal_name, account.billing_account_ext = "Acme Inc.", "B-1"
        audit.write(account)
    blank = make("Blank")
    row = {"status": "customer", "city": "Austin"}
    one = run(cast, batch(cast, row, dict(row), ids=(held.pk, blank.pk)))
    assert told(one) == [[], [("ACC-006", "legal_name"), ("ACC-006", "billing_account_ext")]]
    assert list(Account.objects.filter(status="customer").values_list("pk", "city")) == [(held.pk, "Austin")]
