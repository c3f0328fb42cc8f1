"""Accounts about to be written: their values read, and every reason against them found in a constant number of queries.

One draft or a thousand go through the same checks, so a form, the API and an import refuse the same things.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q

from accounts.enums import AccountStatus, Industry
from accounts.models import Account, AccountDomain, MailDomain
from accounts.validators import BadDomain, normalise_domain
from revops.kernel.audit import Finding, Remedy
from revops.kernel.identity.models import User
from revops.kernel.money import validate_currency
from revops.kernel.people.models import Queue, Territory
from revops.kernel.records import registry, values

LINKS: dict[str, Any] = {
    "parent": Account,
    "shared_domain_of": AccountDomain,
    "territory": Territory,
    "owner": User,
    "queue": Queue,
}
UNIQUE = {"billing_account_ext": "billing account", "clm_party_ext": "contract party"}
OTHER_NEEDS = 15


@dataclass(slots=True)
class Draft:
    """An account to write: the values given, the record they apply to, and what speaks against it."""

    account: Account
    given: dict[str, Any]
    domain: str = ""
    findings: list[Finding] = field(default_factory=list)

    def value(self, name: str) -> Any:
        """Return the value the account will have after the write."""
        return self.given[name] if name in self.given else getattr(self.account, name)


def read(raw: Mapping[str, Any], account: Account) -> Draft:
    """Read raw values for `account`, new or locked; what does not fit becomes findings."""
    cleaned = values.clean(registry.get("accounts.account"), raw)
    draft = Draft(account, cleaned.values, findings=cleaned.findings)
    if draft.given.get("domain"):
        try:
            draft.domain = normalise_domain(draft.given["domain"])
        except BadDomain as error:
            draft.findings.append(
                Finding(
                    "ACC-001", str(error), field="domain", found=draft.given["domain"][:80], needed="a domain"
                )
            )
    draft.given.pop("domain", None)
    draft.findings += _rules(draft)
    return draft


def _rules(draft: Draft) -> list[Finding]:
    """Return what the values contradict among themselves."""
    findings: list[Finding] = []
    if draft.account._state.adding and not draft.given.get("name") and not _found(draft, "name"):
        findings.append(
            Finding("ACC-002", "An account needs a name.", field="name", needed="the company's name")
        )
    note = draft.value("industry_note")
    if draft.value("industry") == Industry.OTHER and len(note) < OTHER_NEEDS:
        message = f"Industry “Other” needs a note of at least {OTHER_NEEDS} characters; it has {len(note)}."
        findings.append(
            Finding("ACC-003", message, field="industry_note", found=note, needed=f"{OTHER_NEEDS} characters")
        )
    if draft.given.get("currency"):
        try:
            validate_currency(draft.given["currency"])
        except ValidationError:
            found = draft.given["currency"]
            message = f"{found!r} is not a currency. Give an ISO 4217 code such as USD or EUR."
            findings.append(
                Finding("ACC-004", message, field="currency", found=found, needed="an ISO 4217 code")
            )
    revenue = draft.given.get("annual_revenue")
    if revenue is not None and revenue < 0:
        message = f"Annual revenue is {revenue}; it cannot be below zero."
        findings.append(
            Finding("ACC-005", message, field="annual_revenue", found=str(revenue), needed="zero or more")
        )
    if draft.given.get("status") == AccountStatus.CUSTOMER and draft.account.status != AccountStatus.CUSTOMER:
        findings += [
            Finding(
                "ACC-006",
                f"A customer needs a {label}. Fill it in first, then make the account a customer.",
                field=name,
                needed=f"a {label}",
            )
            for name, label in {"legal_name": "legal name", "billing_account_ext": "billing account"}.items()
            if not draft.value(name)
        ]
    if draft.given.get("status") == AccountStatus.TOMBSTONE:
        message = "An account becomes “Merged” by merging it, never by hand."
        findings.append(
            Finding("ACC-007", message, field="status", found="tombstone", needed="another status")
        )
    return findings


def _found(draft: Draft, name: str) -> bool:
    return any(finding.field == name for finding in draft.findings)


def check(drafts: Sequence[Draft], by: User) -> None:
    """Add to each draft what the stored records speak against it, in a constant number of queries."""
    _check_links(drafts, by)
    _check_domains(drafts, by)
    for name, label in UNIQUE.items():
        _check_unique(drafts, name, label)
    _check_tax_ids(drafts)


def _check_links(drafts: Sequence[Draft], by: User) -> None:
    for name, model in LINKS.items():
        wanted = {draft.given[name] for draft in drafts if draft.given.get(name)}
        if not wanted:
            continue
        rows = model.objects.filter(pk__in=wanted)
        found = {row.pk: row for row in (rows if model is User else rows.visible_to(by))}
        for draft in drafts:
            if name not in draft.given:
                continue
            record = found.get(draft.given[name] or 0)
            if draft.given[name] and record is None:
                message = f"There is no {model._meta.verbose_name} with the id {draft.given[name]} that you can see."
                draft.findings.append(
                    Finding(
                        "ACC-008",
                        message,
                        field=name,
                        found=str(draft.given[name]),
                        needed="an id you can see",
                    )
                )
            draft.given[name] = record


def _check_domains(drafts: Sequence[Draft], by: User) -> None:
    wanted = [draft for draft in drafts if draft.domain]
    if not wanted:
        return
    names = {draft.domain for draft in wanted}
    refused = dict(MailDomain.objects.filter(domain__in=names, is_active=True).values_list("domain", "kind"))
    held = {
        row.domain: row
        for row in AccountDomain.objects.filter(domain__in=names, is_active=True).select_related(
            "account__owner", "account__queue"
        )
    }
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
        if visible
        else (way,),
    )


def _check_unique(drafts: Sequence[Draft], name: str, label: str) -> None:
    wanted = [draft for draft in drafts if draft.given.get(name)]
    if not wanted:
        return
    rows = Account.objects.filter(**{f"{name}__in": {d.given[name] for d in wanted}}).values_list(name, "pk")
    _refuse_taken(wanted, dict(rows), name, lambda draft: draft.given[name], label)


def _check_tax_ids(drafts: Sequence[Draft]) -> None:
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
        wanted, rows, "tax_id", lambda d: (d.value("country"), d.value("tax_id")), "tax id in this country"
    )


def _refuse_taken(drafts: Sequence[Draft], held: Mapping[Any, int], name: str, key: Any, label: str) -> None:
    seen: set[Any] = set()
    for draft in drafts:
        wanted = key(draft)
        if held.get(wanted, draft.account.pk) != draft.account.pk or wanted in seen:
            message = f"Another account has the {label} {draft.value(name)!r}. Correct it here or there."
            draft.findings.append(
                Finding(
                    "ACC-014", message, field=name, found=str(draft.value(name)), needed=f"an unused {label}"
                )
            )
        seen.add(wanted)
