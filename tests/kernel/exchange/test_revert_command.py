"""`manage.py revert_import`: what it says, and its exit codes."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.actions import edit_account
from accounts.models import Account
from revops.kernel.exchange.models import ImportRun, RunState
from tests.cast import Cast
from tests.kernel.exchange.files import Csv, bring_in, many


@pytest.fixture
def run(cast: Cast, csv_file: Csv) -> ImportRun:
    bring_in(csv_file(many(4)), cast.rita)
    return ImportRun.objects.get()


def call(*arguments: Any, by: str = "rita@example.com") -> str:
    out = StringIO()
    call_command("revert_import", *map(str, arguments), "--by", by, stdout=out)
    return out.getvalue()


def test_revert_is_told_in_one_line(run: ImportRun) -> None:
    told = call(run.pk, "--dry-run")
    assert told == f"Import {run.pk}: 4 records would be removed, 0 would be restored, 0 would be kept.\n"
    assert Account.objects.count() == 4
    assert call(run.pk) == f"Import {run.pk}: 4 records removed, 0 restored, 0 kept.\n"
    assert Account.objects.count() == 0


def test_kept_records_are_told_and_exit_1(cast: Cast, run: ImportRun) -> None:
    held = Account.objects.get(name__startswith="Company 2 ")
    edit_account(by=cast.rita, pk=held.pk, changes={"city": "Here"})
    out = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("revert_import", str(run.pk), "--json", "--by", "rita@example.com", stdout=out)
    assert ended.value.code == 1
    found = json.loads(out.getvalue())
    assert (found["removed"], found["kept"], [one["code"] for one in found["findings"]]) == (
        3,
        1,
        ["IMP-150"],
    )


def test_what_cannot_be_is_refused_and_exits_2(run: ImportRun) -> None:
    wrong: list[tuple[Any, str, str]] = [
        (run.pk, "nobody@example.com", "There is no active person with the address nobody@example.com."),
        (run.pk + 1, "rita@example.com", f"There is no import {run.pk + 1}."),
        (run.pk, "alice@example.com", "Alice may not revert imports of this kind. Ask Sales Ops or RevOps."),
    ]
    for number, by, message in wrong:
        with pytest.raises(CommandError) as refusal:
            call(number, by=by)
        assert (str(refusal.value), refusal.value.returncode) == (message, 2)
    ImportRun.objects.update(state=RunState.RUNNING, finished_at=None)
    with pytest.raises(CommandError, match="is running") as refusal:
        call(run.pk)
    assert (refusal.value.returncode, Account.objects.count()) == (2, 4)
