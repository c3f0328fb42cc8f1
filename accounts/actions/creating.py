"""Create accounts: one from a form or the API, many from an import, through the same checks."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings

from accounts import policies
from accounts.actions import drafts, hierarchy, holders, races
from accounts.actions.drafts import Draft
from accounts.enums import DomainKind
from accounts.models import Account, AccountDomain
from revops.kernel import audit, outbox
from revops.kernel.audit.writing import lock_many
from revops.kernel.folding import fold
from revops.kernel.identity.models import User
from revops.kernel.people import access


@races.told
def create_account(*, by: User, values: Mapping[str, Any], at: datetime | None = None) -> Account:
    """Create one account; `values` are as somebody typed them, `domain` among them.

    Whoever sees only their own or their team's accounts becomes its owner; else ALG-1.2 finds one. Raises
    Blocked with every finding, Forbidden for a field one may not set.
    """
    with audit.change(by=by, action="account.create", at=at):
        access.require_create(by, Account, values)
        draft = drafts.read(values, Account())
        drafts.check([draft], by)
        check_tree([draft])
        if draft.findings:
            raise audit.Blocked(draft.findings)
        return write_new([draft], by)[0]


def check_tree(ready: Sequence[Draft]) -> None:
    """Add to each draft with a new parent what speaks against its place in the tree."""
    moving = [draft for draft in ready if draft.given.get("parent") is not None]
    found = hierarchy.check_moves([(draft.account, draft.given["parent"]) for draft in moving])
    for draft, finding in zip(moving, found, strict=True):
        draft.findings += [finding] if finding else []


def write_new(ready: Sequence[Draft], by: User) -> list[Account]:
    """Write checked drafts as new accounts, inside the open change, in a constant number of statements."""
    parents = {draft.given["parent"].pk for draft in ready if draft.given.get("parent") is not None}
    held = (
        {parent.pk: parent for parent in lock_many(Account.objects.filter(pk__in=parents))} if parents else {}
    )
    for draft in ready:
        if draft.given.get("parent") is not None:
            draft.given["parent"] = held[draft.given["parent"].pk]
        fill(draft)
        holders.place(draft, by)
    accounts = [draft.account for draft in ready]
    audit.write_many(accounts)
    audit.write_many(
        [
            AccountDomain(
                account=draft.account,
                domain=draft.domain,
                kind=DomainKind.PRIMARY,
                source=audit.current().source,
            )
            for draft in ready
            if draft.domain
        ]
    )
    for account in accounts:
        outbox.emit("account.created", account, {"name": account.name, "owner": account.owner_id})
    return accounts


def fill(draft: Draft) -> None:
    """Put the given values on the account, and what follows from them."""
    account = draft.account
    segmenter = _segmenter()
    follows = not account.segment or account.segment == segmenter.of(account)
    for name, value in draft.given.items():
        if name not in ("owner", "queue"):
            setattr(account, name, value)
    if draft.account._state.adding:
        account.primary_domain = draft.domain
        account.currency = account.currency or settings.REPORTING_CURRENCY
    if "parent" in draft.given:
        account.ultimate_parent = hierarchy.top_of(account.parent)
    if "name" in draft.given:
        account.name_key = fold(account.name)[:400]
    if not draft.given.get("segment") and (follows or not account.segment):
        account.segment = segmenter.of(account)


def _segmenter() -> policies.Segmenter:
    """Return the segment rules in force, looked up once a change; the event names their version."""
    change = audit.current()
    looked: list[policies.Segmenter] = change.notes.setdefault("accounts.segmenter", [])
    if not looked:
        looked.append(policies.segmenter())
        change.policy_refs.append(looked[0].policy.ref)
    return looked[0]
