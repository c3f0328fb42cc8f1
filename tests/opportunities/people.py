"""Contacts for tests of deals."""

from typing import Any

from accounts.models import Account, Contact
from revops.kernel import audit
from revops.kernel.folding import fold
from revops.kernel.people import ownership
from revops.kernel.people.enums import AssignReason
from tests.cast import Cast


def make_contact(cast: Cast, name: str, *, account: Account | None = None, owner: str = "alice") -> Contact:
    """Write a contact of somebody of the cast."""
    with audit.change(by=cast.rita, action="test.contact"):
        contact: Any = Contact(last_name=name, name=name, name_key=fold(name), account=account)
        ownership.assign(
            contact, to=ownership.holder(owner=cast.people[owner]), reason=AssignReason.MANUAL, note="Test"
        )
        return audit.write(contact)
