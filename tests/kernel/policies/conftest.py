from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from revops.kernel.policies import documents as registry
from revops.kernel.policies import facts
from tests.cast import cast, cast_of_module, committed_cast, organisation_at_once, settled_organisation
from tests.kernel.policies.papers import Documents, declare_documents
from tests.kernel.policies.specimens import MODELS, SUBJECT, fill

__all__ = ["cast", "cast_of_module", "committed_cast", "organisation_at_once", "settled_organisation"]


@pytest.fixture(scope="session")
def specimens(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Make and fill the tables of the test models, outside any transaction."""
    with django_db_blocker.unblock():
        with connection.schema_editor() as editor:
            for model in MODELS:
                editor.create_model(model)
        fill()
    yield
    with django_db_blocker.unblock(), connection.schema_editor() as editor:
        for model in reversed(MODELS):
            editor.delete_model(model)


@pytest.fixture
def documents(monkeypatch: pytest.MonkeyPatch) -> Documents:
    """Register policies that only these tests have, beside the shipped ones."""
    monkeypatch.setattr(registry, "_documents", dict(registry._documents))
    monkeypatch.setitem(facts._schemas, SUBJECT.record_type, SUBJECT)
    return declare_documents()
