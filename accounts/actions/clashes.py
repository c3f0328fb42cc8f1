"""What must belong to one account only: its domains, its ids in other systems, its tax id. Source: INV-1.1, d1."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.db.models import Q

from accounts.models import Account, AccountDomain, MailDomain
from revops.kernel.audit import Finding, Remedy
from revops.kernel.identity.models import User
from revops.kernel.people import access

if TYPE_CHECKING:
    from accounts.actions.drafts import Draft

UNIQUE = {"billing_account_ext": "billing account", "clm_party_ext": "contract party"}


def check(drafts: Sequence[Draft], by: User) -> None:
    """Add to each draft what another account has already, in a constant number of queries."""
    _check_domains(drafts, by)
    for name, label in UNIQUE.items():
        _check_unique(drafts, name, label)
    _check_tax_ids(drafts, by)


def _check_domains(drafts: Sequence[Draft], by: User) -> None:
    wanted = [draft for draft in drafts if draft.domain]
    if not wanted:
        return
    names = {draft.domain for draft in wanted}
    refused = dict(MailDomain.objects.filter(domain__in=names, is_active=True).values_list("domain", "kind"))
    rows = AccountDomain.objects.filter(domain__in=names, is_active=True)
    # Whose they are costs three joins; the usual answer, that nobody has them, costs none.
    owned = rows.select_related("account__owner", "account__queue") if rows.exists() else ()
    held = {row.domain: row for row in owned}
    seen: set[str] = set()
    for draft in wanted:
        if draft.domain in refused:
            message = (
                f"{draft.domain} is a {refused[draft.domain]} domain: many companies use it, so it identifies none. "
                "Leave the domain empty or give the company's own."
            )
            draft.findings.append(
                Finding(
                    "ACC-011", message, field="domain", found=draft.domain, needed="the company's own domain"
                )
            )
        elif draft.domain in held and held[draft.domain].account_id != draft.account.pk:
            draft.findings.append(_taken(held[draft.domain], by))
        elif draft.domain in seen:
            message = f"{draft.domain} stands in another row of this file already. Keep it on one of them."
            draft.findings.append(
                Finding(
                    "ACC-013", message, field="domain", found=draft.domain, needed="a domain of one account"
                )
            )
        seen.add(draft.domain)


def _taken(held: AccountDomain, by: User) -> Finding:
    """Say whose domain it is: its account's name and owner, nothing else, even outside one's scope."""
    owner = held.account.owner or held.account.queue
    visible = Account.objects.filter(pk=held.account_id).visible_to(by).exists()
    may_share = visible and "shared_domain_of" in access.rights(by, "accounts.account").creatable
    way = (
        Remedy("Open that account", f"/accounts/{held.account_id}/")
        if visible
        else Remedy("Ask its owner for access")
    )
    return Finding(
        "ACC-012",
        f"{held.domain} belongs to {held.account.name} (owner: {owner}). A domain belongs to one account: work in "
        "that one, or create a subsidiary without a domain that shares it.",
        field="domain",
        found=held.domain,
        needed="a domain no account has",
        remedies=(
            way,
            Remedy(
                "Create a subsidiary that shares the domain", f"/accounts/new/?shared_domain_of={held.pk}"
            ),
        )
        if may_share
        else (way,),
    )


def _check_unique(drafts: Sequence[Draft], name: str, label: str) -> None:
    wanted = [draft for draft in drafts if draft.given.get(name)]
    if not wanted:
        return
    rows = Account.objects.filter(**{f"{name}__in": {d.given[name] for d in wanted}}).values_list(name, "pk")
    _refuse_taken(wanted, dict(rows), name, lambda draft: draft.given[name], label)


def _check_tax_ids(drafts: Sequence[Draft], by: User) -> None:
    wanted = [d for d in drafts if d.value("tax_id") and {"tax_id", "country"} & d.given.keys()]
    if not wanted:
        return
    where = Q()
    for draft in wanted:
        where |= Q(country=draft.value("country"), tax_id=draft.value("tax_id"))
    rows = {
        (country, tax): pk
        for country, tax, pk in Account.objects.filter(where).values_list("country", "tax_id", "pk")
    }
    _refuse_taken(
        wanted,
        rows,
        "tax_id",
        lambda draft: (draft.value("country"), draft.value("tax_id")),
        "tax id in this country",
        readable="tax_id" in access.readable(by, "accounts.account"),
    )


def _refuse_taken(
    drafts: Sequence[Draft],
    held: Mapping[Any, int],
    name: str,
    key: Any,
    label: str,
    *,
    readable: bool = True,
) -> None:
    seen: set[Any] = set()
    for draft in drafts:
        wanted = key(draft)
        if held.get(wanted, draft.account.pk) != draft.account.pk or wanted in seen:
            found = str(draft.value(name)) if readable else ""
            which = repr(found) if readable else "of this one"
            message = f"Another account has the {label} {which}. Correct it here or there."
            draft.findings.append(
                Finding("ACC-014", message, field=name, found=found, needed=f"an unused {label}")
            )
        seen.add(wanted)
