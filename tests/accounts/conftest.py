from collections.abc import Callable
from typing import Any

import pytest

from accounts.actions import create_account
from accounts.enums import MailDomainKind
from accounts.models import Account, MailDomain
from revops.kernel import audit
from tests.cast import Cast, cast, cast_of_module, committed_cast, organisation_at_once, settled_organisation

__all__ = ["cast", "cast_of_module", "committed_cast", "organisation_at_once", "settled_organisation"]

Make = Callable[..., Account]
WHY = "Because the test wants it so"


@pytest.fixture
def make(cast: Cast) -> Make:
    """Create an account by Rita; `owner` names somebody of the cast."""

    def one(name: str, *, by: str = "rita", owner: str = "", **values: Any) -> Account:
        if owner:
            values["owner"] = cast.people[owner].pk
        return create_account(by=cast.people[by], values={"name": name, **values})

    return one


@pytest.fixture
def freemail(db: None) -> None:
    """Let gmail.com be free mail, as the shipped list says, also after another test emptied the list."""
    MailDomain.objects.get_or_create(
        domain="gmail.com", defaults={"kind": MailDomainKind.FREEMAIL, "list_version": "test"}
    )


def codes(refusal: pytest.ExceptionInfo[audit.Blocked]) -> list[tuple[str, str]]:
    """Return code and field of every finding."""
    return [(finding.code, finding.field) for finding in refusal.value.findings]
