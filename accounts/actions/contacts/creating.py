"""Create contacts: one from a form or the API, many from an import, through the same checks and writes."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from accounts.actions import persons, races
from accounts.actions.contacts import drafts, holders
from accounts.enums import PhoneKind
from accounts.models import Contact, ContactEmail, ContactPhone
from revops.kernel import audit, outbox
from revops.kernel.identity.models import User
from revops.kernel.people import access
from revops.kernel.records import drafting
from revops.kernel.records.drafting import Draft


@races.told
def create_contact(*, by: User, values: Mapping[str, Any], at: datetime | None = None) -> Contact:
    """Create one contact; `values` are as somebody typed them, a first address and numbers among them.

    It belongs to the account's owner where its creator goes on seeing it, else to its creator. Raises Blocked with
    every finding, Forbidden for a field one may not set.
    """
    with audit.change(by=by, action="contact.create", at=at):
        access.require_create(by, Contact, values)
        draft = drafts.read(values, Contact())
        drafts.check([draft], by)
        if draft.findings:
            raise audit.Blocked(draft.findings)
        return write_new([draft], by)[0]


def write_new(ready: Sequence[Draft], by: User) -> list[Contact]:
    """Write checked drafts as new contacts, inside the open change, in a constant number of statements."""
    for draft in ready:
        fill(draft)
    holders.place(ready, by)
    contacts: list[Contact] = [draft.record for draft in ready]
    audit.write_many(contacts)
    audit.write_many([row for draft in ready for row in _address_of(draft)])
    audit.write_many([row for draft in ready for row in _numbers_of(draft)])
    for contact in contacts:
        outbox.emit("contact.created", contact, {"account": contact.account_id, "owner": contact.owner_id})
    return contacts


def fill(draft: Draft) -> None:
    """Put the given values on the contact, and what follows from them."""
    contact: Contact = draft.record
    drafting.put(draft, but=drafts.PARTS | {"owner", "queue"})
    if draft.is_new or persons.NAME_PARTS & draft.given.keys():
        persons.name(contact)
    if draft.is_new:
        email, numbers = draft.derived.get("email"), draft.derived.get("numbers", ())
        contact.primary_email = email.shown if email else ""
        contact.primary_phone = next((phone.shown for kind, phone in numbers if _is_open(kind)), "")[:32]


def _is_open(kind: PhoneKind) -> bool:
    """Say whether a number of this kind may stand on the contact itself: a personal one is not for everybody."""
    return kind != PhoneKind.PERSONAL


def _address_of(draft: Draft) -> Iterator[ContactEmail]:
    if email := draft.derived.get("email"):
        yield ContactEmail(contact=draft.record, address=email.shown, address_key=email.key, is_primary=True)


def _numbers_of(draft: Draft) -> Iterator[ContactPhone]:
    primary = next((phone for kind, phone in draft.derived.get("numbers", ()) if _is_open(kind)), None)
    for kind, phone in draft.derived.get("numbers", ()):
        yield ContactPhone(
            contact=draft.record,
            number=phone.shown,
            number_key=phone.key,
            kind=kind,
            is_primary=phone is primary,
        )
