"""Whom an activity is about: the account, the lead and the contacts, within what the actor sees."""

from collections.abc import Sequence
from typing import Any

from accounts.models import Account, Contact, Lead
from revops.kernel.identity.models import User
from revops.kernel.records import drafting
from revops.kernel.records.drafting import Draft

LINKS: dict[str, Any] = {"account": Account, "lead": Lead}
MOST_CONTACTS = 100


def link(drafts: Sequence[Draft], by: User) -> None:
    """Replace ids by records, derive the account, and refuse what cannot be; in a constant number of queries."""
    drafting.link(drafts, LINKS, by, code="ACT-008")
    link_contacts(drafts, by)
    for draft in drafts:
        _refuse_merged(draft)
        derive_account(draft)


def link_contacts(drafts: Sequence[Draft], by: User) -> None:
    """Replace the ids in `contacts` by the contacts that `by` sees, in one query; what they do not see is refused."""
    wanted = {pk for draft in drafts for pk in draft.given.get("contacts") or () if isinstance(pk, int)}
    found = {one.pk: one for one in Contact.objects.filter(pk__in=wanted).visible_to(by)} if wanted else {}
    for draft in drafts:
        if draft.given.get("contacts") is None:
            continue
        held = list(dict.fromkeys(draft.given["contacts"]))
        draft.given["contacts"] = [found.get(one, one) if isinstance(one, int) else one for one in held]
        for pk in [one for one in draft.given["contacts"] if isinstance(one, int)]:
            message = f"There is no contact with the id {pk} that you can see. Choose another one."
            draft.refuse("ACT-008", message, "contacts", found=pk, needed="the id of a contact you can see")
        if len(held) > MOST_CONTACTS:
            message = (
                f"An activity has at most {MOST_CONTACTS} attendees; these are {len(held)}. Leave some out."
            )
            draft.refuse(
                "ACT-012", message, "contacts", found=len(held), needed=f"at most {MOST_CONTACTS} contacts"
            )


def _refuse_merged(draft: Draft) -> None:
    """A merged record has no more to tell; its survivor has."""
    named = [(name, draft.given.get(name)) for name in LINKS]
    named += [("contacts", contact) for contact in draft.given.get("contacts") or ()]
    for name, record in named:
        if getattr(record, "tombstone_of_id", None) is not None:
            message = f"{record} was merged into another record. Choose that one."
            draft.refuse("ACT-010", message, name, found=record, needed="a record that was not merged")


def derive_account(draft: Draft) -> None:
    """Put the account of the lead, or of the contacts where all of them have the same; refuse what is about nobody."""
    given = draft.given
    lead, contacts = given.get("lead"), [c for c in given.get("contacts") or () if isinstance(c, Contact)]
    if given.get("account") is not None or any(f.field == "account" for f in draft.findings):
        return
    if lead is not None:
        given["account_id"] = lead.converted_account_id or lead.matched_account_id
    accounts = {contact.account_id for contact in contacts} - {None}
    if not given.get("account_id") and len(accounts) == 1:
        given["account_id"] = accounts.pop()
    elif not given.get("account_id") and len(accounts) > 1:
        message = f"The attendees are of {len(accounts)} accounts. Say at which account this belongs."
        draft.refuse("ACT-009", message, "account", found=f"{len(accounts)} accounts", needed="one account")
    if lead is None and not contacts and not any(f.code in ("ACT-008", "ACT-012") for f in draft.findings):
        message = "An activity is about somebody. Choose an account, a lead or at least one contact."
        draft.refuse("ACT-007", message, "account", needed="an account, a lead or a contact")
