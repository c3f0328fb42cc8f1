"""The records of the accounts domain: companies, people, leads, what happened with them, and two catalogues."""

from accounts.models.account import Account, AccountDomain
from accounts.models.activity import Activity, ActivityAttendee
from accounts.models.catalogue import Campaign, Product
from accounts.models.contact import Contact, ContactEmail, ContactPhone
from accounts.models.lead import Lead
from accounts.models.mail_domain import MailDomain

__all__ = [
    "Account",
    "AccountDomain",
    "Activity",
    "ActivityAttendee",
    "Campaign",
    "Contact",
    "ContactEmail",
    "ContactPhone",
    "Lead",
    "MailDomain",
    "Product",
]
