"""Add and release the e-mail addresses of a contact. An address belongs to one contact only (ALG-1.1)."""

from accounts.actions import races
from accounts.actions.contacts import drafts
from accounts.actions.contacts.editing import require_alive
from accounts.enums import EmailKind
from accounts.models import Contact, ContactEmail, ContactPhone
from accounts.validators import BadEmail, read_email
from revops.kernel import audit, outbox
from revops.kernel.audit.writing import lock_many
from revops.kernel.identity.models import User
from revops.kernel.people import access
from revops.kernel.records.drafting import Draft
from revops.kernel.records.values import shown


@races.told
def add_email(
    *,
    by: User,
    pk: int,
    email: str,
    kind: str = EmailKind.WORK,
    primary: bool = False,
    version: int | None = None,
    reason: str = "",
) -> ContactEmail:
    """Give a contact one more address; the first one is the primary one. Raises Blocked with every finding."""
    with audit.change(by=by, action="contact.add_email", reason=reason):
        contact = _locked(by, pk, version)
        draft = Draft(contact, {"email": email})
        if kind not in EmailKind.values:
            message = f"{shown(kind)!r} is not a kind of address; use one of {', '.join(EmailKind.values)}."
            draft.refuse("CON-022", message, "kind", found=kind)
        drafts.consider(draft)
        drafts.check_addresses([draft], by)
        held = held_addresses(contact)
        given = draft.derived["email"]
        if given is not None and any(row.address_key == given.key for row in held):
            message = f"{given.shown} is an address of this contact already."
            draft.refuse("CON-021", message, "email", found=given.shown, needed="another address")
        if draft.findings:
            raise audit.Blocked(draft.findings)
        first = primary or not held
        if first:
            _demote(held)
            contact.primary_email = given.shown
        row = ContactEmail(
            contact=contact, address=given.shown, address_key=given.key, kind=kind, is_primary=first
        )
        audit.write(row)
        touch(row, "contact.email_added")
        return row


def release_email(*, by: User, pk: int, email: str, version: int | None = None, reason: str = "") -> Contact:
    """Take an address off a contact, so that another may have it. The oldest one left becomes the primary one."""
    with audit.change(by=by, action="contact.release_email", reason=reason):
        contact = _locked(by, pk, version)
        held = held_addresses(contact)
        row = _find(held, email)
        was_primary, row.is_active, row.is_primary = row.is_primary, False, False
        audit.write(row)
        left = [one for one in held if one is not row]
        if was_primary:
            if left:
                left[0].is_primary = True
                audit.write(left[0])
            contact.primary_email = left[0].address if left else ""
        touch(row, "contact.email_released")
        return contact


def make_email_primary(
    *, by: User, pk: int, email: str, version: int | None = None, reason: str = ""
) -> Contact:
    """Let an address that the contact has be the one that is written to."""
    with audit.change(by=by, action="contact.make_email_primary", reason=reason):
        contact = _locked(by, pk, version)
        held = held_addresses(contact)
        row = _find(held, email)
        _demote([one for one in held if one is not row])
        row.is_primary = True
        audit.write(row)
        contact.primary_email = row.address
        touch(row, "contact.email_preferred")
        return contact


def _locked(by: User, pk: int, version: int | None) -> Contact:
    contact: Contact = audit.lock(Contact.objects.visible_to(by), pk=pk, version=version)
    access.require(by, "emails", contact)
    require_alive(contact)
    return contact


def held_addresses(contact: Contact) -> list[ContactEmail]:
    """Return the addresses that a contact has now, locked, oldest first."""
    rows = lock_many(ContactEmail.objects.filter(contact=contact, is_active=True))
    for row in rows:
        row.contact = contact
    return rows


def _find(held: list[ContactEmail], email: str) -> ContactEmail:
    try:
        key = read_email(email).key
    except BadEmail:
        key = ""
    row = next((one for one in held if one.address_key == key or one.address == email.strip()), None)
    if row is None:
        message = f"{shown(email)!r} is no address of this contact."
        raise audit.Blocked.because("CON-020", message, field="email", found=shown(email))
    return row


def _demote(held: list[ContactEmail]) -> None:
    """Let no address be the primary one; written before the next one is, since there is one at a time."""
    for row in held:
        row.is_primary = False
    audit.write_many(held)


def touch(part: ContactEmail | ContactPhone, event: str) -> None:
    """Write the contact where its own columns changed, and tell what became of its address or number."""
    audit.write(part.contact)
    outbox.emit(event, part, {"contact": part.contact_id, "by": audit.current().by.pk})
