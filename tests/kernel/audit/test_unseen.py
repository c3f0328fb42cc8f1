"""What verification cannot see: each line of UNSEEN, shown, with how far it reaches."""

from pathlib import Path

import pytest

from revops.kernel import audit
from revops.kernel.audit import anchoring, sealing, signing
from revops.kernel.audit.models import ChangedRow, ChangeEvent, Seal
from revops.kernel.audit.verifying import UNSEEN
from tests.kernel.audit.acts import create, keep
from tests.kernel.audit.specimens import Entry
from tests.kernel.audit.tampering import sql, tampered
from tests.kernel.audit.world import World, found, ledger, pk_of

pytestmark = pytest.mark.django_db


def test_unseen_removal_before_sealing(world: World) -> None:
    eve = create(world.system, "eve@example.com")
    event = pk_of(ChangeEvent.objects.get(rows__record_id=eve.pk, rows__row_version=1))
    with tampered(
        f"DELETE FROM {{history}} WHERE id = {eve.pk}",
        f"DELETE FROM audit_changedrow WHERE record_id = {eve.pk}",
        f"DELETE FROM identity_user WHERE id = {eve.pk}",
    ):
        sql("DELETE FROM audit_changeevent WHERE id = %s", event)
        assert found(stop_at_first=False) == []
    assert "before it was sealed" in UNSEEN[0]


def test_unseen_cut_back_to_the_last_anchor(world: World) -> None:
    eve = create(world.system, "eve@example.com")
    sealing.seal()
    event = pk_of(ChangeEvent.objects.get(rows__record_id=eve.pk, rows__row_version=1))
    link = Seal.objects.get(seq=9).hash
    cut = (
        "DELETE FROM audit_seal WHERE seq > 9",
        f"UPDATE audit_sealhead SET seq = 9, hash = '{link}'",
        f"DELETE FROM {{history}} WHERE id = {eve.pk}",
        f"DELETE FROM audit_changedrow WHERE record_id = {eve.pk}",
        f"DELETE FROM identity_user WHERE id = {eve.pk}",
    )
    with tampered(*cut):
        sql("DELETE FROM audit_changeevent WHERE id = %s", event)
        assert found(stop_at_first=False) == []
    anchoring.anchor()
    with tampered(*cut):
        sql("DELETE FROM audit_changeevent WHERE id = %s", event)
        assert found()[0][2] == "seal 10"
    assert "back to the last anchor" in UNSEEN[1]


def test_unseen_what_is_signed_with_the_key(world: World) -> None:
    event = world.event(1)
    event.reason = "forged by who holds the key"
    mac = signing.event_mac(event, list(event.rows.all()))
    create(world.system, "unsealed@example.com")
    unsealed = ChangeEvent.objects.get(sealed=False)
    unsealed.reason = event.reason
    forged = signing.event_mac(unsealed, list(unsealed.rows.all()))
    with tampered(
        "UPDATE audit_changeevent SET reason = %s, mac = %s WHERE id = %s",
        values=(event.reason, forged, pk_of(unsealed)),
    ):
        assert found(stop_at_first=False) == []
    with tampered(
        "UPDATE audit_changeevent SET reason = %s, mac = %s WHERE id = %s",
        values=(event.reason, mac, pk_of(event)),
    ):
        assert found()[0][0] == "chain", "a sealed event would need every later seal made again"
    assert "AUDIT_KEY itself" in UNSEEN[2]


def test_unseen_bookkeeping_columns(world: World) -> None:
    with tampered("UPDATE identity_user SET password = 'x', last_login = '2020-01-01 00:00:00+00:00'"):
        assert found(stop_at_first=False) == []
    assert "Bookkeeping" in UNSEEN[3]


def test_unseen_earlier_versions_of_a_ledger(world: World, specimens: None) -> None:
    entry = keep(world.system, Entry(account="A"))
    with audit.change(by=world.system, action="entry.close"):
        locked = audit.lock(Entry.objects.all(), pk=entry.pk)
        locked.account = "B"
        audit.write(locked)
    assert ledger() == []
    assert list(Entry.objects.values_list("account", "version")) == [("B", 2)]
    signed = ChangedRow.objects.filter(record_type="specimens.entry").order_by("row_version")
    assert list(signed.values_list("row_version", "history_id")) == [(1, None), (2, None)]
    assert "newest version only" in UNSEEN[4]


def test_unseen_restored_backup(world: World, anchor_file: Path) -> None:
    """A backup as old as the last anchor looks like the present; an older one lacks an anchored seal."""
    with tampered(*restored(9)):
        assert found(stop_at_first=False) == []
    create(world.system, "later@example.com")
    sealing.seal()
    anchoring.anchor()
    later = ChangedRow.objects.latest("id")
    with tampered(
        *restored(9),
        f"DELETE FROM {{history}} WHERE id = {later.record_id}",
        f"DELETE FROM audit_changedrow WHERE record_id = {later.record_id}",
        f"DELETE FROM identity_user WHERE id = {later.record_id}",
    ):
        sql("DELETE FROM audit_changeevent WHERE id = %s", pk_of(later.event))
        assert found()[0][2] == "seal 10"
    assert "restored backup" in UNSEEN[5]


def restored(seq: int) -> tuple[str, ...]:
    link = Seal.objects.get(seq=seq).hash
    return (
        f"DELETE FROM audit_seal WHERE seq > {seq}",
        f"UPDATE audit_sealhead SET seq = {seq}, hash = '{link}', anchored_seq = {seq}",
    )
