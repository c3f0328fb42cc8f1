"""Leads about to be written: what was given, read, and every reason against it. One draft or a thousand."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError

from accounts import policies
from accounts.actions import persons
from accounts.actions.leads import matching
from accounts.enums import OPEN_LEAD, Industry
from accounts.models import Campaign, Contact, Lead
from accounts.validators import Email, read_phone
from revops.kernel.audit import Remedy
from revops.kernel.folding import fold
from revops.kernel.identity.models import User
from revops.kernel.money import validate_currency
from revops.kernel.records import drafting
from revops.kernel.records.drafting import Draft

LINKS: Mapping[str, Any] = {"campaign": Campaign}
NEVER_EMPTY = frozenset(
    {"last_name", "company", "currency", "source_original", "source_latest", "link_known"}
)
NEEDED = ("last_name", "company", "source_original")
NUMBERS = ("phone", "mobile_phone")
SCORES = ("intent_score", "icp_score")
MOST = 100
# Given with a lead and no column of it.
PARTS = frozenset({"link_known"})


def read(raw: Mapping[str, Any], lead: Lead) -> Draft:
    """Read raw values for `lead`, new or locked; what does not fit becomes findings."""
    draft = drafting.read(raw, lead, never_empty=NEVER_EMPTY, code="LEA-009")
    if draft.is_new:
        drafting.need(draft, NEEDED, code="LEA-003")
    consider(draft)
    return draft


def consider(draft: Draft) -> None:
    """Add what the values of one draft contradict among themselves; address and numbers are read on the way."""
    draft.derived["email"] = persons.read_address(draft, "LEA-001")
    _read_numbers(draft)
    draft.findings += policies.newly_missing(draft.record, draft.given)
    for source in ("source_original", "source_latest"):
        persons.explain_other(draft, source, "source_note", "LEA-006")
    if draft.given.get("industry") == Industry.OTHER:
        persons.explain_other(draft, "industry", "industry_note", "LEA-006")
    for score in SCORES:
        if (draft.given.get(score) or 0) > MOST:
            message = f"A score goes from 0 to {MOST}; {draft.given[score]} does not fit."
            draft.refuse("LEA-010", message, score, found=draft.given[score], needed=f"0 to {MOST}")
    _check_money(draft)


def _read_numbers(draft: Draft) -> None:
    country = draft.value("country")
    for name in NUMBERS:
        typed = draft.given.get(name)
        if not typed:
            continue
        phone = read_phone(typed, country)
        draft.given[name] = phone.shown
        if not phone.key:
            message = f"{typed[:40]!r} is no phone number: it has no digits. Write it as +1 512 555 0100."
            draft.refuse("LEA-002", message, name, found=typed, needed="a phone number")


def _check_money(draft: Draft) -> None:
    if draft.given.get("currency"):
        try:
            validate_currency(draft.given["currency"])
        except ValidationError:
            found = draft.given["currency"]
            message = f"{found!r} is not a currency. Give an ISO 4217 code such as USD or EUR."
            draft.refuse("LEA-007", message, "currency", found=found, needed="an ISO 4217 code")
    revenue = draft.given.get("annual_revenue")
    if revenue is not None and revenue < 0:
        message = f"Annual revenue is {revenue}; it cannot be below zero."
        draft.refuse("LEA-005", message, "annual_revenue", found=revenue, needed="zero or more")


def check(drafts: Sequence[Draft], by: User) -> None:
    """Add to each draft what the stored records speak against it, and note the account it matches.

    A constant number of queries for any number of drafts.
    """
    persons.link_people(drafts, LINKS, by, code="LEA-008")
    check_addresses(drafts, by)
    matching.match(drafts)


def check_addresses(drafts: Sequence[Draft], by: User) -> None:
    """Refuse an address that another open lead or a contact has; link to the contact where that was asked for."""
    given = [(draft, draft.derived["email"]) for draft in drafts if draft.derived.get("email")]
    given = [(draft, email) for draft, email in given if draft.value("status") in OPEN_LEAD]
    if not given:
        return
    keys = {email.key for _, email in given}
    leads, contacts = persons.open_leads_with(keys), persons.contacts_with(keys)
    seen = persons.seen_of([*leads.values(), *contacts.values()], by) if leads or contacts else set()
    earlier: dict[str, int | None] = {}
    for draft, email in given:
        lead, contact = leads.get(email.key), contacts.get(email.key)
        if lead is not None and lead.pk != draft.record.pk:
            draft.findings.append(persons.taken(lead, email.shown, "LEA-012", seen=(Lead, lead.pk) in seen))
        elif email.key in earlier:
            draft.findings.append(persons.repeated("LEA-014", email.shown, earlier[email.key]))
        elif contact is not None:
            _known_contact(draft, email, contact, seen=(Contact, contact.pk) in seen)
        earlier.setdefault(email.key, draft.derived.get("line"))


def _known_contact(draft: Draft, email: Email, contact: persons.Known, *, seen: bool) -> None:
    """Link the lead to the contact that has its address, or say whose it is."""
    if draft.given.get("link_known"):
        draft.derived["contact"] = contact
    elif draft.is_new or email.key != draft.record.email_key:
        linked = Remedy("Tick “Link to the known contact” to create the lead for that contact")
        way_on = ", or create the lead linked to the contact"
        finding = persons.taken(contact, email.shown, "LEA-013", seen=seen, way_on=way_on, remedies=(linked,))
        draft.findings.append(finding)


def fill(draft: Draft) -> None:
    """Put the given values on the lead, and what follows from them."""
    lead: Lead = draft.record
    drafting.put(draft, but=PARTS | {"owner", "queue"})
    if draft.is_new or persons.NAME_PARTS & draft.given.keys():
        persons.name(lead)
    if "company" in draft.given:
        lead.company_key = fold(lead.company)[:400]
    if "email" in draft.given:
        email = draft.derived.get("email")
        lead.email = email.shown if email else ""
        lead.email_key = email.key if email else ""
        lead.email_domain = email.domain if email else ""
    if "account" in draft.derived:
        lead.matched_account_id = draft.derived["account"]
    if contact := draft.derived.get("contact"):
        lead.matched_contact_id = contact.pk
        lead.matched_account_id = contact.account_id or lead.matched_account_id
