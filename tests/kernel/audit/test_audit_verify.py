"""The anchor file, and `manage.py audit_verify`."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from revops.kernel.audit import sealing
from revops.kernel.audit.models import SealHead
from revops.kernel.audit.verifying import UNSEEN
from tests.kernel.audit.acts import create
from tests.kernel.audit.tampering import sql, tampered
from tests.kernel.audit.world import World, examine, first

pytestmark = pytest.mark.django_db


def test_anchor_file_that_was_cut_is_a_warning(world: World, anchor_file: Path) -> None:
    anchor_file.unlink()
    report = examine()
    assert report.valid
    assert str(report.findings[0]) == "anchor file, end: ends at seal 0, although seal 9 was anchored"


def test_unreadable_anchor_is_a_finding(world: World, anchor_file: Path) -> None:
    anchor_file.write_text(anchor_file.read_text() + '{"seq": 9}\n')
    assert first() == ("anchors", "anchor file", "line 2", None)


def test_forged_anchor_is_a_finding(world: World, anchor_file: Path) -> None:
    anchor_file.write_text(
        json.dumps({"seq": 3, "hash": "forged", "at": "then"}) + "\n" + anchor_file.read_text()
    )
    assert first() == ("anchors", "audit_seal", "seal 3", None)


def run(*arguments: str) -> tuple[int, str]:
    out = StringIO()
    try:
        call_command("audit_verify", *arguments, stdout=out, no_color=True)
    except SystemExit as end:
        return int(end.code or 0), out.getvalue()
    return 0, out.getvalue()


def test_command_tells_what_was_checked_and_what_it_cannot_see(world: World) -> None:
    code, text = run()
    assert code == 0
    assert "9 seals" in text
    assert text.endswith("Everything is as it was signed.\n")
    for line in UNSEEN:
        assert line in text


def test_command_names_findings_and_fails(world: World) -> None:
    pk = world.people[2].pk
    with tampered(f"UPDATE identity_user SET name = 'Eve' WHERE id = {pk}"):
        code, text = run()
        assert code == 1
        assert (
            f"BAD: identity_user, identity.user {pk}, version 3: written past the one door: name differs"
            in text
        )
        code, text = run("--json")
        told = json.loads(text)
        assert (code, told["valid"], told["findings"][0]["row"]) == (1, False, f"identity.user {pk}")
        assert told["cannot_see"] == list(UNSEEN)


def test_command_limits_the_records(world: World) -> None:
    pk = world.people[2].pk
    with tampered(f"UPDATE identity_user SET name = 'Eve' WHERE id = {pk}"):
        assert run("--record-type", "identity.user", "--first")[0] == 1
    with pytest.raises(CommandError, match=r"nothing\.such is not a governed record type"):
        run("--record-type", "nothing.such")


def test_command_dismisses_the_alarm(world: World) -> None:
    create(world.system, "eve@example.com")
    with tampered("UPDATE audit_changeevent SET reason = 'x' WHERE sealed = %s", values=(False,)):
        sealing.seal()
        assert run()[0] == 1
        sql("UPDATE audit_changeevent SET reason = '' WHERE reason = 'x'")
        assert run()[0] == 1
        assert run("--dismiss-alarm")[0] == 0
        assert SealHead.objects.get().alarm == ""


def test_help_says_what_it_cannot_see(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        call_command("audit_verify", "--help")
    text = capsys.readouterr().out
    for line in UNSEEN:
        assert line in text
