"""Changing an account: fields, owner, domains; conflicts, refusals, and what is left behind."""

from typing import Any

import pytest

from accounts.actions import add_domain, assign_account, create_account, edit_account, release_domain
from accounts.models import Account, AccountDomain
from revops.kernel import audit
from revops.kernel.audit.models import ChangeEvent
from revops.kernel.outbox.models import OutboxEvent
from revops.kernel.people import access
from revops.kernel.people.enums import OwnerRole, Role
from revops.kernel.people.models import OwnershipInterval
from tests.accounts.conftest import WHY, Make, codes
from tests.cast import Cast
from tests.evidence import unchanged


def events(type_: str) -> list[dict[str, Any]]:
    return list(OutboxEvent.objects.filter(type=type_).order_by("pk").values_list("payload", flat=True))


def test_edit_writes_a_version_an_event_and_tells(cast: Cast, make: Make) -> None:
    account = make("Northwind", city="Reno")
    edited = edit_account(
        by=cast.rita,
        pk=account.pk,
        changes={"city": "Oslo", "name": "Northwind AS", "country": ""},
        version=1,
        reason="They moved",
    )
    assert (edited.city, edited.name_key, edited.version) == ("Oslo", "northwind as", 2)
    last = ChangeEvent.objects.order_by("-recorded_at").first()
    assert last is not None
    assert (last.action, last.reason, last.actor) == ("account.edit", "They moved", cast.rita)
    assert events("account.edited") == [{"fields": ["city", "name"], "by": cast.rita.pk}]


def test_edit_that_changes_nothing_writes_nothing(cast: Cast, make: Make) -> None:
    account = make("Northwind", city="Reno", employees="10")
    same = {"city": " Reno ", "employees": "10", "name": "Northwind", "region": "", "annual_revenue": ""}
    with unchanged():
        edited = edit_account(by=cast.rita, pk=account.pk, changes=same, version=1)
    assert edited.version == 1


def test_stale_edit_is_a_conflict_that_tells_who_when_and_what(cast: Cast, make: Make) -> None:
    account = make("Northwind", city="Reno", owner="alice")
    edit_account(by=cast.olga, pk=account.pk, changes={"city": "Oslo", "region": "Viken"})
    edit_account(by=cast.mona, pk=account.pk, changes={"description": "Now in Norway"})
    with pytest.raises(audit.Conflict) as conflict, unchanged():
        edit_account(by=cast.rita, pk=account.pk, changes={"city": "Bergen"}, version=1)
    found = conflict.value
    assert (found.expected, found.record.version, found.changed_by) == (1, 3, "Mona")
    assert found.changed_at is not None
    assert {(d.field, d.theirs) for d in found.differences} == {
        ("city", "Oslo"),
        ("region", "Viken"),
        ("description", "Now in Norway"),
    }


@pytest.mark.parametrize("version", [0, 2, 99, -1])
def test_version_that_is_not_the_stored_one_is_a_conflict(cast: Cast, make: Make, version: int) -> None:
    account = make("Northwind", domain="northwind.com")
    for attempt in (
        lambda: edit_account(by=cast.rita, pk=account.pk, changes={"city": "X"}, version=version),
        lambda: assign_account(by=cast.rita, pk=account.pk, owner=cast.bob, reason=WHY, version=version),
        lambda: add_domain(by=cast.rita, pk=account.pk, domain="two.com", version=version),
        lambda: release_domain(by=cast.rita, pk=account.pk, domain="northwind.com", version=version),
    ):
        with pytest.raises(audit.Conflict), unchanged():
            attempt()


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"name": ""}, [("VAL-002", "name")]),
        ({"status": ""}, [("ACC-009", "status")]),
        ({"kind": None}, [("ACC-009", "kind")]),
        ({"currency": ""}, [("ACC-009", "currency")]),
        ({"inherit_ownership": ""}, [("ACC-009", "inherit_ownership")]),
        ({"status": "tombstone"}, [("ACC-007", "status")]),
        ({"industry": "other"}, [("ACC-003", "industry_note")]),
        ({"annual_revenue": "-0.01"}, [("ACC-005", "annual_revenue")]),
        ({"clm_party_ext": "CLM-1"}, [("ACC-014", "clm_party_ext")]),
        ({"parent": "nobody"}, [("VAL-002", "parent")]),
        ({"shared_domain_of": "999999"}, [("ACC-008", "shared_domain_of")]),
    ],
)
def test_edit_is_refused_with_every_reason(
    cast: Cast, make: Make, changes: dict[str, Any], found: list[tuple[str, str]]
) -> None:
    make("Other", clm_party_ext="CLM-1")
    account = make("Northwind")
    with pytest.raises(audit.Blocked) as refusal, unchanged():
        edit_account(by=cast.rita, pk=account.pk, changes=changes)
    assert codes(refusal) == found


@pytest.mark.parametrize("field", ["credit_status", "billing_account_ext", "tax_id"])
def test_billing_is_edited_by_finance_with_the_same_rules(cast: Cast, make: Make, field: str) -> None:
    first, second = make("One", country="DE"), make("Two", country="DE")
    value = "hold" if field == "credit_status" else "X-1"
    edit_account(by=cast.fin, pk=first.pk, changes={field: value})
    if field == "credit_status":
        with pytest.raises(audit.Blocked) as refusal, unchanged():
            edit_account(by=cast.fin, pk=first.pk, changes={field: ""})
        assert codes(refusal) == [("ACC-009", field)]
    else:
        with pytest.raises(audit.Blocked) as refusal, unchanged():
            edit_account(by=cast.lara, pk=second.pk, changes={field: value})
        assert codes(refusal) == [("ACC-014", field)]
        assert "X-1" in str(refusal.value)


def test_clash_of_a_hidden_value_does_not_tell_it(cast: Cast, make: Make) -> None:
    first, second = make("One", country="DE"), make("Two", country="FR")
    for account in (first, second):
        edit_account(by=cast.fin, pk=account.pk, changes={"tax_id": "ZQ77AA11"})
    with pytest.raises(audit.Blocked) as refusal, unchanged():
        edit_account(by=cast.olga, pk=second.pk, changes={"country": "DE"})
    assert codes(refusal) == [("ACC-014", "tax_id")]
    assert "ZQ77AA11" not in str([finding.as_json() for finding in refusal.value.findings])


def test_customer_needs_legal_name_and_billing_account(cast: Cast, make: Make) -> None:
    account = make("Northwind")
    edit_account(
        by=cast.fin, pk=account.pk, changes={"legal_name": "Northwind LLC", "billing_account_ext": "B-1"}
    )
    edited = edit_account(by=cast.rita, pk=account.pk, changes={"status": "customer"})
    assert edited.status == "customer"


@pytest.mark.parametrize("role", list(Role))
def test_each_role_edits_what_the_matrix_says_and_leaves_the_rest(cast: Cast, make: Make, role: Role) -> None:
    user = cast.by_role(role)
    account = make("Northwind", owner="fin")
    sees = Account.objects.filter(pk=account.pk).visible_to(user).exists()
    wanted = access.Forbidden if sees else Account.DoesNotExist
    fields = {"name", "description", "tax_id", "success_note", "owner", "queue", "team", "source_original"}
    with unchanged():
        for field in fields - access.editable(user, account):
            with pytest.raises(wanted):
                edit_account(by=user, pk=account.pk, changes={field: "1"})


def test_assign_gives_the_account_and_the_view(cast: Cast, make: Make) -> None:
    account = make("Northwind", owner="alice")
    assigned = assign_account(by=cast.rita, pk=account.pk, owner=cast.charlie, reason=WHY, version=1)
    assert (assigned.owner, assigned.team, assigned.version) == (cast.charlie, cast.teams["West"], 2)
    assert list(Account.objects.visible_to(cast.alice)) == []
    assert list(Account.objects.visible_to(cast.charlie)) == [account]
    assert events("account.assigned")[-1] == {
        "owner": cast.charlie.pk,
        "queue": None,
        "by": cast.rita.pk,
        "reason": "manual",
        "label": "Northwind",
    }


def test_assign_to_a_queue_and_back_to_who_derives_it(cast: Cast, make: Make) -> None:
    parent = make("Parent", owner="bob")
    account = make("Child", parent=parent.pk)
    queued = assign_account(by=cast.rita, pk=account.pk, queue=cast.west_queue, reason=WHY)
    assert (queued.owner, queued.queue, queued.team) == (None, cast.west_queue, cast.teams["West"])
    derived = assign_account(by=cast.rita, pk=account.pk, reason=WHY)
    assert (derived.owner, derived.queue) == (cast.bob, None)
    held = OwnershipInterval.objects.get(record_id=account.pk, active_to=None)
    assert (held.explicit, held.reason_code) == (False, "inherited")


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        ({"reason": ""}, [("OWN-004", "reason")]),
        ({"reason": "x" * 19}, [("OWN-004", "reason")]),
        ({"reason": "x   " * 11 + " " * 50}, []),
        ({"reason": "a" + " " * 40 + "b"}, [("OWN-004", "reason")]),
        ({"role": "king"}, [("OWN-005", "role")]),
        ({"queue": "west"}, [("OWN-006", "queue")]),
    ],
)
def test_assign_is_refused_with_its_reason(
    cast: Cast, make: Make, arguments: dict[str, Any], found: list[tuple[str, str]]
) -> None:
    account = make("Northwind", owner="alice")
    if "queue" in arguments:
        arguments = {"queue": cast.west_queue}
    asked = {"by": cast.rita, "pk": account.pk, "owner": cast.bob, "reason": WHY, **arguments}
    if not found:
        assert assign_account(**asked).owner == cast.bob
        return
    with pytest.raises(audit.Blocked) as refusal, unchanged():
        assign_account(**asked)
    assert codes(refusal) == found


@pytest.mark.parametrize("role", [r for r in Role if r not in {Role.REVOPS, Role.SALES_OPS}])
def test_other_roles_assign_and_change_domains_of_nothing(cast: Cast, make: Make, role: Role) -> None:
    user = cast.by_role(role)
    account = make("Northwind", owner="alice", domain="northwind.com")
    sees = Account.objects.filter(pk=account.pk).visible_to(user).exists()
    wanted = access.Forbidden if sees else Account.DoesNotExist
    with unchanged():
        for attempt in (
            lambda: assign_account(by=user, pk=account.pk, owner=user, reason=WHY),
            lambda: assign_account(by=user, pk=account.pk, owner=user, role=OwnerRole.CSM, reason=WHY),
            lambda: add_domain(by=user, pk=account.pk, domain="two.com"),
            lambda: release_domain(by=user, pk=account.pk, domain="northwind.com"),
        ):
            with pytest.raises(wanted):
                attempt()


def test_domains_are_added_replaced_and_released(cast: Cast, make: Make) -> None:
    account = make("Northwind", domain="northwind.com")
    add_domain(by=cast.rita, pk=account.pk, domain="www.northwind.de")
    add_domain(by=cast.rita, pk=account.pk, domain="northwind.io", kind="primary")
    account.refresh_from_db()
    assert account.primary_domain == "northwind.io"
    held = AccountDomain.objects.filter(is_active=True).values_list("domain", "kind")
    assert set(held) == {("northwind.com", "alias"), ("northwind.de", "alias"), ("northwind.io", "primary")}
    release_domain(by=cast.rita, pk=account.pk, domain="northwind.io")
    account.refresh_from_db()
    assert account.primary_domain == ""
    other = make("Other", domain="northwind.io")
    assert other.primary_domain == "northwind.io"


@pytest.mark.parametrize(
    ("domain", "kind", "found"),
    [
        ("localhost", "alias", "ACC-001"),
        ("а" * 64 + ".com", "alias", "ACC-001"),
        ("x" * 1_000_000, "alias", "ACC-001"),
        ("gmail.com", "alias", "ACC-011"),
        ("taken.com", "alias", "ACC-012"),
        ("two.com", "king", "ACC-030"),
        ("NORTHWIND.com", "alias", "ACC-031"),
    ],
)
def test_domain_is_refused_with_its_reason(
    cast: Cast, make: Make, freemail: None, domain: str, kind: str, found: str
) -> None:
    account = make("Northwind", domain="northwind.com")
    make("Taker", domain="taken.com")
    with pytest.raises(audit.Blocked) as refusal, unchanged():
        add_domain(by=cast.rita, pk=account.pk, domain=domain, kind=kind)
    assert [finding.code for finding in refusal.value.findings] == [found]
    assert len(str(refusal.value)) < 1_000


def test_domain_that_is_not_there_or_shared_is_not_released(cast: Cast, make: Make) -> None:
    account = make("Northwind", domain="northwind.com")
    make("Sharer", shared_domain_of=AccountDomain.objects.get().pk)
    for domain, code in (("other.com", "ACC-032"), ("northwind.com", "ACC-033")):
        with pytest.raises(audit.Blocked) as refusal, unchanged():
            release_domain(by=cast.rita, pk=account.pk, domain=domain)
        assert [finding.code for finding in refusal.value.findings] == [code]


def test_nothing_is_changed_when_the_trail_cannot_be_written(
    cast: Cast, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = make("Northwind", domain="northwind.com")

    def fail(*args: Any) -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr("revops.kernel.audit.changes._record", fail)
    for attempt in (
        lambda: edit_account(by=cast.rita, pk=account.pk, changes={"name": "X"}),
        lambda: assign_account(by=cast.rita, pk=account.pk, owner=cast.bob, reason=WHY),
        lambda: add_domain(by=cast.rita, pk=account.pk, domain="two.com"),
        lambda: release_domain(by=cast.rita, pk=account.pk, domain="northwind.com"),
        lambda: create_account(by=cast.rita, values={"name": "Y"}),
    ):
        with pytest.raises(RuntimeError), unchanged():
            attempt()


def test_original_source_never_changes(cast: Cast, make: Make) -> None:
    account = make("Northwind", source_original="fair")
    with pytest.raises(access.Forbidden), unchanged():
        edit_account(by=cast.rita, pk=account.pk, changes={"source_original": "web"})
