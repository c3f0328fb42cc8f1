"""Who holds a contact that nobody was given by name: whoever holds its account. Source: ALG-1.2."""

from collections.abc import Collection, Sequence

from accounts.actions import holders
from accounts.models import Account, Contact
from revops.kernel.identity.models import User, UserKind
from revops.kernel.people import access, ownership
from revops.kernel.people.access.organisation import current
from revops.kernel.people.enums import AssignReason
from revops.kernel.records.drafting import Draft


def place(ready: Sequence[Draft], by: User) -> None:
    """Give new contacts their first holder: named, their account's, their creator, or the queue."""
    accounts = [draft.record.account for draft in ready if draft.record.account is not None]
    active = ownership.keep_active({account.owner_id for account in accounts if account.owner_id})
    for draft in ready:
        if not (draft.derived.get("placed") or holders.place_named(draft.record, draft.given)):
            migrated = bool(draft.derived.get("migrated"))
            to, reason = derived_holder(draft.record, by, active, migrated=migrated)
            ownership.assign(draft.record, to=to, reason=reason, explicit=reason == AssignReason.CREATED)


def derived_holder(
    contact: Contact, by: User, active: Collection[int], *, migrated: bool = False
) -> tuple[ownership.Holder, AssignReason]:
    """Return who holds a contact without an owner of its own, and why.

    The account's holder (`active` are those who can be), unless the contact would leave the sight of the rep who
    enters it: then that rep.
    """
    scope = access.rights(by, "accounts.contact").view
    limited = by.kind == UserKind.PERSON and scope < access.Scope.ALL
    account = contact.account
    can_hold = account is not None and bool(account.queue_id or account.owner_id in active)
    if account is not None and can_hold and not (limited and _leaves_sight(account, by, scope)):
        return ownership.holder_of(account), AssignReason.INHERITED
    if limited:
        return ownership.holder(owner=by), AssignReason.CREATED
    return holders.unassigned(by, migrated=migrated)


def _leaves_sight(account: Account, by: User, scope: access.Scope) -> bool:
    """Say whether a record held as this account is would lie outside `by`'s own and team scope."""
    if account.owner_id == by.pk:
        return False
    teams = current().teams_of.get(by.pk, frozenset()) if scope >= access.Scope.TEAM else frozenset()
    return account.team_id not in teams


def derive_again(contact: Contact, by: User) -> None:
    """Give a locked contact that came to another account, and has no owner of its own, the holder it derives now."""
    held = ownership.open_intervals("accounts.contact", [contact.pk]).get(contact.pk)
    if held is None or held.explicit:
        return
    account = contact.account
    owners = {account.owner_id} if account is not None and account.owner_id else set()
    to, reason = derived_holder(contact, by, ownership.keep_active(owners))
    if to != ownership.holder_of(contact):
        ownership.assign(contact, to=to, reason=reason, explicit=False)
