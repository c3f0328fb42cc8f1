"""`manage.py import_csv`, as scripts use it: exit codes, JSON alone on its output, who imports."""

import json
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from accounts.models import Account
from revops.kernel.people import actions
from tests.cast import Cast
from tests.kernel.exchange.files import Csv

GOOD = "Id,Name\n1,Acme\n"


def run(capsys: pytest.CaptureFixture[str], *arguments: Any) -> tuple[int, str, str]:
    """Return (exit code, output, errors)."""
    capsys.readouterr()
    try:
        call_command("import_csv", *map(str, arguments))
        code = 0
    except SystemExit as ended:
        code = int(ended.code or 0)
    said = capsys.readouterr()
    return code, said.out, said.err


def test_json_is_all_that_is_printed(cast: Cast, csv_file: Csv, capsys: pytest.CaptureFixture[str]) -> None:
    path = csv_file("Id,Name,Site\n1,Acme,x\n2,,x\n3,Beta,x\n")
    code, out, _ = run(
        capsys, "account", path, "--mapping", "salesforce", "--by", "rita@example.com", "--json"
    )
    said = json.loads(out)
    assert code == 1
    numbers = {
        name: said[name] for name in ("rows", "created", "updated", "unchanged", "rejected", "skipped")
    }
    assert numbers == {"rows": 3, "created": 2, "updated": 0, "unchanged": 0, "rejected": 1, "skipped": 0}
    assert [(one["code"], one["line"], one["row"], one["column"]) for one in said["findings"]] == [
        ("IMP-013", 1, 0, ""),
        ("ACC-002", 3, 2, "Name"),
    ]


def test_exit_code_is_0_when_nothing_was_rejected(
    cast: Cast, csv_file: Csv, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = run(
        capsys, "account", csv_file(GOOD), "--mapping", "salesforce", "--by", "rita@example.com"
    )
    assert code == 0
    assert "1 rows: 1 created, 0 updated, 0 unchanged, 0 rejected, 0 skipped." in out


def test_dry_run_says_what_would_be(cast: Cast, csv_file: Csv, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = (
        "account",
        csv_file(GOOD),
        "--mapping",
        "salesforce",
        "--by",
        "rita@example.com",
        "--dry-run",
    )
    code, out, _ = run(capsys, *arguments)
    assert code == 0
    assert "1 would be created" in out
    assert not Account.objects.exists()


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("spaceship", "GOOD", "--mapping", "salesforce"), "IMP-018"),
        (("account", "GOOD", "--mapping", "oracle"), "IMP-018"),
        (("account", "nowhere.csv", "--mapping", "salesforce"), "IMP-001"),
        (("account", "BINARY", "--mapping", "salesforce"), "IMP-002"),
        (("account", "GOOD", "--mapping", "columns"), "IMP-014"),
        (("account", "GOOD", "--mapping", "salesforce", "--encoding", "rot13"), "IMP-004"),
        (("account", "GOOD", "--mapping", "salesforce", "--delimiter", "x"), "IMP-006"),
        (("account", "GOOD", "--mapping", "salesforce", "--date-format", "US"), "IMP-121"),
        (("account", "GOOD", "--mapping", "salesforce", "--decimal", ";"), "IMP-120"),
    ],
)
def test_file_that_is_refused_exits_2_with_its_reason(
    cast: Cast, csv_file: Csv, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], code: str
) -> None:
    files = {"GOOD": csv_file(GOOD), "BINARY": csv_file(b"\x89PNG\r\n\x1a\n\0\0\0")}
    named = [files.get(argument, argument) for argument in arguments]
    for as_json in (True, False):
        ended, out, err = run(capsys, *named, "--by", "rita@example.com", *(["--json"] if as_json else []))
        assert ended == 2
        assert code in (out if as_json else err)
        if as_json:
            said = json.loads(out)
            assert (said["refused"], said["rows"], said["created"], said["rejected"]) == (True, 0, 0, 0)
    assert not Account.objects.exists()


def test_the_one_revops_person_imports_unless_somebody_is_named(
    cast: Cast, csv_file: Csv, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(capsys, "account", csv_file(GOOD), "--mapping", "salesforce")[0] == 0
    assert Account.objects.get().history.get().history_change.actor == cast.rita
    actions.create_user(by=cast.ada, email="ruth@example.com", name="Ruth", roles=["REVOPS"])
    with pytest.raises(CommandError, match=r"rita@example.com, ruth@example.com") as refusal:
        run(capsys, "account", csv_file(GOOD), "--mapping", "salesforce")
    assert refusal.value.returncode == 2
    with pytest.raises(CommandError, match=r"nobody@example.com"):
        run(capsys, "account", csv_file(GOOD), "--mapping", "salesforce", "--by", "nobody@example.com")


def test_who_may_not_import_is_told_so(cast: Cast, csv_file: Csv, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(
        capsys, "account", csv_file(GOOD), "--mapping", "salesforce", "--by", "alice@example.com"
    )
    assert code == 2
    assert "Your role may not import accounts." in err
