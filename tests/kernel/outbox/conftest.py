import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from celery import Celery, current_app

from revops.kernel.outbox import receiving

Drain = Callable[[str], list[tuple[str, list[Any]]]]


@pytest.fixture
def receivers() -> Iterator[None]:
    """Start without any receiver and forget those that the test registers."""
    kept = dict(receiving._by_key)
    receiving._by_key.clear()
    yield
    receiving._by_key.clear()
    receiving._by_key.update(kept)


@pytest.fixture
def broker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Let Celery send through a filesystem broker of this test's own; the folder is its queue."""
    before = current_app._get_current_object()
    folder = tmp_path / "messages"
    folder.mkdir()
    monkeypatch.setenv("CELERY_BROKER_URL", "filesystem://localhost")  # for Celery it goes before any setting
    app = Celery("tests")
    app.conf.update(
        broker_transport_options={
            "data_folder_in": str(folder),
            "data_folder_out": str(folder),
            "control_folder": str(tmp_path / "control"),
        },
        task_ignore_result=True,
    )
    app.set_current()
    yield folder
    app.close()
    before.set_current()


@pytest.fixture
def sent(broker: Path) -> Callable[[], list[tuple[str, list[Any]]]]:
    """Return what was sent since the last call: task and arguments, in the order of the arguments."""

    def take() -> list[tuple[str, list[Any]]]:
        import base64

        found = []
        for path in broker.glob("*.msg"):
            message = json.loads(path.read_text())
            arguments = json.loads(base64.b64decode(message["body"]))[0]
            found.append((message["headers"]["task"], arguments))
            path.unlink()
        return sorted(found, key=repr)

    return take
