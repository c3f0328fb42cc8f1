from collections.abc import Callable
from typing import Any

import pytest

from accounts.actions import create_account
from accounts.models import Account
from tests.cast import Cast, cast, cast_of_module, committed_cast, organisation_at_once, settled_organisation

__all__ = ["cast", "cast_of_module", "committed_cast", "organisation_at_once", "settled_organisation"]

Make = Callable[..., Account]


@pytest.fixture
def make(cast: Cast) -> Make:
    """Create an account by Rita, for whom unless told."""

    def one(name: str, *, by: str = "rita", **values: Any) -> Account:
        return create_account(by=cast.people[by], values={"name": name, **values})

    return one
