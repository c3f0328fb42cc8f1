"""Reads of contacts, always from what the asking person may see."""

from dataclasses import dataclass
from typing import Any

from accounts.models import Account, Contact, ContactEmail, ContactPhone
from revops.kernel.people import access

SHOWN = 8


@dataclass(frozen=True, slots=True)
class Reach:
    """How a person is reached: their addresses and numbers, the primary ones first."""

    emails: list[ContactEmail]
    phones: list[ContactPhone]


def reach(contact: Contact, user: Any) -> Reach:
    """Return the active addresses and numbers of a contact; personal numbers as far as `user` may know them."""
    emails = ContactEmail.objects.filter(contact=contact, is_active=True).visible_to(user)
    phones = ContactPhone.objects.filter(contact=contact, is_active=True).visible_to(user)
    return Reach(
        list(emails.order_by("-is_primary", "pk")),
        list(phones.order_by("-is_primary", "pk")),
    )


@dataclass(frozen=True, slots=True)
class People:
    """The first contacts of an account by name, whether there are more, and whether the reader may add one."""

    contacts: list[Contact]
    more: bool
    may_add: bool


def at(account: Account, user: Any) -> People:
    """Return the visible contacts of an account, by name; those who left come last."""
    rows = Contact.objects.filter(account=account, tombstone_of__isnull=True).visible_to(user)
    found = list(rows.order_by("name_key", "pk")[: SHOWN + 1])
    shown = sorted(found[:SHOWN], key=lambda contact: contact.status == "left")
    may_add = "account" in access.rights(user, "accounts.contact").creatable
    return People(shown, len(found) > SHOWN, may_add)
