"""Browsers of the cast, and a few accounts."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.actions import create_account
from accounts.models import Account
from revops.kernel.identity.models import User
from tests.cast import Cast, cast, cast_of_module, committed_cast, organisation_at_once, settled_organisation

__all__ = ["cast", "cast_of_module", "committed_cast", "organisation_at_once", "settled_organisation"]

BACKEND = "revops.kernel.people.backends.SignInBackend"
FRAGMENT = {"HX-Request": "true"}


class Browser(Client):
    """A client of one person; `htmx` asks for a fragment."""

    def __init__(self, user: User, **options: Any) -> None:
        super().__init__(**options)
        self.force_login(user, backend=BACKEND)

    def htmx(self, path: str, data: Any = None, **headers: str) -> Any:
        return self.get(path, data, headers=FRAGMENT | headers)

    def htmx_post(self, path: str, data: Any = None, **headers: str) -> Any:
        return self.post(path, data, headers=FRAGMENT | headers)


@pytest.fixture
def browse() -> Callable[..., Browser]:
    """Return a browser in which somebody is signed in."""
    return Browser


@pytest.fixture
def account(cast: Cast) -> Account:
    """An account that Alice owns."""
    return made(cast.alice, name="Northwind Traders", country="US", description="First words")


def made(by: User, **values: str) -> Account:
    """Create an account as somebody would by the form."""
    account: Account = create_account(by=by, values=values)
    return account
