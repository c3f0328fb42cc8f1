"""The writes of contacts: creating, editing, their addresses and numbers, and importing."""

from accounts.actions.contacts.addresses import add_email, make_email_primary, release_email
from accounts.actions.contacts.creating import create_contact
from accounts.actions.contacts.editing import assign_contact, edit_contact, mark_as_left
from accounts.actions.contacts.numbers import add_phone, make_phone_primary, release_phone

__all__ = [
    "add_email",
    "add_phone",
    "assign_contact",
    "create_contact",
    "edit_contact",
    "make_email_primary",
    "make_phone_primary",
    "mark_as_left",
    "release_email",
    "release_phone",
]
