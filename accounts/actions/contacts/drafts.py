"""Contacts about to be written: what was given, read, and every reason against it. One draft or a thousand."""

from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import available_timezones

from accounts import policies
from accounts.actions import persons
from accounts.enums import ContactStatus, PhoneKind
from accounts.models import Account, Contact
from accounts.validators import Email, Phone, read_phone
from revops.kernel.identity.models import User
from revops.kernel.people import access
from revops.kernel.records import drafting
from revops.kernel.records.drafting import Draft

LINKS: Mapping[str, Any] = {"account": Account}
NEVER_EMPTY = frozenset({"last_name", "status", "subscriber_type"})
# The numbers that come with a new contact, by the field that holds them.
NUMBERS: Mapping[str, PhoneKind] = {
    "phone": PhoneKind.WORK,
    "mobile_phone": PhoneKind.MOBILE,
    "assistant_phone": PhoneKind.ASSISTANT,
    "personal_phone": PhoneKind.PERSONAL,
}
# Given with a contact and kept as rows of their own.
PARTS = frozenset({"email", *NUMBERS})
_BY_MERGING_OR_ERASING = {
    ContactStatus.TOMBSTONE: "“Merged” by merging it",
    ContactStatus.ERASED: "“Erased” by erasing what is known of the person",
}


def read(raw: Mapping[str, Any], contact: Contact) -> Draft:
    """Read raw values for `contact`, new or locked; what does not fit becomes findings."""
    draft = drafting.read(raw, contact, never_empty=NEVER_EMPTY, code="CON-009")
    if draft.is_new:
        drafting.need(draft, ["last_name"], code="CON-003")
    consider(draft)
    return draft


def consider(draft: Draft) -> None:
    """Add what the values of one draft contradict among themselves; its address is read on the way."""
    draft.derived["email"] = persons.read_address(draft, "CON-001")
    draft.findings += policies.newly_missing(draft.record, draft.given)
    persons.explain_other(draft, "source_original", "source_note", "CON-006")
    status = draft.given.get("status")
    if status in _BY_MERGING_OR_ERASING and status != draft.record.status:
        message = f"A contact becomes {_BY_MERGING_OR_ERASING[status]}, never by hand. Choose another status."
        draft.refuse("CON-005", message, "status", found=status, needed="active, left or unknown")
    zone = draft.given.get("time_zone")
    if zone and zone not in available_timezones():
        message = f"{zone!r} is no time zone. Give its IANA name, such as Europe/Berlin."
        draft.refuse("CON-007", message, "time_zone", found=zone, needed="an IANA time zone")


def check(drafts: Sequence[Draft], by: User) -> None:
    """Add to each draft what the stored records speak against it, in a constant number of queries."""
    persons.link_people(drafts, LINKS, by, code="CON-008")
    for draft in drafts:
        read_numbers(draft)
    _check_account(drafts, by)
    check_addresses(drafts, by)


def read_numbers(draft: Draft) -> None:
    """Read the first numbers, as of the contact's country or its account's."""
    numbers: dict[str, tuple[PhoneKind, Phone]] = {}
    by_field: dict[str, Phone] = {}
    country = draft.value("country") or getattr(draft.value("account"), "country", "")
    for name, kind in NUMBERS.items():
        typed = draft.given.get(name)
        phone = read_number(draft, name, typed, country) if typed else None
        if phone is not None:
            by_field[name] = phone
            numbers.setdefault(phone.key, (kind, phone))
    draft.derived["numbers"], draft.derived["by_field"] = list(numbers.values()), by_field


def read_number(draft: Draft, name: str, typed: str, country: str) -> Phone | None:
    """Return the number that was typed; refuse what holds no digit."""
    phone = read_phone(typed, country)
    if phone.key:
        return phone
    message = f"{typed[:40]!r} is no phone number: it has no digits. Write it as +1 512 555 0100."
    draft.refuse("CON-002", message, name, found=typed, needed="a phone number")
    return None


def _check_account(drafts: Sequence[Draft], by: User) -> None:
    """Ask for the account of a new contact where its creator sees only the records that they are on."""
    if access.rights(by, "accounts.contact").view != access.Scope.OWN:
        return
    for draft in drafts:
        if draft.is_new and draft.value("account") is None and "account" not in _told(draft):
            message = (
                "Say at which account the person works: you create contacts of accounts that you are on."
            )
            draft.refuse("CON-004", message, "account", needed="an account you are on")


def _told(draft: Draft) -> set[str]:
    return {finding.field for finding in draft.findings}


def check_addresses(drafts: Sequence[Draft], by: User) -> None:
    """Refuse an address that another contact, an open lead or an earlier draft has."""
    given: list[tuple[Draft, Email]] = [(d, d.derived["email"]) for d in drafts if d.derived.get("email")]
    if not given:
        return
    keys = {email.key for _, email in given}
    contacts, leads = persons.contacts_with(keys), persons.open_leads_with(keys)
    seen = persons.seen_of([*contacts.values(), *leads.values()], by) if contacts or leads else set()
    earlier: dict[str, int | None] = {}
    for draft, email in given:
        contact, lead = contacts.get(email.key), leads.get(email.key)
        if contact is not None and contact.pk != draft.record.pk:
            draft.findings.append(
                persons.taken(contact, email.shown, "CON-012", seen=(Contact, contact.pk) in seen)
            )
        elif lead is not None and lead.pk != draft.derived.get("lead"):
            way_on = ", or convert it"
            draft.findings.append(
                persons.taken(lead, email.shown, "CON-013", seen=(lead.model, lead.pk) in seen, way_on=way_on)
            )
        elif email.key in earlier:
            draft.findings.append(persons.repeated("CON-014", email.shown, earlier[email.key]))
        earlier.setdefault(email.key, draft.derived.get("line"))
