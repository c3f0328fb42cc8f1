"""Add and release the domains of an account. A domain belongs to exactly one account (INV-1.1)."""

from accounts.actions import drafts, races
from accounts.actions.drafts import Draft
from accounts.enums import DomainKind
from accounts.models import Account, AccountDomain
from accounts.validators import BadDomain, normalise_domain
from revops.kernel import audit, outbox
from revops.kernel.audit.writing import lock_many
from revops.kernel.identity.models import User
from revops.kernel.people import access


@races.told
def add_domain(
    *,
    by: User,
    pk: int,
    domain: str,
    kind: str = DomainKind.ALIAS,
    version: int | None = None,
    reason: str = "",
) -> AccountDomain:
    """Give an account one more domain; a new primary one makes the old an alias."""
    with audit.change(by=by, action="account.add_domain", reason=reason):
        account = audit.lock(Account.objects.visible_to(by), pk=pk, version=version)
        access.require(by, "domains", account)
        if kind not in DomainKind.values:
            message = f"{kind[:20]!r} is not a kind of domain; use one of {', '.join(DomainKind.values)}."
            raise audit.Blocked.because("ACC-030", message, field="kind", found=kind)
        try:
            name = normalise_domain(domain)
        except BadDomain as error:
            raise audit.Blocked.because("ACC-001", str(error), field="domain", found=domain) from None
        draft = Draft(account, {}, domain=name)
        drafts.check([draft], by)
        if draft.findings:
            raise audit.Blocked(draft.findings)
        held = lock_many(AccountDomain.objects.filter(account=account, is_active=True))
        if any(row.domain == name for row in held):
            raise audit.Blocked.because(
                "ACC-031", f"{name} is a domain of this account already.", field="domain", found=name
            )
        if kind == DomainKind.PRIMARY or not held:
            kind = DomainKind.PRIMARY
            for row in held:
                row.kind = DomainKind.ALIAS if row.kind == DomainKind.PRIMARY else row.kind
            audit.write_many(held)
            account.primary_domain = name
        added = audit.write(
            AccountDomain(account=account, domain=name, kind=kind, source=audit.current().source)
        )
        _touch(account, "account.domain_added", name)
        return added


@races.told
def release_domain(*, by: User, pk: int, domain: str, version: int | None = None, reason: str = "") -> None:
    """Take a domain off an account, so that another may have it. A shared domain is released by its sharers first."""
    with audit.change(by=by, action="account.release_domain", reason=reason):
        account = audit.lock(Account.objects.visible_to(by), pk=pk, version=version)
        access.require(by, "domains", account)
        held = lock_many(AccountDomain.objects.filter(account=account, is_active=True, domain=domain))
        if not held:
            message = f"{domain[:80]} is not a domain of this account."
            raise audit.Blocked.because("ACC-032", message, field="domain", found=domain)
        if held[0].sharers.exists():
            message = f"{domain} is shared by other accounts. Let them go first."
            raise audit.Blocked.because("ACC-033", message, field="domain", found=domain)
        held[0].is_active = False
        audit.write(held[0])
        if account.primary_domain == domain:
            account.primary_domain = ""
        _touch(account, "account.domain_released", domain)


def _touch(account: Account, event: str, domain: str) -> None:
    """Write the account where its primary domain changed, and then tell about it."""
    before = account.version
    audit.write(account)
    if account.version != before:
        outbox.emit(event, account, {"domain": domain})
