"""Creating an account: what is written, who holds it, and every reason against it."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from accounts.actions import create_account, edit_account
from accounts.models import Account, AccountDomain
from revops.kernel import audit
from revops.kernel.audit.models import ChangedRow, ChangeEvent
from revops.kernel.outbox.models import OutboxEvent
from revops.kernel.people import access, actions, ownership
from revops.kernel.people.enums import Role
from tests.accounts.conftest import WHY, Make, codes
from tests.cast import Cast
from tests.evidence import ledger_faults, unchanged

FULL = {
    "name": "  Northwind  Traders ",
    "legal_name": "Northwind Traders LLC",
    "domain": "https://www.northwind.com/",
    "kind": "legal_entity",
    "status": "prospect",
    "industry": "retail",
    "employees": "1200",
    "annual_revenue": "1250000.50",
    "currency": "EUR",
    "country": "de",
    "region": "Hessen",
    "city": "Frankfurt",
    "website": "northwind.com",
    "phone": "+49 69 1234",
    "description": "Line one\r\nLine two",
    "customer_since": "2020-02-29",
    "source_original": "fair",
}


def test_account_is_written_with_all_that_follows(cast: Cast) -> None:
    account = create_account(by=cast.rita, values=FULL)
    stored = Account.objects.get(pk=account.pk)
    assert (stored.name, stored.name_key) == ("Northwind  Traders", "northwind traders")
    assert stored.primary_domain == "northwind.com"
    assert (stored.annual_revenue, stored.currency) == (Decimal("1250000.50"), "EUR")
    assert (stored.employees, stored.segment) == (1_200, "ENT")
    assert (stored.country, stored.website) == ("DE", "https://northwind.com")
    assert stored.description == "Line one\nLine two"
    assert stored.customer_since == date(2020, 2, 29)
    assert (stored.version, stored.history.count()) == (1, 1)
    assert (stored.queue, stored.owner) == (cast.unassigned, None)
    domain = AccountDomain.objects.get()
    assert (domain.account, domain.domain, domain.kind, domain.is_active) == (
        stored,
        "northwind.com",
        "primary",
        True,
    )
    event = ChangeEvent.objects.order_by("-recorded_at").first()
    assert event is not None
    assert (event.action, event.actor) == ("account.create", cast.rita)
    rows = ChangedRow.objects.filter(event=event).values_list("record_type", flat=True)
    assert sorted(rows) == ["accounts.account", "accounts.accountdomain", "people.ownershipinterval"]


def test_new_account_is_told_once_in_the_outbox(cast: Cast) -> None:
    before = OutboxEvent.objects.count()
    account = create_account(by=cast.alice, values={"name": "Northwind"})
    (event,) = OutboxEvent.objects.order_by("pk")[before:]
    assert (event.type, event.subject_type, event.subject_id) == (
        "account.created",
        "accounts.account",
        account.pk,
    )
    assert event.payload == {"name": "Northwind", "owner": cast.alice.pk}


def test_account_given_to_another_tells_them(cast: Cast) -> None:
    before = OutboxEvent.objects.count()
    create_account(by=cast.rita, values={"name": "Northwind", "owner": cast.bob.pk})
    types = OutboxEvent.objects.order_by("pk")[before:].values_list("type", flat=True)
    assert sorted(types) == ["account.assigned", "account.created"]


def test_defaults_stand_where_nothing_or_an_empty_text_is_given(cast: Cast) -> None:
    empty = dict.fromkeys(["status", "kind", "currency", "segment", "inherit_ownership", "industry"], "")
    account = create_account(by=cast.rita, values={"name": "Bare", **empty})
    account.refresh_from_db()
    assert (account.status, account.kind, account.currency) == ("prospect", "legal_entity", "USD")
    assert (account.segment, account.inherit_ownership, account.employees) == ("SMB", True, None)


@pytest.mark.parametrize(
    ("employees", "segment"),
    [
        ("", "SMB"),
        ("0", "SMB"),
        ("99", "SMB"),
        ("100", "MM"),
        ("999", "MM"),
        ("1000", "ENT"),
        ("50000", "ENT"),
    ],
)
def test_segment_follows_the_employees(cast: Cast, employees: str, segment: str) -> None:
    account = create_account(by=cast.rita, values={"name": "X", "employees": employees})
    assert account.segment == segment


def test_segment_set_by_hand_stays_and_a_derived_one_follows(cast: Cast, make: Make) -> None:
    strategic, derived = make("S", segment="STRAT", employees="50"), make("D", employees="50")
    for account, segment in ((strategic, "STRAT"), (derived, "ENT")):
        edited = edit_account(by=cast.rita, pk=account.pk, changes={"employees": "5000"})
        assert edited.segment == segment
    assert edit_account(by=cast.rita, pk=strategic.pk, changes={"segment": ""}).segment == "ENT"


@pytest.mark.parametrize(
    ("by", "owner", "queue", "reason", "explicit"),
    [
        ("alice", "alice", None, "created", True),
        ("sam", "sam", None, "created", True),
        ("rita", None, "unassigned", "unassigned", False),
        ("olga", None, "unassigned", "unassigned", False),
    ],
)
def test_first_holder_depends_on_who_creates(
    cast: Cast, by: str, owner: str | None, queue: str | None, reason: str, explicit: bool
) -> None:
    account = create_account(by=cast.people[by], values={"name": "X"})
    held = ownership.open_intervals("accounts.account", [account.pk])[account.pk]
    assert held.owner == (cast.people[owner] if owner else None)
    assert held.queue == (cast.unassigned if queue else None)
    assert (held.reason_code, held.explicit) == (reason, explicit)
    assert ledger_faults() == []


def test_first_holder_comes_from_the_parent_then_the_territory(cast: Cast, make: Make) -> None:
    row = actions.create_territory(by=cast.rita, code="ROW", name="Rest", default_queue=cast.west_queue)
    north = actions.create_territory(by=cast.rita, code="NA", name="North", default_owner=cast.bob)
    parent = make("Parent", owner="charlie")
    made = {
        "parent": make("A", parent=parent.pk, territory=north.pk),
        "own": make("B", parent=parent.pk, territory=north.pk, inherit_ownership="no"),
        "owner": make("C", territory=north.pk),
        "queue": make("D", territory=row.pk),
    }
    assert {key: a.owner or a.queue for key, a in made.items()} == {
        "parent": cast.charlie,
        "own": cast.bob,
        "owner": cast.bob,
        "queue": cast.west_queue,
    }
    assert {key: a.team for key, a in made.items()} == {
        "parent": cast.teams["West"],
        "own": cast.teams["East"],
        "owner": cast.teams["East"],
        "queue": cast.teams["West"],
    }


def test_account_stays_with_who_made_it_while_no_queue_is_staffed(cast: Cast) -> None:
    for user in (cast.rita, cast.olga):
        actions.unstaff_queue(by=cast.ada, queue=cast.unassigned, user=user)
    assert create_account(by=cast.rita, values={"name": "X"}).owner == cast.rita


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ({}, [("ACC-002", "name")]),
        ({"name": ""}, [("VAL-002", "name")]),
        ({"name": "\u200b\u200b"}, [("VAL-002", "name")]),
        ({"name": "a\x00"}, [("VAL-002", "name")]),
        ({"name": "x" * 201}, [("VAL-002", "name")]),
        ({"name": "X", "domain": "localhost"}, [("ACC-001", "domain")]),
        ({"name": "X", "domain": "аpple.com"}, [("ACC-001", "domain")]),
        ({"name": "X", "domain": "gmail.com"}, [("ACC-011", "domain")]),
        ({"name": "X", "domain": "someone@gmail.com"}, [("ACC-011", "domain")]),
        ({"name": "X", "industry": "other", "industry_note": "short"}, [("ACC-003", "industry_note")]),
        ({"name": "X", "industry": "other"}, [("ACC-003", "industry_note")]),
        ({"name": "X", "industry": "Retail"}, [("VAL-002", "industry")]),
        ({"name": "X", "currency": "XXL"}, [("ACC-004", "currency")]),
        ({"name": "X", "currency": "usd"}, [("ACC-004", "currency")]),
        ({"name": "X", "annual_revenue": "-1"}, [("ACC-005", "annual_revenue")]),
        ({"name": "X", "annual_revenue": "NaN"}, [("VAL-002", "annual_revenue")]),
        (
            {"name": "X", "status": "customer"},
            [("ACC-006", "billing_account_ext"), ("ACC-006", "legal_name")],
        ),
        ({"name": "X", "status": "tombstone"}, [("ACC-007", "status")]),
        ({"name": "X", "parent": "999999"}, [("ACC-008", "parent")]),
        ({"name": "X", "territory": "999999"}, [("ACC-008", "territory")]),
        ({"name": "X", "owner": "999999"}, [("ACC-008", "owner")]),
        ({"name": "X", "queue": str(2**63 - 1)}, [("ACC-008", "queue")]),
        ({"name": "X", "shared_domain_of": "1"}, [("ACC-008", "shared_domain_of")]),
        ({"name": "X", "customer_since": "0000-01-01"}, [("VAL-002", "customer_since")]),
        ({"name": "X", "employees": True}, [("VAL-002", "employees")]),
        (
            {"name": "", "employees": "x", "currency": "??", "parent": "999999", "domain": "com"},
            [
                ("ACC-001", "domain"),
                ("ACC-004", "currency"),
                ("ACC-008", "parent"),
                ("VAL-002", "employees"),
                ("VAL-002", "name"),
            ],
        ),
    ],
)
def test_every_reason_is_told_and_nothing_is_written(
    cast: Cast, freemail: None, values: dict[str, Any], found: list[tuple[str, str]]
) -> None:
    with pytest.raises(audit.Blocked) as refusal, unchanged():
        create_account(by=cast.rita, values=values)
    assert sorted(codes(refusal)) == found
    for finding in refusal.value.findings:
        assert finding.needed
        assert finding.message.isprintable()


def test_industry_other_with_words_is_taken(cast: Cast, make: Make) -> None:
    account = make("X", industry="other", industry_note="Deep-sea salvage of cables")
    assert account.industry == "other"


def test_domain_of_another_account_is_refused_with_the_way_out(cast: Cast, make: Make) -> None:
    held = make("Acme", domain="acme.com", owner="bob")
    domain = AccountDomain.objects.get()
    with pytest.raises(audit.Blocked) as refusal, unchanged():
        create_account(by=cast.rita, values={"name": "Acme Two", "domain": "eu.acme.com"})
    (finding,) = refusal.value.findings
    assert (finding.code, finding.field, finding.found) == ("ACC-012", "domain", "acme.com")
    assert "acme.com belongs to Acme (owner: Bob)" in finding.message
    assert [remedy.url for remedy in finding.remedies] == [
        f"/accounts/{held.pk}/",
        f"/accounts/new/?shared_domain_of={domain.pk}",
    ]


def test_hc1_subsidiary_shares_the_domain(cast: Cast, make: Make) -> None:
    make("Acme", domain="acme.com")
    shared = AccountDomain.objects.get()
    child = make("Acme Deutschland", shared_domain_of=shared.pk, country="DE")
    assert (child.shared_domain_of, child.primary_domain) == (shared, "")
    assert AccountDomain.objects.count() == 1


def test_domain_outside_ones_scope_tells_name_and_owner_only(cast: Cast, make: Make) -> None:
    make("Secret Westfield", domain="westfield.com", owner="charlie", phone="+1 555 0199", city="Reno")
    with pytest.raises(audit.Blocked) as refusal, unchanged():
        create_account(by=cast.alice, values={"name": "Copy", "domain": "westfield.com"})
    (finding,) = refusal.value.findings
    assert "Secret Westfield (owner: Charlie)" in finding.message
    assert [(remedy.label, remedy.url) for remedy in finding.remedies] == [("Ask its owner for access", "")]
    said = str(finding.as_json())
    assert "555" not in said
    assert "Reno" not in said


def test_way_out_is_offered_only_to_who_may_take_it(cast: Cast, make: Make) -> None:
    held = make("Acme", domain="acme.com", owner="alice")
    with pytest.raises(audit.Blocked) as refusal:
        create_account(by=cast.alice, values={"name": "Copy", "domain": "acme.com"})
    (finding,) = refusal.value.findings
    assert [remedy.url for remedy in finding.remedies] == [f"/accounts/{held.pk}/"]


@pytest.mark.parametrize(
    "role", [r for r in Role if r not in {Role.SDR, Role.AE, Role.REVOPS, Role.SALES_OPS}]
)
def test_other_roles_create_nothing(cast: Cast, role: Role) -> None:
    with pytest.raises(access.Forbidden), unchanged():
        create_account(by=cast.by_role(role), values={"name": "X"})


@pytest.mark.parametrize(
    "field",
    [
        "owner",
        "queue",
        "parent",
        "status",
        "segment",
        "legal_name",
        "tax_id",
        "billing_city",
        "team",
        "version",
    ],
)
def test_seller_sets_only_what_is_theirs_to_set(cast: Cast, field: str) -> None:
    with pytest.raises(access.Forbidden), unchanged():
        create_account(by=cast.alice, values={"name": "X", field: "1"})


@pytest.mark.parametrize("field", ["tax_id", "billing_city", "credit_status", "id", "created_at", "name_key"])
def test_operations_set_neither_billing_nor_what_is_computed(cast: Cast, field: str) -> None:
    with pytest.raises(access.Forbidden), unchanged():
        create_account(by=cast.rita, values={"name": "X", field: "1"})


def test_deactivated_owner_and_empty_queue_are_refused(cast: Cast) -> None:
    actions.deactivate_user(by=cast.ada, user=cast.bob, reason="He leaves")
    actions.unstaff_queue(by=cast.ada, queue=cast.west_queue, user=cast.charlie)
    for values, code in (({"owner": cast.bob.pk}, "OWN-001"), ({"queue": cast.west_queue.pk}, "OWN-002")):
        with pytest.raises(audit.Blocked) as refusal, unchanged():
            create_account(by=cast.rita, values={"name": "X", **values})
        assert codes(refusal) == [(code, next(iter(values)))]


def test_account_is_not_written_when_the_trail_cannot_be(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: Any) -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr("revops.kernel.audit.changes._record", fail)
    with pytest.raises(RuntimeError), unchanged():
        create_account(by=cast.rita, values=FULL)


def test_every_write_is_refused_outside_an_action(cast: Cast, make: Make) -> None:
    account = make("X")
    account.name = "Y"
    for attempt in (
        account.save,
        account.delete,
        lambda: Account.objects.update(name="Y"),
        lambda: Account.objects.all().delete(),
        lambda: Account.objects.create(name="Y"),
        lambda: AccountDomain.objects.bulk_create([AccountDomain(account=account, domain="y.com")]),
    ):
        with pytest.raises(TypeError):
            attempt()


def test_note_of_the_owner_is_kept(cast: Cast, make: Make) -> None:
    account = make("X", owner="bob")
    held = ownership.open_intervals("accounts.account", [account.pk])[account.pk]
    assert (held.note, held.reason_code, WHY != "") == ("Chosen when the account was created", "manual", True)
