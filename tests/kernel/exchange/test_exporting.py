"""Exports: logged before they exist, approved where they must be, written with the rights of their moment (INV-9.3)."""

import csv
import errno
import io
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.actions import create_account, edit_account
from accounts.models import Account
from revops.kernel import audit, clocks, notifications
from revops.kernel.audit import Blocked
from revops.kernel.exchange.exporting import content, files, keeping, tasks, writing
from revops.kernel.exchange.exporting.actions import approve_export, reject_export, request_export
from revops.kernel.exchange.exporting.models import DataExport
from revops.kernel.outbox import receiving
from revops.kernel.outbox.models import OutboxEvent
from revops.kernel.people import access, actions
from revops.kernel.people.access import Forbidden
from tests.cast import PARTS, Cast
from tests.evidence import unchanged
from tests.kernel.exchange.files import bring_in, counts

pytestmark = pytest.mark.django_db
WHY = "Quarterly review with finance"
COLUMNS = ["name", "employees", "annual_revenue"]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: Any) -> Path:
    """A folder of its own for the files of each test."""
    settings.EXPORT_DIR = str(tmp_path / "exports")
    return files.folder()


@pytest.fixture
def low(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let two rows be many."""
    monkeypatch.setattr(content, "APPROVAL_ROWS", 2)


def made(by: Any, *names: str, **values: str) -> list[Account]:
    return [create_account(by=by, values={"name": name, **values}) for name in names]


def ask(by: Any, parameters: dict[str, str] | None = None, **how: Any) -> DataExport:
    wanted = {"record_type": "accounts", "purpose": WHY, "columns": COLUMNS} | how
    return request_export(by=by, parameters=parameters or {}, **wanted)


def codes(call: Callable[[], Any]) -> list[str]:
    with pytest.raises(Blocked) as refused:
        call()
    return [finding.code for finding in refused.value.findings]


def ready(export: DataExport) -> Path:
    """Write the file of an export; return where it lies."""
    assert writing.write(export.pk) == "ready"
    export.refresh_from_db()
    return files.path_of(export.stored_name)


def rows(path: Path) -> list[list[str]]:
    return list(csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline="")))


# -- asking ------------------------------------------------------------------------------------------------


def test_export_is_logged_before_its_file_exists(cast: Cast, folder: Path):
    made(cast.alice, "Acme")
    export = ask(cast.alice, {"sort": "-name", "limit": "5", "after": "x", "from": "6"})
    assert (export.state, export.counted, export.requested_by, export.purpose) == (
        "queued",
        1,
        cast.alice,
        WHY,
    )
    assert (export.parameters, export.columns) == ({"sort": "-name"}, [*COLUMNS, "currency"])
    assert list(folder.iterdir()) == []
    event = audit.models.ChangeEvent.objects.get(action="export.request")
    assert (event.actor, event.reason) == (cast.alice, WHY)
    assert OutboxEvent.objects.filter(type="export.queued", subject_id=export.pk).count() == 1


def test_every_reason_against_an_export_is_told_at_once(cast: Cast):
    made(cast.alice, "Acme")
    with unchanged():
        found = codes(
            lambda: ask(
                cast.alice,
                {"bogus": "1"},
                columns=["name", "tax_id", "none"],
                format="pdf",
                layout="odd",
                purpose="short",
            )
        )
    assert found == ["LST-001", "EXP-001", "EXP-001", "EXP-001", "EXP-001", "EXP-002"]


@pytest.mark.parametrize("purpose", ["", "   too few ", "\u200b" * 20, "x" * 501, "two\nlines of text"])
def test_purpose_must_be_readable(cast: Cast, purpose: str):
    assert codes(lambda: ask(cast.alice, purpose=purpose)) == ["EXP-002"]


def test_hidden_column_is_refused_like_one_that_does_not_exist(cast: Cast):
    with pytest.raises(Blocked) as hidden:
        ask(cast.alice, columns=["tax_id"])
    with pytest.raises(Blocked) as unknown:
        ask(cast.alice, columns=["xyz_id"])
    assert str(hidden.value).replace("tax_id", "xyz_id") == str(unknown.value)
    assert ask(cast.fin, columns=["tax_id"]).columns == ["tax_id"]


def test_workbook_ends_where_sheets_end(cast: Cast, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(content, "MOST_XLSX_ROWS", 0)
    made(cast.alice, "Acme")
    assert codes(lambda: ask(cast.alice, format="xlsx")) == ["EXP-003"]


MAY = "SDR AE SE CSM RENEWALS AM CS_LEAD SALES_MGR DIRECTOR VP_SALES SALES_OPS REVOPS MKT_OPS FINANCE LEGAL DEAL_DESK"
MAY_EXPORT = {*MAY.split(), "EXEC", "CRO", "CFO", "COUNCIL"}


@pytest.mark.parametrize("role", sorted({str(part[0]) for part in PARTS.values()} | {"ADMIN"}))
def test_exports_are_seen_asked_for_and_approved_as_the_table_says(cast: Cast, role: str):
    held = access.rights(cast.by_role(role), "exchange.dataexport")
    operations = role in ("SALES_OPS", "REVOPS")
    everything = operations or role in ("AUDITOR", "ADMIN")
    assert bool(held.creatable) == (role in MAY_EXPORT)
    assert held.action("approve") == (access.Scope.ALL if operations else access.Scope.NONE)
    own = access.Scope.OWN if role in MAY_EXPORT else access.Scope.NONE
    assert held.view == (access.Scope.ALL if everything else own)


def test_who_may_not_export_is_refused_and_nothing_is_written(cast: Cast):
    with unchanged(), pytest.raises(Forbidden):
        ask(cast.otto)
    with unchanged(), pytest.raises(LookupError):
        ask(cast.eddie)


# -- approval ----------------------------------------------------------------------------------------------


def test_many_rows_wait_for_operations(cast: Cast, low: None):
    made(cast.alice, "One", "Two", "Three")
    export = ask(cast.alice)
    assert (export.state, export.counted) == ("waiting", 3)
    assert export.approval_reasons == ["It has 3 rows; more than 2 need an approval."]
    assert OutboxEvent.objects.filter(type="export.queued").count() == 0
    assert writing.write(export.pk) == "nothing to do"
    told = notifications.Notification.objects.filter(kind="export.approval_requested")
    assert {one.recipient for one in told} == {cast.rita, cast.olga}


def test_personal_data_waits_however_few_rows(cast: Cast, monkeypatch: pytest.MonkeyPatch):
    made(cast.alice, "One", phone="+1 555 0100")
    monkeypatch.setattr(Account, "PERSONAL", frozenset({"phone"}))
    assert ask(cast.alice).state == "queued"
    export = ask(cast.alice, columns=["name", "phone"])
    assert (export.state, export.approval_reasons) == ("waiting", ["It holds personal data: Phone."])
    assert ask(cast.alice, columns=["name", "parent"]).approval_reasons == [
        "It holds personal data: Parent account."
    ]


def test_names_addresses_and_numbers_of_contacts_are_personal(cast: Cast):
    named = ["name", "title", "primary_email", "primary_phone", "owner"]
    export = ask(cast.rita, record_type="contacts", columns=named)
    assert export.approval_reasons == ["It holds personal data: Name, Main e-mail, Main phone."]
    assert ask(cast.rita, record_type="contacts", columns=["title", "owner"]).state == "queued"
    lead = ask(cast.rita, record_type="leads", columns=["company", "email"])
    assert lead.approval_reasons == ["It holds personal data: E-mail."]


def test_approver_is_somebody_else_in_operations(cast: Cast, low: None):
    made(cast.alice, "One", "Two", "Three")
    mine, hers = ask(cast.rita), ask(cast.alice)
    with unchanged():
        assert codes(lambda: approve_export(by=cast.rita, pk=mine.pk)) == ["EXP-010"]
        with pytest.raises(Forbidden):
            approve_export(by=cast.alice, pk=hers.pk)
        with pytest.raises(DataExport.DoesNotExist):
            approve_export(by=cast.mona, pk=hers.pk)
        with pytest.raises(Forbidden):
            approve_export(by=cast.otto, pk=hers.pk)
    approved = approve_export(by=cast.olga, pk=mine.pk)
    assert (approved.state, approved.decided_by) == ("queued", cast.olga)
    assert codes(lambda: reject_export(by=cast.olga, pk=mine.pk, reason="Too late")) == ["EXP-011"]
    assert len(rows(ready(approved))) == 4


def test_rejection_needs_a_reason_and_tells_it(cast: Cast, low: None):
    made(cast.alice, "One", "Two", "Three")
    export = ask(cast.alice)
    assert codes(lambda: reject_export(by=cast.rita, pk=export.pk, reason=" \u200b ")) == ["EXP-012"]
    reject_export(by=cast.rita, pk=export.pk, reason="Use the dashboard instead")
    told = notifications.unread(cast.alice)[0]
    assert (told.title, told.text) == ("Rita rejected your export of accounts", "Use the dashboard instead")
    assert writing.write(export.pk) == "nothing to do"


def test_approval_covers_the_same_content_for_seven_days(cast: Cast, low: None):
    made(cast.alice, "One", "Two", "Three")
    made(cast.bob, "Four")
    start = clocks.now()
    approve_export(by=cast.rita, pk=ask(cast.alice).pk)
    with clocks.at(start + timedelta(days=6)):
        assert ask(cast.alice).state == "queued"
        assert ask(cast.alice, columns=["name"]).state == "waiting"
        assert ask(cast.alice, {"status": "prospect"}).state == "waiting"
        assert ask(cast.alice, exact=True).state == "waiting"
        assert ask(cast.bob).state == "waiting"
    with clocks.at(start + timedelta(days=8)):
        assert ask(cast.alice).state == "waiting"


def test_approval_that_is_too_old_is_asked_for_again(cast: Cast, low: None, folder: Path):
    made(cast.alice, "One", "Two", "Three")
    export = approve_export(by=cast.rita, pk=ask(cast.alice).pk)
    with clocks.at(clocks.now() + timedelta(days=8)):
        assert writing.write(export.pk) == "waiting"
    assert list(folder.iterdir()) == []


def test_list_that_has_grown_waits_after_all(cast: Cast, low: None, folder: Path):
    made(cast.alice, "One", "Two")
    export = ask(cast.alice)
    made(cast.bob, "Three")
    assert writing.write(export.pk) == "waiting"
    export.refresh_from_db()
    assert export.approval_reasons == ["It has 3 rows; more than 2 need an approval."]
    assert list(folder.iterdir()) == []
    assert len(rows(ready(approve_export(by=cast.rita, pk=export.pk)))) == 4


# -- the file ----------------------------------------------------------------------------------------------


def test_file_holds_what_one_sees_in_the_order_of_the_list(cast: Cast):
    made(cast.alice, "Beta", employees="50", annual_revenue="1250.50")
    made(cast.bob, "alpha", employees="7")
    made(cast.charlie, "West")
    export = ask(cast.alice)
    beta, alpha = (f"ACC-{Account.objects.get(name=name).pk:06d}" for name in ("Beta", "alpha"))
    path = ready(export)
    assert rows(path) == [
        ["Number", "Name", "Employees", "Annual revenue", "Currency"],
        [alpha, "alpha", "7", "", "USD"],
        [beta, "Beta", "50", "1250.50", "USD"],
    ]
    assert (export.rows, export.size) == (2, path.stat().st_size)
    assert path.stat().st_mode & 0o777 == 0o600
    told = notifications.unread(cast.alice)[0]
    assert (told.title, told.url) == ("Your export of 2 rows is ready", f"/exports/{export.pk}/")


def test_filters_search_and_direction_of_the_list_hold(cast: Cast):
    made(cast.alice, "Acme North", "Acme South", "Other")
    found = rows(ready(ask(cast.alice, {"q": "acme", "sort": "-name"}, columns=["name"])))
    assert [row[1] for row in found[1:]] == ["Acme South", "Acme North"]


def test_links_are_shown_as_far_as_one_sees_them(cast: Cast):
    parent = made(cast.rita, "Parent", owner=str(cast.charlie.pk))[0]
    made(cast.rita, "Child", owner=str(cast.alice.pk), parent=str(parent.pk), country="DE")
    columns = ["name", "parent", "owner", "country", "status", "inherit_ownership", "created_at"]
    seen = rows(ready(ask(cast.rita, {"sort": "name"}, columns=columns)))
    assert seen[0] == ["Number", "Name", "Parent account", "Owner", "Country", "Status",
                       "Follows the parent's owner", "Created (UTC)"]  # fmt: skip
    assert seen[1][1:7] == ["Child", "Parent", "Alice", "Germany", "Prospect", seen[1][6]]
    assert rows(ready(ask(cast.alice, columns=columns)))[1][2] == ""
    again = rows(ready(ask(cast.rita, {"sort": "name"}, columns=columns, layout="import")))
    assert again[0] == ["external_id", *columns]
    assert again[1][1:6] == ["Child", f"ACC-{parent.pk:06d}", "alice@example.com", "DE", "prospect"]
    assert rows(ready(ask(cast.alice, columns=columns, layout="import")))[1][2:4] == ["", "Alice"]


DANGEROUS = [
    "=1+1",
    "+1 555",
    "-5",
    "@x",
    "|calc",
    "＝1",
    "'=1",
    '"=1',
    "·=1",
    "·plain",
    "plain",
    "a\n=b",
    "“=x”",
]


@pytest.mark.parametrize("layout", ["reading", "import"])
@pytest.mark.parametrize("format", ["csv", "xlsx"])
def test_no_cell_is_active_and_an_import_brings_the_text_back(
    cast: Cast, csv_file: Any, format: str, layout: str
):
    for number, text in enumerate(DANGEROUS):
        made(cast.rita, f"{text.splitlines()[0]} {number}", description=text, owner=str(cast.rita.pk))
    columns = ["name", "description"]
    path = ready(ask(cast.rita, columns=columns, format=format, layout=layout))
    if format == "csv":
        table = rows(path)
    else:
        sheet = openpyxl.load_workbook(path).active
        assert {cell.data_type for row in sheet.iter_rows() for cell in row} == {"s"}
        table = [[cell.value for cell in row] for row in sheet.iter_rows()]
    for cell in (cell for row in table for cell in row):
        assert cell.strip(" \ufeff\"'“”")[0] not in "=+-@|＝", cell
    stored = dict(Account.objects.values_list("name", "description"))
    assert len(stored) == len(DANGEROUS)
    table[0] = ["external_id", *columns]
    text = io.StringIO(newline="")
    csv.writer(text).writerows(table)
    report = bring_in(csv_file(text.getvalue()), cast.rita, "columns")
    assert counts(report) == (len(DANGEROUS), 0, 0, 0, 0)
    for name, description in stored.items():
        held = set(Account.objects.filter(name=name).values_list("description", flat=True))
        assert (held, Account.objects.filter(name=name).count()) == ({description}, 2)


def test_numbers_and_dates_stay_what_they_are(cast: Cast):
    made(cast.rita, "Acme", employees="12", annual_revenue="1250000.55", customer_since="2024-02-29")
    columns = ["employees", "annual_revenue", "customer_since", "created_at"]
    sheet = openpyxl.load_workbook(ready(ask(cast.rita, columns=columns, format="xlsx"))).active
    cells = {head.value: cell for head, cell in zip(sheet[1], sheet[2], strict=True)}
    assert cells["Employees"].value == 12
    assert Decimal(str(cells["Annual revenue"].value)) == Decimal("1250000.55")
    assert cells["Customer since"].value.date().isoformat() == "2024-02-29"
    assert [cells[name].data_type for name in ("Employees", "Annual revenue", "Customer since")] == [
        "n",
        "n",
        "d",
    ]
    assert cells["Created (UTC)"].data_type == "d"
    assert rows(ready(ask(cast.rita, columns=columns)))[1][2] == "1250000.55"


def test_negative_number_is_no_text(folder: Path):
    with files.drafted("csv", ["A", "B", "C"], exact=False) as draft:
        draft.sheet.add([-5, Decimal("-5.5000"), "-5"])
        path = files.path_of(draft.finish().name)
    assert rows(path)[1] == ["-5", "-5.50", "·-5"]


@pytest.mark.parametrize("format", ["csv", "xlsx"])
def test_exact_leaves_the_text_as_it_is(cast: Cast, format: str):
    made(cast.alice, "=1+1")
    path = ready(ask(cast.alice, columns=["name"], exact=True, format=format))
    if format == "csv":
        assert rows(path)[1][1] == "=1+1"
    else:
        cell = openpyxl.load_workbook(path).active["B2"]
        assert (cell.value, cell.data_type) == ("=1+1", "s")


def test_writing_costs_the_same_for_one_row_and_for_three(cast: Cast, settled_organisation: None):
    def statements() -> int:
        export = ask(cast.rita, columns=["name", "parent", "owner"])
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert writing.write(export.pk) == "ready"
        return len(captured)

    parent = made(cast.rita, "Parent")[0]
    made(cast.rita, "One", parent=str(parent.pk))
    first = statements()
    made(cast.rita, "Two", "Three", parent=str(parent.pk))
    assert (first, statements()) == (20, 20)


# -- rights of the moment ----------------------------------------------------------------------------------


def test_role_lost_on_the_way_denies(cast: Cast, folder: Path):
    made(cast.rita, "Acme")
    export = ask(cast.fin, columns=["name", "tax_id"])
    actions.grant_role(by=cast.ada, user=cast.fin, role="EXEC")
    actions.revoke_role(by=cast.ada, user=cast.fin, role="FINANCE")
    assert writing.write(export.pk) == "denied"
    export.refresh_from_db()
    assert (export.state, "tax_id" in export.failure) == ("denied", True)
    assert list(folder.iterdir()) == []
    assert notifications.unread(cast.fin)[0].title == "Your export was not written"


def test_file_is_written_with_the_scope_of_now(cast: Cast):
    made(cast.bob, "East only")
    made(cast.charlie, "West only")
    export = ask(cast.alice, columns=["name"])
    actions.move_to_team(by=cast.ada, user=cast.alice, team=cast.teams["West"])
    assert [row[1] for row in rows(ready(export))[1:]] == ["West only"]


def test_deactivated_person_gets_no_file(cast: Cast, folder: Path):
    made(cast.bob, "Acme")
    export = ask(cast.alice)
    actions.deactivate_user(by=cast.ada, user=cast.alice, reason="Left us")
    assert writing.write(export.pk) == "denied"
    assert list(folder.iterdir()) == []


def test_only_the_person_who_asked_gets_the_file(cast: Cast):
    made(cast.alice, "Acme")
    export = ask(cast.alice)
    path = ready(export)
    assert keeping.file_for(cast.alice, export.pk) == (export, path)
    with pytest.raises(Forbidden):
        keeping.file_for(cast.rita, export.pk)
    with pytest.raises(DataExport.DoesNotExist):
        keeping.file_for(cast.bob, export.pk)
    export.refresh_from_db()
    assert export.downloads == 1


def test_file_of_another_standing_is_kept_back(cast: Cast):
    made(cast.alice, "Acme")
    export = ask(cast.alice)
    ready(export)
    actions.move_to_team(by=cast.ada, user=cast.alice, team=cast.teams["West"])
    with pytest.raises(Forbidden, match="has changed"):
        keeping.file_for(cast.alice, export.pk)


def test_files_end_after_seven_days(cast: Cast, folder: Path):
    made(cast.alice, "Acme")
    export = ask(cast.alice)
    path = ready(export)
    stray = folder / "stray.csv"
    stray.write_text("left behind")
    with clocks.at(clocks.now() + timedelta(days=6)):
        assert tasks.purge_exports() == "0 exports expired, 1 stray files deleted"
    assert path.is_file()
    with clocks.at(clocks.now() + timedelta(days=7, minutes=1)):
        assert codes(lambda: keeping.file_for(cast.alice, export.pk)) == ["EXP-020"]
        assert tasks.purge_exports() == "1 exports expired, 0 stray files deleted"
    assert list(folder.iterdir()) == []
    export.refresh_from_db()
    assert (export.state, export.stored_name, export.rows) == ("expired", "", 1)


# -- faults ------------------------------------------------------------------------------------------------


def test_full_disk_leaves_no_file_and_says_so(cast: Cast, folder: Path, monkeypatch: pytest.MonkeyPatch):
    def full(self: Any, cells: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    made(cast.alice, "Acme")
    export = ask(cast.alice)
    monkeypatch.setattr(files.CsvSheet, "add", full)
    assert writing.write(export.pk) == "failed"
    export.refresh_from_db()
    assert "No space left on device" in export.failure
    assert list(folder.iterdir()) == []


def test_second_worker_leaves_it_alone_until_the_first_is_silent(cast: Cast):
    made(cast.alice, "Acme")
    export = ask(cast.alice)
    first = writing._claim(export.pk)
    assert first is not None
    assert writing.write(export.pk) == "nothing to do"
    with clocks.at(clocks.now() + timedelta(minutes=11)):
        assert writing.write(export.pk) == "ready"
        with pytest.raises(writing.Taken):
            first.heartbeat()


def test_worker_that_was_taken_over_hands_over_nothing(
    cast: Cast, folder: Path, monkeypatch: pytest.MonkeyPatch
):
    made(cast.alice, "Acme")
    export = ask(cast.alice)

    def overtaken(draft: files.Draft) -> files.Written:
        DataExport.objects.filter(pk=export.pk).update(claim=None)
        return finish(draft)

    finish = files.Draft.finish
    monkeypatch.setattr(files.Draft, "finish", overtaken)
    assert writing.write(export.pk) == "taken over"
    assert list(folder.iterdir()) == []
    export.refresh_from_db()
    assert export.state == "queued"


def test_queued_export_is_handed_to_a_worker_and_a_lost_one_again(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
):
    sent: list[int] = []
    monkeypatch.setattr(tasks.write_export, "delay", sent.append)
    made(cast.alice, "Acme")
    export = ask(cast.alice)
    receiver = {one.key: one for one in receiving.of("export.queued")}["exchange.write_export"]
    receiver.function(OutboxEvent.objects.get(type="export.queued"))
    assert sent == [export.pk]
    assert tasks.sweep_exports() == "0 exports sent again"
    with clocks.at(clocks.now() + timedelta(minutes=11)):
        assert tasks.sweep_exports() == "1 exports sent again"
    assert sent == [export.pk, export.pk]


@pytest.mark.control
def test_without_reading_the_rights_again_the_old_scope_would_leak(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
):
    made(cast.rita, "Acme")
    edit_account(by=cast.fin, pk=Account.objects.get().pk, changes={"tax_id": "T-1"})
    export = ask(cast.fin, columns=["tax_id"])
    before = writing._readable_now(export)
    actions.grant_role(by=cast.ada, user=cast.fin, role="EXEC")
    actions.revoke_role(by=cast.ada, user=cast.fin, role="FINANCE")
    monkeypatch.setattr(writing, "_readable_now", lambda export: before)
    assert rows(ready(export))[1][1] == "T-1"
