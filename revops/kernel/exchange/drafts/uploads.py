"""From a request or a stream to a file on disk: under a random name, never beyond the limit, never in memory.

A request says how long it is before it sends anything: one that is too long is refused unread. What gets through is
counted while it is written, so that no header has to be believed (security.md B04, B05).
"""

import hashlib
import os
import shutil
import tempfile
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Any
from uuid import uuid4

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, SuspiciousFileOperation
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler

from revops.kernel.exchange.findings import FileRefused, Located, shown

KEPT_FOR = timedelta(days=30)
PART = ".part"
# A part is the trace of an upload that was cut off; a younger one may still be on its way.
STRAY_AFTER = timedelta(days=1)
_CHUNK = 1024 * 1024
_FORM = 64 * 1024  # what the other fields of an upload form may take


@dataclass(frozen=True, slots=True)
class Stored:
    """A file that is whole: its name in the folder, its size in bytes, its SHA-256."""

    name: str
    size: int
    sha256: str


def folder() -> Path:
    """Return the folder of uploaded files, made when it is not there."""
    path = Path(settings.IMPORT_DIR)
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def path_of(name: str) -> Path:
    """Return where a stored file lies. Raises ValueError for a name that leads elsewhere."""
    if not name or Path(name).name != name:
        raise ValueError(f"{name[:80]!r} is not the name of an uploaded file.")
    return folder() / name


def keep(file: IO[bytes]) -> Stored:
    """Copy a stream into the folder, or take over what `Receiver` put there; FileRefused beyond the limit."""
    name, digest, size = f"{uuid4().hex}", hashlib.sha256(), 0
    part = folder() / f"{name}{PART}"
    received = Path(getattr(file, "received", ""))
    try:
        with part.open("xb") as target:
            part.chmod(0o600)
            while chunk := file.read(_CHUNK):
                size += len(chunk)
                if size > settings.IMPORT_MAX_UPLOAD:
                    raise FileRefused([too_big(size)])
                digest.update(chunk)
                if not received.name:
                    target.write(chunk)
        if received.name:
            received.replace(part)
        part.replace(folder() / name)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return Stored(name, size, digest.hexdigest())


def too_big(size: int) -> Located:
    """Return the finding for a file beyond the limit."""
    limit = settings.IMPORT_MAX_UPLOAD
    return Located(
        "IMP-001",
        f"The file is too big: an upload may have {limit / 1024 / 1024:,.0f} MiB.",
        found=f"more than {min(size, limit) / 1024 / 1024:,.0f} MiB" if size > limit else f"{size:,} bytes",
        needed=f"at most {limit:,} bytes",
        remedy="Split it, or have it imported on the server with manage.py import_csv (512 MiB).",
    )


def delete(name: str) -> None:
    """Delete a stored file, its table and its parts; nothing happens when they are gone."""
    if name:
        for path in folder().glob(f"{path_of(name).name}*"):
            path.unlink(missing_ok=True)


def delete_strays(known: set[str], now: datetime) -> int:
    """Delete files that belong to nothing in `known`, a day after anybody wrote to them; return how many."""
    oldest = (now - STRAY_AFTER).timestamp()
    strays = [
        path
        for path in folder().iterdir()
        if path.is_file() and path.name.partition(".")[0] not in known and path.stat().st_mtime < oldest
    ]
    for path in strays:
        path.unlink(missing_ok=True)
    return len(strays)


def clean_name(name: str) -> str:
    """Return what somebody called their file, as it may be shown: without folders, at most 255 characters."""
    bare = name.replace("\\", "/").rpartition("/")[2]
    return shown("".join(char for char in bare if char.isprintable()))[:255] or "file"


class Received(UploadedFile):  # type: ignore[type-arg]  # generic in its stubs alone
    """A file that came with a request and lies in the folder already; it goes with the request unless it is kept."""

    def __init__(self, stream: IO[bytes], path: Path, name: str | None, size: int) -> None:
        super().__init__(stream, name, "application/octet-stream", size)
        self.received = str(path)

    def close(self) -> None:
        super().close()
        Path(self.received).unlink(missing_ok=True)


class Receiver(FileUploadHandler):
    """Streams the files of a request into the folder; the only upload handler there is (settings).

    Takes files at FILE_UPLOAD_PATHS alone, from somebody who is signed in or sends a token, and no more than the
    limit. Raises RequestDataTooBig, which the edges answer with 413 or 400.
    """

    def handle_raw_input(
        self,
        input_data: Any,
        META: Any,  # noqa: N803  Django's own name
        content_length: int,
        *args: Any,
        **more: Any,
    ) -> None:
        """Refuse a request that announces too much, before a byte of it is read."""
        if content_length > settings.IMPORT_MAX_UPLOAD + _FORM:
            raise RequestDataTooBig(too_big(content_length).message)

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        path: str = getattr(self.request, "path", "")
        if not path.startswith(tuple(settings.FILE_UPLOAD_PATHS)):
            raise SuspiciousFileOperation("This address takes no files.")
        headers: Any = getattr(self.request, "headers", {})
        if not getattr(self._user(), "is_authenticated", False) and "Authorization" not in headers:
            raise SuspiciousFileOperation("Sign in before you send a file.")
        if shutil.disk_usage(folder()).free < 2 * settings.IMPORT_MAX_UPLOAD:
            raise RequestDataTooBig("The disk of the server is nearly full; no file can be taken now.")
        handle, name = tempfile.mkstemp(suffix=PART, dir=folder())
        self._stream, self._path, self._size = os.fdopen(handle, "w+b"), Path(name), 0

    def _user(self) -> Any:
        return getattr(self.request, "user", None)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self._size += len(raw_data)
        if self._size > settings.IMPORT_MAX_UPLOAD:
            self.upload_interrupted()
            raise RequestDataTooBig(too_big(self._size).message)
        self._stream.write(raw_data)

    def file_complete(self, file_size: int) -> Received:
        self._stream.seek(0)
        return Received(self._stream, self._path, self.file_name, self._size)

    def upload_interrupted(self) -> None:
        """Leave nothing behind when the other side goes away."""
        if hasattr(self, "_stream"):
            self._stream.close()
            self._path.unlink(missing_ok=True)
