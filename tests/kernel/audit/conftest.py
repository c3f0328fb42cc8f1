from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from revops.kernel import audit, clocks
from revops.kernel.audit import changes
from revops.kernel.guard import permit
from revops.kernel.identity.models import SYSTEM_EMAIL, User, UserKind
from tests.kernel.audit.specimens import MODELS
from tests.kernel.audit.world import NOON, World, build


@pytest.fixture(scope="session")
def specimens(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Make the tables of the test models, outside any transaction."""
    with django_db_blocker.unblock(), connection.schema_editor() as editor:
        for model in MODELS:
            editor.create_model(model)
    yield
    with django_db_blocker.unblock(), connection.schema_editor() as editor:
        for model in reversed(MODELS):
            editor.delete_model(model)


@pytest.fixture(autouse=True)
def anchor_file(settings: Any, tmp_path: Path) -> Path:
    """Give each test an anchor file of its own."""
    settings.AUDIT_ANCHOR_FILE = str(tmp_path / "anchors.jsonl")
    settings.AUDIT_ANCHOR_EMAIL = ""
    return tmp_path / "anchors.jsonl"


@pytest.fixture(autouse=True)
def hooks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out what upper mechanisms add to every change; they test that themselves."""
    monkeypatch.setattr(changes, "_hooks", {})


@pytest.fixture
def system(db: None) -> User:
    """Return the service user of the migration; a test that commits has flushed it, so it is made again."""
    found = User.objects.filter(email=SYSTEM_EMAIL).first()
    if found is None:
        now = datetime(2026, 1, 1, tzinfo=UTC)
        found = User(email=SYSTEM_EMAIL, name="RevOps", kind=UserKind.SERVICE, is_active=False)
        found.created_at = found.updated_at = now
        found.set_unusable_password()
        with permit():
            found.save()
    return found


@pytest.fixture
def alice(system: User) -> User:
    """Return a person with one version."""
    with audit.change(by=system, action="user.create"):
        return audit.write(User(email="alice@example.com", name="Alice"))


@pytest.fixture
def world(system: User) -> Iterator[World]:
    """Return three people with three versions each, sealed and anchored; the clock stands still."""
    with clocks.at(NOON):
        yield build(system)
