from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from revops.kernel.approvals import bodies, purposes
from revops.kernel.policies import documents, facts
from tests.cast import cast, cast_of_module, committed_cast, organisation_at_once, settled_organisation
from tests.kernel.approvals.specimens import FACTS, MODELS, POLICY, PURPOSE, RULES

__all__ = ["cast", "cast_of_module", "committed_cast", "organisation_at_once", "settled_organisation"]


@pytest.fixture(scope="session")
def tables(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Make the tables of the test models, outside any transaction."""
    with django_db_blocker.unblock(), connection.schema_editor() as editor:
        for model in MODELS:
            editor.create_model(model)
    yield
    with django_db_blocker.unblock(), connection.schema_editor() as editor:
        for model in reversed(MODELS):
            editor.delete_model(model)


@pytest.fixture
def offers(tables: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Register the purpose of the tests, its facts and its rules, beside the shipped ones."""
    monkeypatch.setattr(documents, "_documents", dict(documents._documents))
    monkeypatch.setattr(purposes, "_purposes", dict(purposes._purposes))
    monkeypatch.setitem(facts._schemas, FACTS.record_type, FACTS)
    monkeypatch.setattr(purposes.Purpose, "model", property(_model))
    bodies.document(
        key=POLICY,
        title="Approval of offers",
        record_type=FACTS.record_type,
        approvals=RULES,
        source="The tests",
        valid_days=30,
    )
    purposes.register(PURPOSE)


def _model(purpose: purposes.Purpose) -> Any:
    """Return the model of a purpose, those of the tests from their own registry."""
    from django.apps import apps

    known = {model._meta.label_lower: model for model in MODELS}
    return known.get(purpose.record_type) or apps.get_model(purpose.record_type)
