"""Add and release the phone numbers of a contact. A personal number is never the one that everybody sees."""

from accounts.actions import races
from accounts.actions.contacts import drafts
from accounts.actions.contacts.addresses import touch
from accounts.actions.contacts.editing import require_alive
from accounts.enums import PhoneKind
from accounts.models import Contact, ContactPhone
from accounts.validators import read_phone
from revops.kernel import audit
from revops.kernel.audit.writing import lock_many
from revops.kernel.identity.models import User
from revops.kernel.people import access
from revops.kernel.records.drafting import Draft
from revops.kernel.records.values import shown


@races.told
def add_phone(
    *,
    by: User,
    pk: int,
    phone: str,
    kind: str = PhoneKind.WORK,
    version: int | None = None,
    reason: str = "",
) -> ContactPhone:
    """Give a contact one more number, read as one of its country; the first that is not personal is the primary one."""
    with audit.change(by=by, action="contact.add_phone", reason=reason):
        contact = _locked(by, pk, version)
        draft = Draft(contact, {})
        if kind not in PhoneKind.values:
            message = f"{shown(kind)!r} is not a kind of number; use one of {', '.join(PhoneKind.values)}."
            draft.refuse("CON-022", message, "kind", found=kind)
        number = drafts.read_number(draft, "phone", phone, _country(contact))
        held = held_numbers(contact)
        if number is not None and any(row.number_key == number.key for row in held):
            message = "This contact has the number already."
            draft.refuse("CON-031", message, "phone", found=number.shown, needed="another number")
        if draft.findings or number is None:
            raise audit.Blocked(draft.findings)
        first = kind != PhoneKind.PERSONAL and not any(row.is_primary for row in held)
        row = ContactPhone(
            contact=contact, number=number.shown, number_key=number.key, kind=kind, is_primary=first
        )
        audit.write(row)
        if first:
            contact.primary_phone = row.number[:32]
        touch(row, "contact.phone_added")
        return row


def release_phone(*, by: User, pk: int, phone: str, version: int | None = None, reason: str = "") -> Contact:
    """Take a number off a contact. The oldest one left that is not personal becomes the primary one."""
    with audit.change(by=by, action="contact.release_phone", reason=reason):
        contact = _locked(by, pk, version)
        held = held_numbers(contact)
        row = _find(contact, held, phone, by)
        was_primary, row.is_active, row.is_primary = row.is_primary, False, False
        audit.write(row)
        if was_primary:
            left = [one for one in held if one is not row and one.kind != PhoneKind.PERSONAL]
            if left:
                left[0].is_primary = True
                audit.write(left[0])
            contact.primary_phone = left[0].number[:32] if left else ""
        touch(row, "contact.phone_released")
        return contact


def make_phone_primary(
    *, by: User, pk: int, phone: str, version: int | None = None, reason: str = ""
) -> Contact:
    """Let a number that the contact has be the one that is called first. Refused for a personal one."""
    with audit.change(by=by, action="contact.make_phone_primary", reason=reason):
        contact = _locked(by, pk, version)
        held = held_numbers(contact)
        row = _find(contact, held, phone, by)
        if row.kind == PhoneKind.PERSONAL:
            message = "A personal number is not shown to everybody, so it cannot be the primary one."
            raise audit.Blocked.because("CON-032", message, field="phone", found=row.number)
        others = [one for one in held if one is not row]
        for one in others:
            one.is_primary = False
        audit.write_many(others)
        row.is_primary = True
        audit.write(row)
        contact.primary_phone = row.number[:32]
        touch(row, "contact.phone_preferred")
        return contact


def _locked(by: User, pk: int, version: int | None) -> Contact:
    rows = Contact.objects.visible_to(by).select_related("account")
    contact: Contact = audit.lock(rows, pk=pk, version=version)
    access.require(by, "phones", contact)
    require_alive(contact)
    return contact


def _country(contact: Contact) -> str:
    return contact.country or getattr(contact.account, "country", "")


def held_numbers(contact: Contact) -> list[ContactPhone]:
    """Return the numbers that a contact has now, locked, oldest first."""
    rows = lock_many(ContactPhone.objects.filter(contact=contact, is_active=True))
    for row in rows:
        row.contact = contact
    return rows


def _find(contact: Contact, held: list[ContactPhone], phone: str, by: User) -> ContactPhone:
    """Return the number that was named, among those that `by` may see: others are refused like none at all."""
    key = read_phone(phone, _country(contact)).key
    seen = set(
        ContactPhone.objects.filter(pk__in=[row.pk for row in held])
        .visible_to(by)
        .values_list("pk", flat=True)
    )
    found = (row for row in held if row.pk in seen and key and row.number_key == key)
    row = next(found, None)
    if row is None:
        message = f"{shown(phone)!r} is no number of this contact."
        raise audit.Blocked.because("CON-030", message, field="phone", found=shown(phone))
    return row
