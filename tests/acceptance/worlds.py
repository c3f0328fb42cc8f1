"""A world around one person of one role: records in every position, each with canaries in its texts."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from accounts.actions import add_domain, assign_account, create_account, edit_account
from accounts.models import Account
from revops.kernel.identity.models import User
from revops.kernel.people import actions
from revops.kernel.people.access import organisation
from revops.kernel.people.enums import OwnerRole
from tests.cast import Cast
from tests.evidence import rolled_back

WHY = "Because the test wants it so"
HIDDEN_TEXTS = {
    "tax_id": "ZQ7A{:02}TAX",
    "billing_street": "ZQ7B{:02}street",
    "billing_city": "ZQ7C{:02}city",
    "billing_state": "ZQ7D{:02}state",
    "billing_postal_code": "ZQ7E{:02}post",
    "billing_account_ext": "ZQ7F{:02}acct",
}


@dataclass(frozen=True)
class World:
    """The person who asks, and one account in each position."""

    role: str
    user: User
    report: User
    records: dict[str, Account]


def make_world(cast: Cast, role: str) -> World:
    """Put a new person of `role` on Alice's team, with a report on Charlie's, and records all around them."""
    user = actions.create_user(
        by=cast.ada, email="asker@example.com", name="Asker", roles=[role], team=cast.teams["East"]
    )
    report = actions.create_user(
        by=cast.ada,
        email="report@example.com",
        name="Report",
        roles=["AE"],
        team=cast.teams["West"],
        manager=user,
    )
    owners: dict[str, dict[str, Any]] = {
        "own": {"owner": user.pk},
        "held": {"owner": cast.charlie.pk},
        "mate": {"owner": cast.bob.pk},
        "report": {"owner": report.pk},
        "other": {"owner": cast.charlie.pk},
        "queue": {"queue": cast.west_queue.pk},
        "partner": {"owner": cast.charlie.pk, "status": "partner"},
    }
    records = {}
    for number, (position, holder) in enumerate(owners.items()):
        made = create_account(
            by=cast.rita,
            values={
                "name": f"ZQ1{number:02} {position}",
                "description": f"ZQ2{number:02} about {position}",
                "phone": f"ZQ3{number:02}",
                "city": f"ZQ4{number:02} town",
                "success_note": f"ZQ5{number:02} note",
                "domain": f"zq6{number:02}.com",
                **holder,
            },
        )
        hidden = {name: text.format(number) for name, text in HIDDEN_TEXTS.items()}
        edit_account(by=cast.fin, pk=made.pk, changes=hidden)
        records[position] = made
    held = records["held"].pk
    assign_account(by=cast.rita, pk=held, owner=user, role=OwnerRole.CSM, reason=WHY)
    add_domain(by=cast.rita, pk=records["other"].pk, domain="zq699.org")
    return World(role, user, report, {key: Account.objects.get(pk=a.pk) for key, a in records.items()})


@pytest.fixture(scope="module", name="world")
def world_of_role(
    request: pytest.FixtureRequest, cast_of_module: Cast, django_db_blocker: Any
) -> Iterator[World]:
    """Make the world of one role, once for all tests of a module that ask for it."""
    with django_db_blocker.unblock(), rolled_back():
        organisation.forget()
        yield make_world(cast_of_module, request.param)


def for_roles(*roles: str) -> pytest.MarkDecorator:
    """Run a test in the world of each role."""
    return pytest.mark.parametrize("world", roles, indirect=True, scope="module")
