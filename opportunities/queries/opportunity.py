"""Reads around a deal: its contacts, its former names, what it lacks; the deals of an account and of a contact."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from accounts.models import Account, Activity, Contact, Lead
from accounts.queries import planned
from opportunities.enums import CLOSED, Stage
from opportunities.models import LeadConversion, NameHistory, OppContactRole, Opportunity
from revops.kernel.people import access

SHOWN = 20


@dataclass(frozen=True, slots=True)
class InDeal:
    """A contact in a deal; the name only for who sees the contact."""

    role: OppContactRole
    contact: Contact | None


@dataclass(frozen=True, slots=True)
class People:
    """The contacts in a deal, and whether the reader may add one."""

    rows: list[InDeal]
    may_add: bool


@dataclass(frozen=True, slots=True)
class Deal:
    """A deal as another record's page names it."""

    name: str
    url: str
    stage: str
    amount: str
    close_date: date


@dataclass(frozen=True, slots=True)
class Deals:
    """Deals around another record: the open ones first, and where all of them are listed."""

    rows: list[Deal]
    more: bool
    url: str
    new_url: str


def contact_roles(deal: Opportunity, user: Any) -> People:
    """Return the contacts in a deal, the primary one first; three queries."""
    rows = list(
        OppContactRole.objects.filter(opportunity=deal, is_active=True).visible_to(user).order_by("pk")
    )
    seen = Contact.objects.filter(pk__in=[row.contact_id for row in rows]).visible_to(user).in_bulk()
    found = [InDeal(row, seen.get(row.contact_id)) for row in rows]
    found.sort(key=lambda one: not one.role.is_primary)
    return People(found, access.allowed(user, "contact_roles", deal))


def former_names(deal: Opportunity, user: Any) -> list[NameHistory]:
    """Return what a deal was called before, and what it is called in the system it came from, the newest first."""
    rows = NameHistory.objects.filter(opportunity=deal).visible_to(user)
    return list(rows.order_by("-used_until", "-pk")[:SHOWN])


def planned_for(deal: Opportunity, user: Any) -> list[planned.Planned]:
    """Return what is planned about a deal; one query."""
    rows = Activity.objects.filter(opportunity_links__opportunity=deal.pk, opportunity_links__is_active=True)
    return planned.planned(rows, user)


def of_account(account: Account, user: Any) -> Deals:
    """Return the deals of an account that one may see."""
    rows = Opportunity.objects.filter(account=account)
    creatable = "account" in access.rights(user, "opportunities.opportunity").creatable
    new = f"/opportunities/new/?account={account.pk}" if creatable else ""
    return _deals(rows, user, f"/opportunities/?account={account.pk}", new)


def of_contact(contact: Contact, user: Any) -> Deals:
    """Return the deals that a contact is in and that one may see."""
    inside = OppContactRole.objects.filter(contact=contact, is_active=True)
    return _deals(Opportunity.objects.filter(pk__in=inside.values("opportunity_id")), user, "", "")


def _deals(rows: Any, user: Any, url: str, new_url: str) -> Deals:
    found = list(rows.visible_to(user).order_by("-close_date", "-pk")[: SHOWN + 1])
    found.sort(key=lambda deal: deal.stage in CLOSED)
    deals = [
        Deal(
            deal.name,
            deal.get_absolute_url(),
            str(Stage(deal.stage).label),
            "no amount" if deal.amount is None else f"{deal.currency} {deal.amount:,.0f}",
            deal.close_date,
        )
        for deal in found[:SHOWN]
    ]
    return Deals(deals, len(found) > SHOWN, url, new_url)


@dataclass(frozen=True, slots=True)
class Conversion:
    """What a converted lead became, as far as one sees it."""

    account: Account | None
    contact: Contact | None
    deal: Opportunity | None
    at: datetime


def conversion(lead: Lead, user: Any) -> Conversion | None:
    """Return what a lead became, or nothing where it was not converted here; four queries."""
    row = LeadConversion.objects.filter(lead=lead).visible_to(user).first()
    if row is None:
        return None
    accounts = Account.objects.filter(pk=lead.converted_account_id or 0).visible_to(user)
    contacts = Contact.objects.filter(pk=lead.converted_contact_id or 0).visible_to(user)
    deals = Opportunity.objects.filter(pk=row.opportunity_id or 0).visible_to(user)
    return Conversion(accounts.first(), contacts.first(), deals.first(), row.converted_at)
