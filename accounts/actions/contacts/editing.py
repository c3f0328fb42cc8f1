"""Change contacts: their fields, their owner, and that they have left."""

from collections.abc import Mapping, Sequence
from typing import Any

from accounts.actions import assigning, races
from accounts.actions.contacts import drafts, holders
from accounts.actions.contacts.creating import fill
from accounts.enums import ContactStatus
from accounts.models import Contact
from revops.kernel import audit, outbox
from revops.kernel.identity.models import User
from revops.kernel.people import access, ownership
from revops.kernel.people.enums import AssignReason, OwnerRole
from revops.kernel.people.models import Queue
from revops.kernel.records.drafting import Draft


def require_alive(contact: Contact) -> None:
    """Refuse to change what was merged into another contact, or erased."""
    if contact.tombstone_of_id is not None:
        message = f"This contact was merged into another one. Work in {contact.tombstone_of}."
        raise audit.Blocked.because("CON-015", message, field="status", found=contact.status)
    if contact.status == ContactStatus.ERASED:
        message = "This contact was erased at the person's request. Nothing is added to it."
        raise audit.Blocked.because("CON-015", message, field="status", found=contact.status)


@races.told
def edit_contact(
    *, by: User, pk: int, changes: Mapping[str, Any], version: int | None = None, reason: str = ""
) -> Contact:
    """Change fields of one contact; `changes` are as somebody typed them.

    Raises Blocked with every finding, Conflict when somebody was faster, Forbidden for a field one may not change,
    DoesNotExist outside one's scope.
    """
    with audit.change(by=by, action="contact.edit", reason=reason):
        contact: Contact = audit.lock(Contact.objects.visible_to(by), pk=pk, version=version)
        access.require_edit(by, contact, changes)
        require_alive(contact)
        draft = drafts.read(changes, contact)
        drafts.check([draft], by)
        if draft.findings:
            raise audit.Blocked(draft.findings)
        write_edited([draft], by)
        return contact


def write_edited(ready: Sequence[Draft], by: User) -> None:
    """Write checked changes of locked contacts, inside the open change. Each that comes to another account may get
    another holder; all else takes a constant number of statements.
    """
    held = [
        (draft.record.version, {name: getattr(draft.record, name) for name in draft.given}) for draft in ready
    ]
    for draft, (_, before) in zip(ready, held, strict=True):
        fill(draft)
        if "account" in before and before["account"] != draft.record.account:
            holders.derive_again(draft.record, by)
    audit.write_many([draft.record for draft in ready])
    for draft, (version, before) in zip(ready, held, strict=True):
        contact: Contact = draft.record
        if contact.version != version:
            changed = sorted(name for name, value in before.items() if value != getattr(contact, name))
            outbox.emit("contact.edited", contact, {"fields": changed, "by": by.pk})
            if contact.status == ContactStatus.LEFT and "status" in changed:
                _tell_left(contact)


def mark_as_left(*, by: User, pk: int, version: int | None = None, reason: str = "") -> Contact:
    """Say that the person has left the account's company. Addresses and history stay with the contact."""
    with audit.change(by=by, action="contact.leave", reason=reason):
        contact: Contact = audit.lock(Contact.objects.visible_to(by), pk=pk, version=version)
        access.require(by, "leave", contact)
        require_alive(contact)
        if contact.status == ContactStatus.LEFT:
            message = "This contact has left already. Change the status if the person is back."
            raise audit.Blocked.because("CON-016", message, field="status", found="left")
        contact.status = ContactStatus.LEFT
        audit.write(contact)
        _tell_left(contact)
        return contact


def _tell_left(contact: Contact) -> None:
    outbox.emit("contact.left", contact, {"account": contact.account_id, "owner": contact.owner_id})


def assign_contact(
    *,
    by: User,
    pk: int,
    owner: User | None = None,
    queue: Queue | None = None,
    reason: str,
    role: str = OwnerRole.PRIMARY,
    version: int | None = None,
) -> Contact:
    """Give a contact to a person or a queue by hand (M7). `reason` needs at least 20 characters.

    Without owner and queue, a role other than owner is emptied, and the contact goes back to whoever holds its
    account.
    """
    with audit.change(by=by, action="contact.assign", reason=reason):
        named = assigning.named(owner=owner, queue=queue, role=role, reason=reason)
        contact: Contact = audit.lock(
            Contact.objects.visible_to(by).select_related("account"), pk=pk, version=version
        )
        access.require(by, "assign", contact)
        if role == OwnerRole.PRIMARY and named is None:
            account = contact.account
            owners = {account.owner_id} if account is not None and account.owner_id else set()
            active = ownership.keep_active(owners)
            to, why = holders.derived_holder(contact, by, active)
            ownership.assign(contact, to=to, reason=why, explicit=False, note=reason)
        else:
            why = AssignReason.MANUAL if named else AssignReason.REMOVED
            ownership.assign(contact, to=named, reason=why, role=OwnerRole(role), note=reason)
        assigning.finish(contact)
        return contact
