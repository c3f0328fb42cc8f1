"""Reads of leads, always from what the asking person may see."""

from dataclasses import dataclass
from typing import Any

from accounts.enums import OPEN_LEAD
from accounts.models import Account, Contact, Lead

SHOWN = 8


@dataclass(frozen=True, slots=True)
class Match:
    """The account and contact that a lead matched, as far as the reader sees them.

    Of an account outside their scope they learn its name and its owner's, and nothing else (architecture §10).
    """

    account: Account | None
    contact: Contact | None
    name: str = ""
    owner: str = ""


def match(lead: Lead, user: Any) -> Match:
    """Return what the lead matched."""
    rows = Account.objects.filter(pk=lead.matched_account_id or 0)
    account = rows.visible_to(user).select_related("owner", "queue").first()
    contact = Contact.objects.filter(pk=lead.matched_contact_id or 0).visible_to(user).first()
    if account is not None or lead.matched_account_id is None:
        return Match(account, contact)
    name, owner, queue = rows.values_list("name", "owner__name", "queue__name")[0]
    return Match(None, contact, name, owner or queue)


@dataclass(frozen=True, slots=True)
class Leads:
    """The newest open leads that matched an account, and whether there are more."""

    leads: list[Lead]
    more: bool


def of(account: Account, user: Any) -> Leads:
    """Return the visible open leads that matched an account, newest first."""
    rows = Lead.objects.filter(matched_account=account, status__in=OPEN_LEAD).visible_to(user)
    found = list(rows.order_by("-created_at", "-pk")[: SHOWN + 1])
    return Leads(found[:SHOWN], len(found) > SHOWN)
