"""`verify` finds every tamper of D31 and names the row."""

from datetime import timedelta

import pytest

from revops.kernel import clocks
from revops.kernel.audit import canonical, sealing, signing
from revops.kernel.audit.models import ChangedRow, ChangeEvent, Seal, TrackedFields
from revops.kernel.identity.models import SYSTEM_EMAIL, User
from tests.kernel.audit.acts import create, rename
from tests.kernel.audit.tampering import HISTORY, columns, sql, tampered
from tests.kernel.audit.world import NOON, World, examine, first, found, pk_of

pytestmark = pytest.mark.django_db

# The first, one in the middle and the last of three people; the same of nine seals.
POSITIONS = (0, 1, 2)
SEALS = (1, 5, 9)


def test_clean_trail_is_valid_and_counted(world: World) -> None:
    report = examine()
    assert (report.valid, report.complete, report.findings) == (True, True, [])
    checked = {
        name: report.checked[name] for name in ("seals", "anchors", "events", "changed rows", "versions")
    }
    assert checked == {"seals": 9, "anchors": 1, "events": 9, "changed rows": 9, "versions": 9}
    assert report.checked["records"] == 4


def test_edited_value_is_found(world: World) -> None:
    for number in POSITIONS:
        pk, table = world.people[number].pk, HISTORY._meta.db_table
        for column, value in (
            ("name", "Eve"),
            ("kind", "service"),
            ("email", "eve@example.com"),
            ("is_active", False),
        ):
            with tampered(
                f"UPDATE {{history}} SET {column} = %s WHERE id = {pk} AND version = 2", values=(value,)
            ):
                assert first() == ("history", table, f"identity.user {pk}", 2)


def test_edited_history_time_is_found(world: World) -> None:
    for number in POSITIONS:
        pk = world.people[number].pk
        with tampered(
            f"UPDATE {{history}} SET history_date = '2020-01-01 00:00:00+00:00' WHERE id = {pk} AND version = 2"
        ):
            report = examine()
            assert report.findings[0].row == f"identity.user {pk}"
            assert report.findings[0].version == 2
            assert "its time was edited" in report.findings[0].why


@pytest.mark.parametrize(
    "edit",
    [
        "actor_id = (SELECT max(id) FROM identity_user)",
        "acting_for_id = (SELECT max(id) FROM identity_user)",
        "occurred_at = '2020-01-01 00:00:00+00:00'",
        "recorded_at = '2020-01-01 00:00:00+00:00'",
        "reason = 'another'",
        "action = 'user.other'",
        "source = 'ui'",
        "request_id = 'x'",
        "policy_refs = '[1]'",
    ],
)
def test_edited_event_is_found(edit: str, world: World) -> None:
    for number in POSITIONS:
        event = world.event(number)
        action = "user.other" if edit.startswith("action") else event.action
        with tampered(f"UPDATE audit_changeevent SET {edit} WHERE id = %s", values=(pk_of(event),)):
            assert first() == ("events", "audit_changeevent", f"event {event.id} ({action})", None)


def test_code_recomputed_without_the_key_is_found(world: World) -> None:
    """Edit, then replace the event's code by one made with a wrong key: event and seal both say no."""
    for number in POSITIONS:
        event = world.event(number)
        event.reason = "another"
        forged = "0" * 64
        assert signing.event_mac(event, list(event.rows.all())) != event.mac
        with tampered(
            "UPDATE audit_changeevent SET reason = 'another', mac = %s WHERE id = %s",
            values=(forged, pk_of(event)),
        ):
            seal = Seal.objects.get(event=event)
            places = found(stop_at_first=False)
            assert places[0] == ("chain", "audit_seal", f"seal {seal.seq}", None)
            assert ("events", "audit_changeevent", f"event {event.id} (user.rename)", None) in places


@pytest.mark.parametrize("version", [1, 2, 3], ids=["first", "middle", "last"])
def test_deleted_history_row_is_found(version: int, world: World) -> None:
    for number in POSITIONS:
        pk = world.people[number].pk
        with tampered(f"DELETE FROM {{history}} WHERE id = {pk} AND version = {version}"):
            assert first() == ("history", HISTORY._meta.db_table, f"identity.user {pk}", version)


def test_inserted_history_row_is_found(world: World) -> None:
    for number in POSITIONS:
        pk = world.people[number].pk
        rest = columns(of=HISTORY, without=("history_id", "version", "name"))
        with tampered(
            f"INSERT INTO {{history}} ({rest}, version, name) SELECT {rest}, 4, 'Eve' FROM {{history}} "
            f"WHERE id = {pk} AND version = 3"
        ):
            report = examine()
            assert str(report.findings[0]).startswith(
                f"{HISTORY._meta.db_table}, identity.user {pk}, version 4: inserted"
            )


def test_swapped_history_rows_are_found(world: World) -> None:
    one, other = world.row(1), world.row(2)
    with tampered(
        "UPDATE {history} SET version = 99 WHERE history_id = %s",
        f"UPDATE {{history}} SET id = {one.id} WHERE history_id = {other.history_id}",
        f"UPDATE {{history}} SET id = {other.id}, version = 2 WHERE history_id = {one.history_id}",
        values=(one.history_id,),
    ):
        assert first()[2:] == (f"identity.user {one.id}", 2)
    with tampered(
        "UPDATE {history} SET name = %s, email = %s WHERE history_id = %s",
        f"UPDATE {{history}} SET name = '{one.name}', email = '{one.email}' WHERE history_id = {other.history_id}",
        values=(other.name, other.email, one.history_id),
    ):
        assert [place[2] for place in found(stop_at_first=False)] == [
            f"identity.user {one.id}",
            f"identity.user {other.id}",
        ]


def test_forged_pair_of_history_row_and_event_is_found(world: World) -> None:
    """A new version, its event and its changed row, all in place and all fitting, but for the code."""
    for number in POSITIONS:
        pk, event = world.people[number].pk, world.event(number, 3)
        forged = "0190163d8694739baea5966c26f8ad91"
        copied = columns(of=ChangeEvent, without=("id", "sealed"))
        signed = columns(of=ChangedRow, without=("id", "event_id", "row_version", "history_id"))
        kept = columns(of=HISTORY, without=("history_id", "version", "history_change_id"))
        with tampered(
            f"INSERT INTO audit_changeevent ({copied}, id, sealed) SELECT {copied}, '{forged}', %s "
            "FROM audit_changeevent WHERE id = %s",
            f"INSERT INTO {{history}} ({kept}, version, history_change_id) SELECT {kept}, 4, '{forged}' "
            f"FROM {{history}} WHERE id = {pk} AND version = 3",
            f"INSERT INTO audit_changedrow ({signed}, event_id, row_version, history_id) "
            f"SELECT {signed}, '{forged}', 4, (SELECT max(history_id) FROM {{history}}) FROM audit_changedrow "
            f"WHERE record_id = {pk} AND row_version = 3",
            f"UPDATE identity_user SET version = 4 WHERE id = {pk}",
            values=(False, pk_of(event)),
        ):
            assert sealing.seal() == 0
            places = found(stop_at_first=False)
            assert ("sealer", "audit_sealhead", "alarm", None) in places
            name = f"event {forged[:8]}-{forged[8:12]}-{forged[12:16]}-{forged[16:20]}-{forged[20:]} (user.rename)"
            assert ("events", "audit_changeevent", name, None) in places


def test_edited_changed_row_is_found_at_its_event(world: World) -> None:
    event = world.event(2)
    for edit in (
        "digest = 'forged'",
        "row_version = 9",
        "kind = '+'",
        "record_id = 9999",
        "commitments = '{}'",
        "tracked = 'forged'",
        "history_id = 9999",
    ):
        with tampered(f"UPDATE audit_changedrow SET {edit} WHERE event_id = %s", values=(pk_of(event),)):
            assert first() == ("events", "audit_changeevent", f"event {event.id} (user.rename)", None), edit


def test_deleted_changed_row_and_event_are_found(world: World) -> None:
    event, pk = world.event(2), world.people[2].pk
    with tampered("DELETE FROM audit_changedrow WHERE event_id = %s", values=(pk_of(event),)):
        assert first()[:3] == ("events", "audit_changeevent", f"event {event.id} (user.rename)")
    with tampered("DELETE FROM audit_changeevent WHERE id = %s", values=(pk_of(event),)):
        seal = Seal.objects.get(event_id=event.pk).seq
        places = found(stop_at_first=False)
        assert places[0] == ("chain", "audit_seal", f"seal {seal}", None)
        assert ("events", "audit_changedrow", f"identity.user {pk}", 2) in places


def test_removed_action_is_found(world: World) -> None:
    """Event, changed row, history row and seal of one action removed together: the chain has a hole."""
    event, pk = world.event(2), world.people[2].pk
    seal = Seal.objects.get(event=event).seq
    with tampered(
        "DELETE FROM audit_seal WHERE event_id = %s",
        f"DELETE FROM {{history}} WHERE id = {pk} AND version = 2",
        f"DELETE FROM audit_changedrow WHERE record_id = {pk} AND row_version = 2",
        values=(pk_of(event),),
    ):
        sql("DELETE FROM audit_changeevent WHERE id = %s", pk_of(event))
        places = found(stop_at_first=False)
        assert places[0] == ("chain", "audit_seal", f"seal {seal}", None)
        assert ("history", "audit_changedrow", f"identity.user {pk}", None) in places


@pytest.mark.parametrize(
    "edit",
    ["hash = 'forged'", "previous = 'forged'", "sealed_at = '2020-01-01 00:00:00+00:00'", "key_id = 'x'"],
)
def test_edited_seal_is_found(edit: str, world: World) -> None:
    for seq in SEALS:
        with tampered(f"UPDATE audit_seal SET {edit} WHERE seq = {seq}"):
            assert first() == ("chain", "audit_seal", f"seal {seq}", None)


def test_deleted_seal_is_found(world: World) -> None:
    for seq in SEALS:
        with tampered(f"DELETE FROM audit_seal WHERE seq = {seq}"):
            assert first() == ("chain", "audit_seal", f"seal {seq}", None)


def test_swapped_seals_are_found(world: World) -> None:
    with tampered(
        "UPDATE audit_seal SET seq = 99 WHERE seq = 3",
        "UPDATE audit_seal SET seq = 3 WHERE seq = 7",
        "UPDATE audit_seal SET seq = 7 WHERE seq = 99",
    ):
        assert first() == ("chain", "audit_seal", "seal 3", None)


def test_cut_tail_is_found_by_the_head_and_by_the_anchor(world: World) -> None:
    cut = "DELETE FROM audit_seal WHERE seq > 6"
    with tampered(cut):
        assert first() == ("chain", "audit_seal", "seal 7", None)
    link = Seal.objects.get(seq=6).hash
    with tampered(cut, f"UPDATE audit_sealhead SET seq = 6, hash = '{link}', anchored_seq = 6"):
        report = examine()
        assert str(report.findings[0]) == (
            f"audit_seal, seal 9: missing: it was anchored at {NOON.isoformat()}, the chain ends at 6"
        )


def test_truncated_trail_is_found_by_the_anchor(world: World) -> None:
    """Everything gone, the people too: the anchor outside remembers."""
    with tampered(
        "DELETE FROM audit_seal",
        "DELETE FROM audit_sealhead",
        "DELETE FROM {history}",
        "DELETE FROM audit_changedrow",
        "DELETE FROM audit_changeevent",
        f"DELETE FROM identity_user WHERE email <> '{SYSTEM_EMAIL}'",
    ):
        assert first() == ("anchors", "audit_seal", "seal 9", None)


def test_chain_begun_anew_differs_from_its_anchor(world: World) -> None:
    sql("DELETE FROM audit_seal")
    sql("DELETE FROM audit_sealhead")
    sql("UPDATE audit_changeevent SET sealed = %s", False)
    with clocks.at(NOON + timedelta(hours=1)):
        assert sealing.seal() == 9
    assert f"differs from what was anchored at {NOON.isoformat()}" in examine().findings[0].why


def test_table_put_back_to_an_older_copy_is_found(world: World) -> None:
    pk, older = world.people[2].pk, world.row(2, 2)
    with tampered("UPDATE identity_user SET name = %s, version = 2 WHERE id = %s", values=(older.name, pk)):
        report = examine()
        assert str(report.findings[0]) == (
            f"identity_user, identity.user {pk}, version 2: written past the one door: it says version 2, its newest "
            "version is 3"
        )


def test_mark_without_a_seal_and_seal_without_a_mark_are_found(world: World) -> None:
    with tampered(
        "UPDATE audit_changeevent SET sealed = %s WHERE id = %s", values=(False, pk_of(world.event(1)))
    ):
        assert "its mark was taken away" in examine().findings[0].why
    create(world.system, "unsealed@example.com")
    with tampered("UPDATE audit_changeevent SET sealed = %s", values=(True,)):
        assert "is marked as sealed, but there is no seal" in examine().findings[0].why


def test_event_that_waits_too_long_is_a_warning(world: World) -> None:
    create(world.system, "late@example.com")
    assert examine().findings == []
    with clocks.at(NOON + timedelta(seconds=61)):
        report = examine()
    assert report.valid
    assert [finding.severity for finding in report.findings] == ["warning"]
    assert "is the pump running?" in report.findings[0].why


def test_live_rows_written_past_the_door_are_found(world: World) -> None:
    for number in POSITIONS:
        pk = world.people[number].pk
        place = ("live", "identity_user", f"identity.user {pk}")
        with tampered(f"UPDATE identity_user SET name = 'Eve' WHERE id = {pk}"):
            assert first() == (*place, 3)
            assert "name differs" in examine().findings[0].why
        with tampered(f"UPDATE identity_user SET version = 9 WHERE id = {pk}"):
            assert first() == (*place, 9)
        with tampered(f"DELETE FROM identity_user WHERE id = {pk}"):
            assert first() == (*place, 3)


def test_live_row_inserted_past_the_door_is_found(world: World) -> None:
    rest = columns(of=User, without=("id", "email", "version"))
    with tampered(
        f"INSERT INTO identity_user ({rest}, email, version) SELECT {rest}, 'eve@example.com', 1 "
        f"FROM identity_user WHERE email = '{SYSTEM_EMAIL}'"
    ):
        eve = User.objects.get(email="eve@example.com")
        assert first() == ("live", "identity_user", f"identity.user {eve.pk}", 1)


@pytest.mark.parametrize("edit", ["is_active = '1'", "name = 'Eve'", "kind = 'person'", "version = 1"])
def test_row_of_the_migration_is_known_only_as_it_was_made(edit: str, world: World) -> None:
    with tampered(f"UPDATE identity_user SET {edit} WHERE email = '{SYSTEM_EMAIL}'"):
        assert first()[:3] == ("live", "identity_user", f"identity.user {world.system.pk}")


def test_row_of_the_migration_may_be_written_through_the_door(world: World) -> None:
    rename(world.system, world.system, "The machine")
    assert found(stop_at_first=False) == []


def test_salts_are_watched(world: World) -> None:
    pk = world.people[1].pk
    where = f"WHERE record_id = {pk} AND row_version = 2"
    for edit in ("salts = NULL", 'salts = \'{"name": "00", "email": "00"}\''):
        with tampered(f"UPDATE audit_changedrow SET {edit} {where}"):
            assert first() == ("history", HISTORY._meta.db_table, f"identity.user {pk}", 2)


def test_edited_list_of_fields_is_found(world: World) -> None:
    """A list that leaves a column out does not hash to its key; today's list is known without the table."""
    key = TrackedFields.objects.get(record_type="identity.user").key
    with tampered("UPDATE audit_trackedfields SET fields = '[\"id\"]' WHERE key = %s", values=(key,)):
        assert found() == []
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(canonical, "covered", lambda model: ("another", ["id"]))
            assert first()[0] == "history"
