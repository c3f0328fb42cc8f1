"""The wizard in tests: an upload from text, and the work that a worker would do, done at once."""

import io
from pathlib import Path
from typing import Any

import pytest

from revops.kernel.exchange.drafts import tasks, uploads, wizard, working
from revops.kernel.exchange.drafts.models import ImportDraft


def upload(
    by: Any, content: str | bytes, *, object: str = "account", name: str = "file.csv", mapping: str = ""
) -> ImportDraft:
    """Upload a file, as a page or the API does."""
    data = content.encode() if isinstance(content, str) else content
    return wizard.upload(by=by, object=object, file=io.BytesIO(data), name=name, mapping=mapping)


def worked(draft: ImportDraft) -> ImportDraft:
    """Do what the draft waits for, as a worker would, and return it as it is then."""
    draft.refresh_from_db()
    working.work(draft.pk, str(draft.token), tasks.STEPS)
    draft.refresh_from_db()
    return draft


def checked(by: Any, draft: ImportDraft) -> ImportDraft:
    """Check a draft, wholly."""
    return worked(wizard.check(by=by, pk=draft.pk))


def committed(by: Any, draft: ImportDraft) -> ImportDraft:
    """Check and import a draft."""
    checked(by, draft)
    return worked(wizard.commit(by=by, pk=draft.pk))


def told(draft: ImportDraft, *weights: str) -> list[tuple[int, str, str]]:
    """Return (line, code, column) of the kept findings, of errors and warnings unless said otherwise."""
    page = wizard.findings(draft, limit=200)
    wanted = weights or ("error", "warning")
    return [(one.line, one.code, one.column) for one in page.rows if one.weight in wanted]


@pytest.fixture
def import_dir(tmp_path: Path, settings: Any) -> Path:
    """Keep the uploads of a test in a folder of its own."""
    settings.IMPORT_DIR = str(tmp_path / "imports")
    return uploads.folder()
