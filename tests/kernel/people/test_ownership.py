"""The ownership ledger: one writer, no gap, no overlap, an answer for every instant."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.actions import assign_account, create_account, edit_account
from accounts.models import Account
from revops.kernel import audit, clocks
from revops.kernel.people import access, actions, ownership
from revops.kernel.people.access import organisation
from revops.kernel.people.enums import AssignReason, OwnerRole
from revops.kernel.people.models import OwnershipInterval
from tests.cast import Cast
from tests.evidence import ledger_faults, rolled_back, unchanged

START = datetime(2026, 2, 2, 9, tzinfo=UTC)
WHY = "Because the test wants it so"


def codes(refusal: pytest.ExceptionInfo[audit.Blocked]) -> list[str]:
    return [finding.code for finding in refusal.value.findings]


@pytest.fixture
def account(cast: Cast) -> Account:
    with clocks.at(START):
        return create_account(by=cast.alice, values={"name": "Northwind"})


def locked(account: Account) -> Account:
    return audit.lock(Account.objects.all(), pk=account.pk)


def test_owner_written_outside_assign_ends_the_change(cast: Cast, account: Account) -> None:
    for name, value in (
        ("owner", cast.bob),
        ("team", cast.teams["West"]),
        ("owner_id", cast.charlie.pk),
    ):

        def write(name: str = name, value: Any = value) -> None:
            with audit.change(by=cast.rita, action="test"):
                record = locked(account)
                setattr(record, name, value)
                audit.write(record)

        with pytest.raises(TypeError, match=r"only ownership\.assign\(\) writes the owner"), unchanged():
            write()


def test_queue_written_beside_assign_ends_the_change(cast: Cast, account: Account) -> None:
    def write() -> None:
        with audit.change(by=cast.rita, action="test"):
            record = locked(account)
            record.owner, record.queue = None, cast.west_queue
            audit.write(record)

    with pytest.raises(TypeError), unchanged():
        write()


def test_owner_written_in_bulk_outside_assign_ends_the_change(cast: Cast, account: Account) -> None:
    other = create_account(by=cast.bob, values={"name": "Other"})

    def write() -> None:
        with audit.change(by=cast.rita, action="test"):
            records = [locked(account), locked(other)]
            ownership.assign(records[0], to=ownership.holder(owner=cast.charlie), reason=AssignReason.MANUAL)
            records[1].owner = cast.charlie
            audit.write_many(records)

    with pytest.raises(TypeError), unchanged():
        write()


def test_new_record_without_a_holder_ends_the_change(cast: Cast) -> None:
    def write() -> None:
        with audit.change(by=cast.rita, action="test"):
            audit.write(Account(name="X", name_key="x", currency="USD", segment="SMB", owner=cast.bob))

    with pytest.raises(TypeError, match="it has no holder"), unchanged():
        write()


def test_record_needs_exactly_one_holder(cast: Cast, account: Account) -> None:
    with audit.change(by=cast.rita, action="test"):
        with pytest.raises(TypeError, match="either a person or a queue"):
            ownership.holder(owner=cast.bob, queue=cast.unassigned)
        with pytest.raises(TypeError, match="either a person or a queue"):
            ownership.holder()
        with pytest.raises(TypeError, match="always has an owner"):
            ownership.assign(locked(account), to=None, reason=AssignReason.REMOVED)
    with pytest.raises(TypeError, match="No change is open"):
        ownership.assign(account, to=ownership.Holder(cast.bob.pk), reason=AssignReason.MANUAL)


def test_ledger_is_not_written_by_hand(cast: Cast, account: Account) -> None:
    row = OwnershipInterval.objects.get(record_id=account.pk)
    row.owner = cast.bob
    for attempt in (
        row.save,
        lambda: OwnershipInterval.objects.update(owner=cast.bob),
        lambda: OwnershipInterval.objects.all().delete(),
        lambda: OwnershipInterval.objects.create(record_type="x", record_id=1, active_from=START),
    ):
        with unchanged(), pytest.raises(TypeError), transaction.atomic():
            attempt()


def test_held_at_answers_for_every_instant(cast: Cast, account: Account) -> None:
    monday, friday = START + timedelta(days=7), START + timedelta(days=11)
    with clocks.at(monday):
        assign_account(by=cast.rita, pk=account.pk, owner=cast.charlie, reason=WHY)
    with clocks.at(friday):
        assign_account(by=cast.rita, pk=account.pk, queue=cast.unassigned, reason=WHY)

    def holder_at(moment: datetime) -> Any:
        held = ownership.held_at(account, moment)
        return (held.owner or held.queue) if held else None

    instant = timedelta(microseconds=1)
    assert [
        holder_at(START - instant),
        holder_at(START),
        holder_at(monday - instant),
        holder_at(monday),
        holder_at(friday - instant),
        holder_at(friday),
        holder_at(friday + timedelta(days=3_650)),
    ] == [None, cast.alice, cast.alice, cast.charlie, cast.charlie, cast.unassigned, cast.unassigned]


def test_intervals_tell_reason_note_and_who(cast: Cast, account: Account) -> None:
    with clocks.at(START + timedelta(days=1)):
        assign_account(by=cast.rita, pk=account.pk, owner=cast.bob, reason=WHY)
    rows = [
        (row.owner, row.reason_code, row.note, row.explicit, row.active_from, row.active_to)
        for row in ownership.intervals(account)
    ]
    moved = START + timedelta(days=1)
    assert rows == [
        (cast.bob, "manual", WHY, True, moved, None),
        (cast.alice, "created", "", True, START, moved),
    ]


def test_other_role_is_given_passed_on_and_emptied(cast: Cast, account: Account) -> None:
    for day, key in ((1, "carla"), (2, "ron"), (3, None)):
        with clocks.at(START + timedelta(days=day)):
            assign_account(
                by=cast.rita,
                pk=account.pk,
                owner=cast.people[key] if key else None,
                role=OwnerRole.CSM,
                reason=WHY,
            )
    rows = ownership.intervals(account).filter(role=OwnerRole.CSM)
    assert [(row.owner, row.reason_code) for row in rows] == [(cast.ron, "manual"), (cast.carla, "manual")]
    assert ownership.held_at(account, START + timedelta(days=1), role=OwnerRole.CSM).owner == cast.carla  # type: ignore[union-attr]
    assert ownership.held_at(account, START + timedelta(days=3), role=OwnerRole.CSM) is None
    assert list(Account.objects.visible_to(cast.ron)) == []
    account.refresh_from_db()
    assert (account.owner, account.version) == (cast.alice, 1)
    assert ledger_faults() == []


def test_other_role_lets_its_holder_see_the_record(cast: Cast, account: Account) -> None:
    assert list(Account.objects.visible_to(cast.carla)) == []
    assign_account(by=cast.rita, pk=account.pk, owner=cast.carla, role=OwnerRole.CSM, reason=WHY)
    assert list(Account.objects.visible_to(cast.carla)) == [account]
    assert list(Account.objects.visible_to(cast.lena)) == [account]
    assert list(Account.objects.visible_to(cast.ron)) == []


def test_owner_made_explicit_stays_although_the_person_is_the_same(cast: Cast) -> None:
    made = create_account(by=cast.rita, values={"name": "Waiting"})
    assert ownership.open_intervals("accounts.account", [made.pk])[made.pk].explicit is False
    assign_account(by=cast.rita, pk=made.pk, queue=cast.unassigned, reason=WHY)
    held = ownership.open_intervals("accounts.account", [made.pk])[made.pk]
    assert (held.queue, held.explicit, held.note) == (cast.unassigned, True, WHY)


def test_owner_cannot_begin_before_the_present_one(cast: Cast, account: Account) -> None:
    def backdate() -> None:
        with audit.change(by=cast.rita, action="test", at=START):
            record = locked(account)
            ownership.assign(record, to=ownership.holder(owner=cast.bob), reason=AssignReason.MANUAL)
            audit.write(record)

    with pytest.raises(audit.Blocked) as refusal, unchanged():
        backdate()
    assert codes(refusal) == ["OWN-003"]


def test_owner_must_be_active_and_queue_staffed(cast: Cast, account: Account) -> None:
    actions.deactivate_user(by=cast.ada, user=cast.bob, reason="He leaves")
    actions.unstaff_queue(by=cast.rita, queue=cast.west_queue, user=cast.charlie)
    with unchanged():
        with pytest.raises(audit.Blocked) as refusal:
            assign_account(by=cast.rita, pk=account.pk, owner=cast.bob, reason=WHY)
        assert codes(refusal) == ["OWN-001"]
        with pytest.raises(audit.Blocked) as refusal:
            assign_account(by=cast.rita, pk=account.pk, queue=cast.west_queue, reason=WHY)
        assert codes(refusal) == ["OWN-002"]


OPERATIONS = st.tuples(
    st.sampled_from(["create", "assign", "queue", "csm", "derive", "move", "leave", "return", "parent"]),
    st.integers(0, 3),
    st.sampled_from(["alice", "bob", "charlie", "sam", "carla"]),
)


def step(cast: Cast, made: list[Account], kind: str, place: int, key: str) -> None:
    """Do one thing of a script; what the rules refuse does not happen."""
    person = cast.people[key]
    if kind == "create" or not made:
        made.append(create_account(by=cast.rita, values={"name": f"A{len(made)}", "owner": person.pk}))
        return
    account = made[place % len(made)]
    if kind == "assign":
        assign_account(by=cast.rita, pk=account.pk, owner=person, reason=WHY)
    elif kind == "queue":
        queue = cast.west_queue if place % 2 else cast.unassigned
        assign_account(by=cast.rita, pk=account.pk, queue=queue, reason=WHY)
    elif kind == "csm":
        assign_account(by=cast.rita, pk=account.pk, owner=person, role=OwnerRole.CSM, reason=WHY)
    elif kind == "derive":
        assign_account(by=cast.rita, pk=account.pk, reason=WHY)
    elif kind == "move":
        actions.move_to_team(by=cast.rita, user=person, team=cast.teams["West" if place % 2 else "East"])
    elif kind == "leave":
        actions.deactivate_user(by=cast.ada, user=person, reason="Leaves")
    elif kind == "return":
        actions.reactivate_user(by=cast.ada, user=person, reason="Returns")
    elif kind == "parent":
        parent = made[(place + 1) % len(made)]
        edit_account(by=cast.rita, pk=account.pk, changes={"parent": parent.pk})


@given(script=st.lists(OPERATIONS, min_size=1, max_size=14))
@settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_ledger_has_no_gap_and_no_overlap_whatever_happens(
    cast: Cast, script: list[tuple[str, int, str]]
) -> None:
    with rolled_back():
        organisation.forget()
        made: list[Account] = []
        seen: list[tuple[datetime, dict[int, tuple[int | None, int | None]]]] = []
        for number, (kind, place, key) in enumerate(script):
            moment = START + timedelta(minutes=number)
            with clocks.at(moment):
                with suppress(audit.Blocked, access.Forbidden):
                    step(cast, made, kind, place, key)
                assert ledger_faults() == []
                rows = Account.objects.values_list("pk", "owner_id", "queue_id")
                seen.append((moment, {pk: (owner, queue) for pk, owner, queue in rows}))
        for moment, holders in seen:
            for account in made:
                held = ownership.held_at(account, moment)
                answer = (held.owner_id, held.queue_id) if held else None
                assert answer == holders.get(account.pk)
    organisation.forget()
