"""Contacts without an owner of their own go with their account. Source: ALG-1.2."""

from collections.abc import Collection

from accounts.models import Account, Contact
from revops.kernel import audit
from revops.kernel.audit.writing import lock_many
from revops.kernel.people import ownership
from revops.kernel.people.enums import AssignReason


def follow(accounts: Collection[Account]) -> None:
    """Give the contacts of these written accounts their account's holder, where they inherit one.

    Constant statements for any number; accounts whose contacts all stand right cost one query.
    """
    holders = {account.pk: ownership.holder_of(account) for account in accounts}
    rows = Contact.objects.filter(account__in=holders).values_list(
        "pk", "account_id", "owner_id", "queue_id", "team_id"
    )
    astray = [pk for pk, account, *keys in rows if ownership.Holder(*keys) != holders[account]]
    held = ownership.open_intervals("accounts.contact", astray) if astray else {}
    moving = [pk for pk in astray if pk in held and not held[pk].explicit]
    if not moving:
        return
    contacts = lock_many(Contact.objects.filter(pk__in=moving))
    for contact in contacts:
        to = holders[contact.account_id]
        ownership.assign(contact, to=to, reason=AssignReason.INHERITED, explicit=False)
    audit.write_many(contacts)
