"""Uploads lie under random names, within the limit, and go when their time is over."""

import hashlib
import io
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import RequestDataTooBig, SuspiciousFileOperation
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import RequestFactory

from revops.kernel import clocks
from revops.kernel.exchange.drafts import tasks, uploads, wizard
from revops.kernel.exchange.drafts.models import ImportDraft
from revops.kernel.exchange.findings import FileRefused
from tests.cast import Cast
from tests.kernel.exchange.wizards import import_dir, upload

__all__ = ["import_dir"]
pytestmark = pytest.mark.usefixtures("import_dir")


class Endless(io.RawIOBase):
    """A stream of any length that takes no room; counts what was read of it."""

    def __init__(self, size: int) -> None:
        self.left, self.given = size, 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        count = min(self.left, size)
        self.left -= count
        self.given += count
        return b"x" * count


def test_file_is_kept_under_a_random_name_for_us_alone(import_dir: Path) -> None:
    stored = uploads.keep(io.BytesIO(b"Id,Name\n1,Acme\n"))
    path = uploads.path_of(stored.name)
    assert (path.read_bytes(), stored.size, path.stat().st_mode & 0o777) == (b"Id,Name\n1,Acme\n", 15, 0o600)
    assert (len(stored.name), stored.sha256) == (32, hashlib.sha256(path.read_bytes()).hexdigest())


def test_stream_of_two_gigabytes_stops_at_the_limit(import_dir: Path, settings: Any) -> None:
    settings.IMPORT_MAX_UPLOAD = 3 * 1024 * 1024
    stream = Endless(2 * 1024**3)
    with pytest.raises(FileRefused) as refusal:
        uploads.keep(stream)  # type: ignore[arg-type]
    assert [one.code for one in refusal.value.located] == ["IMP-001"]
    assert (stream.given <= 4 * 1024 * 1024, list(import_dir.iterdir())) == (True, [])


@pytest.mark.parametrize("name", ["", "../secret", "a/b", "/etc/passwd"])
def test_name_that_leads_elsewhere_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="is not the name"):
        uploads.path_of(name)


@pytest.mark.parametrize(
    ("given", "kept"),
    [("C:\\data\\Account.csv", "Account.csv"), ("../../x\x00\n.csv", "x.csv"), ("", "file"), ("a" * 300, 80)],
)
def test_name_is_shown_without_folders(given: str, kept: str | int) -> None:
    found = uploads.clean_name(given)
    assert (len(found) if isinstance(kept, int) else found) == kept


def receive(path: str = "/imports/", length: int = 10, **more: Any) -> uploads.Receiver:
    """Begin to receive a file as the request's parser does."""
    request: Any = RequestFactory().post(path)
    request.user = more.get("user", type("Somebody", (), {"is_authenticated": True})())
    receiver = uploads.Receiver(request)
    receiver.handle_raw_input(None, {}, length, None)
    receiver.new_file("file", "a.csv", "text/csv", None)
    return receiver


def test_announced_length_beyond_the_limit_is_refused_unread(import_dir: Path, settings: Any) -> None:
    settings.IMPORT_MAX_UPLOAD = 100
    with pytest.raises(RequestDataTooBig, match="too big"):
        receive(length=2 * 1024**3)
    assert list(import_dir.iterdir()) == []


def test_received_file_stops_at_the_limit_whatever_was_announced(import_dir: Path, settings: Any) -> None:
    settings.IMPORT_MAX_UPLOAD = 100
    receiver = receive(length=10)
    receiver.receive_data_chunk(b"x" * 60, 0)
    with pytest.raises(RequestDataTooBig):
        receiver.receive_data_chunk(b"x" * 60, 60)
    assert list(import_dir.iterdir()) == []


def test_interrupted_upload_leaves_nothing(import_dir: Path) -> None:
    receiver = receive()
    receiver.receive_data_chunk(b"x", 0)
    receiver.upload_interrupted()
    assert list(import_dir.iterdir()) == []


@pytest.mark.parametrize(("path", "user"), [("/accounts/", "somebody"), ("/imports/", None)])
def test_file_is_taken_at_its_address_from_somebody_known(import_dir: Path, path: str, user: Any) -> None:
    more = {"user": None} if user is None else {}
    with pytest.raises(SuspiciousFileOperation):
        receive(path, **more)
    assert list(import_dir.iterdir()) == []


def test_received_file_is_taken_over_without_a_copy(import_dir: Path) -> None:
    receiver = receive()
    receiver.receive_data_chunk(b"Id\n1\n", 0)
    file = receiver.file_complete(5)
    inode = Path(file.received).stat().st_ino
    stored = uploads.keep(file)
    file.close()
    assert (uploads.path_of(stored.name).stat().st_ino, len(list(import_dir.iterdir()))) == (inode, 1)


BINARY = {
    "xls": (b"\xd0\xcf\x11\xe0" + b"\0" * 100, ".xlsx"),
    "pdf": (b"%PDF-1.7\n" + b"x" * 100, "PDF"),
    "png": (b"\x89PNG\r\n\x1a\n" + b"\0" * 100, "CSV"),
    "gzip": (b"\x1f\x8b" + b"\0" * 100, "CSV"),
}


@pytest.mark.parametrize("kind", BINARY)
def test_what_is_no_table_is_refused_with_what_to_do(cast: Cast, import_dir: Path, kind: str) -> None:
    content, remedy = BINARY[kind]
    with pytest.raises(FileRefused) as refusal:
        upload(cast.rita, content, name=f"file.{kind}")
    (finding,) = refusal.value.located
    assert (finding.code, remedy in finding.remedy, list(import_dir.iterdir())) == ("IMP-002", True, [])
    assert ImportDraft.objects.count() == 0


def test_file_is_deleted_after_thirty_days(cast: Cast, import_dir: Path) -> None:
    draft = upload(cast.rita, "Id,Name\n1,Acme\n")
    with clocks.at(draft.created_at + timedelta(days=29)):
        assert tasks.delete_import_files() == "0 files deleted, 0 stray ones"
    with clocks.at(draft.created_at + timedelta(days=30)):
        assert tasks.delete_import_files() == "1 files deleted, 0 stray ones"
    assert list(import_dir.iterdir()) == []
    draft.refresh_from_db()
    with pytest.raises(wizard.Blocked) as refusal:
        wizard.set_options(by=cast.rita, pk=draft.pk, options={"decimal": "."})
    assert [one.code for one in refusal.value.findings] == ["IMP-001"]


def test_stray_file_is_deleted_a_day_later(cast: Cast, import_dir: Path) -> None:
    upload(cast.rita, "Id,Name\n1,Acme\n")
    for name, age in (("old.part", 2), ("young.part", 0)):
        (import_dir / name).write_bytes(b"x")
        then = (clocks.now() - timedelta(days=age)).timestamp()
        os.utime(import_dir / name, (then, then))
    assert tasks.delete_import_files() == "0 files deleted, 1 stray ones"
    assert sorted(path.name for path in import_dir.iterdir() if "." in path.name) == ["young.part"]


def test_upload_in_memory_is_kept_as_well(import_dir: Path) -> None:
    stored = uploads.keep(SimpleUploadedFile("a.csv", b"Id\n1\n"))
    assert uploads.path_of(stored.name).read_bytes() == b"Id\n1\n"
