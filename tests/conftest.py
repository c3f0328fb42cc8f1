"""What every test shares: the database it runs on. People and records come from tests/cast.py."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import TransactionTestCase

# Every test may read through `reports`; pytest-django would otherwise allow `default` alone.
TransactionTestCase.databases = "__all__"  # type: ignore[assignment]

MIRROR: pytest.StashKey[BaseDatabaseWrapper] = pytest.StashKey()
COMMITTING_FIXTURES = {
    "transactional_db",
    "live_server",
    "django_db_reset_sequences",
    "django_db_serialized_rollback",
}


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    tmp_path_factory: pytest.TempPathFactory, django_db_modify_db_settings_parallel_suffix: None
) -> None:
    """Put SQLite's test database into a file, as in production: threads, processes and the browser share it."""
    default = connections.settings["default"]
    if default["ENGINE"].endswith("sqlite3"):
        directory: Path = tmp_path_factory.mktemp("database")
        default["TEST"]["NAME"] = str(directory / "test.sqlite3")


@pytest.fixture(scope="session")
def django_db_setup(request: pytest.FixtureRequest, django_db_setup: None) -> Iterator[None]:
    """Let `reports` be the connection of `default`, so that a report sees what its test has not committed."""
    mirror = connections["reports"]
    request.config.stash[MIRROR] = mirror
    connections["reports"] = connections["default"]
    yield
    mirror.close()
    connections["reports"] = mirror


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Give a test that commits the real `reports`: a connection of its own, which only reads on SQLite."""
    mirror = item.config.stash.get(MIRROR, None)
    if mirror is not None:
        connections["reports"] = mirror if commits(item) else connections["default"]


def commits(item: pytest.Item) -> bool:
    """Tell whether a test really commits, rather than being rolled back at its end."""
    marker = item.get_closest_marker("django_db")
    if marker is not None and marker.kwargs.get("transaction"):
        return True
    return not COMMITTING_FIXTURES.isdisjoint(getattr(item, "fixturenames", ()))


@pytest.fixture(autouse=True)
def own_policies(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Give each test the policies of its own database, read once, so that the clock never adds a query."""
    from revops.kernel.policies import store

    monkeypatch.setattr(store, "CHECK_EVERY", float("inf"))
    store.forget()
    yield
    store.forget()
