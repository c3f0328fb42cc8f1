"""The cast, an account of Alice's, and tasks about it."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from accounts.actions import create_account
from accounts.models import Account
from revops.kernel import audit
from revops.kernel.packets.models import Obligation
from revops.kernel.records.work.tasks.forms import create_task
from tests.cast import Cast, cast, cast_of_module, committed_cast, organisation_at_once, settled_organisation

__all__ = ["cast", "cast_of_module", "committed_cast", "organisation_at_once", "settled_organisation"]

Make = Callable[..., Obligation]


@pytest.fixture
def account(cast: Cast) -> Account:
    return create_account(by=cast.alice, values={"name": "Northwind"})


@pytest.fixture
def task(cast: Cast) -> Make:
    """Add a task by Alice, or by whoever is named."""

    def make(text: str = "Call back", *, by: str = "alice", **values: Any) -> Obligation:
        given = {
            name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()
        }
        return create_task(by=cast.people[by], values={"text": text, **given})

    return make


def codes(refusal: pytest.ExceptionInfo[audit.Blocked]) -> list[tuple[str, str]]:
    """Return code and field of every finding."""
    return [(finding.code, finding.field) for finding in refusal.value.findings]
