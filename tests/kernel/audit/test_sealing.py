"""The sealer numbers and chains events in batches; it refuses what was not signed so."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from revops.kernel import clocks
from revops.kernel.audit import anchoring, sealing, signing
from revops.kernel.audit.models import ChangedRow, ChangeEvent, Seal, SealHead
from revops.kernel.audit.verifying import verify
from revops.kernel.identity.models import User
from tests.kernel.audit.acts import create, rename

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)


def people(by: User, number: int) -> list[User]:
    return [create(by, f"{n}@example.com", f"Person {n}") for n in range(number)]


def sql(statement: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def test_seal_of_nothing_opens_no_transaction(system: User) -> None:
    with CaptureQueriesContext(connection) as queries:
        assert sealing.seal() == 0
    assert len(queries) == 1
    assert queries[0]["sql"].startswith("SELECT")
    assert not SealHead.objects.exists()


def test_seal_chains_events_in_the_order_of_their_ids(system: User) -> None:
    people(system, 5)
    with clocks.at(NOON):
        assert sealing.seal() == 5
    seals = list(Seal.objects.order_by("seq"))
    assert [seal.seq for seal in seals] == [1, 2, 3, 4, 5]
    assert [seal.event_id for seal in seals] == sorted(ChangeEvent.objects.values_list("id", flat=True))
    assert [seal.previous for seal in seals] == ["0" * 64, *(seal.hash for seal in seals[:-1])]
    for seal in seals:
        mac = ChangeEvent.objects.get(pk=seal.event_id).mac
        link = signing.seal_hash(seal.previous, seal.seq, seal.event_id, mac, NOON, with_key=seal.key_id)
        assert (seal.hash, seal.sealed_at) == (link, NOON)
    assert SealHead.objects.values_list("seq", "hash", "alarm").get() == (5, seals[-1].hash, "")
    assert not ChangeEvent.objects.filter(sealed=False).exists()
    assert sealing.seal() == 0


@pytest.mark.parametrize("events", [1, 3, 40])
def test_seal_takes_a_constant_number_of_statements(events: int, system: User) -> None:
    people(system, 1)
    sealing.seal()
    for n in range(events):
        create(system, f"more{n}@example.com")
    with CaptureQueriesContext(connection) as queries:
        assert sealing.seal() == events
    assert len([query for query in queries if "SAVEPOINT" not in query["sql"]]) == 9


def test_seal_goes_on_where_it_stopped(system: User) -> None:
    people(system, 5)
    assert [sealing.seal(limit=2) for _ in range(4)] == [2, 2, 1, 0]
    assert Seal.objects.count() == 5
    assert verify().findings == []


TAMPERS = {
    "actor": "UPDATE audit_changeevent SET actor_id = {other} WHERE action = 'user.rename'",
    "reason": "UPDATE audit_changeevent SET reason = 'none' WHERE action = 'user.rename'",
    "time": "UPDATE audit_changeevent SET occurred_at = '2020-01-01 00:00:00' WHERE action = 'user.rename'",
    "code": "UPDATE audit_changeevent SET mac = 'forged' WHERE action = 'user.rename'",
    "digest": "UPDATE audit_changedrow SET digest = 'forged' WHERE kind = '~'",
    "row removed": "DELETE FROM audit_changedrow WHERE kind = '~'",
}


@pytest.mark.parametrize("tamper", TAMPERS.values(), ids=TAMPERS.keys())
def test_seal_refuses_a_bad_event_and_goes_on(tamper: str, system: User) -> None:
    first, second = people(system, 2)
    rename(system, first, "Eve", reason="asked")
    create(system, "last@example.com")
    sql(tamper.format(other=second.pk))
    bad = ChangeEvent.objects.get(action="user.rename")
    assert sealing.seal() == 3
    assert sealing.seal() == 0
    assert list(ChangeEvent.objects.filter(sealed=False)) == [bad]
    assert SealHead.objects.get().alarm == (
        f"Event {bad.id} was refused a seal: its code does not fit its content."
    )


def test_seal_looks_past_more_bad_events_than_a_batch_holds(system: User) -> None:
    people(system, 4)
    sql("UPDATE audit_changeevent SET reason = 'forged'")
    create(system, "last@example.com")
    assert sealing.seal(limit=2) == 1
    assert len(SealHead.objects.get().alarm.splitlines()) == 4


def test_alarm_is_raised_once_and_can_be_dismissed(system: User) -> None:
    people(system, 1)
    sql("UPDATE audit_changeevent SET reason = 'forged'")
    sealing.seal()
    with CaptureQueriesContext(connection) as queries:
        sealing.seal()
    assert not [query for query in queries if query["sql"].startswith("UPDATE")]
    sql("UPDATE audit_changeevent SET reason = ''")
    assert sealing.seal() == 1
    assert "was refused a seal" in SealHead.objects.get().alarm
    sealing.dismiss_alarm()
    assert SealHead.objects.get().alarm == ""


def test_event_of_a_retired_key_is_sealed_and_of_an_unknown_key_refused(system: User, settings: Any) -> None:
    settings.AUDIT_KEYS = ["old"]
    create(system, "a@example.com")
    settings.AUDIT_KEYS = ["new", "old"]
    create(system, "b@example.com")
    assert sealing.seal() == 2
    assert list(Seal.objects.values_list("key_id", flat=True).distinct()) == [signing.key_id("new")]
    assert verify().findings == []
    settings.AUDIT_KEYS = ["other"]
    create(system, "c@example.com")
    settings.AUDIT_KEYS = ["new", "old"]
    assert sealing.seal() == 0
    assert "which is not in AUDIT_KEY" in SealHead.objects.get().alarm


def test_event_whose_mark_was_taken_away_is_not_sealed_twice(system: User) -> None:
    people(system, 2)
    sealing.seal()
    sql("UPDATE audit_changeevent SET sealed = %s", False)
    assert sealing.seal() == 0
    assert Seal.objects.count() == 2
    assert "it has a seal already" in SealHead.objects.get().alarm


def test_nothing_is_appended_to_a_head_that_was_edited(system: User) -> None:
    people(system, 2)
    sealing.seal()
    sql("UPDATE audit_sealhead SET seq = 1")
    create(system, "last@example.com")
    assert sealing.seal() == 0
    assert Seal.objects.count() == 2
    assert "Sealing stopped: the head names seal 1, the last seal is 2" in SealHead.objects.get().alarm


def test_event_of_many_rows_is_sealed(system: User) -> None:
    from revops.kernel import audit

    with audit.change(by=system, action="user.import"):
        audit.write_many([User(email=f"{n}@example.com", name=str(n)) for n in range(2_500)])
    create(system, "last@example.com")
    assert sealing.seal() == 2
    assert ChangedRow.objects.count() == 2_501


def test_anchor_tells_the_head_once(system: User, anchor_file: Path) -> None:
    assert anchoring.anchor() is None
    people(system, 2)
    sealing.seal()
    with clocks.at(NOON):
        assert anchoring.anchor() == 2
    assert anchoring.anchor() is None
    create(system, "last@example.com")
    sealing.seal()
    assert anchoring.anchor() == 3
    lines = [json.loads(line) for line in anchor_file.read_text().splitlines()]
    hashes = dict(Seal.objects.values_list("seq", "hash"))
    assert [(line["seq"], line["hash"]) for line in lines] == [(2, hashes[2]), (3, hashes[3])]
    assert lines[0]["at"] == NOON.isoformat()
    assert SealHead.objects.get().anchored_seq == 3
    assert mail.outbox == []


def test_anchor_is_mailed(system: User, settings: Any) -> None:
    settings.AUDIT_ANCHOR_EMAIL = "auditor@example.com"
    people(system, 1)
    sealing.seal()
    anchoring.anchor()
    (message,) = mail.outbox
    assert message.to == ["auditor@example.com"]
    assert SealHead.objects.get().hash in message.body


def test_anchor_whose_mail_failed_is_tried_again(
    system: User, settings: Any, anchor_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**message: Any) -> None:
        raise OSError("no route")

    settings.AUDIT_ANCHOR_EMAIL = "auditor@example.com"
    people(system, 1)
    sealing.seal()
    with monkeypatch.context() as broken:
        broken.setattr(anchoring, "send_mail", fail)
        with pytest.raises(OSError, match="no route"):
            anchoring.anchor()
    assert len(anchor_file.read_text().splitlines()) == 1
    assert SealHead.objects.get().anchored_seq == 0
    assert anchoring.anchor() == 1
    assert verify().findings == []
