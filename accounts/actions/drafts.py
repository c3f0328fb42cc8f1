"""Accounts about to be written: their values read, and every reason against them found in a constant number of queries.

One draft or a thousand go through the same checks, so a form, the API and an import refuse the same things.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError

from accounts import policies
from accounts.actions import clashes
from accounts.enums import AccountStatus, Industry
from accounts.models import Account, AccountDomain
from accounts.validators import BadDomain, normalise_domain
from revops.kernel.audit import Finding
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
OTHER_NEEDS = 15
NEVER_EMPTY = frozenset({"status", "kind", "currency", "credit_status", "inherit_ownership"})


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


def read(raw: Mapping[str, Any], account: Account, *, clean: bool = False) -> Draft:
    """Read raw values for `account`, new or locked; what does not fit becomes findings.

    `clean` values have been read by the declarations of their fields already: those of an import.
    """
    kind = registry.get("accounts.account")
    cleaned = values.Cleaned(dict(raw), []) if clean else values.clean(kind, raw)
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
    draft.findings += _emptied(draft)
    draft.findings += _rules(draft)
    return draft


def _emptied(draft: Draft) -> list[Finding]:
    """Let an empty value of what an account always has mean the default of a new one; refuse it on a stored one."""
    empty = [name for name in sorted(NEVER_EMPTY) if draft.given.get(name, "given") in ("", None)]
    for name in empty:
        del draft.given[name]
    if draft.account._state.adding:
        return []
    return [
        Finding(
            "ACC-009",
            f"An account always has a {name.replace('_', ' ')}; it cannot be emptied. Choose another value.",
            field=name,
            needed="a value",
        )
        for name in empty
    ]


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
    findings += policies.newly_missing(draft.account, draft.given)
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
    clashes.check(drafts, by)


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
